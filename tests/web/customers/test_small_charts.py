"""Small charts: what each month was, where bars begin and end, and gaps that stay gaps."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.utils import translation

from lamplighter.facts.billing.account import BillLine, Money, ReminderLine
from lamplighter.facts.metering.queries import DailySeries
from lamplighter.findings.queries import SignalFound
from lamplighter.kernel.spans import last_days
from lamplighter.web.customers import small_charts

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def bill(due, *, settled):
    return BillLine(
        number="B",
        first_day=due - timedelta(40),
        last_day=due - timedelta(10),
        issued_date=due - timedelta(8),
        due_date=due,
        energy_kwh=None,
        amount_cny=Decimal("80.00"),
        open_cny=Decimal("0.00") if settled else Decimal("80.00"),
        settled_date=settled,
    )


def reminder(day, *, is_delivered=True):
    sent = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    return ReminderLine(sent_at=sent, channel="SMS", is_delivered=is_delivered)


def money(*, bills=(), reminders=()):
    return Money(
        bills=tuple(bills),
        payments=(),
        debits=(),
        reminders=tuple(reminders),
        credit_cny=Decimal(0),
    )


def series(kwh, *, low=None, high=None):
    n = len(kwh)
    nothing = np.full(n, np.nan)
    return DailySeries(
        days=last_days(up_to=TODAY, n_days=n),
        energy_kwh=np.array(kwh, float),
        is_estimated=np.zeros(n, bool),
        band_low_kwh=nothing if low is None else np.array(low, float),
        band_high_kwh=nothing if high is None else np.array(high, float),
        n_neighbours=0,
    )


def change(day, *, before=None, after=None):
    return SignalFound(
        account_id=1,
        area_id=1,
        usage_point_id=1,
        list="CHANGE",
        kind="SURGE",
        changed_date=day,
        size_kwh_per_day=5.0,
        size_low_kwh_per_day=None,
        size_high_kwh_per_day=None,
        level_before_kwh_per_day=before,
        level_after_kwh_per_day=after,
        probability=0.9,
        is_recent=True,
    )


def test_a_month_is_what_weighs_most_in_it():
    found = small_charts.strip(
        money=money(
            bills=[
                bill(date(2026, 11, 10), settled=date(2026, 11, 9)),
                bill(date(2026, 10, 10), settled=date(2026, 10, 12)),
                bill(date(2026, 9, 10), settled=date(2026, 9, 20)),
                bill(date(2026, 8, 10), settled=None),
                bill(date(2026, 12, 10), settled=None),
            ],
            reminders=[
                reminder(date(2026, 9, 15)),
                reminder(date(2026, 10, 11), is_delivered=False),
            ],
        ),
        today=TODAY,
        zone=ZONE,
    )

    assert [cell.month for cell in found] == ["12", *map(str, range(1, 12))]
    states = {cell.name: cell.state for cell in found}
    assert states["Nov 2026"] == "PAID"
    assert states["Oct 2026"] == "LATE"
    assert states["Sept 2026" if "Sept 2026" in states else "Sep 2026"] == "REMINDED"
    assert states["Aug 2026"] == "LATE"
    assert states["Jul 2026"] == "NOTHING"
    assert found[-1].text == "Nov 2026: paid in time"


def test_bars_begin_in_the_middle_and_keep_their_proportions():
    up, down = small_charts.both_ways(parts=[("a", 2.0), ("b", -1.0)])

    assert (up.x, up.width, up.tone) == ("50.00", "48.00", "up")
    assert (down.x, down.width, down.tone) == ("26.00", "24.00", "down")
    assert float(down.x) + float(down.width) == 50.0
    assert small_charts.both_ways(parts=[]) == ()


def test_a_range_is_drawn_from_low_to_high_with_its_middle():
    past, now = small_charts.amounts(
        parts=[
            ("Oct", None, Decimal(50), None, "context"),
            ("Nov", Decimal(60), Decimal(80), Decimal(100), "lamp"),
        ]
    )

    assert (past.x, past.width, past.mark_x) == ("0.00", "50.00", "")
    assert (now.x, now.width, now.mark_x) == ("60.00", "40.00", "80.00")
    assert now.text == "¥80 (¥60–¥100)"


def test_a_change_is_drawn_with_levels_band_and_gaps():
    kwh = [4.0] * 20 + [np.nan] + [9.0] * 9
    drawn = small_charts.around(
        series=series(kwh, low=[2.0] * 30, high=[12.0] * 30),
        first_day=TODAY - timedelta(29),
        signal=change(TODAY - timedelta(9), before=4.0, after=9.0),
    )

    assert drawn.path.count("M") == 2  # the gap lifts the pen
    assert drawn.path.count("L") == 19 + 8
    assert len(drawn.band.split()) == 60
    assert float(drawn.after[2]) < float(drawn.before[2])  # more use stands higher
    assert drawn.before[1] == drawn.after[0] == drawn.day_x
    assert (drawn.first, drawn.last) == ("26 Oct 2026", "24 Nov 2026")
    assert drawn.scale == "from 0 to 12 kWh a day"  # the neighbours reach highest


@pytest.mark.parametrize(
    "given",
    [
        None,
        series([np.nan] * 30),
        series([1.0, *[np.nan] * 29]),
    ],
)
def test_nothing_is_drawn_where_nothing_is_known(given):
    day = TODAY - timedelta(5)

    assert (
        small_charts.around(series=given, first_day=TODAY - timedelta(29), signal=change(day))
        is None
    )


def test_a_change_before_the_readings_is_not_drawn():
    old = change(TODAY - timedelta(900))

    assert (
        small_charts.around(series=series([1.0] * 30), first_day=TODAY - timedelta(29), signal=old)
        is None
    )


def test_neither_levels_nor_neighbours_are_made_up():
    drawn = small_charts.around(
        series=series([1.0] * 30),
        first_day=TODAY - timedelta(29),
        signal=change(TODAY - timedelta(9)),
    )

    assert (drawn.band, drawn.before, drawn.after) == ("", ("", "", ""), ("", "", ""))
