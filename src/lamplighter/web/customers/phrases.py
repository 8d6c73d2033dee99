"""Parts of sentences: how sure, how much, which sign. Numbers never come without their unit."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lamplighter.policy import loader
from lamplighter.web.frame import codes as frame_codes
from lamplighter.web.frame import formats

# From which probability on, in words; a person hears these and not the number.
SURENESS: tuple[tuple[float, str | Promise], ...] = (
    (0.95, gettext_lazy("almost certainly")),
    (0.8, gettext_lazy("very probably")),
    (0.6, gettext_lazy("probably")),
    (0.0, gettext_lazy("perhaps")),
)
FACTORS: dict[str, str | Promise] = {
    "PAY_TIME": gettext_lazy("how early or late recent bills were paid"),
    "PAY_AMOUNT": gettext_lazy("how much of earlier bills was paid"),
    "ARREARS_COUNT": gettext_lazy("how often bills were paid late"),
    "ARREARS_AMOUNT": gettext_lazy("the size of the open bill"),
    "PAY_METHOD": gettext_lazy("the way of paying"),
    "CONTRACT_SIZE": gettext_lazy("the size of the connection"),
}


def sureness(*, probability: float | None) -> str:
    """Return how sure a finding is, in words."""
    for least, word in SURENESS:
        if (probability or 0.0) >= least:
            return str(word)
    raise ValueError(f"a probability below zero: {probability}")


def percent(*, share: float) -> str:
    """Return a share as whole per cent."""
    return f"{formats.number(value=100 * share, digits=0)}%"


def energy(*, kwh: float) -> str:
    """Return a day's energy, with a decimal only where it matters."""
    number = formats.number(value=kwh, digits=0 if kwh >= 10 else 1)
    return _("%(n)s kWh") % {"n": number}


def energy_range(*, low: float | None, high: float | None) -> str:
    """Return the interval of a size in brackets; nothing where none is known."""
    if low is None or high is None:
        return ""
    smaller, larger = sorted((abs(low), abs(high)))
    digits = 0 if larger >= 10 else 1
    return _(" (%(low)s to %(high)s kWh)") % {
        "low": formats.number(value=smaller, digits=digits),
        "high": formats.number(value=larger, digits=digits),
    }


def factor(*, code: str) -> str:
    """Return what a risk reason looks at."""
    return str(FACTORS[code])


def risk_way(*, change: Mapping[str, Any], band: str) -> str:
    """Return what would bring the risk to a lower band, as the night foresaw it."""
    if not change:
        if band == "LOW":
            return _("It stays low as long as bills are paid in time.")
        return _("No lower band is in sight within a year of bills.")
    bills = change["bills_in_time"]
    if bills is None:
        method = str(frame_codes.word_for(kind="payment", code=change["method"]).label)
        said = {"method": method, "band": _band(change["method_band"])}
        return _("Accounts like this one that pay by “%(method)s” stand at “%(band)s”.") % said
    said = {"n": bills, "band": _band(change["band"])}
    if change["pays_debt"] and not bills:
        return _("Paying what is overdue brings it to “%(band)s” at once.") % said
    if change["pays_debt"]:
        text = ngettext(
            "Paying what is overdue, and then %(n)d bill in full and in time, brings it to "
            "“%(band)s”.",
            "Paying what is overdue, and then %(n)d bills in full and in time, brings it to "
            "“%(band)s”.",
            bills,
        )
    else:
        text = ngettext(
            "%(n)d bill paid in full and in time brings it to “%(band)s”.",
            "%(n)d bills paid in full and in time bring it to “%(band)s”.",
            bills,
        )
    return text % said


def _band(code: str) -> str:
    return str(frame_codes.word_for(kind="risk", code=code).label)


def cause(*, code: str) -> str:
    """Return a cause's word."""
    return str(frame_codes.word_for(kind="cause", code=code).label)


def signs(*, codes: Sequence[str]) -> str:
    """Return the signs for a cause in one line, in the words of their policy."""
    return _joined(policy="causes", prefix="sentence", codes=codes)


def value_reasons(*, codes: Sequence[str]) -> str:
    """Return what decided a value, in the words of its policy."""
    return _joined(policy="value", prefix="reason", codes=codes)


def of_segment(*, code: str, what: str) -> str:
    """Return a segment's name, who is in it, or what they want, in the words of its policy.

    Raises
    ------
    loader.PolicyRowUnknown
        There is no such segment.
    """
    text = loader.versions(name="segments")[-1].text(f"{code}.{what}")
    said = text.in_language(translation.get_language() or "zh-hans")
    return said if what == "name" else _lowered(said)


def _joined(*, policy: str, prefix: str, codes: Sequence[str]) -> str:
    kept = loader.versions(name=policy)[-1]
    language = translation.get_language() or "zh-hans"
    said = [kept.text(f"{prefix}.{code}").in_language(language) for code in codes]
    return _("; ").join(_lowered(text) for text in said)


def _lowered(text: str) -> str:
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def capitalised(*, text: str) -> str:
    """Return a sentence with its first letter large."""
    return text[:1].upper() + text[1:]
