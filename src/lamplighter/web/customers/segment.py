"""The segment of a customer on the strip: its name, why, and what would change it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from lamplighter.findings.queries import Finding
from lamplighter.web.frame import formats, segment_words


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentBox:
    """A segment in one line."""

    name: str
    url: str
    why: str
    would_change: str


def box(*, finding: Finding, on: date) -> SegmentBox | None:
    """Return the segment of an account; None before a night has given it one."""
    if not finding.segment:
        return None
    of: dict[str, Any] = {
        "nature": finding.segment_nature,
        "conditions": finding.segment_conditions,
        "on": on,
    }
    told = segment_words.told(code=finding.segment, on=on)
    moves = segment_words.would_change(**of)
    said = _("If this turned round: %(condition)s, it would be: %(segment)s.")
    return SegmentBox(
        name=told.name,
        url=reverse("segments:segment", args=[finding.segment]),
        why="; ".join(segment_words.why(**of)) or told.who,
        would_change=formats.sentences(*(said % {"condition": c, "segment": s} for c, s in moves)),
    )
