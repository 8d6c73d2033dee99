"""Changes in use: sudden jumps, and apart from them merely high use (S0-11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lamplighter.facts.customers import lines as customers
from lamplighter.facts.customers.lines import DoorLine
from lamplighter.facts.network import queries as network
from lamplighter.findings import queries as findings
from lamplighter.findings.queries import SignalFound
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy import loader
from lamplighter.policy.loader import Policy
from lamplighter.web import desk
from lamplighter.web.frame import area_choice, codes, formats, lists, nights, sheets

LISTS = ("JUMP", "HIGH_USE")
ROWS_A_PAGE = 50
ROWS_OF_A_FILE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalLine:
    """One home in the list."""

    account_number: str
    name: str
    url: str
    where: str
    area: str
    kind: str
    changed_date: date | None
    size_kwh_per_day: float
    size_low_kwh_per_day: float | None
    size_high_kwh_per_day: float | None
    level_before_kwh_per_day: float | None
    level_after_kwh_per_day: float | None
    probability: float | None
    question: str
    further_questions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One of the two lists."""

    label: str
    url: str
    is_current: bool
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalsPage:
    """One of the two lists, with its filters."""

    summary: str
    is_jumps: bool
    tabs: tuple[Tab, ...]
    lines: tuple[SignalLine, ...]
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
    """Show one of the lists (``?list=``), by area and kind. 15 queries."""
    viewer, today = desk.viewer_of(request), desk.today()
    wanted = {name: request.GET.get(name, "") for name in ("list", "area", "kind")}
    wanted["list"] = wanted["list"] or "JUMP"
    if wanted["list"] not in LISTS:
        raise Http404
    by_area = area_choice.area_choice(viewer=viewer, on=today, asked=wanted["area"])
    filters = (by_area.filter, *_filters(wanted))
    wanted["area"] = by_area.code
    is_file = request.GET.get("as") == "xlsx"
    number = lists.page_number(request)
    found, n_all = findings.signal_list(
        viewer=viewer,
        on=today,
        name=wanted["list"],
        area_id=by_area.area_id,
        kind=wanted["kind"] or None,
        limit=ROWS_OF_A_FILE if is_file else ROWS_A_PAGE,
        offset=0 if is_file else (number - 1) * ROWS_A_PAGE,
    )
    lines = _lines(found, viewer=viewer, today=today)
    if is_file:
        return _export(lines, name=wanted["list"])
    counts = findings.signal_counts(viewer=viewer, on=today, area_id=by_area.area_id)
    path, night = reverse("signals:list"), findings.newest_night()
    page = SignalsPage(
        summary=_summary(wanted["list"], n_all),
        is_jumps=wanted["list"] == "JUMP",
        tabs=_tabs(path, wanted, counts),
        lines=lines,
        filters=filters,
        kept=(("list", wanted["list"]),),
        action=path,
        pager=lists.pager(number=number, total=n_all, size=ROWS_A_PAGE, path=path, wanted=wanted),
        export_url=lists.address(path, **wanted, **{"as": "xlsx"}),
        has_night=night is not None,
        late=nights.late(as_of=night.as_of_day if night else None, today=today),
        is_filtered=bool(wanted["area"] or wanted["kind"]),
    )
    return render(request, "signals/list.html", {"page": page})


def _summary(name: str, n_all: int) -> str:
    if name == "JUMP":
        text = _(
            "%(n)s homes left their own habit while the neighbours did not: here a call helps."
        )
    else:
        text = _("%(n)s homes use much, as they always have: no reason to ask, good to know.")
    return text % {"n": formats.number(value=n_all, digits=0)}


def _tabs(path: str, wanted: Mapping[str, str], counts: Mapping[str, int]) -> tuple[Tab, ...]:
    return tuple(
        Tab(
            label=str(codes.WORDS["list"][name].label),
            url=lists.address(path, list=name, area=wanted["area"]),
            is_current=name == wanted["list"],
            count=counts.get(name, 0),
        )
        for name in LISTS
    )


