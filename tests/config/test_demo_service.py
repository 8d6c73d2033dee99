"""The demo opens with a living service centre: every type, every state, once."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from lamplighter.action.service.escalations.models import Escalation
from lamplighter.action.service.knowledge.models import Article
from lamplighter.action.service.models import (
    Incident,
    OrderEvent,
    Promise,
    ServiceOrder,
    Wait,
)
from lamplighter.action.service.records import services as records
from lamplighter.action.service.records.models import StepRecord
from lamplighter.config import demo_past, demo_service
from lamplighter.policy.processes import catalogue, codes
from tests import factories as f
from tests.action.service import making as m

pytestmark = pytest.mark.django_db


def test_orders_of_every_type_stand_in_every_state_and_once(settings, tmp_path):
    settings.FIELD_KEY = m.KEY
    settings.ATTACHMENTS_FOLDER = tmp_path
    station = m.make_station()
    for _ in range(4):
        neighbour = f.make_account(area=station.area)
        f.make_request(account=neighbour, requested_at=m.NOON - timedelta(days=5), kind="FAULT")
    branch = station.staff["BRANCH"]
    branch.user = get_user_model().objects.create(username=branch.number)
    branch.save(update_fields=["user"])
    said = {"user_names": [branch.number], "now": m.NOON, "bar": lambda _what: lambda _share: None}

    demo_service.living_centre(**said)
    n_orders, n_events = ServiceOrder.objects.count(), OrderEvent.objects.count()
    demo_service.living_centre(**said)

    assert set(ServiceOrder.objects.values_list("type_code", flat=True)) == set(codes.TYPES)
    states = set(ServiceOrder.objects.values_list("state", flat=True))
    assert states >= {"OPEN", "CLOSED", "CANCELLED"}
    assert Wait.objects.filter(ends_at__isnull=True).exists()
    assert Promise.objects.filter(missed_at__isnull=False).exists()
    assert Incident.objects.get().orders.count() == 3
    assert Article.objects.exists()
    went_up = Escalation.objects.values_list("raised_at", "taken_at", "settled_at")
    assert len({raised for raised, _taken, _settled in went_up}) > 3
    assert sum(taken is None for _raised, taken, _settled in went_up) == demo_service.LEFT_NEW
    assert sum(settled is not None for _raised, _taken, settled in went_up) > 10
    chased = OrderEvent.objects.filter(kind="CHASED", order__type_code="METER_TEST")
    assert chased.exists()
    assert not found_of("QUALITY_ASSESSMENT").exclude(account=None).exists()  # nobody asked for it
    late = ServiceOrder.objects.filter(request_key__endswith="-LATE")
    assert late.filter(steps__state="BEGUN").distinct().count() > late.count() / 3  # once chased
    keys = {f"demo-{code}-{to}": to for code in codes.TYPES for to, _ in demo_service.STATES}
    found = ServiceOrder.objects.filter(request_key__in=keys)
    assert found.count() == len(keys)
    assert [one.request_key for one in found if not stands(one, keys[one.request_key])] == []
    for order in ServiceOrder.objects.exclude(state="CANCELLED"):
        kept = set(StepRecord.objects.filter(order=order).values_list("step_code", flat=True))
        asks = {step.code for step in done(order) if asks_words(order, step.code)}
        assert asks <= kept, (order.type_code, order.request_key, asks - kept)
    past = ServiceOrder.objects.filter(request_key__contains="-past-")
    assert past.count() == len(demo_past.OF_CUSTOMERS) * demo_past.HISTORY_A_TYPE
    for order in past:
        moments = [step.done_at for step in done(order)]
        assert len(set(moments)) > len(moments) / 2, order.type_code
    assert (ServiceOrder.objects.count(), OrderEvent.objects.count()) == (n_orders, n_events)


def found_of(code):
    return ServiceOrder.objects.filter(request_key__startswith=f"demo-{code}-")


def done(order):
    return order.steps.filter(state="DONE").order_by("done_at")


def asks_words(order, code):
    """Tell whether a step asks for something that is no file: files of the past lie elsewhere."""
    card = catalogue.by_version(version=order.process_version).step(code)
    return any(field.is_required and field.kind not in records.FILES for field in card.fields)


def stands(order, state):
    """Tell whether an order has come as far as its state says, where its process knows that."""
    process = catalogue.by_version(version=order.process_version)
    n_done = done(order).count()
    ways = {
        "OPENED": lambda: order.state == "OPEN" and not n_done,
        "BEGUN": lambda: order.steps.filter(state="BEGUN").exists() and not n_done,
        "HALF": lambda: order.state != "CANCELLED" and n_done >= 1,
        "WAITING": lambda: not process.pauses or order.waits.filter(ends_at=None).exists(),
        "LATE": lambda: (
            order.events.filter(kind="CHASED").exists()
            and (not process.promises or order.promises.exclude(missed_at=None).exists())
        ),
        "ASKED": lambda: (
            not process.confirmations
            or order.steps.filter(
                code__in=[way.step for way in process.confirmations], state="READY"
            ).exists()
        ),
        "FINISHED": lambda: n_done >= min(len(process.steps) // 3, 12),
        "CANCELLED": lambda: order.state == "CANCELLED",
    }
    return ways[state]()
