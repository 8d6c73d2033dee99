"""Arrears ahead: what may stay unpaid, why, and with whom to speak first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lamplighter.facts.customers import lines as customers
from lamplighter.facts.customers.lines import DoorLine
from lamplighter.facts.network import queries as network
from lamplighter.findings import queries as findings
from lamplighter.findings.queries import CauseShare, Finding
from lamplighter.kernel.viewer import Viewer
from lamplighter.web import desk
from lamplighter.web.frame import area_choice, codes, formats, lists, nights, sheets, wording

ROWS_A_PAGE = 25
ROWS_OF_A_FILE = 20_000
REASONS_SHOWN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrearsLine:
    """One account with something to pay."""

    account_number: str
    name: str
    url: str
    where: str
    grade: str
    risk_band: str
    risk_probability: float | None
    is_rule_based: bool
    cause: str
    cause_probability: float | None
    due_cny: Decimal
    overdue_cny: Decimal
    days_overdue: int
    at_risk_cny: Decimal | None
    reasons: tuple[str, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One cause in the bar."""

    code: str
    kind: str
    value: Decimal
    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrearsPage:
    """The list with its filters and the bar of causes."""

    summary: str
    parts: tuple[Part, ...]
    parts_rest: str
    lines: tuple[ArrearsLine, ...]
    filters: tuple[lists.Filter, ...]
    kept: tuple[tuple[str, str], ...]
    action: str
    pager: lists.Pager
    export_url: str
    has_night: bool
    late: str
    is_filtered: bool


@never_cache
@require_GET
def every(request: HttpRequest) -> HttpResponse:
    """List accounts by yuan at risk, by cause, risk, grade and area. 11 queries."""
    viewer, today = desk.viewer_of(request), desk.today()
    wanted = {name: request.GET.get(name, "") for name in ("cause", "risk", "grade", "area")}
    by_area = area_choice.area_choice(viewer=viewer, on=today, asked=wanted["area"])
    filters = (*_filters(wanted), by_area.filter)
    wanted["area"], area_id = by_area.code, by_area.area_id
    is_file = request.GET.get("as") == "xlsx"
    number = lists.page_number(request)
    found = findings.arrears(
        viewer=viewer,
        on=today,
        area_id=area_id,
        cause=wanted["cause"] or None,
        risk_band=wanted["risk"] or None,
        grade=wanted["grade"] or None,
        limit=ROWS_OF_A_FILE if is_file else ROWS_A_PAGE,
        offset=0 if is_file else (number - 1) * ROWS_A_PAGE,
    )
    lines = _lines(found.findings, viewer=viewer, today=today)
    if is_file:
        return _export(lines)
    shares = findings.unpaid_by_cause(viewer=viewer, on=today, area_id=area_id)
    path, night = reverse("arrears:list"), findings.newest_night()
    page = ArrearsPage(
        summary=_summary(shares),
        parts=_parts(shares, path=path, wanted=wanted),
        parts_rest=_rest(shares),
        lines=lines,
        filters=filters,
        kept=(),
        action=path,
        pager=lists.pager(
            number=number, total=found.n_all, size=ROWS_A_PAGE, path=path, wanted=wanted
        ),
        export_url=lists.address(path, **wanted, **{"as": "xlsx"}),
        has_night=night is not None,
        late=nights.late(as_of=night.as_of_day if night else None, today=today),
        is_filtered=any(wanted.values()),
    )
    return render(request, "arrears/list.html", {"page": page})


def _summary(shares: Sequence[CauseShare]) -> str:
    if not shares:
        return ""
    n = sum(share.n_accounts for share in shares)
    text = ngettext(
        "%(n)s customer owes %(money)s. Those with most at risk stand first.",
        "%(n)s customers owe %(money)s. Those with most at risk stand first.",
        n,
    )
    money = sum((share.due_cny for share in shares), Decimal(0))
    return text % {
        "n": formats.number(value=n, digits=0),
        "money": formats.money(value=money, digits=0),
    }


def _parts(
    shares: Sequence[CauseShare], *, path: str, wanted: Mapping[str, str]
) -> tuple[Part, ...]:
    return tuple(
        Part(
            code=share.cause,
            kind="cause",
            value=share.due_cny,
            text=ngettext(
                "%(money)s · %(n)s customer", "%(money)s · %(n)s customers", share.n_accounts
            )
            % {"money": formats.money(value=share.due_cny, digits=0), "n": share.n_accounts},
            url=lists.address(path, **{**wanted, "cause": share.cause}),
        )
        for share in shares
        if share.cause
    )


