"""The end of an incident: with its orders, or by hand, which answers all of them.

An incident is locked without its key: whoever joins it holds their order and points at it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q

from lamplighter.action.service import errors, moves
from lamplighter.action.service.assigning import Assigner
from lamplighter.action.service.models import Incident, ServiceOrder
from lamplighter.action.service.rules import Rules
from lamplighter.action.service.services import giving, storing
from lamplighter.action.service.whole import Whole
from lamplighter.facts.network import posts as network
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import services as ledger
from lamplighter.policy.processes import flow

ENDED = "service.incident.ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """Supply is back: since when, why it was off as the customers are told, and who says so."""

    restored_at: datetime
    cause: str
    viewer: Viewer
    now: datetime
    rules: Rules


def close_incident(
    *,
    viewer: Viewer,
    number: str,
    cause: str,
    restored_at: datetime,
    now: datetime,
    rules: Rules,
) -> int:
    """End an incident: its cause and when supply was back; return how many orders that answers.

    Each open order of it has its work done at that moment, or when it could first be; its customer
    is told the cause and is still asked whether it is so. Ended twice, the second time is refused.

    Raises
    ------
    errors.IncidentUnknown
        There is no such incident where the viewer may look, or it is over.
    errors.NotAllowed, errors.ReasonMissing
        See there.
    errors.EndsWithItsOutage
        It began with an outage: whoever ends that one ends both.
    errors.MomentGoesBack
        Supply was back before the incident, or is only later.
    """
    rules.check_role(viewer, "may_do_for_others")
    said = rules.checked_reason(cause)
    with transaction.atomic():
        units = network.units_seen_by(viewer=viewer)
        incident = _open_incident(Q(number=number, unit__in=units))
        if incident is None:
            raise errors.IncidentUnknown(number)
        if incident.has_outage:
            raise errors.EndsWithItsOutage(number)
        if not incident.opened_at <= restored_at <= now:
            raise errors.MomentGoesBack(f"{number} {restored_at.isoformat()}")
        back = Back(restored_at=restored_at, cause=said, viewer=viewer, now=now, rules=rules)
        return _end(incident, back)


def end_with_outage(*, incident_id: int, back: Back, is_left_to_crew: bool) -> int:
    """End the incident of an outage that is over, and answer its orders; return how many.

    Within the transaction of the outage's end. An incident that is over answers nobody again.
    """
    incident = _open_incident(Q(pk=incident_id))
    return _end(incident, back, is_left_to_crew=is_left_to_crew) if incident is not None else 0


def _open_incident(which: Q) -> Incident | None:
    open_ = Incident.objects.select_for_update(no_key=True).filter(closed_at__isnull=True)
    return open_.filter(which).order_by("pk").first()


def _end(incident: Incident, back: Back, *, is_left_to_crew: bool = False) -> int:
    found = _locked(incident)
    before = storing.snapshot(found)
    for whole in found:
        _mend(whole, back, is_left_to_crew=is_left_to_crew)
    if found:
        storing.save(found, before=before)
    Incident.objects.filter(pk=incident.pk).update(
        closed_at=back.now,
        restored_at=back.restored_at,
        cause=back.cause,
        closed_by=back.viewer.actor,
    )
    ledger.record(
        ENDED,
        subject=f"incident:{incident.pk}",
        actor=back.viewer.actor,
        at=back.now,
        number=incident.number,
        restored_at=back.restored_at.isoformat(),
        order_ids=[whole.order.pk for whole in found],
    )
    return len(found)


def end_incidents(*, now: datetime, actor: str) -> int:
    """End the incidents of which every order has ended; return how many.

    What an outage began goes on with the outage: others may still report it.
    Run twice or beside itself, each ends once, at the moment its last order did.
    """
    open_orders = ServiceOrder.objects.filter(incident=OuterRef("pk"), closed_at__isnull=True)
    orders = ServiceOrder.objects.filter(incident=OuterRef("pk"))
    with transaction.atomic():
        rows = Incident.objects.select_for_update(skip_locked=True, no_key=True).filter(
            Exists(orders), ~Exists(open_orders), closed_at__isnull=True, has_outage=False
        )
        ids = [incident.pk for incident in rows.order_by("pk")]
        if not ids:
            return 0
        ends = dict(
            ServiceOrder.objects.filter(incident__in=ids)
            .order_by()
            .values_list("incident_id")
            .annotate(last_at=Max("closed_at"))
        )
        columns: dict[str, Sequence[Any]] = {
            "closed_at": [ends[pk] for pk in ids],
            "closed_by": [moves.CLOCK] * len(ids),
        }
        storing.update_rows(Incident, ids=ids, columns=columns)
        for pk in ids:
            ledger.record(ENDED, subject=f"incident:{pk}", actor=actor, at=now, order_ids=[])
    return len(ids)


def _locked(incident: Incident) -> list[Whole]:
    """Lock the open orders of a locked incident.

    Whoever joins it by an order waits for that order; so after the first locks none comes to it.
    """
    found: dict[int, Whole] = {}
    for _ in range(2):
        ids = _open_ids(incident)
        fresh = [pk for pk in ids if pk not in found]
        found |= {whole.order.pk: whole for whole in storing.locked(order_ids=fresh)}
    return [whole for whole in found.values() if whole.order.closed_at is None]


def _open_ids(incident: Incident) -> Sequence[int]:
    rows = ServiceOrder.objects.filter(incident=incident.pk, closed_at__isnull=True)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _mend(whole: Whole, back: Back, *, is_left_to_crew: bool) -> None:
    """Do what is left of an order's work, by first answers, up to where its customer is asked.

    What is left to the crew ends before the last step that has a form: they measure and confirm.
    """
    until = {way.step for way in whole.process.confirmations}
    if is_left_to_crew:
        until |= _confirmed_by_crew(whole, until)
    wait = whole.open_wait()
    if wait is not None and whole.order.finished_at is None:
        moves.end_wait(whole, at=max(back.restored_at, wait.begins_at))
    ends = [wait.ends_at for wait in whole.waits if wait.ends_at is not None]
    at = max([back.restored_at, whole.order.opened_at, *ends])
    while ours := _ours(whole, until):
        step = whole.steps[ours[0]]
        at = max(at, step.begun_at or step.ready_at or at)
        answer = flow.answers(whole.process.step(step.code))[0]
        moves.complete(whole, step_code=step.code, answer=answer, at=at, terms=back.rules.terms)
    unit_id = whole.order.unit_id
    giving.give(
        whole,
        unit_path=network.paths_of_units(unit_ids=[unit_id])[unit_id],
        assigner=Assigner(rules=back.rules, at=back.now),
        at=back.now,
    )
    whole.tell(
        "RESTORED",
        at=back.now,
        actor=back.viewer.actor,
        reason=back.cause,
        is_outward=True,
        restored_at=back.restored_at.isoformat(),
    )


def _confirmed_by_crew(whole: Whole, asks: set[str]) -> set[str]:
    """Return the steps with a form that the question to the customer follows."""
    before = {way.step for code in asks for way in whole.process.step(code).follows}
    return {code for code in before if whole.process.step(code).fields}


def _ours(whole: Whole, until: set[str]) -> list[str]:
    if whole.order.finished_at is not None:
        return []
    return [
        step.code
        for step in whole.open_steps()
        if step.code not in until and whole.process.step(step.code).when is not None
    ]
