"""The work of both sides of a replay, for the people who may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q

from lamplighter.action.worklist import wording
from lamplighter.action.worklist.models import WorkBeside, WorkBesideLine
from lamplighter.action.worklist.rules import Rules
from lamplighter.facts.network import duties as network
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import queries as ledger
from lamplighter.policy.loader import Words

COMPARED = "worklist.replay.compared"
LATEST_TOLD = 20  # of what the ledger tells of one replay; the comparison stands near its end
NOTHING = Words(zh="没有需要联系的事由", en="Nothing speaks for a contact")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDay:
    """One manager's day under both sides."""

    beside_id: int
    staff_id: int
    name: str
    day: date
    is_partial: bool
    n_before: int
    n_after: int
    minutes_before: int
    minutes_after: int
    benefit_before_cny: Decimal
    benefit_after_cny: Decimal
    n_on: int  # doors that come on
    n_off: int  # doors that drop off
    n_other: int  # doors with another remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class LineBeside:
    """A door that one side's plan has and the other's has not, or has with another remedy."""

    account_id: int
    staff_id: int
    day: date
    remedy_before: str
    remedy_after: str
    why_before: Words
    why_after: Words


def person_days(*, viewer: Viewer, on: date, replay_id: int) -> list[PersonDay]:
    """Return each manager's days, by day and number, of those whose work the viewer sees today."""
    duties = {duty.staff_id: duty for duty in network.duties_seen_by(viewer=viewer, on=on)}
    rows = (
        WorkBeside.objects.filter(replay_id=replay_id, staff__in=duties)
        .annotate(
            n_on=Count("lines", filter=Q(lines__remedy_before="")),
            n_off=Count("lines", filter=Q(lines__remedy_after="")),
            n_lines=Count("lines"),
        )
        .order_by("day", "staff__number")
    )
    return [
        PersonDay(
            beside_id=row.pk,
            staff_id=row.staff_id,
            name=duties[row.staff_id].name,
            day=row.day,
            is_partial=row.is_partial,
            n_before=row.n_before,
            n_after=row.n_after,
            minutes_before=row.minutes_before,
            minutes_after=row.minutes_after,
            benefit_before_cny=row.benefit_before_cny,
            benefit_after_cny=row.benefit_after_cny,
            n_on=row.n_on,
            n_off=row.n_off,
            n_other=row.n_lines - row.n_on - row.n_off,
        )
        for row in rows
    ]


def lines(
    *,
    viewer: Viewer,
    on: date,
    replay_id: int,
    rules: Rules,
    limit: int,
    offset: int = 0,
    day: date | None = None,
    account_ids: Sequence[int] | None = None,
) -> list[LineBeside]:
    """Return the doors that differ, by day, person and account, with why on either side."""
    seen = [duty.staff_id for duty in network.duties_seen_by(viewer=viewer, on=on)]
    rows = WorkBesideLine.objects.filter(beside__replay_id=replay_id, beside__staff__in=seen)
    if day is not None:
        rows = rows.filter(beside__day=day)
    if account_ids is not None:
        rows = rows.filter(account__in=account_ids)
    ordered = rows.order_by("beside__day", "beside__staff__number", "account_id")
    return [
        LineBeside(
            account_id=row["account_id"],
            staff_id=row["staff_id"],
            day=row["day"],
            remedy_before=row["remedy_before"],
            remedy_after=row["remedy_after"],
            why_before=_why(row["why_before"], rules=rules),
            why_after=_why(row["why_after"], rules=rules),
        )
        for row in ordered.values(
            *("account_id", "remedy_before", "remedy_after", "why_before", "why_after"),
            staff_id=F("beside__staff_id"),
            day=F("beside__day"),
        )[offset : offset + limit]
    ]


def is_compared(*, replay_id: int) -> bool:
    """Tell whether all days of a replay have been planned for both sides."""
    return any(
        told.name == COMPARED
        for told in ledger.about(subject=f"replay:{replay_id}", limit=LATEST_TOLD)
    )


def _why(why: dict[str, Any], *, rules: Rules) -> Words:
    if "parts" in why:
        return wording.reason(policy=rules.wording, parts=why["parts"])
    if "code" in why:
        return wording.left_out(policy=rules.wording, detail=why)
    return NOTHING
