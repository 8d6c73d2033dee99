"""Orders as a person may see them: lists by slack, one order whole, and who asked before."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from psycopg import sql

from lamplighter.action.service import chases, clock, failing, planning, rights
from lamplighter.action.service.histories import Wanted, histories
from lamplighter.action.service.lines import (
    EventFound,
    OrderLine,
    OrderWhole,
    PromiseFound,
    StepFound,
    StepLine,
    WaitFound,
)
from lamplighter.action.service.loading import wholes
from lamplighter.action.service.models import (
    BEGUN,
    READY,
    OrderEvent,
    OrderStep,
    Promise,
    ServiceFailure,
    ServiceOrder,
    Wait,
)
from lamplighter.action.service.rules import Rules
from lamplighter.action.service.whole import Whole
from lamplighter.kernel import sealing
from lamplighter.kernel.viewer import Viewer

RUNNING = Q(ended_at__isnull=True, lapsed_at__isnull=True)


def queue(*, viewer: Viewer, rules: Rules, limit: int, offset: int = 0) -> list[OrderLine]:
    """Return the open orders a person may see, the least slack first; those that wait come last.

    Two queries, four where the list comes to those that wait.
    """
    seen = rights.seen(viewer=viewer, rules=rules).filter(closed_at__isnull=True)
    running = Promise.objects.filter(RUNNING, due_at__isnull=False)
    ids = _by_due(running, seen=seen, most=offset + limit)
    found = lines(ids[offset:])
    if len(ids) < offset + limit:
        first = max(offset - len(ids), 0)
        still = ~Exists(running.filter(order=OuterRef("pk")))
        rows = seen.filter(still).order_by("opened_at", "pk").values_list("pk", flat=True)
        found += lines(list(rows[first : first + limit - len(found)]))
    return found


def my_steps(*, viewer: Viewer, limit: int, offset: int = 0) -> list[StepLine]:
    """Return the open steps that a person has: chased ones, then the first to end. Two queries."""
    return _steps(
        Q(owner_id=viewer.staff_id),
        viewer=None,
        rules=None,
        limit=limit,
        offset=offset,
        first=Exists(chases.unanswered().filter(order=OuterRef("order"))),
    )


def steps_without_owner(
    *, viewer: Viewer, rules: Rules, limit: int, offset: int = 0
) -> list[StepLine]:
    """Return the open steps that nobody has, where a person may look. Two queries."""
    return _steps(Q(owner__isnull=True), viewer=viewer, rules=rules, limit=limit, offset=offset)


def silent_steps(*, viewer: Viewer, rules: Rules, limit: int, offset: int = 0) -> list[StepLine]:
    """Return the steps that were given on as often as may be, and are not begun. Two queries."""
    most = rules.policy.integer("reassign_at_most")
    return _steps(
        Q(state=READY, n_reassigned__gte=most),
        viewer=viewer,
        rules=rules,
        limit=limit,
        offset=offset,
    )


def about_to_miss(
    *, viewer: Viewer, rules: Rules, now: datetime, limit: int, offset: int = 0
) -> list[OrderLine]:
    """Return the open orders with a promise due within the hours that policy says. Two queries."""
    until = now + timedelta(hours=rules.policy.integer("ahead_hours"))
    due = Promise.objects.filter(RUNNING, due_at__gte=now, due_at__lte=until)
    return _with_promises(due, viewer=viewer, rules=rules, limit=limit, offset=offset)


def overdue(
    *, viewer: Viewer, rules: Rules, now: datetime, limit: int, offset: int = 0
) -> list[OrderLine]:
    """Return the open orders with a promise used up and not yet fulfilled. Two queries."""
    late = Promise.objects.filter(RUNNING, due_at__lt=now)
    return _with_promises(late, viewer=viewer, rules=rules, limit=limit, offset=offset)


def missed_numbers(
    *, viewer: Viewer, rules: Rules, at: datetime, since: datetime
) -> frozenset[str]:
    """Return the orders, opened since a moment, that had missed a promise by another moment.

    A promise is missed by the moment it is used up, whether the work was done later or is still
    open. One query.
    """
    is_open = Q(ended_at__isnull=True) | Q(ended_at__gt=at)
    late = Q(missed_at__lt=at) | (is_open & Q(lapsed_at__isnull=True, due_at__lt=at))
    missed = Promise.objects.filter(late)
    seen = rights.seen(viewer=viewer, rules=rules).filter(opened_at__gte=since, opened_at__lte=at)
    found = seen.filter(pk__in=missed.values("order_id"))
    return frozenset(found.values_list("number", flat=True))


def last_happening_at() -> datetime | None:
    """Return when anything last happened to an order; for a demo's clock. One query."""
    last: datetime | None = OrderEvent.objects.aggregate(at=Max("at"))["at"]
    return last


def of_account(*, viewer: Viewer, rules: Rules, account_id: int, limit: int) -> list[OrderLine]:
    """Return the orders of an account, open ones first, then the newest. One query."""
    (found,) = histories([_of_account(account_id, limit)], viewer=viewer, rules=rules)
    return found


