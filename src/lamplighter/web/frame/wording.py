"""The reasons behind a grade, a risk and a cause, as a person says them.

Each sentence states what was seen. None of them judges the customer.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext

from lamplighter.web.frame.codes import CodeUnknown

Text = str | Promise

_GRADE_RULES: dict[str, Text] = {
    "TOO_NEW": later("Supplied for %(months_of_history)s months: too short to say."),
    "UNPAID_AFTER_REMINDERS": later(
        "%(unpaid_reminders)s reminders arrived; the bill has been open for %(days_overdue)s days."
    ),
    "VERIFIED_THEFT": later("A meter case stands verified in the file."),
    "LONG_OVERDUE": later("A bill has been overdue for %(days_overdue)s days."),
    "NEVER_REMINDED": later("Always paid without a reminder in the last twelve months."),
    "SOMETIMES_REMINDED": later(
        "Reminded in %(reminded_months)s of the last twelve months, and paid then."
    ),
    "OFTEN_REMINDED": later("Reminded in %(reminded_months)s of the last twelve months."),
    "REMINDED_EVERY_MONTH": later(
        "Reminded in nearly every month: %(reminded_months)s of the last twelve."
    ),
    "HELD_UNTIL_IT_LASTS": later(
        "A better grade is near: it has lasted %(candidate_months)s months so far."
    ),
    "D_AWAITS_CONFIRMATION": later(
        "Grade D is not given at once: first somebody asks what is in the way."
    ),
}
_RISK_REASONS: dict[str, tuple[Text, Text]] = {  # raises the risk, lowers it
    "PAY_TIME": (
        later("Recent payments came late"),
        later("Payments come in good time"),
    ),
    "PAY_AMOUNT": (
        later("Payments have not covered the whole bill"),
        later("Payments cover the whole bill"),
    ),
    "ARREARS_COUNT": (
        later("Several months were not paid in their window"),
        later("Hardly a month went unpaid"),
    ),
    "ARREARS_AMOUNT": (
        later("The open bill is large for this household"),
        later("The open bill is no larger than usual"),
    ),
    "PAY_METHOD": (
        later("Bills paid this way are more often late"),
        later("Bills paid this way are seldom late"),
    ),
    "CONTRACT_SIZE": (
        later("Accounts of this size are more often late"),
        later("Accounts of this size are seldom late"),
    ),
}
# The findings keep how much each sighting weighs, not whether it was there or absent, so the words
# say what was looked at.
_CAUSE_EVIDENCES: dict[str, Text] = {
    "bank_debit": later("whether they pay by bank debit"),
    "debits_never_funded": later("whether direct debits found funds"),
    "debits_at_times_funded": later("whether debits now go through and now find too little"),
    "pays_otherwise_after_failure": later("whether they pay another way after a failed debit"),
    "late_but_pays": later("whether late bills are paid in the end"),
    "few_days_late": later("how many days late they pay"),
    "home_empty": later("whether the home is lived in, by its use"),
    "family_away": later("whether family members work away"),
    "pays_on_return": later("whether they pay when somebody comes home"),
    "pays_from_afar": later("whether somebody pays for them from elsewhere"),
    "fills_at_festivals": later("whether the home fills when families return"),
    "dispute_open": later("whether a complaint is open"),
    "hardship": later("whether hardship is on file"),
    "pays_in_parts": later("whether they pay in parts"),
    "reminders_unanswered": later("whether a payment followed the reminders"),
}


def grade_rule(code: str, inputs: Mapping[str, Any]) -> str:
    """Say what a rule of grading saw.

    Raises
    ------
    CodeUnknown
        There is no such rule.
    """
    if code == "NEVER_REMINDED" and inputs.get("reminded_months"):
        allowed = _(
            "Reminded in %(reminded_months)s of the last twelve months: the rule lets it pass."
        )
        return str(allowed) % dict(inputs)
    return str(_of(_GRADE_RULES, "grade rule", code)) % dict(inputs)


def grade_limits(code: str, limits: Mapping[str, Any]) -> str:
    """Say what a rule compares with; empty where it compares with nothing.

    Raises
    ------
    CodeUnknown
        There is no such rule.
    """
    _of(_GRADE_RULES, "grade rule", code)
    if code == "NEVER_REMINDED":
        text = ngettext(
            "The rule: at most %(reminded_months_a)s month.",
            "The rule: at most %(reminded_months_a)s months.",
            int(limits["reminded_months_a"]),
        )
        return text % dict(limits)
    sentences: dict[str, Text] = {
        "TOO_NEW": _("The rule asks for at least %(min_months_of_history)s months."),
        "UNPAID_AFTER_REMINDERS": _(
            "The rule: at least %(unpaid_reminders_d)s reminders and %(days_overdue_d)s days."
        ),
        "LONG_OVERDUE": _("The rule: more than %(days_overdue_a)s days."),
        "SOMETIMES_REMINDED": _("The rule: at most %(reminded_months_b)s months."),
        "OFTEN_REMINDED": _(
            "The rule: more than %(reminded_months_b)s, "
            "fewer than %(reminded_months_every)s months."
        ),
        "REMINDED_EVERY_MONTH": _("The rule: at least %(reminded_months_every)s months."),
        "HELD_UNTIL_IT_LASTS": _("The rule: it must last %(months_to_improve)s months."),
        "D_AWAITS_CONFIRMATION": _("The rule: it must stand for %(months_to_confirm_d)s months."),
    }
    return str(sentences[code]) % dict(limits) if code in sentences else ""


def grade_would_change(change: Mapping[str, Any]) -> str:
    """Say what would bring a better grade; empty where nothing is foreseen."""
    if not change:
        return ""
    months, grade = int(change["quiet_months"]), str(change["grade"])
    if change["pays_debt"] and months == 0:
        return _("Paying the open bill brings grade %(grade)s at once.") % {"grade": grade}
    if change["pays_debt"]:
        text = ngettext(
            "Paying the open bill and %(n)s month without a reminder bring grade %(grade)s.",
            "Paying the open bill and %(n)s months without a reminder bring grade %(grade)s.",
            months,
        )
    else:
        text = ngettext(
            "%(n)s month without a reminder brings grade %(grade)s.",
            "%(n)s months without a reminder bring grade %(grade)s.",
            months,
        )
    return text % {"n": months, "grade": grade}


def risk_reason(code: str, *, raises: bool = True) -> str:
    """Say what raises, or lowers, the risk that a bill stays unpaid.

    Raises
    ------
    CodeUnknown
        There is no such reason.
    """
    return str(_of(_RISK_REASONS, "risk reason", code)[0 if raises else 1])


def cause_evidence(code: str) -> str:
    """Say what was looked at to tell the cause.

    Raises
    ------
    CodeUnknown
        There is no such evidence.
    """
    return str(_of(_CAUSE_EVIDENCES, "cause evidence", code))


def _of(words: Mapping[str, Any], kind: str, code: str) -> Any:
    try:
        return words[code]
    except KeyError:
        raise CodeUnknown(f"{kind} {code!r}") from None
