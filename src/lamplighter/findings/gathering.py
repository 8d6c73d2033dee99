"""From the rooms of facts to the arrays of one shard."""

from datetime import datetime
from typing import Any

import numpy as np

from lamplighter.facts.billing import bulk as billing
from lamplighter.facts.customers import bulk as customers
from lamplighter.facts.metering import members as metering
from lamplighter.facts.metering import queries as readings
from lamplighter.facts.metering import reading
from lamplighter.findings import handover
from lamplighter.findings.contests import rulings
from lamplighter.findings.facts import Accounts, Integers, Points, ShardFacts
from lamplighter.findings.rules import Rules
from lamplighter.findings.worker import Task
from lamplighter.kernel.spans import DaySpan, last_days
from lamplighter.ledger import queries as ledger

SHAPE_DAYS = 112
SHAPE_SLOTS = 24
# docs/events.md: of the events of one item only the newest holds, and a withdrawal leaves none.
OUTCOME_RECORDED, OUTCOME_WITHDRAWN = "worklist.outcome.recorded", "worklist.outcome.withdrawn"
REMEDY_USED = frozenset({"DONE", "PROMISED", "REFUSED"})


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
    return ShardFacts(
        shard=task.shard,
        as_of=task.as_of,
        accounts=_accounts(task, listed),
        points=_no_points(days) if without_readings else _points(task, members, days=days),
        bills=billing.bills(**when),
        payments=billing.payments(**when, zone=task.zone),
        debits=billing.debits(**when, zone=task.zone),
        reminders=billing.reminders(**when, zone=task.zone),
        before=handover.before_of(file=task.before_file, account_ids=members.account_ids),
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
        remedies_tried=remedies_tried(terms.account_id, known_at=task.known_at),
        d_confirmed_day=rulings.confirmed_days(
            account_ids=terms.account_id.tolist(), known_at=task.known_at
        ),
    )


def remedies_tried(account_ids: Integers, *, known_at: datetime) -> Integers:
    """Return how many different remedies were tried at each account and recorded."""
    subjects = [f"account:{account_id}" for account_id in account_ids.tolist()]
    told = ledger.happenings(
        names=(OUTCOME_RECORDED, OUTCOME_WITHDRAWN), subjects=subjects, until=known_at
    )
    standing = {event.payload["item_id"]: event for event in told}  # the newest of each item
    tried: dict[int, set[str]] = {}
    for event in standing.values():
        if event.name == OUTCOME_RECORDED and event.payload["outcome"] in REMEDY_USED:
            tried.setdefault(event.payload["account_id"], set()).add(event.payload["remedy"])
    counts = [len(tried.get(account_id, ())) for account_id in account_ids.tolist()]
    return np.array(counts, np.int64)


def _points(task: Task, members: metering.Members, *, days: DaySpan) -> Points:
    view = readings.lake_view(lake_folder=task.lake_folder, known_at=task.known_at)
    where: dict[str, Any] = {
        "view": view,
        "shards": np.unique(members.shard_of_point).tolist(),
        "point_ids": members.point_ids,
    }
    daily = reading.daily_matrix(**where, days=days)
    recent = last_days(up_to=task.as_of, n_days=min(SHAPE_DAYS, days.n_days))
    shapes = reading.interval_days(**where, days=recent, n_slots=SHAPE_SLOTS)
    return Points(
        point_id=members.point_ids,
        account_id=members.account_of_point,
        energy_kwh=daily.energy_kwh,
        days=_calendar(days),
        shapes=shapes.energy_kwh if np.isfinite(shapes.energy_kwh).any() else None,
    )


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
