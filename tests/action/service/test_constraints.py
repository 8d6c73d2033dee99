"""What the tables themselves hold, each promise seen to be broken, and the error a caller gets."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from lamplighter.action.service import errors
from lamplighter.action.service.models import (
    Absence,
    Incident,
    OrderEvent,
    OrderStep,
    Promise,
    ServiceFailure,
    ServiceOrder,
    Wait,
)
from lamplighter.action.service.services import storing
from lamplighter.ledger import services as ledger
from tests.action.service import making as m

pytestmark = pytest.mark.django_db


def an_order():
    station = m.make_station()
    return station, m.open_one(station, request_key="one")


def changed(model, **values):
    def attempt(_, order):
        found = model.objects.filter(pk=order.pk if model is ServiceOrder else None)
        rows = found if model is ServiceOrder else model.objects.filter(order=order)
        pk = rows.order_by("pk").values_list("pk", flat=True)[0]
        model.objects.filter(pk=pk).update(**values)

    return attempt


def again(model, **values):
    """Write a row that stands already a second time, changed a little."""

    def attempt(_, order):
        row = model.objects.filter(
            **({"pk": order.pk} if model is ServiceOrder else {"order": order})
        ).order_by("pk")[0]
        row.pk = None
        for name, value in values.items():
            setattr(row, name, value)
        model.objects.bulk_create([row])

    return attempt


def waiting(*spans):
    def attempt(_, order):
        for begins, ends in spans:
            Wait.objects.create(
                order=order,
                reason="ACCESS",
                step_code="",
                begins_at=m.later(begins),
                ends_at=None if ends is None else m.later(ends),
            )

    return attempt


def failing(n=1, **values):
    def attempt(station, order):
        said = {
            "code": "LATE", "level": "ERROR", "step_code": "", "unit": station.unit,
            "content": "迟到", "method": "", "economic_cny": 0, "political": 0, "reputation": 0,
            "honour": 0, "found_at": m.NOON, "found_by": "test",
        }  # fmt: skip
        for _ in range(n):
            ServiceFailure.objects.create(order=order, **said | values)

    return attempt


def telling(n=1, **values):
    def attempt(_, order):
        said = {
            "kind": "CHASED", "at": m.NOON, "actor": "", "step_code": "", "detail": {},
            "reason": "", "is_outward": False, "request_key": "k",
        }  # fmt: skip
        for _ in range(n):
            OrderEvent.objects.create(order=order, **said | values)

    return attempt


def being_away(station, _):
    Absence.objects.create(
        staff=station.staff["CREW"], begins_at=m.NOON, ends_at=m.NOON, recorded_at=m.NOON,
        recorded_by="test",
    )  # fmt: skip


def an_incident(**values):
    def attempt(station, _):
        Incident.objects.create(
            number="I1", type_code="FAULT_REPAIR", unit=station.unit, opened_at=m.NOON, **values
        )

    return attempt


def ended_before_it_started(_, order):
    promise = Promise.objects.get(order=order, code="ARRIVAL")
    Promise.objects.filter(pk=promise.pk).update(ended_at=promise.starts_at - timedelta(1))


BROKEN = {
    "order_channel_known": changed(ServiceOrder, channel="PIGEON"),
    "order_priority_known": changed(ServiceOrder, priority="MAX"),
    "order_state_known": changed(ServiceOrder, state="LOST"),
    "order_closed_as_its_state_says": changed(ServiceOrder, state="CLOSED"),
    "order_closes_after_it_opens": changed(
        ServiceOrder, state="CLOSED", closed_at=m.later(-1)
    ),
    "order_confirmed_when_closed": changed(ServiceOrder, confirmed_at=m.NOON),
    "order_words_expire": changed(ServiceOrder, words_expire_date=None),
    "order_aim_within_promise": changed(ServiceOrder, aim_ratio=1.5),
    "order_one_per_request": again(ServiceOrder, number="another"),
    "step_once_a_round": again(OrderStep),
    "step_state_known": changed(OrderStep, state="LOST"),
    "step_done_as_its_state_says": changed(OrderStep, done_at=m.NOON),
    "step_ends_after_it_begins": changed(
        OrderStep, state="DONE", begun_at=m.NOON, done_at=m.later(-1)
    ),
    "step_owned_since_a_moment": changed(OrderStep, assigned_at=None),
    "wait_reason_known": lambda _, order: Wait.objects.create(
        order=order, reason="TRAFFIC", step_code="", begins_at=m.NOON
    ),
    "wait_ends_after_it_begins": waiting((5, 4)),
    "wait_one_open": waiting((9, None), (9, None)),
    "wait_one_at_a_time": waiting((0, 9), (8, 12)),
    "promise_once_a_round": again(Promise),
    "promise_is_an_amount_or_a_moment": changed(Promise, given_at=m.NOON),
    "promise_ends_after_it_starts": ended_before_it_started,
    "order_event_kind_known": telling(kind="DREAMT"),
    "order_event_one_per_request": telling(2),
    "failure_level_known": failing(level="SHAME"),
    "failure_losses_weighed": failing(honour=4),
    "failure_once_by_rule": failing(2),
    "failure_weighed_after_it_was_found": failing(weighed_at=m.later(-1)),
    "absence_ends_after_it_begins": being_away,
    "incident_ends_after_it_begins": an_incident(closed_at=m.later(-1)),
    "incident_restored_before_it_ends": an_incident(
        closed_at=m.later(5), restored_at=m.later(6)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_the_table_refuses(name):
    station, order = an_order()

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        BROKEN[name](station, order)

    assert ledger.violates(refused.value, name)


@pytest.mark.parametrize("name", BROKEN)
def test_a_caller_learns_what_was_wrong_by_an_error_of_its_own(name):
    station, order = an_order()
    expected = storing.REFUSALS.get(name, errors.ChangedMeanwhile)

    with pytest.raises(expected), transaction.atomic(), storing.named_refusals(order.number):
        BROKEN[name](station, order)


def test_each_promise_of_the_tables_is_here():
    tables = apps.get_app_config("service").get_models()
    said = {constraint.name for table in tables for constraint in table._meta.constraints}

    assert said == set(BROKEN)
    assert set(storing.REFUSALS) <= said
