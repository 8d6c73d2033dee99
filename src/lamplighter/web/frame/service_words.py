"""Service orders in words: their types, states, waits, steps, and how much time is left."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import pgettext_lazy as word

from lamplighter.policy.loader import Words
from lamplighter.policy.processes import catalogue, codes
from lamplighter.web.frame import formats

Text = str | Promise
BY_ORDER = re.compile(r"(?P<number>\d{13,})(?: (?P<said>.+))?", re.DOTALL)
STATES: dict[str, Text] = {
    "OPEN": later("In hand"),
    "CONFIRMING": later("Done, the customer is to confirm"),
    "CLOSED": later("Closed"),
    "CANCELLED": later("Withdrawn"),
}
CHANNELS: dict[str, Text] = {
    "PHONE": later("Telephone"),
    "APP": later("App"),
    "COUNTER": later("Counter"),
    "WEB": later("Web"),
    "VISIT": later("Visit"),
    "SMS": later("Text message"),
    "MAIL": later("Letter"),
    "INSIDE": later("Internal"),
}
PRIORITIES: dict[str, Text] = {
    "NORMAL": later("Normal"),
    "URGENT": later("Urgent"),
    "EMERGENCY": later("Emergency"),
}
STEP_STATES: dict[str, Text] = {
    "AHEAD": later("To come"),
    "READY": later("Ready"),
    "BEGUN": later("Started"),
    "DONE": word("step", "Done"),
    "SKIPPED": later("Not needed"),
}
_CONFIRMATION = Words(zh="等客户确认", en="waiting for the customer's yes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack:
    """How much time a promise leaves, in words and in how loud they are said."""

    text: str
    tone: str  # "", "warn" (soon), "harm" (late)


def own(words: Words) -> str:
    """Return words in the person's language."""
    return words.in_language(get_language() or "")


def type_name(*, code: str) -> str:
    """Return the name of a type of order, as its newest process gives it.

    Raises
    ------
    catalogue.ProcessUnknown
        There is no such type.
    """
    return own(catalogue.versions(code=code)[-1].title)


def function_name(*, code: str) -> str:
    """Return the name of one of the twelve functions."""
    return capfirst(own(codes.FUNCTIONS[code]))


def wait_name(*, code: str) -> str:
    """Return what an order waits for; empty where it does not wait."""
    if not code:
        return ""
    return capfirst(own(_CONFIRMATION if code == "CONFIRMATION" else codes.PAUSES[code]))


def level_name(*, code: str) -> str:
    """Return the name of a level of failures."""
    return capfirst(own(codes.LEVELS[code]))


def post_name(*, code: str) -> str:
    """Return the name of a post of the processes."""
    return capfirst(own(codes.POSTS[code]))


def slack(*, due_at: datetime | None, now: datetime, soon: timedelta) -> Slack | None:
    """Say how much time is left until a promise is due; None where none runs."""
    if due_at is None:
        return None
    left = due_at - now
    said = duration(span=abs(left))
    if left < timedelta():
        return Slack(text=_("%(time)s late") % {"time": said}, tone="harm")
    return Slack(text=_("%(time)s left") % {"time": said}, tone="warn" if left <= soon else "")


def duration(*, span: timedelta) -> str:
    """Write a span of time: minutes below two days, else days and hours."""
    if span < timedelta(days=2):
        return formats.minutes(value=span // timedelta(minutes=1))
    days, rest = divmod(span, timedelta(days=1))
    said = ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    hours = rest // timedelta(hours=1)
    return f"{said} {formats.minutes(value=60 * hours)}" if hours and days < 10 else said


def chase_reason(*, reason: str) -> str:
    """Say why an order was chased; where a chase order did it, name that first."""
    found = BY_ORDER.fullmatch(reason)
    if found is None:
        return reason
    by = _("By chase order %(number)s") % {"number": found["number"]}
    return formats.labelled(label=by, text=found["said"]) if found["said"] else by
