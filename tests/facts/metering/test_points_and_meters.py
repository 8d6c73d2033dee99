"""Usage points and meters."""

from datetime import date
from decimal import Decimal

import pytest

from lamplighter.facts.metering import terms
from lamplighter.facts.metering.models import Meter, UsagePoint
from tests.factories import make_account, make_area, make_station
from tests.facts.metering.deliveries import counts, deliver, make_points, moment, reasons

pytestmark = pytest.mark.django_db


def test_a_point_lies_in_the_shard_of_the_area_it_names_or_its_account_stands_in(tmp_path):
    station = make_station()
    named, standing = make_area(station=station), make_area(station=station)
    type(named).objects.filter(pk=named.pk).update(shard=7)
    type(named).objects.filter(pk=standing.pk).update(shard=8)
    account = make_account(area=standing)

    landed = deliver(
        tmp_path,
        "usage_point",
        [("U1", account.number, named.code), ("U2", account.number, None)],
        now=moment(1),
    )

    assert counts(landed) == (2, 0, 0)
    assert dict(UsagePoint.objects.values_list("number", "shard")) == {"U1": 7, "U2": 8}
    assert set(UsagePoint.objects.values_list("account_id", flat=True)) == {account.pk}


def test_points_without_an_area_are_spread_the_same_way_each_time(tmp_path):
    account = make_account()
    rules = terms.terms_on(day=date(2026, 11, 25))
    rows = [(f"U{n}", account.number, None) for n in range(200)]
    deliver(tmp_path, "usage_point", rows, now=moment(1))

    once = dict(UsagePoint.objects.values_list("number", "shard"))
    UsagePoint.objects.all().delete()
    deliver(tmp_path, "usage_point", rows[::-1], now=moment(1))

    first = rules.first_shard_without_area
    assert set(once.values()) == set(range(first, first + rules.n_shards_without_area))
    assert dict(UsagePoint.objects.values_list("number", "shard")) == once


def test_known_points_are_unchanged_and_never_change_hands(tmp_path):
    account, other = make_account(), make_account()
    deliver(tmp_path, "usage_point", [("U1", account.number)], now=moment(1))

    landed = deliver(
        tmp_path,
        "usage_point",
        [
            ("U1", account.number),
            ("U1", other.number),
            ("U2", "nobody"),
            ("U3", account.number, "nowhere"),
            ("U4", account.number),
            ("U4", account.number),
            ("U4", other.number),
        ],
        now=moment(2),
    )

    assert counts(landed) == (1, 2, 4)
    assert reasons(landed) == [
        (2, "account_number", "OTHER_ACCOUNT"),
        (3, "account_number", "UNKNOWN_ACCOUNT"),
        (4, "area_code", "UNKNOWN_AREA"),
        (7, "account_number", "CONFLICTING_DUPLICATE"),
    ]


JAN, JUN, JUL = date(2025, 1, 1), date(2025, 6, 30), date(2025, 7, 1)


def test_a_meter_is_replaced_by_the_next(tmp_path):
    make_points(1)
    deliver(tmp_path, "meter", [("M1", "P000", JAN, None, Decimal(1))], now=moment(1))

    landed = deliver(
        tmp_path, "meter", [("M1", "P000", JAN, JUN), ("M2", "P000", JUL)], now=moment(2)
    )
    again = deliver(
        tmp_path, "meter", [("M1", "P000", JAN, JUN), ("M2", "P000", JUL)], now=moment(3)
    )

    assert (counts(landed), counts(again)) == ((2, 0, 0), (0, 2, 0))
    spans = {meter.number: (meter.days.lower, meter.days.upper) for meter in Meter.objects.all()}
    assert spans == {"M1": (JAN, JUL), "M2": (JUL, None)}


def test_overlaps_are_refused_and_name_the_other(tmp_path):
    make_points(2)
    deliver(tmp_path, "meter", [("M1", "P000", JAN)], now=moment(1))

    landed = deliver(
        tmp_path,
        "meter",
        [
            ("M2", "P000", JUL),  # at a point where M1 counts
            ("M1", "P001", JUL),  # a meter that counts elsewhere
            ("M3", "P001", JAN, JUN),
            ("M4", "P001", JUN),  # on the last day of the row before
            ("M1", "P000", JAN, None, Decimal(30)),
            ("M5", "nowhere", JAN),
            ("M6", "P001", JUL, JAN),
            ("M7", "P001", JUL, None, Decimal(0)),
            ("M3", "P001", JAN, JUN),
        ],
        now=moment(2),
    )

    assert counts(landed) == (1, 1, 7)
    assert reasons(landed) == [
        (1, "number", "OVERLAP"),
        (2, "number", "OVERLAP"),
        (4, "number", "OVERLAP"),
        (5, "number", "METER_DIFFERS"),
        (6, "usage_point_number", "UNKNOWN_USAGE_POINT"),
        (7, "last_day", "ENDS_BEFORE_START"),
        (8, "multiplier", "MULTIPLIER_NOT_POSITIVE"),
    ]
    details = {one.row_number: one.detail for one in landed.refusals}
    assert "M1" in details[1]
    assert "M3" in details[4]
