"""Pages of orders and steps for programs: each begins where the one before it ended.

Rows are kept apart by their own number, the newest first, so that whatever is added meanwhile
stands before the first page: none that was there is lost or told twice.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from lamplighter.action.service import queries, rights
from lamplighter.action.service.lines import OrderLine, StepLine
from lamplighter.action.service.models import BEGUN, READY, OrderStep
from lamplighter.action.service.rules import Rules
from lamplighter.kernel.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which orders are asked for; what is empty asks for nothing."""

    state: str = ""
    type_code: str = ""
    account_number: str = ""
    opened_from_at: datetime | None = None
    opened_before_at: datetime | None = None
    is_open: bool | None = None


def orders(
    *, viewer: Viewer, rules: Rules, wanted: Wanted, before_id: int | None, limit: int
) -> list[OrderLine]:
    """Return the newest orders a person may see, below a number. Two queries."""
    condition = Q()
    if before_id is not None:
        condition &= Q(pk__lt=before_id)
    if wanted.state:
        condition &= Q(state=wanted.state)
    if wanted.type_code:
        condition &= Q(type_code=wanted.type_code)
    if wanted.account_number:
        condition &= Q(account__number=wanted.account_number)
    if wanted.opened_from_at is not None:
        condition &= Q(opened_at__gte=wanted.opened_from_at)
    if wanted.opened_before_at is not None:
        condition &= Q(opened_at__lt=wanted.opened_before_at)
    if wanted.is_open is not None:
        condition &= Q(closed_at__isnull=wanted.is_open)
    seen = rights.seen(viewer=viewer, rules=rules).filter(condition)
    return queries.lines(list(seen.order_by("-pk").values_list("pk", flat=True)[:limit]))


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFound:
    """An open step, with the number by which pages go on."""

    step_id: int
    step: StepLine


def open_steps(
    *, viewer: Viewer, rules: Rules, whose: str, before_id: int | None, limit: int
) -> list[StepFound]:
    """Return the newest open steps: MINE, NOBODYS or ALL that a person may see. Two queries."""
    condition = Q(state__in=[READY, BEGUN])
    if before_id is not None:
        condition &= Q(pk__lt=before_id)
    if whose == "MINE":
        condition &= Q(owner_id=viewer.staff_id)
    elif whose == "NOBODYS":
        condition &= Q(owner__isnull=True)
    seen = rights.seen(viewer=viewer, rules=rules)
    found = OrderStep.objects.filter(condition, order__in=seen.values("pk"))
    rows = list(found.select_related("owner").order_by("-pk")[:limit])
    by_id = {line.order_id: line for line in queries.lines([row.order_id for row in rows])}
    return [
        StepFound(step_id=row.pk, step=queries.step_line(row, order=by_id[row.order_id]))
        for row in rows
    ]
