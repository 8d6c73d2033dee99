"""What was escalated: when, to whom, why, how long until somebody took it, and how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Case, Q, QuerySet, Value, When

from lamplighter.action.service import rights
from lamplighter.action.service.escalations.models import Escalation
from lamplighter.action.service.rules import Rules
from lamplighter.kernel.viewer import Viewer

NEW, TAKEN, OVER = "NEW", "TAKEN", "OVER"
IS_OVER = Q(settled_at__isnull=False) | Q(order__closed_at__isnull=False)
IN_STATE = {
    NEW: ~IS_OVER & Q(taken_at__isnull=True),
    TAKEN: ~IS_OVER & Q(taken_at__isnull=False),
    OVER: IS_OVER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationLine:
    """An order that was escalated."""

    escalation_id: int
    number: str  # of the order
    type_code: str
    unit_name: str
    level: int
    post: str
    staff_id: int | None
    staff_name: str  # empty: nobody of this post was there
    cause: str
    code: str
    raised_at: datetime
    taken_at: datetime | None
    taken_by: str
    taken_words: str
    ended_at: datetime | None  # settled, or its order ended
    settled_words: str  # empty: it ended with its order
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How much was escalated in a span, and how soon it was taken."""

    n_raised: int
    n_new: int
    n_open: int  # taken, and not over
    n_never_taken: int  # over before anybody took it
    usual_wait: timedelta | None  # the median until it was taken


def listed(
    *,
    viewer: Viewer,
    rules: Rules,
    since: datetime | None = None,
    state: str = "",
    before_id: int | None = None,
    limit: int,
) -> list[EscalationLine]:
    """Return what was escalated where a person may look, the newest first. One query.

    With *since*, what was raised since then or is not over yet.
    """
    rows = _seen(viewer, rules)
    if since is not None:
        rows = rows.filter(Q(raised_at__gte=since) | ~IS_OVER)
    if state:
        rows = rows.filter(IN_STATE[state])
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return [_line(row) for row in rows.order_by("-pk")[:limit]]


def waiting(*, viewer: Viewer, rules: Rules, limit: int) -> list[EscalationLine]:
    """Return what is not over, a person's own first, then what nobody took, the oldest first.

    One query.
    """
    mine = Case(When(staff_id=viewer.staff_id, then=Value(0)), default=Value(1))
    untaken = Case(When(taken_at__isnull=True, then=Value(0)), default=Value(1))
    rows = _seen(viewer, rules).filter(~IS_OVER)
    return [_line(row) for row in rows.order_by(mine, untaken, "raised_at", "pk")[:limit]]


def tally(*, viewer: Viewer, rules: Rules, since: datetime) -> Tally:
    """Count what was escalated since a moment. One query."""
    rows = [_line(row) for row in _seen(viewer, rules).filter(raised_at__gte=since)]
    waits = [(row.taken_at - row.raised_at).total_seconds() for row in rows if row.taken_at]
    states = [row.state for row in rows]
    return Tally(
        n_raised=len(rows),
        n_new=states.count(NEW),
        n_open=states.count(TAKEN),
        n_never_taken=sum(row.state == OVER and row.taken_at is None for row in rows),
        usual_wait=timedelta(seconds=median(waits)) if waits else None,
    )


def n_mine(*, viewer: Viewer) -> int:
    """Return how many orders were escalated to a person and wait to be taken in hand. One query."""
    return Escalation.objects.filter(
        staff_id=viewer.staff_id, taken_at__isnull=True, order__closed_at__isnull=True
    ).count()


def highest_posts(*, order_ids: Sequence[int]) -> dict[int, str]:
    """Return the highest post each of some orders was escalated to; for who was found to see them.

    One query.
    """
    rows = Escalation.objects.filter(order__in=order_ids).order_by("level")
    return dict(rows.values_list("order_id", "post"))


def _seen(viewer: Viewer, rules: Rules) -> QuerySet[Escalation]:
    orders = rights.seen(viewer=viewer, rules=rules)
    rows = Escalation.objects.filter(order__in=orders.values("pk"))
    return rows.select_related("order__unit", "staff", "taken_by")


def _line(row: Escalation) -> EscalationLine:
    ended_at = row.settled_at or row.order.closed_at
    taken = NEW if row.taken_at is None else TAKEN
    return EscalationLine(
        escalation_id=row.pk,
        number=row.order.number,
        type_code=row.order.type_code,
        unit_name=row.order.unit.name,
        level=row.level,
        post=row.post,
        staff_id=row.staff_id,
        staff_name=row.staff.name if row.staff else "",
        cause=row.cause,
        code=row.code,
        raised_at=row.raised_at,
        taken_at=row.taken_at,
        taken_by=row.taken_by.name if row.taken_by else "",
        taken_words=row.taken_words,
        ended_at=ended_at,
        settled_words=row.settled_words,
        state=taken if ended_at is None else OVER,
    )
