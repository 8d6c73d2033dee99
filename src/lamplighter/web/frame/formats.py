"""Numbers, money, days and private data as a person reads them, in Chinese and English."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext

Number = int | float | Decimal

NOTHING = "–"
_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_MINUS = "\N{MINUS SIGN}"


class NotANumber(ValueError):
    """A value to be shown is NaN or infinite: whoever asked should have said None."""


def is_chinese() -> bool:
    """Say whether the active language is Chinese."""
    return (get_language() or "").startswith("zh")


def number(*, value: Number, digits: int) -> str:
    """Write a number with thousands apart and a fixed number of decimals, halves away from zero.

    Raises
    ------
    NotANumber
        The value is NaN or infinite.
    """
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise NotANumber(str(value))
    rounded = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):,}"
    return f"{_MINUS}{text}" if rounded < 0 else text


def short_number(*, value: Number) -> str:
    """Write a number with as many decimals as it needs, at most two."""
    text = number(value=value, digits=2)
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(*, value: Number, digits: int) -> str:
    """Write an amount in yuan."""
    text = number(value=value, digits=digits)
    return f"{_MINUS}¥{text[1:]}" if text.startswith(_MINUS) else f"¥{text}"


def signed(*, text: str) -> str:
    """Put a plus before a written number that is above zero."""
    has_sign = text.startswith(_MINUS) or not any(digit in "123456789" for digit in text)
    return text if has_sign else f"+{text}"


def minutes(*, value: Number) -> str:
    """Write a span of minutes as hours and minutes."""
    whole = int(Decimal(str(value)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    hours, rest = divmod(whole, 60)
    parts = []
    if hours:
        parts.append(gettext("%(hours)d h") % {"hours": hours})
    if rest or not hours:
        parts.append(gettext("%(minutes)d min") % {"minutes": rest})
    return " ".join(parts)


def listed(*, texts: Iterable[str]) -> str:
    """Write things one behind the other."""
    return ("、" if is_chinese() else ", ").join(texts)


def sentences(*texts: str) -> str:
    """Write one sentence behind the other."""
    return ("" if is_chinese() else " ").join(texts)


def labelled(*, label: str, text: str) -> str:
    """Write a text behind what it is."""
    return f"{label}：{text}" if is_chinese() else f"{label}: {text}"


def day(*, value: date) -> str:
    """Write a day with its weekday, without the year."""
    if is_chinese():
        return f"{value.month}月{value.day}日 周{_WEEKDAYS_ZH[value.weekday()]}"
    return f"{_WEEKDAYS_EN[value.weekday()]} {value.day} {_MONTHS_EN[value.month - 1]}"


def day_long(*, value: date) -> str:
    """Write a day with its year."""
    if is_chinese():
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS_EN[value.month - 1]} {value.year}"


def month(*, value: date) -> str:
    """Write the month of a day."""
    if is_chinese():
        return f"{value.year}年{value.month}月"
    return f"{_MONTHS_EN[value.month - 1]} {value.year}"


def moment(*, value: datetime) -> str:
    """Write a moment in the current time zone, without the year."""
    local = timezone.localtime(value)
    if is_chinese():
        return f"{local.month}月{local.day}日 {local:%H:%M}"
    return f"{local.day} {_MONTHS_EN[local.month - 1]} {local:%H:%M}"


def moment_after(*, value: datetime, begins_at: datetime) -> str:
    """Write the end of a span whose begin was written: on the same day by its time alone."""
    begin, end = timezone.localtime(begins_at), timezone.localtime(value)
    return f"{end:%H:%M}" if begin.date() == end.date() else moment(value=value)


def deadline(*, value: datetime) -> str:
    """Write until when something is to be done: midnight is the end of the day before it."""
    local = timezone.localtime(value)
    if (local.hour, local.minute) != (0, 0):
        return moment(value=value)
    before = moment(value=value - timedelta(minutes=1))
    return before.replace("23:59", "24:00")


def moment_long(*, value: datetime) -> str:
    """Write a moment in the current time zone, with the year."""
    return f"{day_long(value=timezone.localtime(value).date())} {timezone.localtime(value):%H:%M}"


def ago(*, value: datetime, now: datetime) -> str:
    """Say how long ago a moment was, or how far ahead it is, in one rough step.

    Beyond a week either way the day itself says more, so the day is given.
    """
    gap = now - value
    ahead = gap < timedelta(0)
    span = abs(gap)
    if span < timedelta(minutes=1):
        return gettext("just now")
    if span < timedelta(hours=1):
        count = span // timedelta(minutes=1)
        past = ngettext("%(n)d minute ago", "%(n)d minutes ago", count)
        future = ngettext("in %(n)d minute", "in %(n)d minutes", count)
    elif span < timedelta(days=1):
        count = span // timedelta(hours=1)
        past = ngettext("%(n)d hour ago", "%(n)d hours ago", count)
        future = ngettext("in %(n)d hour", "in %(n)d hours", count)
    elif span < timedelta(days=8):
        count = span // timedelta(days=1)
        past = ngettext("%(n)d day ago", "%(n)d days ago", count)
        future = ngettext("in %(n)d day", "in %(n)d days", count)
    else:
        return day_long(value=timezone.localtime(value).date())
    return (future if ahead else past) % {"n": count}


def masked_name(*, value: str) -> str:
    """Hide all of a name but its first character and, from three on, its last."""
    if len(value) <= 1:
        return "*" if value else ""
    if len(value) == 2:
        return f"{value[0]}*"
    return f"{value[0]}{'*' * min(len(value) - 2, 4)}{value[-1]}"


def masked_phone(*, value: str) -> str:
    """Hide the middle of a telephone number."""
    if len(value) < 8:
        return "*" * len(value)
    return f"{value[:3]}****{value[-4:]}"


def masked_id(*, value: str) -> str:
    """Hide the middle of an identity number: the region and the last four stay."""
    if len(value) < 12:
        return "*" * len(value)
    return f"{value[:4]}{'*' * (len(value) - 8)}{value[-4:]}"
