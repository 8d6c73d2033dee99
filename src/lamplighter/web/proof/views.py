"""Results: what came in, with how many contacts, and what was followed by what."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lamplighter.findings import queries as findings
from lamplighter.policy import loader, sources
from lamplighter.proof.effects import queries as proof
from lamplighter.proof.effects.queries import ProofPage, RecoveryRow, Share
from lamplighter.web import desk
from lamplighter.web.frame import codes, formats, lists, sheets

AREAS_DRAWN = 12
AREAS_A_PAGE, ROWS_OF_A_FILE = 100, 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure with its comparison and its definition."""

    label: str
    value: str
    note: str
    change: str
    tone: str
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaLine:
    """The recovery of one area."""

    name: str
    url: str
    manager: str
    billed: str
    received: str
    now: float | None
    before: float | None
    change_points: float | None
    change: str
    is_small: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeLine:
    """What became of the lines with one remedy."""

    remedy: str
    n_lines: int
    outcomes: tuple[tuple[str, int], ...]
    n_without: int
    paid_after: float | None
    paid_after_of: str
    is_small: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPage:
    """All results of the month so far."""

    summary: str
    as_of_day: date
    figures: tuple[Figure, ...]
    chart: dict[str, Any] | None
    areas: tuple[AreaLine, ...]
    pager: lists.Pager  # of the areas
    outcomes: tuple[OutcomeLine, ...]
    recovery_definition: str
    outcomes_definition: str
    paid_after_name: str
    paid_after_definition: str
    small_below: int
    has_anything: bool
    export_url: str
    imports_url: str


@never_cache
@require_GET
def month(request: HttpRequest) -> HttpResponse:
    """Show this month beside last month up to the same day. At most 25 queries."""
    viewer, today = desk.viewer_of(request), desk.today()
    night = findings.newest_night()
    as_of = night.as_of_day if night else today - timedelta(1)
    policy = loader.load(name="proof", on=today)
    zone = ZoneInfo(settings.TIME_ZONE)
    found = proof.proof(viewer=viewer, as_of=as_of, policy=policy, zone=zone)
    asked: dict[str, Any] = {"small": policy.integer("small_cell")}
    if request.GET.get("as") == "xlsx":
        return _export(_page(found, **asked, size=ROWS_OF_A_FILE))
    page = _page(found, **asked, number=lists.page_number(request))
    return render(request, "proof/month.html", {"page": page})


def _page(found: ProofPage, *, small: int, number: int = 1, size: int | None = None) -> MonthPage:
    size = size or AREAS_A_PAGE
    rows = sorted(found.recovery_by_area, key=lambda row: (row.now.ratio or 0.0, _code(row)))
    paid_after = found.definitions["paid_after"]
    has_bills = bool(found.recovery_total.now.whole or found.recovery_total.before.whole)
    return MonthPage(
        summary=_summary(found),
        as_of_day=found.as_of,
        figures=_figures(found),
        chart=_chart(found, rows) if has_bills else None,
        areas=tuple(_area(row) for row in rows[size * (number - 1) : size * number]),
        pager=lists.pager(
            number=number, total=len(rows), size=size, path=reverse("proof:month"), wanted={}
        ),
        outcomes=tuple(_outcomes(found)),
        recovery_definition=_definition(found, "recovery"),
        outcomes_definition=_definition(found, "outcomes"),
        paid_after_name=paid_after.name.in_language(_language()),
        paid_after_definition=_definition(found, "paid_after"),
        small_below=small,
        has_anything=has_bills or bool(found.outcomes),
        export_url=lists.address(reverse("proof:month"), **{"as": "xlsx"}),
        imports_url=reverse("imports:list"),
    )


def _language() -> str:
    return get_language() or ""


def _code(row: RecoveryRow) -> str:
    return row.area.code if row.area else ""


def _share(ratio: float | None) -> str:
    return formats.NOTHING if ratio is None else f"{formats.number(value=100 * ratio, digits=1)}%"


def _definition(found: ProofPage, key: str) -> str:
    definition = found.definitions[key]
    return _("%(text)s (Source: %(source)s)") % {
        "text": definition.text.in_language(_language()),
        "source": sources.in_language(definition.source, language=_language()),
    }


