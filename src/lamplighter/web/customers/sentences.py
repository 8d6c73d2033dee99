"""Two sentences for each finding: what was found, and why or what to ask. Never an accusation."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamplighter.findings.explaining import Told
from lamplighter.policy import loader
from lamplighter.web.customers import asking, phrases
from lamplighter.web.frame import formats

Numbers = asking.Numbers
Pair = asking.Pair
LEAST_GROWTH = 0.005  # a year; below it whole per cents say nought


class NothingToSay(LookupError):
    """No sentences are kept for a finding's code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What was found in one sentence, and why (or the question) in another."""

    about: str
    code: str
    what: str
    why: str


def explain(*, told: Told) -> Explanation:
    """Return the two sentences of a finding in the language of the page.

    Raises
    ------
    NothingToSay
        The code is not known.
    """
    if told.about == "SEGMENT":
        what, why = _segment(told.code)
        return Explanation(about=told.about, code=told.code, what=what, why=why)
    try:
        say = SAYINGS[told.about][told.code]
    except KeyError:
        raise NothingToSay(f"{told.about} {told.code!r}") from None
    what, why = say(told.numbers)
    return Explanation(about=told.about, code=told.code, what=what, why=why)


def _too_new(n: Numbers) -> Pair:
    months, least = n["months_of_history"], n["min_months_of_history"]
    return (
        ngettext(
            "Not graded yet: the records cover %(n)d month.",
            "Not graded yet: the records cover %(n)d months.",
            months,
        )
        % {"n": months},
        ngettext(
            "A grade is given after %(n)d month, so that one bill alone decides nothing.",
            "A grade is given after %(n)d months, so that one bill alone decides nothing.",
            least,
        )
        % {"n": least},
    )


def _unpaid(n: Numbers) -> Pair:
    return (
        _(
            "Grade D: %(n)d reminders arrived without a payment, and the oldest open bill is "
            "%(days)d days overdue."
        )
        % {"n": n["unpaid_reminders"], "days": n["days_overdue"]},
        _(
            "A person at the station has confirmed it; it changes how we keep in touch, never "
            "price, terms or repair."
        ),
    )


def _theft(n: Numbers) -> Pair:
    return (
        _("Grade %(grade)s: a verified meter case that is not closed yet stands in the records.")
        % {"grade": n["grade"]},
        _("It no longer counts once the case is closed; from then on payments alone decide."),
    )


def _long_overdue(n: Numbers) -> Pair:
    return (
        _(
            "Grade %(grade)s: a bill has been overdue for %(days)d days, more than the %(limit)d "
            "that grade A allows."
        )
        % {"grade": n["grade"], "days": n["days_overdue"], "limit": n["days_overdue_a"]},
        _("By its reminders alone the account would stand better; paying the bill opens the way."),
    )


def _reminded(n: Numbers) -> str:
    """Return the first sentence of the grades that count months with a reminder."""
    months = n["reminded_months"]
    said = {"grade": n["grade"], "n": months}
    if not months:
        return _("Grade %(grade)s: no reminder was needed in the last 12 months.") % said
    if n["is_brought_to_a_year"]:
        return _(
            "Grade %(grade)s: brought to a whole year, %(n)d of 12 months needed a reminder."
        ) % (said)
    text = ngettext(
        "Grade %(grade)s: a reminder was needed in %(n)d of the last 12 months.",
        "Grade %(grade)s: reminders were needed in %(n)d of the last 12 months.",
        months,
    )
    return text % said


def _never(n: Numbers) -> Pair:
    return (
        _reminded(n),
        _("That is all grade A asks for; a justified complaint never lowers a grade."),
    )


def _sometimes(n: Numbers) -> Pair:
    text = ngettext(
        "Up to %(n)d such month a year is grade B; only reminders that arrived are counted.",
        "Up to %(n)d such months a year are grade B; only reminders that arrived are counted.",
        n["reminded_months_b"],
    )
    return _reminded(n), text % {"n": n["reminded_months_b"]}


def _often(n: Numbers) -> Pair:
    text = ngettext(
        "More than %(n)d such month a year is grade C; what may be in the way is said below.",
        "More than %(n)d such months a year are grade C; what may be in the way is said below.",
        n["reminded_months_b"],
    )
    return _reminded(n), text % {"n": n["reminded_months_b"]}


def _every_month(n: Numbers) -> Pair:
    return (
        _reminded(n),
        _("That is nearly every month: finding out why helps more than one more reminder."),
    )


def _held(n: Numbers) -> Pair:
    months, limit = n["candidate_months"], n["months_to_improve"]
    if months:
        what = ngettext(
            "Grade %(grade)s for now: payments have gone better for %(n)d month.",
            "Grade %(grade)s for now: payments have gone better for %(n)d months.",
            months,
        )
    else:
        what = _("Grade %(grade)s for now: payments have begun to go better.")
    why = ngettext(
        "The better grade follows once this has lasted %(n)d month, so that grades do not flicker.",
        "The better grade follows once this has lasted %(n)d months, so that grades "
        "do not flicker.",
        limit,
    )
    return what % {"grade": n["grade"], "n": months}, why % {"n": limit}


def _awaits(n: Numbers) -> Pair:
    return (
        _(
            "Grade %(grade)s for now: %(n)d reminders arrived without a payment, and a bill is "
            "%(days)d days overdue."
        )
        % {"grade": n["grade"], "n": n["unpaid_reminders"], "days": n["days_overdue"]},
        _(
            "By its rules the system proposes grade D; only a person may give it, and until then "
            "it is not used."
        ),
    )


def _no_trace(n: Numbers) -> Pair:
    return (
        _("Grade %(grade)s, from how the last 12 months were paid.") % {"grade": n["grade"]},
        _("The steps of that night were not kept."),
    )


