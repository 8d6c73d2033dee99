"""What an operator types after an option: a day, a month, a moment, a number; or why it is none."""

import calendar
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import TypeVar

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from lamplighter.cli import languages

T = TypeVar("T")


def _spoken(read: Callable[[str], T]) -> Callable[[str], T]:
    """Let a refusal be in the terminal's language: options are read before a command runs."""

    @wraps(read)
    def reading(text: str) -> T:
        with languages.spoken():
            return read(text)

    return reading


def today() -> date:
    """Return the local day; in a demo, the day the demo takes for today."""
    demo: date | None = settings.DEMO_TODAY
    return demo or timezone.localdate()


@_spoken
def day(text: str) -> date:
    """Return a day."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        said = _("%(text)s is no day: write it as 2026-11-24")
        raise ArgumentTypeError(said % {"text": repr(text)}) from error


@_spoken
def past_day(text: str) -> date:
    """Return a day that has begun."""
    found, last = day(text), today()
    if found > last:
        said = _("%(day)s is still to come: today is %(today)s")
        raise ArgumentTypeError(said % {"day": found, "today": last})
    return found


@_spoken
def month(text: str) -> tuple[date, date]:
    """Return the first and the last day of a month."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        said = _("%(text)s is no month: write it as 2026-11")
        raise ArgumentTypeError(said % {"text": repr(text)}) from error
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


@_spoken
def moment(text: str) -> datetime:
    """Return a moment with its offset; ``now`` is this one."""
    if text == "now":
        return timezone.now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        said = _("%(text)s is no moment: write it as 2026-11-25T06:00+08:00, or now")
        raise ArgumentTypeError(said % {"text": repr(text)}) from error
    if at.tzinfo is None:
        said = _("%(text)s needs its offset from UTC: %(mended)s in China")
        raise ArgumentTypeError(said % {"text": repr(text), "mended": f"{text}+08:00"})
    return at


@_spoken
def past_moment(text: str) -> datetime:
    """Return a moment that is not still to come."""
    at = moment(text)
    if at > timezone.now():
        raise ArgumentTypeError(_("%(text)s is still to come") % {"text": text})
    return at


@_spoken
def count(text: str) -> int:
    """Return a number of things, at least one."""
    if not text.isdecimal() or int(text) < 1:
        said = _("%(text)s is no number of them: write 1 or more")
        raise ArgumentTypeError(said % {"text": repr(text)})
    return int(text)