def of_customer(*, viewer: Viewer, rules: Rules, customer_id: int, limit: int) -> list[OrderLine]:
    """Return the orders of a customer, open ones first, then the newest. One query."""
    wanted = Wanted(
        of="o.customer_id = %(customer)s", values={"customer": customer_id}, limit=limit
    )
    (found,) = histories([wanted], viewer=viewer, rules=rules)
    return found


def of_phone(
    *, viewer: Viewer, rules: Rules, number: str, field_key: bytes, limit: int
) -> list[OrderLine]:
    """Return the orders that a telephone number (as `phones.normalised`) asked for. One query."""
    index = sealing.blind_index(number, field_key, "phone")
    of = "o.phone_index = %(index)s AND o.phone_index <> ''"
    wanted = Wanted(of=of, values={"index": index}, limit=limit)
    (found,) = histories([wanted], viewer=viewer, rules=rules)
    return found


def open_at_area(
    *, viewer: Viewer, rules: Rules, area_id: int, type_codes: Sequence[str], limit: int
) -> list[OrderLine]:
    """Return the open orders of some types at a station area, likely the same fault. One query."""
    (found,) = histories([_at_area(area_id, type_codes, limit)], viewer=viewer, rules=rules)
    return found


def at_door(
    *,
    viewer: Viewer,
    rules: Rules,
    account_id: int,
    limit: int,
    area_id: int,
    type_codes: Sequence[str],
    limit_of_area: int,
) -> tuple[list[OrderLine], list[OrderLine]]:
    """Return `of_account` and `open_at_area` of its area. One query for both."""
    wanted = [_of_account(account_id, limit), _at_area(area_id, type_codes, limit_of_area)]
    own, near = histories(wanted, viewer=viewer, rules=rules)
    return own, near


def _of_account(account_id: int, limit: int) -> Wanted:
    return Wanted(of="o.account_id = %(account)s", values={"account": account_id}, limit=limit)


def _at_area(area_id: int, type_codes: Sequence[str], limit: int) -> Wanted:
    types = ", ".join(sql.quote(code) for code in type_codes)
    of = f"o.area_id = %(area)s AND o.type_code IN ({types}) AND o.closed_at IS NULL"
    return Wanted(of=of, values={"area": area_id}, limit=limit)


def order(
    *, viewer: Viewer, rules: Rules, number: str, now: datetime, field_key: bytes
) -> OrderWhole | None:
    """Return one order with its timeline and every minute of its clocks; None where not seen.

    Nine queries at most.
    """
    rows = list(lined(rights.seen(viewer=viewer, rules=rules).filter(number=number)))
    if not rows:
        return None
    (row,) = rows
    (whole,) = wholes(orders=[row])
    steps = OrderStep.objects.filter(order=row).select_related("owner")
    events = OrderEvent.objects.filter(order=row).order_by("at", "pk")
    failures = ServiceFailure.objects.filter(order=row).order_by("found_at", "pk")
    joined: list[str] = []
    if row.incident_id is not None:
        others = rights.seen(viewer=viewer, rules=rules).filter(incident_id=row.incident_id)
        joined = list(others.exclude(pk=row.pk).order_by("pk").values_list("number", flat=True))
    return OrderWhole(
        line=line(row),
        process_version=row.process_version,
        round=row.round,
        cases=dict(row.cases),
        is_green=row.is_green,
        words=sealing.unseal(bytes(row.words_sealed), field_key) if row.words_sealed else "",
        place=sealing.unseal(bytes(row.place_sealed), field_key) if row.place_sealed else "",
        finished_at=row.finished_at,
        confirmed_at=row.confirmed_at,
        steps=tuple(_step(step) for step in steps.order_by("round", "position")),
        promises=tuple(
            _promise(promise, whole=whole, rules=rules, now=now)
            for promise in whole.promises.values()
        ),
        waits=tuple(
            WaitFound(
                reason=wait.reason,
                step_code=wait.step_code,
                begins_at=wait.begins_at,
                ends_at=wait.ends_at,
            )
            for wait in whole.waits
        ),
        events=tuple(_event(event) for event in events),
        failures=tuple(failing.failure_found(row) for row in failures),
        joined=tuple(joined),
    )


def open_step_codes(*, viewer: Viewer, rules: Rules, number: str) -> list[str]:
    """Return which steps of an order can be done now, as its process puts them. One query."""
    orders = rights.seen(viewer=viewer, rules=rules).filter(number=number)
    found = OrderStep.objects.filter(order__in=orders, state__in=[READY, BEGUN])
    found = found.filter(round=F("order__round")).order_by("position")
    return list(found.values_list("code", flat=True))


def lined(found: QuerySet[ServiceOrder]) -> QuerySet[ServiceOrder]:
    """Return orders with all that a line needs."""
    due = (
        Promise.objects.filter(RUNNING, order=OuterRef("pk"))
        .order_by()
        .values("order")
        .annotate(first_due_at=Min("due_at"))
        .values("first_due_at")
    )
    reason = Wait.objects.filter(order=OuterRef("pk"), ends_at__isnull=True).values("reason")[:1]
    return found.annotate(next_due_at=Subquery(due), waits_for=Subquery(reason)).select_related(
        "account", "area", "unit", "owner", "incident"
    )


