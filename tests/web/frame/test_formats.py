"""Numbers, money, days and masks as people read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.web.frame import formats


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (Decimal("1234.5"), 2, "¥1,234.50"),
        (Decimal("-0.005"), 2, "−¥0.01"),
        (Decimal("2.5"), 0, "¥3"),
        (0, 2, "¥0.00"),
        (Decimal("-0.001"), 2, "¥0.00"),
    ],
)
def test_money(value, digits, shown):
    assert formats.money(value=value, digits=digits) == shown


@given(fen=st.integers(min_value=-(10**13), max_value=10**13))
def test_money_loses_no_fen(fen):
    shown = formats.money(value=Decimal(fen) / 100, digits=2)

    back = Decimal(shown.replace("¥", "").replace(",", "").replace("−", "-"))
    assert back * 100 == fen


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN")])
def test_a_number_that_is_none_is_refused(value):
    with pytest.raises(formats.NotANumber):
        formats.number(value=value, digits=1)


@pytest.mark.parametrize(
    ("value", "shown"), [(6.1, "6.1"), (1234.0, "1,234"), (0.456, "0.46"), (100, "100")]
)
def test_short_number(value, shown):
    assert formats.short_number(value=value) == shown


@pytest.mark.parametrize(("text", "shown"), [("6.1", "+6.1"), ("−6.1", "−6.1"), ("0.0", "0.0")])
def test_signed(text, shown):
    assert formats.signed(text=text) == shown


@pytest.mark.parametrize(
    ("language", "day", "long", "month"),
    [
        ("zh-hans", "11月22日 周日", "2026年11月22日", "2026年11月"),
        ("en", "Sun 22 Nov", "22 Nov 2026", "Nov 2026"),
    ],
)
def test_days(language, day, long, month):
    sunday = date(2026, 11, 22)

    with translation.override(language):
        assert formats.day(value=sunday) == day
        assert formats.day_long(value=sunday) == long
        assert formats.month(value=sunday) == month


def test_a_moment_is_shown_in_local_time():
    late = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)

    with translation.override("zh-hans"):
        assert formats.moment(value=late) == "11月23日 00:30"
        assert formats.moment_long(value=late) == "2026年11月23日 00:30"


@pytest.mark.parametrize(
    ("gap", "shown"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=-2), "in 2 days"),
        (timedelta(days=8), "14 Nov 2026"),
    ],
)
def test_ago(gap, shown):
    now = datetime(2026, 11, 22, 4, tzinfo=UTC)

    with translation.override("en"):
        assert formats.ago(value=now - gap, now=now) == shown


@pytest.mark.parametrize(("value", "shown"), [(95, "1 h 35 min"), (60, "1 h"), (0, "0 min")])
def test_minutes(value, shown):
    with translation.override("en"):
        assert formats.minutes(value=value) == shown


@pytest.mark.parametrize(
    ("mask", "plain", "shown"),
    [
        (formats.masked_phone, "13812345678", "138****5678"),
        (formats.masked_phone, "12345", "*****"),
        (formats.masked_id, "370102199001011234", "3701**********1234"),
        (formats.masked_id, "12345", "*****"),
        (formats.masked_name, "王德国", "王*国"),
        (formats.masked_name, "王国", "王*"),
        (formats.masked_name, "王", "*"),
        (formats.masked_name, "", ""),
    ],
)
def test_masks(mask, plain, shown):
    assert mask(value=plain) == shown


@given(plain=st.text(alphabet="0123456789", min_size=1, max_size=24))
def test_no_mask_shows_everything(plain):
    for mask in (formats.masked_phone, formats.masked_id, formats.masked_name):
        assert mask(value=plain) != plain
