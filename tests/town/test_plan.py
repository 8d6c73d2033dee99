"""The plan's arithmetic is that of the sources (S4-01, S4-17, S4-20, Q8)."""

import pytest

from lamplighter.town.plan import SELF_PAYING_SHARE, Size, allocate, causes_of, plan_of


def test_the_station_has_the_size_of_the_source():
    plan = plan_of(size=Size.STATION)

    assert (plan.customers, plan.zone_customers) == (47_783, 2_100)
    assert (plan.communities, plan.villages, plan.map_km2) == (5, 33, 313.0)
    assert plan.institutions > 400


@pytest.mark.parametrize("size", [Size.STATION, Size.ZONE])
def test_the_hard_zone_divides_as_the_source_says(size):
    zone, _, _ = causes_of(plan=plan_of(size=size))

    assert zone == {
        "UNFUNDED_DEBIT": 588,
        "SHORT_BALANCE": 168,
        "ABSENT_FAMILY": 76,
        "WILFUL": 8,
    }
    assert sum(zone.values()) == 840


def test_the_points_are_of_the_whole_base():
    plan = plan_of(size=Size.STATION)
    zone, winnable, resistant = causes_of(plan=plan)

    hostile = sum(resistant.values()) + zone["WILFUL"]
    late = sum(zone.values()) + sum(winnable.values()) + sum(resistant.values())

    assert hostile / plan.customers == pytest.approx(0.05, abs=1e-4)
    assert late / plan.customers == pytest.approx(1 - SELF_PAYING_SHARE, abs=1e-4)


@pytest.mark.parametrize("total", [0, 1, 7, 839, 47_783])
def test_parts_add_up(total):
    parts = allocate(total=total, shares={"a": 0.7, "b": 0.2, "c": 0.09, "d": 0.01})

    assert sum(parts.values()) == total
