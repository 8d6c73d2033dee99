"""One account in a replay: both sides of it, and why they differ."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from lamplighter.action.worklist import beside as worklist
from lamplighter.action.worklist import rules as worklist_rules
from lamplighter.facts.customers import lines as customers
from lamplighter.facts.customers import queries as archive
from lamplighter.findings.replay import queries
from lamplighter.kernel.viewer import Viewer
from lamplighter.web.frame import actors, formats, wording
from lamplighter.web.replay import pages, rows, told

WORK_LINES_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBox:
    """What one side says of an account."""

    title: str
    known: str
    is_known: bool
    grade: str
    waiting: str
    trace: tuple[dict[str, Any], ...]
    risk_band: str
    risk_probability: float | None
    risk_reasons: tuple[str, ...]
    cause: str
    cause_probability: float | None
    cause_reasons: tuple[str, ...]
    due_cny: float | None
    overdue_cny: float | None
    forecast: tuple[float | None, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    """One account on both sides, and why."""

    title: str
    account_number: str
    name: str
    where: str
    account_url: str
    replay_url: str
    replay_title: str
    grade_before: str
    grade_after: str
    steps: tuple[tuple[str, str, str], ...]  # of what else differs: name, before, after
    sides: tuple[SideBox, ...]
    because: tuple[told.Because, ...]
    rules: tuple[pages.RuleRow, ...]
    work_lines: tuple[rows.WorkLine, ...]


def account_page(*, viewer: Viewer, today: date, replay_id: int, number: str) -> AccountPage | None:
    """Return one account in a replay; None where the viewer may not see it or nothing differs."""
    who: dict[str, Any] = {"viewer": viewer, "on": today, "replay_id": replay_id}
    replay = queries.replay(**who)
    if replay is None:
        return None
    try:
        account_id = archive.account_id_of(viewer=viewer, on=today, account_number=number)
    except archive.AccountUnknown:
        return None
    change = queries.changes_of(**who, account_ids=[account_id]).get(account_id)
    doors = customers.lines_of(viewer=viewer, on=today, account_ids=[account_id])
    if change is None or account_id not in doors:
        return None
    work = worklist.lines(
        **who,
        rules=worklist_rules.rules_in_force(on=replay.last_day + timedelta(1)),
        limit=WORK_LINES_SHOWN,
        account_ids=[account_id],
    )
    days = worklist.person_days(**who) if work else []
    is_rules = bool(replay.candidates)
    titles = (
        (_("By the rules in force"), _("By the rules on trial"))
        if is_rules
        else (_("As known earlier"), _("As known later"))
    )
    line = rows.line_of(change, doors[account_id], replay_id=replay_id, viewer=viewer)
    return AccountPage(
        title=line.name,
        account_number=number,
        name=line.name,
        grade_before=line.grade_before,
        grade_after=line.grade_after,
        steps=line.steps,
        where=doors[account_id].address,
        account_url=reverse("customers:account", args=[number]),
        replay_url=reverse("replay:one", args=[replay_id]),
        replay_title=pages.title_of(replay),
        sides=(
            _box(change.before, title=titles[0], known_at=replay.known_before_at),
            _box(change.after, title=titles[1], known_at=replay.known_after_at),
        ),
        rules=_bearing(pages.rule_rows(replay), change),
        because=_because(change),
        work_lines=tuple(rows.work_lines_of(work, days, doors, viewer=viewer)),
    )


def _because(change: queries.Change) -> tuple[told.Because, ...]:
    """Return why the sides differ, each fact with the name of whoever recorded it."""
    said = [told.because(reason) for reason in change.because]
    called = actors.called(actors=[one.recorded_by for one in said if one.recorded_by])
    return tuple(
        replace(one, recorded_by=called[one.recorded_by]) if one.recorded_by else one
        for one in said
    )


def _bearing(found: tuple[pages.RuleRow, ...], change: queries.Change) -> tuple[pages.RuleRow, ...]:
    """Return the changed rules that bear on what differs here; all where none can be told."""
    sides = (change.before, change.after)
    subjects = {
        "grading": change.grade_before != change.grade_after
        or len({side.get("candidate_grade", "") for side in sides}) > 1,
        "causes": change.cause_before != change.cause_after,
        "risk": change.risk_before != change.risk_after,
    }
    compared = {
        key for side in sides for step in side.get("grade_trace", []) for key in step["limits"]
    }
    bearing = tuple(
        row
        for row in found
        if subjects.get(row.policy) and (row.policy != "grading" or row.key in compared)
    )
    return bearing or found


def _box(side: Mapping[str, Any], *, title: str, known_at: datetime) -> SideBox:
    raising = [r["code"] for r in side.get("risk_reasons", []) if r["log_odds"] > 0]
    cause = side.get("cause", "")
    speaking = [r["code"] for r in side.get("cause_reasons", []) if r["log_odds"] > 0]
    return SideBox(
        title=title,
        known=_("as known on %(moment)s") % {"moment": formats.moment_long(value=known_at)},
        is_known=bool(side),
        grade=side.get("grade", ""),
        waiting=side.get("candidate_grade", ""),
        trace=tuple(
            {"text": text, "is_met": True, "detail": limits, "source": ""}
            for text, limits in rows.trace_of(side)
        ),
        risk_band=side.get("risk_band", ""),
        risk_probability=side.get("risk_probability"),
        risk_reasons=tuple(wording.risk_reason(code) for code in raising),
        cause=cause,
        cause_probability=None if cause == "UNKNOWN" else side.get("cause_probability"),
        cause_reasons=tuple(wording.cause_evidence(code) for code in speaking),
        due_cny=side.get("balance_due_cny"),
        overdue_cny=side.get("overdue_cny"),
        forecast=(side.get("forecast_low_cny"), side.get("forecast_high_cny")),
    )
