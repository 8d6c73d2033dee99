"""Making the plans of a day."""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from lamplighter.action.worklist import gathering, planning
from lamplighter.action.worklist.models import Item, LeftOut, Plan
from lamplighter.action.worklist.planning import Day, Planned
from lamplighter.action.worklist.rules import Rules
from lamplighter.action.worklist.weighing import Weighed
from lamplighter.facts.network import duties as network
from lamplighter.facts.network.duties import Duty
from lamplighter.findings import attention
from lamplighter.ledger import services as ledger

PLAN_LOCK = 0x1A3C  # with the person: one plan at a time for each


class StaffUnknown(LookupError):
    """There is nobody with this id."""


def plan_all(
    *, day: date, night_id: int, rules: Rules, zone: ZoneInfo, now: datetime, actor: str
) -> list[int]:
    """Plan the day of every manager who answers for an area, one transaction each.

    Returns the ids of the plans, by staff number.
    """
    return [
        plan_day(
            staff_id=duty.staff_id,
            day=day,
            night_id=night_id,
            rules=rules,
            zone=zone,
            now=now,
            actor=actor,
        )
        for duty in network.duties(on=day)
        if duty.area_ids
    ]


def plan_day(
    *,
    staff_id: int,
    day: date,
    night_id: int,
    rules: Rules,
    zone: ZoneInfo,
    now: datetime,
    actor: str,
) -> int:
    """Plan one person's day and return the plan's id.

    There is one plan a person and day, however often and beside itself this runs. The same night
    and the same rules leave it as it is; newer ones replace the lines that nobody has recorded
    anything on, within the minutes that are left.

    Raises
    ------
    StaffUnknown
        There is nobody with this id.
    """
    found = network.duties(on=day, staff_ids=[staff_id])
    if not found:
        raise StaffUnknown(str(staff_id))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PLAN_LOCK, staff_id])
        standing = Plan.objects.filter(staff_id=staff_id, day=day).first()  # one at most
        if standing is not None and _is_current(standing, night_id=night_id, rules=rules):
            return standing.pk
        kept = _kept(standing)
        planned = _planned(
            duty=found[0], day=day, night_id=night_id, kept=kept, rules=rules, zone=zone
        )
        plan = _written(
            standing=standing,
            kept=kept,
            planned=planned,
            values={
                "staff_id": staff_id,
                "day": day,
                "night_id": night_id,
                "policy_version": rules.version,
                "minutes_available": found[0].minutes_per_day,
                "made_at": now,
            },
            rules=rules,
        )
        ledger.record(
            "worklist.plan.made",
            subject=f"staff:{found[0].staff_number}",
            actor=actor,
            at=now,
            plan_id=plan.pk,
            day=day.isoformat(),
            night_id=night_id,
            policy_version=rules.version,
            n_items=len(kept) + len(planned.lines),
            n_candidates=planned.n_candidates,
            minutes_planned=plan.minutes_planned,
            benefit_cny=str(plan.benefit_cny),
        )
    return plan.pk


def _is_current(plan: Plan, *, night_id: int, rules: Rules) -> bool:
    return plan.night_id == night_id and plan.policy_version == rules.version


def _kept(plan: Plan | None) -> list[Item]:
    """Return the lines somebody has already recorded something on, in their order."""
    if plan is None:
        return []
    recorded = Item.objects.filter(plan=plan, outcomes__isnull=False).distinct()
    return list(recorded.select_related("account", "contact_account").order_by("position"))


def _planned(
    *, duty: Duty, day: date, night_id: int, kept: list[Item], rules: Rules, zone: ZoneInfo
) -> Planned:
    doors = gathering.doors(area_ids=duty.area_ids, day=day, rules=rules, zone=zone)
    done = {item.account_id for item in kept}
    areas = frozenset(i.area_id for i in kept if i.is_visit and i.area_id is not None)
    return planning.plan(
        doors=[door for door in doors if door.account_id not in done],
        rules=rules,
        day=Day(
            day=day,
            as_of=attention.as_of_day(night_id=night_id),
            minutes=duty.minutes_per_day - _minutes(kept, rules=rules),
            visits_done=sum(item.is_visit for item in kept),
            areas_on_the_way=areas,
            customers_done=frozenset(
                (item.contact_account or item.account).customer_id for item in kept
            ),
        ),
    )


def _minutes(items: list[Item], *, rules: Rules) -> int:
    areas = {item.area_id for item in items if item.is_visit}
    return sum(item.minutes for item in items) + rules.worth.travel_minutes * len(areas)


def _written(
    *,
    standing: Plan | None,
    kept: list[Item],
    planned: Planned,
    values: dict[str, Any],
    rules: Rules,
) -> Plan:
    fen = planned.choice.benefit_fen
    values |= {
        "minutes_planned": _minutes(kept, rules=rules) + planned.choice.minutes,
        "n_candidates": planned.n_candidates + len(kept),
        "benefit_cny": Decimal(fen) / 100 + sum((i.benefit_cny for i in kept), Decimal(0)),
        "is_proved_optimal": planned.choice.is_proved_optimal,
        "left_out_counts": dict(sorted(Counter(a.why.why for a in planned.left_out).items())),
    }
    values["minutes_available"] = max(values["minutes_available"], values["minutes_planned"])
    if standing is None:
        plan = Plan.objects.create(**values)
    else:
        Plan.objects.filter(pk=standing.pk).update(**values)
        plan = Plan.objects.get(pk=standing.pk)
        Item.objects.filter(plan=plan).exclude(pk__in=[item.pk for item in kept]).delete()
        LeftOut.objects.filter(plan=plan).delete()
    for position, item in enumerate(kept):  # ascending, so that no two ever share a place
        Item.objects.filter(pk=item.pk).update(position=position)
    Item.objects.bulk_create(
        [_item(plan, len(kept) + n, line) for n, line in enumerate(planned.lines)]
    )
    LeftOut.objects.bulk_create(
        [
            LeftOut(
                plan=plan,
                account_id=absent.weighed.proposal.account_id,
                remedy=absent.weighed.proposal.remedy,
                benefit_cny=Decimal(absent.weighed.benefit_fen) / 100,
                minutes=absent.weighed.proposal.minutes,
                why=absent.why.why,
                detail={"code": absent.why.code, "numbers": absent.why.numbers},
            )
            for absent in planned.left_out[: rules.worth.left_out_kept]
        ]
    )
    return plan


def _item(plan: Plan, position: int, line: Weighed) -> Item:
    proposal = line.proposal
    return Item(
        plan=plan,
        position=position,
        account_id=proposal.account_id,
        contact_account_id=proposal.contact_account_id,
        area_id=proposal.area_id,
        remedy=proposal.remedy,
        is_visit=proposal.is_visit,
        minutes=proposal.minutes,
        benefit_cny=Decimal(line.benefit_fen) / 100,
        at_stake_cny=Decimal(line.at_stake_fen) / 100,
        help_probability=line.help_probability,
        reason={"parts": list(proposal.parts)},
    )
