"""Past orders like the request: what they were, how they ended, whether in time."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from lamplighter.action.service import likeness
from lamplighter.action.service.likeness import PastOrder
from lamplighter.action.service.rules import Rules
from lamplighter.findings.demand import learnt
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy import loader
from lamplighter.web.console import proposal
from lamplighter.web.frame import service_words

LONGEST = 500  # letters of a request that are compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A past order in two lines; never its customer's words."""

    number: str
    url: str
    type: str
    alike: str
    ended: str
    kept: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPart:
    """The past orders alone."""

    past: tuple[Past, ...]
    is_asked: bool  # something was typed


def past(*, viewer: Viewer, rules: Rules, now: datetime, words: str, chosen: str) -> PastPart:
    """Return the past orders like what is typed. Five queries, none where nothing is typed.

    *chosen* is a type taken by hand; empty: all that the words may mean.
    """
    text = words.strip()[:LONGEST]
    if not text:
        return PastPart(past=(), is_asked=False)
    found = likeness.past_orders(
        viewer=viewer,
        rules=rules,
        now=now,
        text=text,
        type_codes=[chosen] if chosen else proposal.likely_types(words=text, rules=rules),
        known=learnt.known_on(day=rules.on, folder=Path(settings.LEARNT_FOLDER)),
        policy=loader.load(name="demand", on=rules.on),
        field_key=settings.FIELD_KEY,
    )
    return PastPart(past=tuple(_past(one) for one in found), is_asked=True)


def _past(one: PastOrder) -> Past:
    line = one.line
    ended = str(service_words.STATES[line.state])
    if line.state == "CLOSED":
        ended = _("Closed, the customer said yes") if one.is_confirmed else _("Closed, no answer")
    took = (line.closed_at or line.opened_at) - line.opened_at
    said = {None: "", True: _("in time"), False: _("late")}
    return Past(
        number=line.number,
        url=reverse("orders:order", args=[line.number]),
        type=service_words.type_name(code=line.type_code),
        alike=_("%(share)s%% alike") % {"share": round(100 * one.cosine)},
        ended=_("%(ended)s after %(time)s")
        % {"ended": ended, "time": service_words.duration(span=took)},
        kept=said[one.is_kept],
        tone="harm" if one.is_kept is False else "good",
    )
