"""Versions of rules as people read them: what the rules are about, and from which day."""

from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamplighter.policy import loader
from lamplighter.web.frame import formats


def said(*, version: str) -> str:
    """Write a version, ``name/day``, by the rules' title and the day; also one on trial.

    Raises
    ------
    PolicyUnknown
        There are no such rules on that day.
    """
    name, _slash, rest = version.partition("/")
    day = date.fromisoformat(rest.partition("#")[0])
    title = loader.load(name=name, on=day).title.in_language(get_language() or "zh-hans")
    return _("%(rules)s (from %(day)s)") % {"rules": title, "day": formats.day_long(value=day)}


def listed(*, versions: str) -> str:
    """Write versions that are parted by spaces."""
    return formats.listed(texts=[said(version=version) for version in versions.split()])
