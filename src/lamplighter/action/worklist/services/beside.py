"""The work of a replay's two sides, planned beside each other; no plan is written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from lamplighter.action.worklist import gathering, planning
from lamplighter.action.worklist import rules as worklist_rules
from lamplighter.action.worklist.models import WorkBeside, WorkBesideLine
from lamplighter.action.worklist.planning import Day, Planned
from lamplighter.action.worklist.rules import Rules
from lamplighter.facts.network import duties as network
from lamplighter.facts.network.duties import Duty
from lamplighter.findings.replay import doors as replayed
from lamplighter.ledger import services as ledger

BEFORE, AFTER = "BEFORE", "AFTER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A finished replay whose work is compared."""

    replay_id: int
    folder: Path
    known_at: Mapping[str, datetime]  # by side
    nights: Sequence[date]  # each night's work is that of the day after


def compare(
    *,
    replay: Replayed,
    zone: ZoneInfo,
    now: datetime,
    actor: str,
    on_progress: Callable[[str, int, int], None] = lambda *_: None,
) -> int:
    """Plan each manager's day under both sides and keep where they differ.

    What is kept already is not planned again. Returns how many days of a person are kept.
    """
    n_kept = 0
    for n, night in enumerate(replay.nights):
        decided = replayed.areas_decided(folder=replay.folder, side=AFTER, as_of=night)
        day = night + timedelta(1)
        rules = worklist_rules.rules_in_force(on=day)
        known = set(
            WorkBeside.objects.filter(replay_id=replay.replay_id, day=day).values_list(
                "staff_id", flat=True
            )
        )
        for duty in network.duties(on=day):
            if not decided & set(duty.area_ids):
                continue
            n_kept += 1
            if duty.staff_id not in known:
                _compare(replay, duty=duty, night=night, decided=decided, rules=rules, zone=zone)
        on_progress("work", n + 1, len(replay.nights))
    with transaction.atomic():
        ledger.record(
            "worklist.replay.compared",
            subject=f"replay:{replay.replay_id}",
            actor=actor,
            at=now,
            n_days=len(replay.nights),
            n_person_days=n_kept,
        )
    return n_kept


def _compare(
    replay: Replayed,
    *,
    duty: Duty,
    night: date,
    decided: frozenset[int],
    rules: Rules,
    zone: ZoneInfo,
) -> None:
    before, after = (
        _planned(replay, side=side, duty=duty, night=night, rules=rules, zone=zone)
        for side in (BEFORE, AFTER)
    )
    with transaction.atomic():
        beside = WorkBeside.objects.create(
            replay_id=replay.replay_id,
            staff_id=duty.staff_id,
            day=night + timedelta(1),
            is_partial=not set(duty.area_ids) <= decided,
            n_before=len(before.lines),
            n_after=len(after.lines),
            minutes_before=before.choice.minutes,
            minutes_after=after.choice.minutes,
            benefit_before_cny=Decimal(before.choice.benefit_fen) / 100,
            benefit_after_cny=Decimal(after.choice.benefit_fen) / 100,
            n_candidates_before=before.n_candidates,
            n_candidates_after=after.n_candidates,
        )
        WorkBesideLine.objects.bulk_create(_lines(beside, before=before, after=after))


def _planned(
    replay: Replayed, *, side: str, duty: Duty, night: date, rules: Rules, zone: ZoneInfo
) -> Planned:
    day = night + timedelta(1)
    told = replayed.told(
        folder=replay.folder,
        side=side,
        as_of=night,
        area_ids=duty.area_ids,
        on=day,
        span_days=rules.worth.signal_span_days,
        probability_least=rules.worth.signal_probability_least,
        known_at=replay.known_at[side],
    )
    return planning.plan(
        doors=gathering.doors_of(
            findings=told.findings, signals=told.signals, day=day, rules=rules, zone=zone
        ),
        rules=rules,
        day=Day(
            day=day,
            as_of=night,
            minutes=duty.minutes_per_day,
            visits_done=0,
            areas_on_the_way=frozenset(),
            customers_done=frozenset(),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """How one side's plan has a door."""

    area_id: int | None
    remedy: str  # empty: not on the plan
    why: dict[str, Any]


NOWHERE = _Place(area_id=None, remedy="", why={})  # nothing speaks for a contact there


def _places(planned: Planned) -> dict[int, _Place]:
    left_out = {
        absent.weighed.proposal.account_id: _Place(
            area_id=absent.weighed.proposal.area_id,
            remedy="",
            why={"code": absent.why.code, "numbers": absent.why.numbers},
        )
        for absent in planned.left_out
    }
    return left_out | {
        line.proposal.account_id: _Place(
            area_id=line.proposal.area_id,
            remedy=line.proposal.remedy,
            why={"parts": list(line.proposal.parts)},
        )
        for line in planned.lines
    }


def _lines(beside: WorkBeside, *, before: Planned, after: Planned) -> list[WorkBesideLine]:
    one, two = _places(before), _places(after)
    pairs = [(a, one.get(a, NOWHERE), two.get(a, NOWHERE)) for a in sorted(one | two)]
    return [
        WorkBesideLine(
            beside=beside,
            account_id=account_id,
            area_id=old.area_id or new.area_id,
            remedy_before=old.remedy,
            remedy_after=new.remedy,
            why_before=old.why,
            why_after=new.why,
        )
        for account_id, old, new in pairs
        if old.remedy != new.remedy
    ]
