"""What an operator types after an option: a day, a month, a moment, a number; or why it is none."""

import calendar
from argparse import ArgumentTypeError
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone


def today() -> date:
    """Return the local day; in a demo, the day the demo takes for today."""
    demo: date | None = settings.DEMO_TODAY
    return demo or timezone.localdate()


def day(text: str) -> date:
    """Return a day."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day: write it as 2026-11-24") from error


def past_day(text: str) -> date:
    """Return a day that has begun."""
    found, last = day(text), today()
    if found > last:
        raise ArgumentTypeError(f"{found} is still to come: today is {last}")
    return found


def month(text: str) -> tuple[date, date]:
    """Return the first and the last day of a month."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no month: write it as 2026-11") from error
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


def moment(text: str) -> datetime:
    """Return a moment with its offset; ``now`` is this one."""
    if text == "now":
        return timezone.now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        said = f"{text!r} is no moment: write it as 2026-11-25T06:00+08:00, or now"
        raise ArgumentTypeError(said) from error
    if at.tzinfo is None:
        raise ArgumentTypeError(f"{text!r} needs its offset from UTC: {text}+08:00 in China")
    return at


def past_moment(text: str) -> datetime:
    """Return a moment that is not still to come."""
    at = moment(text)
    if at > timezone.now():
        raise ArgumentTypeError(f"{text} is still to come")
    return at


def count(text: str) -> int:
    """Return a number of things, at least one."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no number of them: write 1 or more")
    return int(text)
