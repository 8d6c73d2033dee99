"""From the rooms of facts to the arrays of one shard."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from lamplighter.facts.billing import bulk as billing
from lamplighter.facts.billing import pricing
from lamplighter.facts.customers import bulk as customers
from lamplighter.facts.metering import members as metering
from lamplighter.facts.metering import queries as metering_queries
from lamplighter.findings.contests import rulings
from lamplighter.findings.night import handover
from lamplighter.findings.night.shard_tasks import Task
from lamplighter.findings.rules import Rules
from lamplighter.findings.shard import readings
from lamplighter.findings.shard.facts import Accounts, Integers, ShardFacts
from lamplighter.ledger import queries as ledger

# docs/events.md: of the events of one item only the newest holds, and a withdrawal leaves none.
OUTCOME_RECORDED, OUTCOME_WITHDRAWN = "worklist.outcome.recorded", "worklist.outcome.withdrawn"
REMEDIES = (OUTCOME_RECORDED, OUTCOME_WITHDRAWN)
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
    days: dict[str, Any] = {"as_of": task.as_of, "history_days": rules.night.history_days}
    return ShardFacts(
        shard=task.shard,
        as_of=task.as_of,
        accounts=_accounts(task, listed),
        points=readings.nothing(**days)
        if without_readings
        else readings.points(
            view=metering_queries.lake_view(lake_folder=task.lake_folder, known_at=task.known_at),
            shard=task.shard,
            point_ids=members.point_ids,
            account_of_point=members.account_of_point,
            shard_of_point=members.shard_of_point,
            **days,
        ),
        bills=billing.bills(**when),
        payments=billing.payments(**when, zone=task.zone),
        debits=billing.debits(**when, zone=task.zone),
        reminders=billing.reminders(**when, zone=task.zone),
        before=handover.before_of(file=task.before_file, account_ids=members.account_ids),
    )


def _accounts(task: Task, account_ids: list[int]) -> Accounts:
    terms = customers.terms_of(
        account_ids=account_ids,
        on=task.as_of,
        known_at=task.known_at,
        tariff_codes=pricing.known_codes(),
    )
    return Accounts(
        account_id=terms.account_id,
        area_id=terms.area_id,
        capacity_kva=terms.capacity_kva,
        method=terms.method,
        category=terms.category,
        tariff=terms.tariff,
        kind=terms.kind,
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
    told = ledger.happenings(names=REMEDIES, subjects=subjects, until=known_at)
    return _remedies(told, account_ids)


def remedies_of_all(account_ids: Integers, *, known_at: datetime) -> Integers:
    """Return the same, asking for everybody's at once."""
    return _remedies(ledger.happenings(names=REMEDIES, until=known_at), account_ids)


def _remedies(told: Sequence[ledger.Happening], account_ids: Integers) -> Integers:
    standing = {event.payload["item_id"]: event for event in told}  # the newest of each item
    tried: dict[int, set[str]] = {}
    for event in standing.values():
        if event.name == OUTCOME_RECORDED and event.payload["outcome"] in REMEDY_USED:
            tried.setdefault(event.payload["account_id"], set()).add(event.payload["remedy"])
    counts = [len(tried.get(account_id, ())) for account_id in account_ids.tolist()]
    return np.array(counts, np.int64)
