"""Recording what happened at a door, in one tap."""

from datetime import date, datetime

from django.db import transaction

from lamplighter.action.worklist.models import OUTCOMES, Item, Outcome
from lamplighter.facts.network import duties as network
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import services as ledger


class ItemUnknown(LookupError):
    """There is no such line."""


class NotYourItem(PermissionError):
    """The line belongs to somebody else's day."""


class OutcomeUnknown(ValueError):
    """Nothing that can come of a line is called so."""


class PromiseNeedsADay(ValueError):
    """A promise names the day it is for, not before the day of the line; nothing else does."""


def record_outcome(
    *,
    viewer: Viewer,
    item_id: int,
    outcome: str,
    promised_date: date | None,
    note: str,
    now: datetime,
    request_key: str = "",
) -> int:
    """Record what happened and return the id of the record.

    A correction is a further record; the earlier one is kept as superseded. The same tap twice
    (the same *request_key*, or the same content as what stands) changes nothing.

    Raises
    ------
    ItemUnknown
        There is no such line.
    NotYourItem
        The viewer is neither the line's owner nor the head of their station.
    OutcomeUnknown
        The outcome is none we know.
    PromiseNeedsADay
        PROMISED without a day or with one that is past, or a day with another outcome.
    """
    if outcome not in OUTCOMES:
        raise OutcomeUnknown(outcome)
    with transaction.atomic():
        item = _locked(viewer=viewer, item_id=item_id)
        if (outcome == "PROMISED") != (promised_date is not None):
            raise PromiseNeedsADay(f"{outcome}, {promised_date}")
        if promised_date is not None and promised_date < item.plan.day:
            raise PromiseNeedsADay(f"{promised_date} before {item.plan.day}")
        earlier = _same_tap(item=item, request_key=request_key)
        if earlier is not None:
            return earlier
        standing = _standing(item)
        said = (outcome, promised_date, note)
        if standing is not None:
            if said == (standing.outcome, standing.promised_date, standing.note):
                return standing.pk
            Outcome.objects.filter(pk=standing.pk).update(superseded_at=now)
        record = Outcome.objects.create(
            item=item,
            outcome=outcome,
            promised_date=promised_date,
            note=note,
            recorded_at=now,
            recorded_by=viewer.actor,
            request_key=request_key,
        )
        _tell(
            "worklist.outcome.recorded",
            item=item,
            viewer=viewer,
            now=now,
            outcome=outcome,
            promised_date=promised_date.isoformat() if promised_date else None,
            corrects=standing.outcome if standing is not None else None,
        )
    return record.pk


def withdraw_outcome(*, viewer: Viewer, item_id: int, now: datetime) -> None:
    """Take back what was recorded, as if the line were still to be done; nothing is erased.

    Raises
    ------
    ItemUnknown
        There is no such line.
    NotYourItem
        The viewer is neither the line's owner nor the head of their station.
    """
    with transaction.atomic():
        item = _locked(viewer=viewer, item_id=item_id)
        standing = _standing(item)
        if standing is None:
            return
        Outcome.objects.filter(pk=standing.pk).update(superseded_at=now)
        _tell(
            "worklist.outcome.withdrawn",
            item=item,
            viewer=viewer,
            now=now,
            outcome=standing.outcome,
        )


def _locked(*, viewer: Viewer, item_id: int) -> Item:
    locked = Item.objects.select_for_update(of=("self",)).select_related("plan")
    item = locked.filter(pk=item_id).order_by("pk").first()
    if item is None:
        raise ItemUnknown(str(item_id))
    if not network.may_act_for(viewer=viewer, staff_id=item.plan.staff_id):
        raise NotYourItem(str(item_id))
    return item


def _same_tap(*, item: Item, request_key: str) -> int | None:
    if not request_key:
        return None
    taps = Outcome.objects.filter(item=item, request_key=request_key).order_by("pk")
    return taps.values_list("pk", flat=True).first()


def _standing(item: Item) -> Outcome | None:
    return Outcome.objects.filter(item=item, superseded_at__isnull=True).order_by("pk").first()


def _tell(name: str, *, item: Item, viewer: Viewer, now: datetime, **payload: str | None) -> None:
    ledger.record(
        name,
        subject=f"account:{item.account_id}",
        actor=viewer.actor,
        at=now,
        account_id=item.account_id,
        item_id=item.pk,
        plan_id=item.plan_id,
        staff_id=item.plan.staff_id,
        day=item.plan.day.isoformat(),
        remedy=item.remedy,
        is_visit=item.is_visit,
        **payload,
    )
