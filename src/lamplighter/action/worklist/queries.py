"""Today's work as the pages show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from lamplighter.action.worklist import history, wording
from lamplighter.action.worklist.doors import Attempt
from lamplighter.action.worklist.models import Item, LeftOut, Outcome, Plan
from lamplighter.action.worklist.rules import Rules, Script
from lamplighter.facts.customers import doors as customers
from lamplighter.facts.customers.doors import DoorCard, DoorContact
from lamplighter.facts.network import duties as network
from lamplighter.facts.network.duties import AreaPlace
from lamplighter.findings import attention
from lamplighter.findings.attention import DoorFinding
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy.loader import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One line: who, where, why, what to do, what it is worth, and what became of it."""

    item_id: int
    position: int
    account_id: int
    account_number: str
    name: str
    contacts: tuple[
        DoorContact, ...
    ]  # the one to call first comes first; of the landlord, if theirs
    calls_landlord: bool
    contact_account_number: str  # the landlord's where they are called
    area_id: int | None
    area_name: str
    address: str
    longitude_deg: float | None
    latitude_deg: float | None
    grade: str
    risk_band: str
    cause: str
    cause_probability: float | None
    flags: tuple[str, ...]
    why: Words
    reason: dict[str, Any]  # {"parts": [{"code", "numbers"}]}
    remedy: str
    remedy_name: Words
    script: Script
    is_visit: bool
    minutes: int
    benefit_cny: Decimal
    at_stake_cny: Decimal
    help_probability: float
    attempts: tuple[Attempt, ...]  # earlier days, oldest first
    outcome: str | None
    promised_date: date | None
    note: str
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutDoor:
    """A door that is not on the plan, and why."""

    account_id: int
    account_number: str
    name: str
    remedy: str
    benefit_cny: Decimal
    minutes: int
    why: str
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayPage:
    """One person's day."""

    day: date
    staff_id: int
    staff_name: str
    plan_id: int
    made_at: datetime
    policy_version: str
    n_items: int
    n_recorded: int
    minutes_planned: int
    minutes_available: int
    benefit_cny: Decimal
    n_candidates: int
    is_proved_optimal: bool
    left_out_counts: dict[str, int]  # all of them, by reason
    left_out: tuple[LeftOutDoor, ...]  # those kept by name, most worth first
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerDay:
    """One manager's day at a glance."""

    staff_id: int
    name: str
    n_areas: int
    plan_id: int | None
    n_items: int
    n_recorded: int
    n_by_outcome: dict[str, int]
    minutes_planned: int
    minutes_available: int
    benefit_cny: Decimal
    n_left_out: int


def today(
    *, viewer: Viewer, day: date, rules: Rules, zone: ZoneInfo, staff_id: int | None = None
) -> TodayPage | None:
    """Return a person's day: the viewer's own, or that of somebody below the viewer's unit.

    None where there is no plan, or where the person is not the viewer's to see. At most 12 queries,
    however many lines there are.
    """
    wanted = viewer.staff_id if staff_id is None else staff_id
    seen = {duty.staff_id: duty for duty in network.duties_seen_by(viewer=viewer, on=day)}
    plan = Plan.objects.filter(staff_id=wanted, day=day).order_by("pk").first()
    if plan is None or wanted not in seen:
        return None
    items = _items(Q(plan=plan))
    left_out = list(LeftOut.objects.filter(plan=plan).order_by("-benefit_cny", "account_id"))
    who = _people(items=items, left_out=left_out, on=day)
    cards = _cards(items=items, people=who, day=day, rules=rules, zone=zone)
    return TodayPage(
        day=day,
        staff_id=wanted,
        staff_name=seen[wanted].name,
        plan_id=plan.pk,
        made_at=plan.made_at,
        policy_version=plan.policy_version,
        n_items=len(cards),
        n_recorded=sum(card.outcome is not None for card in cards),
        minutes_planned=plan.minutes_planned,
        minutes_available=plan.minutes_available,
        benefit_cny=plan.benefit_cny,
        n_candidates=plan.n_candidates,
        is_proved_optimal=plan.is_proved_optimal,
        left_out_counts=plan.left_out_counts,
        left_out=_left_out(rows=left_out, people=who, rules=rules),
        cards=tuple(cards),
    )


def card(*, viewer: Viewer, day: date, item_id: int, rules: Rules, zone: ZoneInfo) -> Card | None:
    """Return one line again, as after a tap; None where it is not the viewer's to see."""
    items = _items(Q(pk=item_id))
    if not items:
        return None
    seen = {duty.staff_id for duty in network.duties_seen_by(viewer=viewer, on=day)}
    if items[0].plan.staff_id not in seen:
        return None
    plan_day = items[0].plan.day
    who = _people(items=items, left_out=[], on=plan_day)
    return _cards(items=items, people=who, day=plan_day, rules=rules, zone=zone)[0]


