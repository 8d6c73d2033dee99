"""Gathering what is known of one person's doors: a fixed number of queries."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from lamplighter.action.worklist import history
from lamplighter.action.worklist.doors import Door
from lamplighter.action.worklist.rules import Rules
from lamplighter.facts.billing import touches
from lamplighter.facts.billing.touches import DebitsFailed
from lamplighter.facts.customers import doors as customers
from lamplighter.facts.customers.doors import DoorPeople
from lamplighter.findings import attention
from lamplighter.findings.attention import DoorFinding, DoorSignal
from lamplighter.kernel.spans import start_of_day

NO_DEBITS = DebitsFailed(n_failed=0, n_paid_after=0)


def doors(*, area_ids: Sequence[int], day: date, rules: Rules, zone: ZoneInfo) -> list[Door]:
    """Return the doors of some areas that owe anything, changed their habit or are due a round.

    By account.
    """
    worth = rules.worth
    signals: dict[int, DoorSignal] = {}
    for signal in attention.recent_signals(
        area_ids=area_ids,
        on=day,
        span_days=worth.signal_span_days,
        probability_least=worth.signal_probability_least,
    ):
        signals.setdefault(signal.account_id, signal)
    rounds = due_rounds(area_ids=area_ids, day=day, rules=rules)
    also = sorted({*signals, *rounds})
    findings = attention.doors_owing(area_ids=area_ids, also_account_ids=also, on=day)
    return doors_of(
        findings=findings, signals=signals, day=day, rules=rules, zone=zone, rounds=rounds
    )


def due_rounds(*, area_ids: Sequence[int], day: date, rules: Rules) -> frozenset[int]:
    """Return the customers to be visited regularly whom nobody visited for longest. Two queries.

    Only so many a day are offered; whoever was never visited comes first, then by account.
    """
    worth = rules.worth
    flagged = customers.flagged_in(area_ids=area_ids, kinds=worth.round_flags, on=day)
    visited = history.last_visits(account_ids=flagged, before=day)
    due = [
        account_id
        for account_id in flagged
        if (day - visited.get(account_id, date.min)).days >= worth.round_every_days
    ]
    due.sort(key=lambda account_id: (visited.get(account_id, date.min), account_id))
    return frozenset(due[: worth.rounds_offered])


def doors_of(
    *,
    findings: Sequence[DoorFinding],
    signals: Mapping[int, DoorSignal],
    day: date,
    rules: Rules,
    zone: ZoneInfo,
    rounds: Collection[int] = (),
) -> list[Door]:
    """Return the doors of given findings, whichever night or replay they come from."""
    worth = rules.worth
    account_ids = [finding.account_id for finding in findings]
    morning = start_of_day(day=day, zone=zone)
    since = morning - timedelta(worth.attempts_span_days)
    people = customers.people_of(
        account_ids=account_ids,
        on=day,
        complaints_since=morning - timedelta(worth.complaints_span_days),
    )
    debits = touches.debits_failed(
        account_ids=account_ids,
        since=since,
        before=morning,
        paid_within_days=worth.failed_debit_settled_days,
    )
    earlier = history.attempts(
        account_ids=account_ids,
        after=day - timedelta(worth.attempts_span_days),
        before=day,
        zone=zone,
    )
    contacted = _contacted(people=list(people.values()), day=day, rules=rules, zone=zone)
    return [
        Door(
            finding=finding,
            people=people[finding.account_id],
            signal=signals.get(finding.account_id),
            debits=debits.get(finding.account_id, NO_DEBITS),
            attempts=earlier.get(finding.account_id, ()),
            contacted=contacted,
            is_due_for_round=finding.account_id in rounds,
        )
        for finding in findings
    ]


def _contacted(
    *, people: Sequence[DoorPeople], day: date, rules: Rules, zone: ZoneInfo
) -> dict[int, tuple[date, ...]]:
    limits = rules.moderation
    morning = start_of_day(day=day, zone=zone)
    since = morning - timedelta(max(limits.contacts_span_days, limits.rest_days))
    customer_ids = {person.customer_id for person in people}
    customer_ids |= {p.landlord.customer_id for p in people if p.landlord is not None}
    days = touches.reminded_days(
        customer_ids=sorted(customer_ids),
        since=since,
        before=morning,
        channels=limits.counted_channels,
        zone=zone,
    ) + history.contacted_days(
        customer_ids=sorted(customer_ids),
        since=since,
        before=morning,
        counted_outcomes=limits.counted_outcomes,
        zone=zone,
    )
    found: dict[int, list[date]] = {}
    for customer_id, on in days:
        found.setdefault(customer_id, []).append(on)
    return {customer_id: tuple(sorted(on)) for customer_id, on in found.items()}
