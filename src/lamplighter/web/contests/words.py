"""Words for the codes of contests."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lamplighter.web.frame import codes

Words = str | Promise
ABOUT: dict[str, Words] = {
    "GRADE": _("the grade"),
    "RISK": _("the risk of not paying in time"),
    "CAUSE": _("the likely cause"),
    "CHANGE": _("a change of use"),
    "VALUE": _("the value"),
}
WISHES: dict[str, Words] = {
    "REVIEW": _("A person should look at it again"),
    "NO_AUTOMATION": _("No machine should judge this"),
}
CHANNELS: dict[str, Words] = {
    "PHONE": _("Telephone"),
    "COUNTER": _("Counter"),
    "VISIT": _("Visit"),
    "WEB": _("Web"),
    "PAPER": _("Letter"),
    "APP": _("App"),
}
OUTCOMES: dict[str, Words] = {
    "UPHELD": _("The finding stands"),
    "CORRECTED": _("The finding is corrected"),
    "AUTOMATION_REFUSED": _("Judged by a person from now on"),
}
FACTS: dict[str, Words] = {
    "PAYMENT": _("a payment"),
    "REMINDER": _("a reminder"),
    "READING": _("a reading"),
    "BILL": _("a bill"),
    "HOLDER": _("who holds the account"),
    "CONTACT": _("a contact"),
    "FLAG": _("a flag"),
    "OTHER": _("another fact"),
}
VERDICTS: dict[str, Words] = {
    "CONFIRMED": _("Grade D is confirmed"),
    "REFUSED": _("Grade D is not given"),
}
_KINDS = {"GRADE": "grade", "RISK": "risk", "CAUSE": "cause", "VALUE": "value"}


def value(*, about: str, code: str) -> str:
    """Return the word for a finding's value; a dash where there is none."""
    if not code:
        return "–"
    if code == "EXPLAINED":
        return str(_("The change is explained"))
    kind = _KINDS.get(about)
    return str(codes.word_for(kind=kind, code=code).label) if kind else code
