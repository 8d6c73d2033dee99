"""Gathering what is known of one person's doors: a fixed number of queries."""

from collections.abc import Mapping, Sequence
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
    """Return the doors of some areas that owe anything or whose habit changed, by account."""
    worth = rules.worth
    signals: dict[int, DoorSignal] = {}
    for signal in attention.recent_signals(
        area_ids=area_ids,
        on=day,
        span_days=worth.signal_span_days,
        probability_least=worth.signal_probability_least,
    ):
        signals.setdefault(signal.account_id, signal)
    findings = attention.doors_owing(area_ids=area_ids, also_account_ids=sorted(signals), on=day)
    return doors_of(findings=findings, signals=signals, day=day, rules=rules, zone=zone)


def doors_of(
    *,
    findings: Sequence[DoorFinding],
    signals: Mapping[int, DoorSignal],
    day: date,
    rules: Rules,
    zone: ZoneInfo,
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