def _chance(n: Numbers) -> str:
    hundred = round(100 * (n["probability"] or 0.0))
    if hundred < 1:
        return _("Of 100 bills like the next one here, fewer than 1 stays unpaid in its window.")
    if hundred > 99:
        return _("Bills like the next one here nearly all stay unpaid in their window.")
    text = ngettext(
        "Of 100 bills like the next one here, about %(n)d stays unpaid in its window.",
        "Of 100 bills like the next one here, about %(n)d stay unpaid in their window.",
        hundred,
    )
    return text % {"n": hundred}


def _learned(n: Numbers) -> Pair:
    raises = phrases.factor(code=n["raises"][0]) if n["raises"] else ""
    lowers = phrases.factor(code=n["lowers"][0]) if n["lowers"] else ""
    said = {"raises": raises, "lowers": lowers}
    if raises and lowers:
        why = _("%(raises)s raises it most, %(lowers)s lowers it most.") % said
    elif raises:
        why = _("%(raises)s raises it most, and nothing in the records lowers it much.") % said
    elif lowers:
        why = _("%(lowers)s lowers it most, and nothing in the records raises it much.") % said
    else:
        why = _("Nothing in the records moves it far from what is usual here.")
    return _chance(n), phrases.capitalised(text=why)


def _by_rule(n: Numbers) -> Pair:
    return (
        _chance(n),
        _(
            "There is too little history here to learn from, so it follows the way of paying and "
            "past lateness alone."
        ),
    )


def _value(n: Numbers) -> Pair:
    growth, said = n["growth"], {"amount": formats.money(value=n["yearly_cny"] or 0, digits=0)}
    if growth is None:
        what = _("In the last 12 months %(amount)s was billed here.") % said
    elif abs(growth) < LEAST_GROWTH:
        what = _("In the last 12 months %(amount)s was billed here, with use as in years before.")
        what %= said
    else:
        said["growth"] = phrases.percent(share=abs(growth))
        what = (
            _(
                "In the last 12 months %(amount)s was billed here, with use growing by "
                "%(growth)s a year."
            )
            if growth >= 0
            else _(
                "In the last 12 months %(amount)s was billed here, with use falling by "
                "%(growth)s a year."
            )
        ) % said
    reasons = phrases.value_reasons(codes=n["reasons"])
    if not reasons:
        return what, _("It says who may want advice first, never on what terms anybody is served.")
    return what, _("It rests on this: %(reasons)s.") % {"reasons": reasons}


def _segment(code: str) -> Pair:
    try:
        name, who, need = (
            phrases.of_segment(code=code, what=what) for what in ("name", "who", "need")
        )
    except loader.PolicyRowUnknown as error:
        raise NothingToSay(f"SEGMENT {code!r}") from error
    return (
        _("Counted among “%(name)s”: %(who)s.") % {"name": name, "who": who},
        _("What such customers want most: %(need)s.") % {"need": need},
    )


def _forecast(n: Numbers) -> Pair:
    mid, low, high = (
        formats.money(value=n[name] or 0, digits=0) for name in ("mid", "low", "high")
    )
    return (
        _(
            "The running bill should come to about %(mid)s, 8 times in 10 between "
            "%(low)s and %(high)s."
        )
        % {"mid": mid, "low": low, "high": high},
        _so_far(n),
    )


def _so_far(n: Numbers) -> str:
    """Return what was measured of the running bill, or only how it is foreseen."""
    if "so_far_kwh" not in n:
        return _(
            "It adds what was measured so far to what this home usually uses on the days "
            "still to come."
        )
    said = {
        "kwh": formats.number(value=n["so_far_kwh"], digits=0),
        "whole": formats.number(value=n["whole_kwh"], digits=0),
        "first": formats.day_long(value=n["first_day"]),
        "last": formats.day_long(value=n["last_day"]),
        "n": n["n_measured"],
        "days": n["n_days"],
        "left": n["n_to_come"],
    }
    if n["n_measured"] < n["n_days"]:
        return (
            _(
                "Of the %(days)d days since %(first)s, %(n)d days were measured with %(kwh)s kWh; "
                "the other days as usual make it about %(whole)s kWh."
            )
            % said
        )
    if not n["n_to_come"]:
        return _("All its days are measured, %(first)s to %(last)s: %(kwh)s kWh.") % said
    return (
        ngettext(
            "So far %(kwh)s kWh were measured (%(first)s to %(last)s); with the %(left)d day "
            "to come as usual it makes about %(whole)s kWh.",
            "So far %(kwh)s kWh were measured (%(first)s to %(last)s); with the %(left)d days "
            "to come as usual it makes about %(whole)s kWh.",
            n["n_to_come"],
        )
        % said
    )


SAYINGS: dict[str, dict[str, Callable[[Numbers], Pair]]] = {
    "GRADE": {
        "TOO_NEW": _too_new,
        "UNPAID_AFTER_REMINDERS": _unpaid,
        "VERIFIED_THEFT": _theft,
        "LONG_OVERDUE": _long_overdue,
        "NEVER_REMINDED": _never,
        "SOMETIMES_REMINDED": _sometimes,
        "OFTEN_REMINDED": _often,
        "REMINDED_EVERY_MONTH": _every_month,
        "HELD_UNTIL_IT_LASTS": _held,
        "D_AWAITS_CONFIRMATION": _awaits,
        "NO_TRACE": _no_trace,
    },
    "RISK": {"LEARNED": _learned, "BY_RULE": _by_rule},
    "CAUSE": asking.CAUSES,
    "CHANGE": asking.CHANGES,
    "VALUE": {"HIGH": _value, "MEDIUM": _value, "LOW": _value},
    "FORECAST": {"MONTH": _forecast},
}
