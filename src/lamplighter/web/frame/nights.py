"""Saying that what a page foresees is older than it should be."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from lamplighter.web.frame import formats


def late(*, as_of: date | None, today: date) -> str:
    """Return a sentence where the newest night is older than last night; else "", as before any."""
    if as_of is None or as_of >= today - timedelta(1):
        return ""
    said = _(
        "This is as of %(day)s: no night has run since. Later readings, bills and payments are not "
        "in it yet."
    )
    return said % {"day": formats.day_long(value=as_of)}
