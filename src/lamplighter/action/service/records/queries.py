"""What the forms of an order hold, and which days an account has had already."""

import json
from dataclasses import dataclass
from datetime import datetime

from lamplighter.action.service import errors, rights
from lamplighter.action.service.models import CANCELLED, ServiceOrder
from lamplighter.action.service.records.models import StepRecord
from lamplighter.action.service.rules import Rules
from lamplighter.kernel import sealing
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy.processes import catalogue
from lamplighter.policy.processes.shapes import Step
from lamplighter.policy.processes.terms import Days


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFound:
    """The form of a step that was done."""

    step_code: str
    round: int
    values: dict[str, str]  # field → value as `filling` keeps it; empty once it was erased
    recorded_at: datetime


def of_order(
    *, viewer: Viewer, rules: Rules, number: str, field_key: bytes
) -> dict[tuple[int, str], RecordFound]:
    """Return the newest form of each step of an order, by round and step. Two queries.

    Raises
    ------
    errors.OrderUnknown
        There is no such order where the viewer may look.
    """
    order_id, _ = rights.stand(viewer=viewer, rules=rules, number=number)
    rows = StepRecord.objects.filter(order_id=order_id).order_by("recorded_at", "pk")
    return {
        (row.round, row.step_code): RecordFound(
            step_code=row.step_code,
            round=row.round,
            values=json.loads(sealing.unseal(bytes(row.values_sealed), field_key))
            if row.values_sealed
            else {},
            recorded_at=row.recorded_at,
        )
        for row in rows
    }


def together(*, order_id: int) -> list[int]:
    """Return the orders whose days count together: those of one account and type, with this one.

    Only where its process lets an account have so many days; else the order alone. One query,
    two where there are such days.
    """
    order = ServiceOrder.objects.get(pk=order_id)
    process = catalogue.by_version(version=order.process_version)
    if order.account_id is None or not any(step.term for step in process.steps):
        return [order_id]
    same = ServiceOrder.objects.filter(account_id=order.account_id, type_code=order.type_code)
    return list(same.order_by("pk").values_list("pk", flat=True))


def days_had(*, viewer: Viewer, rules: Rules, number: str, step: Step) -> list[Days]:
    """Return the days that the account of an order has had by other orders of its type.

    Two queries.

    Raises
    ------
    errors.OrderUnknown
        There is no such order where the viewer may look.
    """
    order = rights.seen(viewer=viewer, rules=rules).filter(number=number).order_by("pk").first()
    if order is None:
        raise errors.OrderUnknown(number)
    return earlier_terms(order=order, step=step)


def earlier_terms(*, order: ServiceOrder, step: Step) -> list[Days]:
    """Return the days that other orders of the same type gave the account. One query.

    An order that was taken back gave none; of a step that was done twice the last time counts.
    """
    if order.account_id is None or step.term is None:
        return []
    answer = step.term.answer
    rows = StepRecord.objects.filter(
        account_id=order.account_id,
        order__type_code=order.type_code,
        step_code=step.code,
        first_date__isnull=False,
    ).exclude(order__state=CANCELLED)
    others = rows.exclude(order_id=order.pk).order_by("recorded_at", "pk")
    last = {row.order_id: row for row in others}
    return [
        (row.first_date, row.until_date)
        for row in last.values()
        if row.answer == answer and row.first_date and row.until_date
    ]
