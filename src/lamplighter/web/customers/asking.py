"""What is better asked than asserted: the cause of arrears, and a change of use."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from lamplighter.web.customers import phrases
from lamplighter.web.frame import formats

Numbers = Mapping[str, Any]
Pair = tuple[str, str]
LIKELIEST_LEAST = 0.25  # below it, naming the likeliest of unlikely causes would mislead


def _cause(what: Callable[[], str]) -> Callable[[Numbers], Pair]:
    def say(n: Numbers) -> Pair:
        signs = phrases.signs(codes=n["signs"])
        why = (
            _("What speaks for it: %(signs)s.") % {"signs": signs}
            if signs
            else _("No single sign stands out; many small ones add up to it.")
        )
        sure = phrases.sureness(probability=n["probability"])
        return phrases.capitalised(text=what() % {"sure": sure}), why

    return say


def _unknown(n: Numbers) -> Pair:
    code, share = n["others"][0] if n["others"] else ("", 0.0)
    if share >= LIKELIEST_LEAST:
        what = _(
            "Why it is not paid is not known yet; likeliest so far is “%(cause)s” (%(share)s)."
        ) % {
            "cause": phrases.cause(code=code),
            "share": phrases.percent(share=share),
        }
    else:
        what = _("Why it is not paid is not known yet.")
    return what, _("The signs do not agree well enough to act on, so please ask first.")


def _change(what: Callable[[], str], question: Callable[[], str]) -> Callable[[Numbers], Pair]:
    def say(n: Numbers) -> Pair:
        return (
            what()
            % {
                "day": formats.day_long(value=n["day"]) if n["day"] else "",
                "kwh": phrases.energy(kwh=abs(n["kwh"])),
                "range": phrases.energy_range(low=n["low"], high=n["high"]),
                "after": phrases.energy(kwh=abs(n["kwh"] if n["after"] is None else n["after"])),
                "sure": phrases.sureness(probability=n["probability"]),
            },
            question(),
        )

    return say


def _high_use(n: Numbers) -> Pair:
    before, after = n["before"], n["after"]
    why = _(
        "It is a level and no change: no reason to ask, but good to know before hot or cold months."
    )
    if not before or after is None or before <= 0:
        return _("This home uses %(kwh)s a day more than its neighbours.") % {
            "kwh": phrases.energy(kwh=abs(n["kwh"]))
        }, why
    return _("This home uses %(kwh)s a day, %(times)s times the %(others)s usual next door.") % {
        "kwh": phrases.energy(kwh=after),
        "times": formats.number(value=after / before, digits=1),
        "others": phrases.energy(kwh=before),
    }, why


CAUSES: dict[str, Callable[[Numbers], Pair]] = {
    "UNFUNDED_DEBIT": _cause(
        lambda: _(
            "%(sure)s the debit account holds no money on the debit day; it may not be "
            "the account in use."
        )
    ),
    "SHORT_BALANCE": _cause(
        lambda: _(
            "%(sure)s the debit account is a little short at times, and the bill is paid later."
        )
    ),
    "ABSENT_FAMILY": _cause(
        lambda: _("%(sure)s the family is away, and those at home cannot easily pay.")
    ),
    "DISPUTE": _cause(lambda: _("%(sure)s a question about the bill is still open.")),
    "HARDSHIP": _cause(lambda: _("%(sure)s the household is going through a hard time.")),
    "WILFUL": _cause(
        lambda: _(
            "%(sure)s it is none of the usual causes: every remedy was tried and "
            "recorded, and the bill is still open."
        )
    ),
    "UNKNOWN": _unknown,
}
CHANGES: dict[str, Callable[[Numbers], Pair]] = {
    "SURGE": _change(
        lambda: _(
            "Since %(day)s this home has %(sure)s used about %(kwh)s more a day%(range)s, "
            "while its neighbours have not changed."
        ),
        lambda: _("Has an appliance been added, or have people come to stay?"),
    ),
    "DROP": _change(
        lambda: _(
            "Since %(day)s this home has %(sure)s used about %(kwh)s less a day%(range)s, "
            "while its neighbours have not changed."
        ),
        lambda: _("Has somebody gone away, or is there less to do at home or at work?"),
    ),
    "VACANCY": _change(
        lambda: _(
            "Since %(day)s hardly any electricity has been used here, and %(sure)s nobody is home."
        ),
        lambda: _("Is everybody away for a while, and how may we best keep in touch?"),
    ),
    "RETURN": _change(
        lambda: _(
            "Since %(day)s this home is %(sure)s lived in again, with about %(after)s a day."
        ),
        lambda: _("Has the family come back, or has somebody moved in?"),
    ),
    "TURNOVER": _change(
        lambda: _(
            "Since %(day)s the hours of use are %(sure)s those of another daily life, "
            "while its neighbours have not changed."
        ),
        lambda: _("Have new people moved in, or have only the working hours changed?"),
    ),
    "APPLIANCE": _change(
        lambda: _(
            "Since %(day)s about %(kwh)s a day%(range)s has %(sure)s been added to the usual use."
        ),
        lambda: _("Was a new appliance put in, and may we show how to run it at less cost?"),
    ),
    "HIGH_USE": _high_use,
}
