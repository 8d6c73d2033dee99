"""The lines of one replay: an account that is found otherwise, a door that is planned otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamplighter.action.worklist.beside import LineBeside, PersonDay
from lamplighter.facts.customers.lines import DoorLine
from lamplighter.findings.replay.queries import Change
from lamplighter.kernel.viewer import Role, Viewer
from lamplighter.web.frame import codes, formats, wording
from lamplighter.web.replay import pages, told


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One account that is found otherwise."""

    account_number: str
    name: str
    url: str
    where: str
    grade_before: str
    grade_after: str
    steps: tuple[tuple[str, str, str], ...]  # of the rest: name, before, after
    why: tuple[str, ...]
    values: dict[str, Any]  # for the file


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkLine:
    """A door that one side's plan has otherwise."""

    name: str
    url: str
    manager: str
    day: date
    before: str
    after: str
    why_before: str
    why_after: str


def name_of(door: DoorLine, viewer: Viewer) -> str:
    """Return a name as the role may see it in a list: masked above the station."""
    return formats.masked_name(value=door.name) if viewer.role is Role.BRANCH else door.name


def line_of(change: Change, door: DoorLine, *, replay_id: int, viewer: Viewer) -> ChangeLine:
    waits = (change.before.get("candidate_grade", ""), change.after.get("candidate_grade", ""))
    pairs = (
        ("WAITING", *waits),
        ("RISK", change.risk_before, change.risk_after),
        ("CAUSE", change.cause_before, change.cause_after),
    )
    names = {"WAITING": _("Grade waiting"), "RISK": _("Risk"), "CAUSE": _("Cause")}
    steps = tuple(
        (names[about], pages.word(about, old), pages.word(about, new))
        for about, old, new in pairs
        if old != new
    )
    due = tuple(side.get("balance_due_cny") for side in (change.before, change.after))
    if due[0] != due[1]:
        steps += ((_("Owing"), _money(due[0]), _money(due[1])),)
    return ChangeLine(
        account_number=door.account_number,
        name=name_of(door, viewer),
        url=reverse("replay:account", args=[replay_id, door.account_number]),
        where=door.address,
        grade_before=change.grade_before,
        grade_after=change.grade_after,
        steps=steps,
        why=why_of(change),
        values={
            "grade": (change.grade_before, change.grade_after),
            "waiting": waits,
            "risk": (change.risk_before, change.risk_after),
            "cause": (change.cause_before, change.cause_after),
            "due": due,
        },
    )


def _money(amount: float | None) -> str:
    return (
        formats.NOTHING if amount is None else formats.money(value=Decimal(str(amount)), digits=2)
    )


def why_of(change: Change) -> tuple[str, ...]:
    """Return what a list says: the facts recorded in between, or the rule that decides now."""
    if [reason["code"] for reason in change.because] != ["RULES"]:
        return tuple(told.short(reason) for reason in change.because)
    says = []
    if change.grade_before != change.grade_after or change.before.get(
        "candidate_grade"
    ) != change.after.get("candidate_grade"):
        says += [text for text, _limits in trace_of(change.after)[:1]]
    if change.cause_before != change.cause_after:
        share = max(side.get("cause_probability") or 0.0 for side in (change.before, change.after))
        percent = formats.number(value=100 * share, digits=0)
        says.append(_("The likeliest cause has %(percent)s%%.") % {"percent": percent})
    if change.risk_before != change.risk_after:
        share = change.after.get("risk_probability") or 0.0
        percent = formats.number(value=100 * share, digits=0)
        says.append(_("%(percent)s%% likely to stay unpaid.") % {"percent": percent})
    return (formats.sentences(*says) if says else str(told.WITHOUT_FACTS["RULES"]),)


def trace_of(side: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what each rule of grading saw on one side, and what it compared with."""
    return [
        (
            wording.grade_rule(step["rule"], step["inputs"]),
            wording.grade_limits(step["rule"], step["limits"]),
        )
        for step in side.get("grade_trace", [])
    ]


def work_lines_of(
    lines: Sequence[LineBeside],
    person_days: Sequence[PersonDay],
    doors: Mapping[int, DoorLine],
    *,
    viewer: Viewer,
) -> list[WorkLine]:
    managers = {day.staff_id: day.name for day in person_days}
    language = get_language() or "zh-hans"
    return [
        WorkLine(
            name=name_of(doors[line.account_id], viewer),
            url=reverse("customers:account", args=[doors[line.account_id].account_number]),
            manager=managers.get(line.staff_id, ""),
            day=line.day,
            before=_remedy(line.remedy_before),
            after=_remedy(line.remedy_after),
            why_before=line.why_before.in_language(language),
            why_after=line.why_after.in_language(language),
        )
        for line in lines
        if line.account_id in doors
    ]


def _remedy(code: str) -> str:
    if not code:
        return _("not on the plan")
    return str(codes.word_for(kind="remedy", code=code).label)