def overview(*, viewer: Viewer, day: date) -> list[ManagerDay]:
    """Return the day of each manager below the viewer's unit, by staff number. Four queries."""
    duties = network.duties_seen_by(viewer=viewer, on=day)
    plans = Plan.objects.filter(staff__in=[d.staff_id for d in duties], day=day)
    by_staff = {plan.staff_id: plan for plan in plans.annotate(n_items=Count("items"))}
    outcomes: dict[int, dict[str, int]] = {}
    rows = Outcome.objects.filter(superseded_at__isnull=True, item__plan__in=plans)
    for row in rows.values("item__plan__staff_id", "outcome").annotate(n=Count("pk")):
        outcomes.setdefault(row["item__plan__staff_id"], {})[row["outcome"]] = row["n"]
    days = []
    for duty in duties:
        plan = by_staff.get(duty.staff_id)
        recorded = outcomes.get(duty.staff_id, {})
        days.append(
            ManagerDay(
                staff_id=duty.staff_id,
                name=duty.name,
                n_areas=len(duty.area_ids),
                plan_id=plan.pk if plan else None,
                n_items=plan.n_items if plan else 0,
                n_recorded=sum(recorded.values()),
                n_by_outcome=recorded,
                minutes_planned=plan.minutes_planned if plan else 0,
                minutes_available=plan.minutes_available if plan else duty.minutes_per_day,
                benefit_cny=plan.benefit_cny if plan else Decimal(0),
                n_left_out=sum(plan.left_out_counts.values()) if plan else 0,
            )
        )
    return days


def is_planned(*, day: date) -> bool:
    """Tell whether everyone who answers for an area has a plan of the night before a day."""
    nights = {"night__as_of_day__gte": day - timedelta(1)}
    planned = set(Plan.objects.filter(day=day, **nights).values_list("staff_id", flat=True))
    return all(duty.staff_id in planned for duty in network.duties(on=day) if duty.area_ids)


def _items(condition: Q) -> list[Item]:
    return list(Item.objects.filter(condition).select_related("plan").order_by("position"))


def _people(*, items: Sequence[Item], left_out: Sequence[LeftOut], on: date) -> dict[int, DoorCard]:
    landlords = [i.contact_account_id for i in items if i.contact_account_id is not None]
    doors = [item.account_id for item in items] + [row.account_id for row in left_out]
    return customers.cards_of(account_ids=[*doors, *landlords], on=on)


def _cards(
    *,
    items: Sequence[Item],
    people: dict[int, DoorCard],
    day: date,
    rules: Rules,
    zone: ZoneInfo,
) -> list[Card]:
    account_ids = [item.account_id for item in items]
    findings = attention.findings_by_account(account_ids=account_ids, on=day)
    areas = network.places_of(area_ids=[i.area_id for i in items if i.area_id is not None])
    after = day - timedelta(rules.worth.attempts_span_days)
    earlier = history.attempts(account_ids=account_ids, after=after, before=day, zone=zone)
    current = Outcome.objects.filter(item__in=items, superseded_at__isnull=True)
    outcomes = {outcome.item_id: outcome for outcome in current}
    return [
        _card(
            item=item,
            people=people,
            finding=findings.get(item.account_id),
            place=areas.get(item.area_id) if item.area_id is not None else None,
            attempts=earlier.get(item.account_id, ()),
            outcome=outcomes.get(item.pk),
            rules=rules,
        )
        for item in items
    ]


def _card(
    *,
    item: Item,
    people: dict[int, DoorCard],
    finding: DoorFinding | None,
    place: AreaPlace | None,
    attempts: tuple[Attempt, ...],
    outcome: Outcome | None,
    rules: Rules,
) -> Card:
    door = people[item.account_id]
    called = people[item.contact_account_id] if item.contact_account_id is not None else door
    return Card(
        item_id=item.pk,
        position=item.position,
        account_id=item.account_id,
        account_number=door.account_number,
        name=door.name,
        contacts=_ordered(called.contacts, remedy=item.remedy),
        calls_landlord=item.contact_account_id is not None,
        contact_account_number=called.account_number,
        area_id=item.area_id,
        area_name=place.name if place else "",
        address=door.address,
        longitude_deg=door.longitude_deg or (place.longitude_deg if place else None),
        latitude_deg=door.latitude_deg or (place.latitude_deg if place else None),
        grade=finding.grade if finding else "",
        risk_band=finding.risk_band if finding else "",
        cause=finding.cause if finding else "",
        cause_probability=finding.cause_probability if finding else None,
        flags=door.flags,
        why=wording.reason(policy=rules.wording, parts=item.reason["parts"]),
        reason=item.reason,
        remedy=item.remedy,
        remedy_name=rules.remedies[item.remedy].name,
        script=rules.remedies[item.remedy].script,
        is_visit=item.is_visit,
        minutes=item.minutes,
        benefit_cny=item.benefit_cny,
        at_stake_cny=item.at_stake_cny,
        help_probability=item.help_probability,
        attempts=attempts,
        outcome=outcome.outcome if outcome else None,
        promised_date=outcome.promised_date if outcome else None,
        note=outcome.note if outcome else "",
        recorded_at=outcome.recorded_at if outcome else None,
    )


def _ordered(contacts: tuple[DoorContact, ...], *, remedy: str) -> tuple[DoorContact, ...]:
    first = "CHILD_AWAY" if remedy == "CONTACT_CHILD_AWAY" else "PAYER"
    order = {first: 0, "PAYER": 1, "HOUSEHOLD_HEAD": 2, "OWNER": 3, "TENANT": 4}
    if remedy == "LANDLORD_CALL":
        order = {"OWNER": 0, **{role: n + 1 for role, n in order.items() if role != "OWNER"}}
    return tuple(sorted(contacts, key=lambda c: (order.get(c.role, 9), c.contact_id)))


def _left_out(
    *, rows: Sequence[LeftOut], people: dict[int, DoorCard], rules: Rules
) -> tuple[LeftOutDoor, ...]:
    return tuple(
        LeftOutDoor(
            account_id=row.account_id,
            account_number=people[row.account_id].account_number,
            name=people[row.account_id].name,
            remedy=row.remedy,
            benefit_cny=row.benefit_cny,
            minutes=row.minutes,
            why=row.why,
            words=wording.left_out(policy=rules.wording, detail=row.detail),
        )
        for row in rows
    )