def _filters(wanted: Mapping[str, str]) -> tuple[lists.Filter, ...]:
    if wanted["list"] != "JUMP":
        return ()
    by_kind = lists.choice(
        name="kind",
        label=_("Kind of change"),
        every=_("All kinds"),
        options=[(code, str(word.label)) for code, word in codes.WORDS["signal"].items()],
        chosen=wanted["kind"],
    )
    return (by_kind,)


def _lines(found: Sequence[SignalFound], *, viewer: Viewer, today: date) -> tuple[SignalLine, ...]:
    ids = [signal.account_id for signal in found]
    doors = customers.lines_of(viewer=viewer, on=today, account_ids=ids)
    names = network.names_of_areas(
        viewer=viewer, on=today, area_ids=(signal.area_id for signal in found)
    )
    policy = loader.load(name="questions", on=today)
    return tuple(
        _line(signal, doors[signal.account_id], names.get(signal.area_id or 0, ""), policy)
        for signal in found
        if signal.account_id in doors
    )


def _line(signal: SignalFound, door: DoorLine, area: str, policy: Policy) -> SignalLine:
    questions = _questions(signal, policy)
    return SignalLine(
        account_number=door.account_number,
        name=door.name,
        url=reverse("customers:account", args=[door.account_number]),
        where=" · ".join(part for part in (area, door.address) if part),
        area=area,
        kind=signal.kind,
        changed_date=signal.changed_date,
        size_kwh_per_day=signal.size_kwh_per_day,
        size_low_kwh_per_day=signal.size_low_kwh_per_day,
        size_high_kwh_per_day=signal.size_high_kwh_per_day,
        level_before_kwh_per_day=signal.level_before_kwh_per_day,
        level_after_kwh_per_day=signal.level_after_kwh_per_day,
        probability=signal.probability,
        question=questions[0] if questions else "",
        further_questions=questions[1:],
    )


def _questions(signal: SignalFound, policy: Policy) -> tuple[str, ...]:
    if not signal.kind or signal.changed_date is None:
        return ()
    size = signal.size_kwh_per_day
    if signal.kind == "RETURN" and signal.level_after_kwh_per_day is not None:
        size = signal.level_after_kwh_per_day
    numbers = {
        "date": formats.day(value=signal.changed_date),
        "kwh": formats.number(value=abs(size), digits=0 if abs(size) >= 10 else 1),
    }
    language = get_language() or ""
    rows = policy.rows_below(f"{signal.kind}.questions")
    said = (policy.text(row.key).in_language(language) for row in rows)
    return tuple(text.format_map(numbers) for text in said)


def _export(lines: Sequence[SignalLine], *, name: str) -> HttpResponse:
    is_level = name == "HIGH_USE"
    columns = [
        sheets.Column(title=_("Account number"), width=16),
        sheets.Column(title=_("Customer"), width=18),
        sheets.Column(title=_("Where"), width=36),
        sheets.Column(title=_("Kind of change"), width=18),
        sheets.Column(title=_("Since which day"), kind="day"),
        sheets.Column(
            title=_("kWh a day more than next door") if is_level else _("kWh a day"), kind="decimal"
        ),
        sheets.Column(title=_("At least"), kind="decimal"),
        sheets.Column(title=_("At most"), kind="decimal"),
        sheets.Column(title=_("How sure"), kind="share"),
        sheets.Column(title=_("A way to ask"), width=60),
    ]
    rows = [
        (
            *(line.account_number, line.name, line.where),
            str(codes.word_for(kind="signal", code=line.kind).label) if line.kind else "",
            *(line.changed_date, line.size_kwh_per_day),
            *(line.size_low_kwh_per_day, line.size_high_kwh_per_day, line.probability),
            line.question,
        )
        for line in lines
    ]
    title = str(codes.WORDS["list"][name].label)
    sheet = sheets.Sheet(title=title, columns=columns, rows=rows)
    return sheets.answer(file_name=name.lower().replace("_", "-"), sheets=[sheet])