def _rest(shares: Sequence[CauseShare]) -> str:
    rest = next((share for share in shares if not share.cause), None)
    if rest is None:
        return ""
    text = ngettext(
        "Besides, %(n)s customer has %(money)s open without any pattern of arrears.",
        "Besides, %(n)s customers have %(money)s open without any pattern of arrears.",
        rest.n_accounts,
    )
    money = formats.money(value=rest.due_cny, digits=0)
    return text % {"n": rest.n_accounts, "money": money}


def _filters(wanted: Mapping[str, str]) -> tuple[lists.Filter, ...]:
    coded = (
        ("cause", "cause", _("Cause"), _("All causes")),
        ("risk", "risk", _("Risk"), _("All risks")),
        ("grade", "grade", _("Grade"), _("All grades")),
    )
    return tuple(
        lists.choice(
            name=name,
            label=label,
            every=every_word,
            options=[(code, str(word.label)) for code, word in codes.WORDS[kind].items()],
            chosen=wanted[name],
        )
        for name, kind, label, every_word in coded
    )


def _lines(found: Sequence[Finding], *, viewer: Viewer, today: date) -> tuple[ArrearsLine, ...]:
    ids = [finding.account_id for finding in found]
    doors = customers.lines_of(viewer=viewer, on=today, account_ids=ids)
    names = network.names_of_areas(
        viewer=viewer, on=today, area_ids=(finding.area_id for finding in found)
    )
    return tuple(
        _line(finding, doors[finding.account_id], names.get(finding.area_id or 0, ""))
        for finding in found
        if finding.account_id in doors
    )


def _line(finding: Finding, door: DoorLine, area: str) -> ArrearsLine:
    likely = finding.risk_probability
    at_risk = None if likely is None else finding.balance_due_cny * Decimal(str(likely))
    raising = [r["code"] for r in finding.risk_reasons if r["log_odds"] > 0]
    speaking = [r["code"] for r in finding.cause_reasons if r["log_odds"] > 0]
    return ArrearsLine(
        account_number=door.account_number,
        name=door.name,
        url=reverse("customers:account", args=[door.account_number]),
        where=" · ".join(part for part in (area, door.address) if part),
        grade=finding.grade,
        risk_band=finding.risk_band,
        risk_probability=likely,
        is_rule_based=finding.risk_is_rule_based,
        cause=finding.cause,
        cause_probability=finding.cause_probability if finding.cause != "UNKNOWN" else None,
        due_cny=finding.balance_due_cny,
        overdue_cny=finding.overdue_cny,
        days_overdue=finding.days_overdue,
        at_risk_cny=at_risk,
        reasons=tuple(wording.risk_reason(code) for code in raising[:REASONS_SHOWN]),
        evidence=tuple(wording.cause_evidence(code) for code in speaking[:REASONS_SHOWN]),
    )


def _export(lines: Sequence[ArrearsLine]) -> HttpResponse:
    columns = [
        sheets.Column(title=_("Account number"), width=16),
        sheets.Column(title=_("Customer"), width=18),
        sheets.Column(title=_("Where"), width=36),
        sheets.Column(title=_("Grade"), width=8),
        sheets.Column(title=_("Risk"), width=12),
        sheets.Column(title=_("How likely"), kind="share"),
        sheets.Column(title=_("Owing"), kind="money"),
        sheets.Column(title=_("Overdue"), kind="money"),
        sheets.Column(title=_("At risk"), kind="money"),
        sheets.Column(title=_("Cause"), width=22),
        sheets.Column(title=_("How sure"), kind="share"),
        sheets.Column(title=_("Why"), width=50),
    ]
    rows = [
        (
            *(line.account_number, line.name, line.where, line.grade),
            _word("risk", line.risk_band),
            *(line.risk_probability, line.due_cny, line.overdue_cny, line.at_risk_cny),
            *(_word("cause", line.cause), line.cause_probability, "; ".join(line.reasons)),
        )
        for line in lines
    ]
    sheet = sheets.Sheet(title=_("Arrears ahead"), columns=columns, rows=rows)
    return sheets.answer(file_name="arrears-ahead", sheets=[sheet])


def _word(kind: str, code: str) -> str:
    return str(codes.word_for(kind=kind, code=code).label) if code else ""
