"""What came in for a month's bills, area by area, whatever the order of accounts."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from lamplighter.facts.billing import recovery
from lamplighter.kernel.spans import DaySpan
from tests import factories as f
from tests.factories import TODAY

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
ISSUED = TODAY - timedelta(3)


def came_in(*areas):
    span = DaySpan(first_day=ISSUED, end_day=TODAY + timedelta(1))
    found = recovery.recovery(
        area_ids=[area.pk for area in areas], issued=span, counted=span, zone=ZONE
    )
    return {row.area_id: row for row in found}


def test_each_area_has_its_own_bills_and_payments():
    station = f.make_station()
    first, second, unbilled = (f.make_area(station=station) for _ in "abc")
    f.make_account(area=unbilled)
    for place in range(6):  # accounts of both areas in turns
        account = f.make_account(area=(first, second)[place % 2])
        f.make_bill(account=account, issued_date=ISSUED, amount_cny=f"{100 + place}.50")
        if place in {1, 2}:
            f.make_payment(
                account=account, paid_at=f.at(ISSUED + timedelta(place)), amount_cny="40.25"
            )

    found = came_in(first, second, unbilled)

    assert {area_id: row.n_billed for area_id, row in found.items()} == {first.pk: 3, second.pk: 3}
    assert found[first.pk].billed_cny == Decimal("307.50")  # 100.50 + 102.50 + 104.50
    assert found[second.pk].billed_cny == Decimal("310.50")
    assert [cny for _day, cny in found[first.pk].received_cny] == [
        *(Decimal(0), Decimal(0), Decimal("40.25"), Decimal("40.25"))
    ]
    assert [cny for _day, cny in found[second.pk].received_cny] == [
        *(Decimal(0), Decimal("40.25"), Decimal("40.25"), Decimal("40.25"))
    ]


def test_without_a_bill_there_is_nothing_to_say():
    area = f.make_area(station=f.make_station())
    f.make_account(area=area)

    assert came_in(area) == {}
