"""The work of both sides of a replay: summed by person, day by day, and door by door."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamplighter.action.worklist import beside as worklist
from lamplighter.action.worklist import rules as worklist_rules
from lamplighter.action.worklist.beside import LineBeside, PersonDay
from lamplighter.findings.replay.queries import ReplayFacts
from lamplighter.web.frame import formats, lists

LINES_A_PAGE = 20
LINES_OF_A_FILE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTotal:
    """All days of one manager under both sides."""

    name: str
    n_days: int
    is_partial: bool
    n_before: int
    n_after: int
    minutes_before: int
    minutes_after: int
    n_on: int
    n_off: int
    n_other: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """One manager's day; the link leads to its doors."""

    of: PersonDay
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPart:
    """What a page shows of the work."""

    totals: tuple[PersonTotal, ...]
    days: tuple[DayRow, ...]
    filter_text: str
    n_lines: int
    pager: lists.Pager


def asked_day(text: str) -> date | None:
    """Return the day that an address asks for, if any.

    Raises
    ------
    Http404
        It is no day.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error


def lines(
    replay: ReplayFacts, who: Mapping[str, Any], *, day: date | None, number: int, is_file: bool
) -> list[LineBeside]:
    """Return one page of the doors that the two plans have otherwise; for a file, all."""
    return worklist.lines(
        **who,
        rules=worklist_rules.rules_in_force(on=replay.last_day + timedelta(1)),
        day=day,
        limit=LINES_OF_A_FILE if is_file else LINES_A_PAGE,
        offset=0 if is_file else (number - 1) * LINES_A_PAGE,
    )


def part(
    person_days: Sequence[PersonDay],
    *,
    day: date | None,
    number: int,
    path: str,
    asked: Mapping[str, str],
) -> WorkPart:
    """Lay out the work; of its doors, those of one day where that is asked for."""
    chosen = [one for one in person_days if day in (None, one.day)]
    n_lines = sum(apart(one) for one in chosen)
    return WorkPart(
        totals=totals(person_days),
        days=tuple(
            DayRow(
                of=one,
                url=f"{lists.address(path, part='work', day=one.day.isoformat())}#doors"
                if apart(one)
                else "",
            )
            for one in person_days
        ),
        filter_text=_("Only %(day)s") % {"day": formats.day(value=day)} if day else "",
        n_lines=n_lines,
        pager=lists.pager(number=number, total=n_lines, size=LINES_A_PAGE, path=path, wanted=asked),
    )


def apart(one: PersonDay) -> int:
    """Return how many doors the two plans of a day have otherwise."""
    return one.n_on + one.n_off + one.n_other


def totals(person_days: Sequence[PersonDay]) -> tuple[PersonTotal, ...]:
    """Return the sums of each manager, by who differs most."""
    of: dict[int, list[PersonDay]] = {}
    for one in person_days:
        of.setdefault(one.staff_id, []).append(one)
    ordered = sorted(of.values(), key=lambda days: -sum(apart(one) for one in days))
    return tuple(
        PersonTotal(
            name=days[0].name,
            n_days=len(days),
            is_partial=any(one.is_partial for one in days),
            n_before=sum(one.n_before for one in days),
            n_after=sum(one.n_after for one in days),
            minutes_before=sum(one.minutes_before for one in days),
            minutes_after=sum(one.minutes_after for one in days),
            n_on=sum(one.n_on for one in days),
            n_off=sum(one.n_off for one in days),
            n_other=sum(one.n_other for one in days),
        )
        for days in ordered
    )


def summary(person_days: Sequence[PersonDay]) -> str:
    """Say in a sentence what becomes of the work; nothing where none was compared."""
    if not person_days:
        return ""
    n_days = len({one.day for one in person_days})
    if not any(apart(one) for one in person_days):
        text = ngettext(
            "The work of that %(n)s day would be the same.",
            "The work of those %(n)s days would be the same.",
            n_days,
        )
        return text % {"n": n_days}
    text = ngettext(
        "The work of %(n)s day: %(on)s more, %(off)s fewer, %(other)s by another remedy.",
        "The work of %(n)s days: %(on)s more, %(off)s fewer, %(other)s by another remedy.",
        n_days,
    )
    sums = {
        "on": sum(one.n_on for one in person_days),
        "off": sum(one.n_off for one in person_days),
        "other": sum(one.n_other for one in person_days),
    }
    shown = {name: formats.number(value=n, digits=0) for name, n in sums.items()}
    return text % {**shown, "n": n_days}