def _points(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else 100 * (now - before)


def _change(points: float | None) -> str:
    if points is None:
        return ""
    number = formats.signed(text=formats.number(value=points, digits=1))
    return _("%(points)s points") % {"points": number}


def _summary(found: ProofPage) -> str:
    now, before = found.recovery_total.now.ratio, found.recovery_total.before.ratio
    if now is None:
        return _("No bills were issued this month up to this day.")
    if before is None:
        return _("%(now)s of this month's bills is in.") % {"now": _share(now)}
    text = _("%(now)s of this month's bills is in; on the same day last month it was %(before)s.")
    return text % {"now": _share(now), "before": _share(before)}


def _figures(found: ProofPage) -> tuple[Figure, ...]:
    total = found.recovery_total
    points = _points(total.now.ratio, total.before.ratio)
    contacts, earlier = found.contacts_now, found.contacts_before
    rate, rate_before = found.complaints_now, found.complaints_before
    return (
        Figure(
            label=_name(found, "recovery"),
            value=_share(total.now.ratio),
            note=_("last month %(share)s") % {"share": _share(total.before.ratio)},
            change=_change(points),
            tone=_tone(points),
            definition=_definition(found, "recovery"),
        ),
        Figure(
            label=_name(found, "contacts_per_1000_cny"),
            value=_number(contacts.per_1000_cny, 2),
            note=_("last month %(n)s") % {"n": _number(earlier.per_1000_cny, 2)},
            change=_("%(reminders)s reminders, %(contacts)s contacts")
            % {
                "reminders": formats.number(value=contacts.n_reminders, digits=0),
                "contacts": formats.number(value=contacts.n_contacts, digits=0),
            },
            tone="",
            definition=_definition(found, "contacts_per_1000_cny"),
        ),
        Figure(
            label=_name(found, "complaints"),
            value=_number(rate.per_10000_a_year, 2),
            note=_("a year earlier %(n)s") % {"n": _number(rate_before.per_10000_a_year, 2)},
            change=_("complaints: %(n)s; decided: %(judged)s; justified: %(upheld)s")
            % {
                "n": rate.counted.n_complaints,
                "upheld": rate.counted.n_upheld,
                "judged": rate.counted.n_judged,
            },
            tone="",
            definition=_definition(found, "complaints"),
        ),
    )


def _name(found: ProofPage, key: str) -> str:
    return found.definitions[key].name.in_language(_language())


def _number(value: float | None, digits: int) -> str:
    return formats.NOTHING if value is None else formats.number(value=value, digits=digits)


def _chart(found: ProofPage, rows: list[RecoveryRow]) -> dict[str, Any]:
    """Return all areas together, this month and last, then the areas with least recovered."""
    total = found.recovery_total
    bars = [
        _bar(_("All, last month"), total.before, "context"),
        _bar(_("All, this month"), total.now, "action"),
    ]
    bars += [
        _bar(row.area.name, row.now, "action")
        for row in rows[:AREAS_DRAWN]
        if row.area is not None and row.now.whole
    ]
    return {"unit": "share", "bars": [bar for bar in bars if bar["value"] is not None]}


def _tone(points: float | None) -> str:
    """Return the colour of a change; one that is written as nought has none."""
    if points is None or not round(points, 1):
        return ""
    return "good" if points > 0 else "warn"


def _bar(label: str, share: Share, tone: str) -> dict[str, Any]:
    note = _("small sample") if share.is_small else ""
    return {
        "label": label,
        "value": share.ratio,
        "low": None,
        "high": None,
        "tone": tone,
        "note": note,
    }


def _area(row: RecoveryRow) -> AreaLine:
    points = _points(row.now.ratio, row.before.ratio)
    return AreaLine(
        name=row.area.name if row.area else "",
        url=reverse("areas:area", args=[_code(row)]),
        manager=row.area.staff_name if row.area else "",
        billed=formats.money(value=row.now.whole, digits=0),
        received=formats.money(value=row.now.part, digits=0),
        now=row.now.ratio,
        before=row.before.ratio,
        change_points=points,
        change=_change(points) or formats.NOTHING,
        is_small=row.now.is_small,
    )


def _outcomes(found: ProofPage) -> list[OutcomeLine]:
    return [
        OutcomeLine(
            remedy=row.remedy,
            n_lines=row.n_lines,
            outcomes=tuple(
                (code, row.n_by_outcome[code])
                for code in codes.WORDS["outcome"]
                if row.n_by_outcome.get(code)
            ),
            n_without=row.n_by_outcome.get("", 0),
            paid_after=row.paid_after.ratio,
            paid_after_of=_("%(part)s of %(whole)s")
            % {"part": row.paid_after.part, "whole": row.paid_after.whole},
            is_small=row.paid_after.is_small,
        )
        for row in found.outcomes
    ]


def _export(page: MonthPage) -> HttpResponse:
    figures = sheets.Sheet(
        title=_("Figures"),
        columns=[
            sheets.Column(title=_("Figure"), width=28),
            sheets.Column(title=_("Number shown")),
            sheets.Column(title=_("Compared with"), width=22),
            sheets.Column(title=_("What this counts"), width=90),
        ],
        rows=[(f.label, f.value, f.note, f.definition) for f in page.figures],
    )
    areas = sheets.Sheet(
        title=_("Recovery by area"),
        columns=[
            sheets.Column(title=_("Area"), width=24),
            sheets.Column(title=_("Who answers")),
            sheets.Column(title=_("This month"), kind="share"),
            sheets.Column(title=_("Last month"), kind="share"),
            sheets.Column(title=_("Change in points"), kind="decimal"),
        ],
        rows=[(a.name, a.manager, a.now, a.before, a.change_points) for a in page.areas],
    )
    outcomes = sheets.Sheet(
        title=_("What became of the work"),
        columns=[
            sheets.Column(title=_("What was done"), width=30),
            sheets.Column(title=_("Lines"), kind="number"),
            *(sheets.Column(title=str(w.label)) for w in codes.WORDS["outcome"].values()),
            sheets.Column(title=_("No record"), kind="number"),
            sheets.Column(title=page.paid_after_name, kind="share", width=22),
        ],
        rows=[
            (
                str(codes.word_for(kind="remedy", code=line.remedy).label),
                line.n_lines,
                *(dict(line.outcomes).get(code, 0) for code in codes.WORDS["outcome"]),
                *(line.n_without, line.paid_after),
            )
            for line in page.outcomes
        ],
    )
    return sheets.answer(file_name="results", sheets=[figures, areas, outcomes])
