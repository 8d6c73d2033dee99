"""The demo opens with a living service centre: every type, every state, once."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from lamplighter.action.service.escalations.models import Escalation
from lamplighter.action.service.knowledge.models import Article
from lamplighter.action.service.models import (
    Incident,
    OrderEvent,
    OrderStep,
    Promise,
    ServiceOrder,
    Wait,
)
from lamplighter.action.service.records.models import StepRecord
from lamplighter.config import demo_service
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
    keys = [f"demo-{code}-{state}" for code in codes.TYPES for state, _part in demo_service.STATES]
    for order in ServiceOrder.objects.filter(request_key__in=keys):
        process = catalogue.by_version(version=order.process_version)
        kept = set(StepRecord.objects.filter(order=order).values_list("step_code", flat=True))
        done = OrderStep.objects.filter(order=order, state="DONE").values_list("code", flat=True)
        asks = {code for code in done if any(one.is_required for one in process.step(code).fields)}
        assert asks <= kept, (order.type_code, asks - kept)
    assert (ServiceOrder.objects.count(), OrderEvent.objects.count()) == (n_orders, n_events)
