"""Words of the archive that the frame does not keep: kinds, roles, facets, states of consent."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, dict[str, Promise]] = {
    "kind": {
        "PERSON": _("Person"),
        "ENTERPRISE": _("Enterprise"),
        "INSTITUTION": _("Institution"),
    },
    "importance": {
        "SPECIAL": _("Important customer, special class"),
        "FIRST": _("Important customer, first class"),
        "SECOND": _("Important customer, second class"),
        "TEMPORARY": _("Important customer for a time"),
        "NONE": _("not classed as important"),
    },
    "contact": {
        "OWNER": _("Owner"),
        "TENANT": _("Tenant"),
        "PAYER": _("Pays the bills"),
        "CHILD_AWAY": _("Child working away"),
        "HOUSEHOLD_HEAD": _("Head of the household"),
        "OTHER": _("Contact"),
    },
    "basis": {
        "CONTRACT": _("needed for the contract"),
        "CONSENT": _("with consent"),
        "LEGAL_DUTY": _("required by law"),
    },
    "consent": {
        "VALID": _("valid"),
        "EXPIRED": _("expired: not to be used"),
        "WITHDRAWN": _("withdrawn: not to be used"),
    },
    "relation": {
        "LANDLORD_OF": _("lets to"),
        "FAMILY_OF": _("family of"),
        "EMPLOYS": _("employs"),
        "NEIGHBOUR_OF": _("neighbour of"),
    },
    "relation_back": {
        "LANDLORD_OF": _("rents from"),
        "FAMILY_OF": _("family of"),
        "EMPLOYS": _("works for"),
        "NEIGHBOUR_OF": _("neighbour of"),
    },
    "facet": {
        "BASIC": _("Basic facts"),
        "OPERATION": _("Business operation"),
        "FINANCE": _("Finance"),
        "CREDIT": _("Credit standing"),
        "COOPERATION": _("Cooperation"),
        "RECOVERY": _("Receivables"),
    },
    "item": {
        "kind": _("Kind"),
        "industry": _("Industry"),
        "category": _("Category"),
        "address": _("Address"),
        "n_accounts": _("Accounts of this customer"),
    },
    "request": {
        "CONSULTATION": _("Consultation"),
        "COMPLAINT": _("Complaint"),
        "REPORT": _("Report of misconduct"),
        "SUGGESTION": _("Suggestion"),
        "FAULT": _("Fault"),
        "INSTALLATION": _("Installation"),
        "OTHER": _("Other request"),
    },
    "assessment": {
        "SAFETY": _("Safety of the equipment"),
        "CREDIT": _("Market credit"),
    },
    "debit": {
        "PAID": _("debit went through"),
        "INSUFFICIENT": _("debit failed: not enough money"),
        "NO_MANDATE": _("debit failed: no mandate"),
        "ACCOUNT_CLOSED": _("debit failed: account closed"),
        "OTHER": _("debit failed"),
    },
    "subject": {
        "HOLDING": _("Holder of the account"),
        "IDENTITY": _("Who the customer is"),
        "AGREEMENT": _("Terms of supply"),
        "PREMISE": _("Where it is supplied"),
        "CONTACT": _("Contact"),
        "FLAG": _("Flag"),
    },
    "field": {
        "customer": _("customer"),
        "name": _("name"),
        "kind": _("kind"),
        "id_number": _("identity number"),
        "industry": _("industry"),
        "importance": _("importance"),
        "category": _("category"),
        "capacity_kva": _("capacity"),
        "tariff_code": _("tariff"),
        "is_prepaid": _("prepaid or not"),
        "payment_method": _("way of paying"),
        "first_day": _("first day"),
        "last_day": _("last day"),
        "area": _("station area"),
        "address": _("address"),
        "longitude_deg": _("longitude"),
        "latitude_deg": _("latitude"),
        "purpose": _("purpose"),
        "basis": _("basis"),
        "granted_date": _("consent given"),
        "expires_date": _("expiry"),
        "withdrawn_at": _("consent withdrawn"),
        "evidence": _("evidence"),
    },
    "about": {
        "GRADE": _("Grade"),
        "RISK": _("Risk of not paying in time"),
        "CAUSE": _("Likely cause"),
        "CHANGE": _("Change of use"),
        "VALUE": _("Value"),
        "FORECAST": _("The running bill"),
        "HIGH_USE": _("High use"),
        "SEGMENT": _("Group of customers"),
    },
    "decided": {
        "UPHELD": _("Upheld by a person"),
        "CORRECTED": _("Corrected by a person"),
        "AUTOMATION_REFUSED": _("Judged by a person from now on"),
    },
    "verdict": {
        "CONFIRMED": _("Grade D confirmed by a person"),
        "REFUSED": _("Grade D proposed and not given"),
    },
    "season": {
        "SPRING": _("Spring"),
        "SUMMER": _("Summer"),
        "AUTUMN": _("Autumn"),
        "WINTER": _("Winter"),
    },
    "kernel": {
        "grading": _("Grades"),
        "risk": _("Risk"),
        "causes": _("Causes"),
        "value": _("Value"),
        "habits": _("Habits"),
        "change": _("Changes"),
        "forecast": _("Forecast"),
    },
}
SEASONS = ("SPRING", "SUMMER", "AUTUMN", "WINTER")
WEEKDAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))


def word(*, kind: str, code: str) -> str:
    """Return the word for a code of the archive.

    Raises
    ------
    KeyError
        Nobody has given it a word.
    """
    return str(WORDS[kind][code]) if code else ""


def word_or_itself(*, kind: str, code: str) -> str:
    """Return the word for a code, or what was written itself where people write freely."""
    return str(WORDS[kind].get(code, code))
