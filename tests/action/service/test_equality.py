"""Repair, price and terms never differ by grade; a green channel only where a process has it."""

from typing import Any

import pytest
from django.forms.models import model_to_dict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamplighter.action.service import queries
from lamplighter.action.service.models import OrderStep, Promise, ServiceOrder
from lamplighter.policy.processes import catalogue, codes
from tests import factories as f
from tests.action.service import making as m

pytestmark = pytest.mark.django_db
GRADES = ["A", "B", "C", "D", "N"]
CASES = {"VOLTAGE": "LV", "CUSTOMER_KIND": "RESIDENT", "HV_SOURCES": "HV_SINGLE"}
NOT_OF_THE_ORDER = {
    *("id", "order", "number", "customer", "account", "premise", "phone_sealed", "words_sealed"),
    *("phone_index", "owner"),
}


def told(row: Any) -> dict[str, Any]:
    """Return all that a row says but whose it is."""
    return {k: v for k, v in model_to_dict(row).items() if k not in NOT_OF_THE_ORDER}


def all_of(order: ServiceOrder) -> list[dict[str, Any]]:
    steps = OrderStep.objects.filter(order=order).order_by("position")
    promises = Promise.objects.filter(order=order).order_by("code")
    return [told(order), *map(told, steps), *map(told, promises)]


def opened(type_code: str, grades: list[str], **changed: Any) -> list[ServiceOrder]:
    """Open an order for customers who differ by their grade only, in turn and on one station."""
    station, night = m.make_station(), f.make_night()
    orders = []
    for grade in grades:
        account = f.make_account(area=station.area)
        f.make_finding(account=account, area=station.area, night=night, grade=grade)
        orders.append(
            m.open_one(station, type_code, account_number=account.number, cases=CASES, **changed)
        )
    return orders


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    pair=st.lists(st.sampled_from(GRADES), min_size=2, max_size=2, unique=True),
    type_code=st.sampled_from(
        [code for code, function in codes.TYPES.items() if function not in codes.GREEN_FUNCTIONS]
    ),
    priority=st.sampled_from(["NORMAL", "URGENT", "EMERGENCY"]),
)
def test_two_customers_alike_but_for_the_grade_get_the_same_order(pair, type_code, priority):
    one, two = opened(type_code, pair, priority=priority)

    assert all_of(one) == all_of(two)


def test_the_queue_of_repairs_is_by_time_alone():
    orders = opened("FAULT_REPAIR", ["D", "A", "N", "B", "C"])
    viewer = f.viewer_for(f.make_staff(station=orders[0].unit, post="SUPERVISOR"))

    line = queries.queue(viewer=viewer, rules=m.RULES, limit=9)

    assert [one.number for one in line] == [order.number for order in orders]


@pytest.mark.parametrize("type_code", sorted(codes.TYPES))
def test_a_green_channel_opens_only_where_the_process_says_so(type_code):
    process = catalogue.in_force(code=type_code, on=f.TODAY)
    good, other = opened(type_code, ["A", "D"])

    has_one = process.green is not None
    assert (good.is_green, other.is_green) == (has_one, False)
    assert good.aim_ratio == (process.green.factor if process.green else 1.0)
    due = [m.promise(order, process.promises[0].code).due_at for order in (good, other)]
    assert due[0] == due[1]  # what is promised is the same for both
    ends = [
        step.end_by_at
        for order in (good, other)
        for step in OrderStep.objects.filter(order=order, end_by_at__isnull=False).order_by(
            "order", "position"
        )
    ]
    half = len(ends) // 2
    pairs = list(zip(ends[:half], ends[half:], strict=True))
    assert pairs
    assert all(fast <= slow for fast, slow in pairs)
    assert any(fast < slow for fast, slow in pairs) == has_one
    if process.function not in codes.GREEN_FUNCTIONS:
        assert not has_one
