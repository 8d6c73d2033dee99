"""Outages in words: their kinds and causes, how they stand, and what is said to who asks."""

from datetime import datetime

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import pgettext_lazy as word

from lamplighter.action.outages.lines import CALLED_OFF, COMING, OVER, RUNNING, OutageLine
from lamplighter.action.outages.lines import CAUSES as CAUSES_SAID
from lamplighter.web.frame import formats, service_words
from lamplighter.web.frame.service_words import Text

KINDS: dict[str, Text] = {
    "PLANNED": later("Planned outage"),
    "TEMPORARY": later("Short-notice outage"),
    "UNPLANNED": later("Fault outage"),
}


def _cause(code: str) -> str:
    return service_words.own(CAUSES_SAID[code])


CAUSES: dict[str, Text] = {code: lazy(_cause, str)(code) for code in CAUSES_SAID}
STATES: dict[str, Text] = {
    RUNNING: word("outage", "Off now"),
    COMING: word("outage", "To come"),
    OVER: word("outage", "Supply is back"),
    CALLED_OFF: word("outage", "Called off"),
}
TONES = {RUNNING: "harm", COMING: "warn", OVER: "good", CALLED_OFF: ""}


def span(*, line: OutageLine) -> str:
    """Return from when until when, in words."""
    begins = formats.moment(value=line.begins_at)
    end = line.ended_at or line.expected_end_at
    if end is None:
        return _("since %(begins)s, end not known yet") % {"begins": begins}
    return f"{begins} – {formats.moment_after(value=end, begins_at=line.begins_at)}"


def said(*, line: OutageLine, now: datetime) -> str:
    """Return what is said to a customer of a place that an outage takes, now or soon."""
    end = line.expected_end_at
    known = {
        "begins": formats.moment(value=line.begins_at),
        "end": formats.moment_after(value=end, begins_at=line.begins_at) if end else "",
        "cause": str(CAUSES[line.cause]),
    }
    if line.state(now=now) == COMING:
        return (
            _("Your supply will be off from %(begins)s to %(end)s for %(cause)s. Please prepare.")
            % known
        )
    if end is None:
        return (
            _(
                "Your area has been without supply since %(begins)s because of %(cause)s. We are "
                "at it, and tell you as soon as we know when it is back."
            )
            % known
        )
    if line.is_over_time(now=now):
        return (
            _(
                "Your area has been without supply since %(begins)s because of %(cause)s. It was "
                "to be back at %(end)s and takes longer; we are sorry, and tell you the new time."
            )
            % known
        )
    return (
        _(
            "Your area has been without supply since %(begins)s because of %(cause)s. It should be "
            "back at %(end)s."
        )
        % known
    )