def line(row: ServiceOrder) -> OrderLine:
    return OrderLine(
        order_id=row.pk,
        number=row.number,
        type_code=row.type_code,
        channel=row.channel,
        state=row.state,
        priority=row.priority,
        account_number=row.account.number if row.account else "",
        phone_masked=row.phone_masked,
        area_name=row.area.name if row.area else "",
        unit_name=row.unit.name,
        owner_name=row.owner.name if row.owner else "",
        incident_number=row.incident.number if row.incident else "",
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        due_at=getattr(row, "next_due_at", None),
        waits_for=getattr(row, "waits_for", None) or "",
    )


def _with_promises(
    promises: QuerySet[Promise], *, viewer: Viewer, rules: Rules, limit: int, offset: int
) -> list[OrderLine]:
    seen = rights.seen(viewer=viewer, rules=rules).filter(closed_at__isnull=True)
    return lines(_by_due(promises, seen=seen, most=offset + limit)[offset:])


def _by_due(promises: QuerySet[Promise], *, seen: QuerySet[ServiceOrder], most: int) -> list[int]:
    """Return up to so many orders, the first due first; read along the index of due moments."""
    rows = promises.filter(order__in=seen.values("pk")).order_by("due_at", "order_id")
    n = most
    while True:
        read = list(rows.values_list("order_id", flat=True)[:n])
        ids = list(dict.fromkeys(read))  # an order may have two promises
        if len(ids) >= most or len(read) < n:
            return ids[:most]
        n *= 2


def lines(ids: Sequence[int]) -> list[OrderLine]:
    """Return the lines of orders that a person was found to see, in this order."""
    if not ids:
        return []
    rows = {row.pk: row for row in lined(ServiceOrder.objects.filter(pk__in=ids))}
    return [line(rows[order_id]) for order_id in ids if order_id in rows]


def _steps(
    condition: Q,
    *,
    viewer: Viewer | None,
    rules: Rules | None,
    limit: int,
    offset: int,
    first: Exists | None = None,
) -> list[StepLine]:
    found = OrderStep.objects.filter(condition, state__in=[READY, BEGUN])
    if viewer is not None and rules is not None:
        found = found.filter(order__in=rights.seen(viewer=viewer, rules=rules).values("pk"))
    order = [F("end_by_at").asc(nulls_last=True), F("ready_at").asc(), F("pk").asc()]
    if first is not None:
        found, order = found.alias(is_first=first), [F("is_first").desc(), *order]
    rows = list(found.select_related("owner").order_by(*order)[offset : offset + limit])
    ids = {row.order_id for row in rows}
    orders = {row.pk: line(row) for row in lined(ServiceOrder.objects.filter(pk__in=ids))}
    return [step_line(row, order=orders[row.order_id]) for row in rows]


def step_line(row: OrderStep, *, order: OrderLine) -> StepLine:
    """Return a step, with its owner, as a line of a list of work."""
    return StepLine(
        order=order,
        step_code=row.code,
        state=row.state,
        post=row.post,
        owner_id=row.owner_id,
        owner_name=row.owner.name if row.owner else "",
        begin_by_at=row.begin_by_at,
        end_by_at=row.end_by_at,
        inner_by_at=row.inner_by_at,
        ready_at=row.ready_at,
        assigned_at=row.assigned_at,
        n_reassigned=row.n_reassigned,
    )


def _step(row: OrderStep) -> StepFound:
    return StepFound(
        code=row.code,
        round=row.round,
        state=row.state,
        post=row.post,
        owner_id=row.owner_id,
        owner_name=row.owner.name if row.owner else "",
        begin_by_at=row.begin_by_at,
        end_by_at=row.end_by_at,
        inner_by_at=row.inner_by_at,
        ready_at=row.ready_at,
        begun_at=row.begun_at,
        done_at=row.done_at,
        answer=row.answer,
    )


def _promise(row: Promise, *, whole: Whole, rules: Rules, now: datetime) -> PromiseFound:
    of = planning.clock_of(promise=row, whole=whole, axes=rules.axes)
    until = min(now, row.lapsed_at or now)
    return PromiseFound(
        code=row.code,
        is_outward=row.is_outward,
        calendar_code=row.calendar_code,
        allowed=row.allowed,
        used=clock.used(of, at=min(until, row.ended_at or until)) if of else None,
        left=clock.left(of, at=min(until, row.ended_at or until)) if of else None,
        starts_at=row.starts_at,
        due_at=row.due_at,
        is_provisional=row.is_provisional,
        warned_at=row.warned_at,
        missed_at=row.missed_at,
        ended_at=row.ended_at,
        lapsed_at=row.lapsed_at,
        minutes=tuple(clock.explained(of, at=until)) if of else (),
    )


def _event(row: OrderEvent) -> EventFound:
    return EventFound(
        kind=row.kind,
        at=row.at,
        actor=row.actor,
        step_code=row.step_code,
        detail=dict(row.detail),
        reason=row.reason,
        is_outward=row.is_outward,
    )
