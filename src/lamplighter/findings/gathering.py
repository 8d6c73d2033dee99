"""From the rooms of facts to the arrays of one shard."""

import hashlib
from datetime import datetime
from typing import Any

import numpy as np

from lamplighter.facts.billing import bulk as billing
from lamplighter.facts.customers import bulk as customers
from lamplighter.facts.metering import members as metering
from lamplighter.facts.metering import queries as readings
from lamplighter.facts.metering import reading
from lamplighter.findings.facts import EPOCH, Accounts, Before, Integers, Points, ShardFacts
from lamplighter.findings.models import AccountFinding
from lamplighter.findings.rules import Rules
from lamplighter.findings.worker import Task
from lamplighter.kernel.spans import DaySpan, last_days
from lamplighter.ledger import queries as ledger

SHAPE_DAYS = 112
SHAPE_SLOTS = 24
OUTCOME_RECORDED = "worklist.outcome.recorded"  # its payload: account_id, remedy, outcome


def gather(*, task: Task, rules: Rules, without_readings: bool = False) -> ShardFacts:
    """Read everything one shard is decided from; readings only where they are wanted."""
    members = metering.members_of_shard(shard=task.shard, known_at=task.known_at)
    listed = members.account_ids.tolist()
    when: dict[str, Any] = {
        "account_ids": listed,
        "up_to": task.as_of,
        "known_at": task.known_at,
    }
    days = last_days(up_to=task.as_of, n_days=rules.night.history_days)
    points, inputs_sha256 = (
        (_no_points(days), "") if without_readings else _points(task, members, days=days)
    )
    return ShardFacts(
        shard=task.shard,
        as_of=task.as_of,
        inputs_sha256=inputs_sha256,
        accounts=_accounts(task, listed),
        points=points,
        bills=billing.bills(**when),
        payments=billing.payments(**when, zone=task.zone),
        debits=billing.debits(**when, zone=task.zone),
        reminders=billing.reminders(**when, zone=task.zone),
        before=_before(members.account_ids, as_of=task),
    )


def _accounts(task: Task, account_ids: list[int]) -> Accounts:
    terms = customers.terms_of(account_ids=account_ids, on=task.as_of, known_at=task.known_at)
    return Accounts(
        account_id=terms.account_id,
        area_id=terms.area_id,
        capacity_kva=terms.capacity_kva,
        method=terms.method,
        has_family_away=terms.has_family_away,
        has_dispute=terms.has_dispute,
        has_hardship=terms.has_hardship,
        has_theft=terms.has_theft,
        remedies_tried=_remedies_tried(terms.account_id, known_at=task.known_at),
    )


def _remedies_tried(account_ids: Integers, *, known_at: datetime) -> Integers:
    """Return how many different remedies were tried and recorded for each account."""
    tried: dict[int, set[str]] = {}
    subjects = [f"account:{account_id}" for account_id in account_ids.tolist()]
    for payload in ledger.payloads(name=OUTCOME_RECORDED, subjects=subjects, until=known_at):
        tried.setdefault(payload["account_id"], set()).add(payload["remedy"])
    counts = [len(tried.get(account_id, ())) for account_id in account_ids.tolist()]
    return np.array(counts, np.int64)


def _before(account_ids: Integers, *, as_of: Task) -> Before:
    """Return what the newest night before this one left behind."""
    rows = AccountFinding.objects.filter(
        pk__in=account_ids.tolist(), night__as_of_day__lt=as_of.as_of
    ).values_list("pk", "grade", "candidate_grade", "candidate_since_day")
    kept = {row[0]: row[1:] for row in rows}
    found = [kept.get(account_id, ("", "", None)) for account_id in account_ids.tolist()]
    since = [0 if row[2] is None else (row[2] - EPOCH).days for row in found]
    return Before(
        grade=np.array([row[0] for row in found], "U1"),
        candidate_grade=np.array([row[1] for row in found], "U1"),
        candidate_since_day=np.array(since, np.int64),
    )


def _points(task: Task, members: metering.Members, *, days: DaySpan) -> tuple[Points, str]:
    view = readings.lake_view(lake_folder=task.lake_folder, known_at=task.known_at)
    where: dict[str, Any] = {
        "view": view,
        "shards": [task.shard],
        "point_ids": members.point_ids,
    }
    daily = reading.daily_matrix(**where, days=days)
    recent = last_days(up_to=task.as_of, n_days=min(SHAPE_DAYS, days.n_days))
    shapes = reading.interval_days(**where, days=recent, n_slots=SHAPE_SLOTS)
    points = Points(
        point_id=members.point_ids,
        account_id=members.account_of_point,
        energy_kwh=daily.energy_kwh,
        days=_calendar(days),
        shapes=shapes.energy_kwh if np.isfinite(shapes.energy_kwh).any() else None,
    )
    # Of the readings themselves, not of their files: compaction must not change a result.
    return points, hashlib.sha256(daily.energy_kwh.tobytes()).hexdigest()


def _calendar(days: DaySpan) -> np.ndarray:
    return np.arange(np.datetime64(days.first_day), np.datetime64(days.end_day))


def _no_points(days: DaySpan) -> Points:
    nobody = np.empty(0, np.int64)
    return Points(
        point_id=nobody,
        account_id=nobody,
        energy_kwh=np.empty((0, days.n_days), np.float32),
        days=_calendar(days),
        shapes=None,
    )
