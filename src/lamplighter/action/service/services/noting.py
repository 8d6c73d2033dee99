"""What else is put on record: absences, failures of service, and orders of one incident."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from lamplighter.action.service import errors, moves, rights
from lamplighter.action.service.models import (
    FAILURE_LEVELS,
    Absence,
    Incident,
    ServiceFailure,
    ServiceOrder,
)
from lamplighter.action.service.rules import Rules, short
from lamplighter.action.service.services import storing
from lamplighter.action.service.services.moving import Asking, move
from lamplighter.action.service.whole import Whole
from lamplighter.facts.network import posts as network
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import services as ledger

GRAVEST = 3
METHOD_AT_MOST = 200


def record_absence(
    *,
    viewer: Viewer,
    staff_id: int,
    begins_at: datetime,
    ends_at: datetime,
    now: datetime,
    rules: Rules,
) -> int:
    """Record that a person is away; the next sweep gives their open steps to others.

    The same absence recorded twice is one.

    Raises
    ------
    errors.NotAllowed
        It is another person's, and the viewer may not do others' work.
    errors.StaffUnknown, errors.AbsenceImpossible
        See there.
    """
    if viewer.staff_id != staff_id:
        rules.check_role(viewer, "may_do_for_others")
    if not network.is_colleague(viewer=viewer, staff_id=staff_id):
        raise errors.StaffUnknown(str(staff_id))
    with transaction.atomic(), storing.named_refusals(f"staff {staff_id}"):
        absence, is_new = Absence.objects.get_or_create(
            staff_id=staff_id,
            begins_at=begins_at,
            ends_at=ends_at,
            defaults={"recorded_at": now, "recorded_by": viewer.actor},
        )
        if is_new:
            ledger.record(
                "service.absence.recorded",
                subject=f"staff:{staff_id}",
                actor=viewer.actor,
                at=now,
                begins_at=begins_at.isoformat(),
                ends_at=ends_at.isoformat(),
            )
    return absence.pk


def note_failure(
    asking: Asking,
    *,
    level: str,
    content: str,
    method: str,
    step_code: str = "",
    staff_id: int | None = None,
    economic_cny: Decimal = Decimal(0),
    political: int = 0,
    reputation: int = 0,
    honour: int = 0,
    remedy: str = "",
) -> None:
    """Record a failure of service at its level, with its four losses (S3-18).

    Parameters
    ----------
    asking
        Who notes it, of which order.
    level
        ERROR, OBSTACLE or ACCIDENT.
    content, method
        What failed, and how it was assessed.
    step_code, staff_id
        Where, and whose it is; may stay open.
    economic_cny
        Loss in money. [CNY]
    political, reputation, honour
        Loss from 0, none, to 3, grave.
    remedy
        What is done so that it does not happen again.

    Raises
    ------
    errors.FailureUnknown
        No such level, or a loss out of range.
    errors.ReasonMissing, errors.StaffUnknown, errors.StepUnknown, errors.OrderUnknown
        See there.
    errors.NotAllowed, errors.KeyReused
        See there.
    """
    asking.rules.check_role(asking.viewer, "may_note_failure")
    said, done = asking.rules.checked_reason(content), short(remedy)
    method = short(method, at_most=METHOD_AT_MOST)
    losses = (political, reputation, honour)
    in_range = all(0 <= loss <= GRAVEST for loss in losses) and economic_cny >= 0
    if level not in FAILURE_LEVELS or not in_range:
        raise errors.FailureUnknown(f"{level} {economic_cny} {losses}")
    if staff_id is not None and not network.is_colleague(viewer=asking.viewer, staff_id=staff_id):
        raise errors.StaffUnknown(str(staff_id))

    def change(whole: Whole) -> None:
        unit_id = whole.step(step_code).unit_id if step_code else whole.order.unit_id
        whole.failures.append(
            ServiceFailure(
                order_id=whole.order.pk,
                code="",
                level=level,
                step_code=step_code,
                unit_id=unit_id,
                staff_id=staff_id,
                content=said,
                method=method,
                economic_cny=economic_cny,
                political=political,
                reputation=reputation,
                honour=honour,
                found_at=asking.now,
                found_by=asking.viewer.actor,
                remedy=done,
                weighed_at=asking.now,
                weighed_by=asking.viewer.actor,
            )
        )

    move(asking, kind="FAILED", step_code=step_code, change=change, level=level)


def join_incident(asking: Asking, *, with_number: str = "", incident_number: str = "") -> None:
    """Let an order share the incident of another order, or of an incident's number.

    An order that has none yet begins one. Whoever holds the lower number is locked first.

    Raises
    ------
    errors.IncidentUnknown
        No such incident or other order where the viewer may look, or it is over.
    errors.OrderUnknown, errors.OrderIsClosed, errors.NotAllowed, errors.KeyReused
        See there.
    """
    asking.rules.check_role(asking.viewer, "may_change")
    with transaction.atomic():
        incident_id = _incident(asking, with_number=with_number, number=incident_number)

        def change(whole: Whole) -> None:
            moves.check_open(whole, at=asking.now)
            whole.order.incident_id = incident_id

        move(asking, kind="JOINED", change=change, is_outward=True, incident_id=incident_id)


def _incident(asking: Asking, *, with_number: str, number: str) -> int:
    if number:
        units = network.units_around(viewer=asking.viewer)
        open_ = Incident.objects.select_for_update(no_key=True).filter(closed_at__isnull=True)
        found = open_.filter(number=number, unit__in=units)
        known = found.order_by("pk").values_list("pk", flat=True).first()
        if known is None:
            raise errors.IncidentUnknown(number)
        return known
    pair = (
        rights.seen(viewer=asking.viewer, rules=asking.rules)
        .filter(number__in=[with_number, asking.number])
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    other = next((order for order in pair if order.number == with_number), None)
    if other is None or with_number == asking.number or other.closed_at is not None:
        raise errors.IncidentUnknown(with_number)
    if other.incident_id is not None:  # read after the locks: who ends it took them, too
        if not Incident.objects.filter(pk=other.incident_id, closed_at__isnull=True).exists():
            raise errors.IncidentUnknown(with_number)
        return other.incident_id
    incident = Incident.objects.create(
        number=f"I{other.number}",
        type_code=other.type_code,
        unit_id=other.unit_id,
        area_id=other.area_id,
        opened_at=other.opened_at,
        cause="",
        closed_by="",
    )
    ServiceOrder.objects.filter(pk=other.pk).update(incident=incident)
    return incident.pk
