"""The words for the codes that findings and facts use, and how calm a colour each one takes."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as word


class CodeUnknown(KeyError):
    """No word is kept for a code."""


@dataclass(frozen=True, slots=True)
class Word:
    """A code's word, the tone of its badge and its icon ("" for none)."""

    label: str | Promise
    tone: str = ""
    icon: str = ""


WORDS: dict[str, dict[str, Word]] = {
    "grade": {
        "A": Word(_("Grade A"), "a"),
        "B": Word(_("Grade B"), "b"),
        "C": Word(_("Grade C"), "c"),
        "D": Word(_("Grade D"), "d"),
        "N": Word(_("New, not graded yet"), "n"),
    },
    "risk": {
        "HIGH": Word(_("High risk"), "warn"),
        "MEDIUM": Word(_("Medium risk"), "outline"),
        "LOW": Word(_("Low risk")),
    },
    "value": {
        "HIGH": Word(_("High value"), "action"),
        "MEDIUM": Word(_("Medium value"), "outline"),
        "LOW": Word(_("Basic value")),
    },
    "cause": {
        "UNFUNDED_DEBIT": Word(_("Direct debit without funds")),
        "SHORT_BALANCE": Word(_("Balance often short")),
        "ABSENT_FAMILY": Word(_("Family working away")),
        "DISPUTE": Word(_("Open dispute")),
        "HARDSHIP": Word(_("In hardship")),
        "WILFUL": Word(_("Able but not paying")),
        "UNKNOWN": Word(_("Cause not known yet")),
    },
    "signal": {
        "SURGE": Word(_("Uses much more"), "action", "pulse"),
        "DROP": Word(_("Uses much less"), "action", "pulse"),
        "VACANCY": Word(_("Perhaps nobody home"), "action", "home"),
        "RETURN": Word(_("Back home"), "action", "home"),
        "TURNOVER": Word(_("Perhaps new residents"), "action", "people"),
        "APPLIANCE": Word(_("Perhaps a new appliance"), "action", "bulb"),
    },
    "list": {
        "JUMP": Word(_("Sudden jumps")),
        "HIGH_USE": Word(_("High use")),
    },
    "remedy": {
        "MOVE_TO_MAIN_ACCOUNT": Word(_("Move the debit to the account they use")),
        "SCHEDULED_REMINDER": Word(_("Agree on a reminder before the debit day")),
        "CONTACT_CHILD_AWAY": Word(_("Call the child working away")),
        "SETTLE_DISPUTE": Word(_("Settle the dispute first")),
        "HARDSHIP_PLAN": Word(_("Offer a plan in instalments")),
        "PEER_AND_PERSISTENCE": Word(_("Visit in person, patiently, within the window")),
        "ASK_CAUSE": Word(_("Ask what is in the way")),
        "CARE_VISIT": Word(_("Ask whether all is well")),
        "LANDLORD_CALL": Word(_("Call the landlord")),
        "ROUND_VISIT": Word(_("Call in regularly and listen")),
    },
    "outcome": {
        "DONE": Word(_("Done"), "good", "check"),
        "PROMISED": Word(_("Promised"), "good", "calendar"),
        "NOT_REACHED": Word(_("Not reached"), "", "phone"),
        "REFUSED": Word(_("Declined"), "", "close"),
        "WRONG_NUMBER": Word(_("Wrong number"), "", "phone"),
        "MOVED_AWAY": Word(_("Moved away"), "", "home"),
        "NOT_NEEDED": Word(_("Not needed"), "", "minus"),
    },
    "flag": {
        "LIFE_SUPPORT": Word(_("Life support at home"), "care", "heart"),
        "ELDERLY_ALONE": Word(_("Elderly, living alone"), "care", "heart"),
        "HARDSHIP": Word(_("In hardship"), "care", "heart"),
        "IMPORTANT": Word(_("Important customer"), "action", "shield"),
        "THEFT_VERIFIED": Word(_("Verified meter case"), "outline", "info"),
        "HOLD_DISPUTE": Word(_("On hold: dispute"), "outline", "clock"),
    },
    "category": {
        "RESIDENTIAL": Word(_("Residential")),
        "GENERAL": Word(_("General commercial")),
        "LARGE_INDUSTRY": Word(_("Large industry")),
        "AGRICULTURE": Word(_("Agriculture")),
        "OTHER": Word(_("Other")),
    },
    "payment": {
        "BANK_DEBIT": Word(_("Bank debit")),
        "WALLET": Word(_("Alipay or WeChat")),
        "APP": Word(_("Supplier's app")),
        "COUNTER": Word(_("Counter")),
        "CASH": Word(_("Cash to the collector")),
        "OTHER": Word(_("Other")),
    },
    "payment_status": {
        "PAID": Word(_("Paid")),
        "OPEN": Word(_("Open, still in time")),
        "LATE": Word(_("Past the due day")),
    },
    "channel": {
        "SMS": Word(_("Text message")),
        "PHONE": Word(_("Telephone")),
        "PAPER": Word(_("Letter")),
        "APP": Word(_("App")),
        "VISIT": Word(_("Visit")),
        "COUNTER": Word(_("Counter")),
        "WEB": Word(_("Web")),
    },
    "mark": {
        "READING": Word(_("Reading"), "", "bars"),
        "CHANGE": Word(_("Change in use"), "change", "pulse"),
        "BILL": Word(_("Bill"), "", "bill"),
        "PAYMENT": Word(_("Payment"), "payment", "wallet"),
        "REMINDER": Word(_("Reminder"), "", "chat"),
        "CALL": Word(_("Call"), "", "phone"),
        "VISIT": Word(word("mark", "Visit"), "", "person"),
        "ORDER": Word(_("Service order"), "", "wrench"),
        "COMPLAINT": Word(_("Complaint"), "complaint", "chat"),
        "NOTICE": Word(_("Notice"), "", "info"),
        "OTHER": Word(_("Note"), "", "file"),
    },
    "post": {
        "MANAGER": Word(_("Customer manager")),
        "AGENT": Word(_("Service agent")),
        "CREW": Word(_("Repair crew")),
        "SUPERVISOR": Word(_("Supervisor")),
        "STATION_HEAD": Word(_("Head of the station")),
        "BRANCH": Word(_("Branch")),
    },
    "quality": {
        "MEASURED": Word(_("Measured")),
        "ESTIMATED": Word(_("Estimated")),
    },
}

# A cause keeps one hue wherever it is drawn.
HUES: dict[str, dict[str, str]] = {
    "cause": {cause: str(place) for place, cause in enumerate(WORDS["cause"], start=1)},
    "grade": {grade: grade.lower() for grade in WORDS["grade"]},
    "payment_status": {"PAID": "paid", "OPEN": "open", "LATE": "late"},
    "value": {"HIGH": "1", "MEDIUM": "2", "LOW": "n"},
}


def word_for(*, kind: str, code: str) -> Word:
    """Return the word for one code.

    Raises
    ------
    CodeUnknown
        The kind or the code is not known.
    """
    try:
        return WORDS[kind][code]
    except KeyError:
        raise CodeUnknown(f"{kind} {code!r}") from None
