"""Why an account is found otherwise, in words: what was recorded, when, by whom, by which file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from lamplighter.web.frame import codes, formats

SUBJECTS: dict[str, Promise] = {
    "BILL": later("Bill"),
    "PAYMENT": later("Payment"),
    "DEBIT": later("Debit"),
    "REMINDER": later("Reminder"),
    "AGREEMENT": later("Supply agreement"),
    "PREMISE": later("Address of supply"),
    "CONTACT": later("Contact"),
    "FLAG": later("Flag"),
    "READING": later("Readings"),
    "OUTCOME": later("Outcome of work"),
    "RULING": later("A person's decision"),
}
WITHOUT_FACTS: dict[str, Promise] = {
    "RULES": later("The rules differ; no fact of this account does."),
    "OTHERS": later(
        "No fact of this account was recorded in between. Neighbours' readings, or what is "
        "learnt from all accounts, became others."
    ),
    "NOTHING_FOUND": later("Nothing was found that explains it: look at this account."),
}
FIELDS: dict[str, Promise] = {
    "amount_cny": later("amount"),
    "energy_kwh": later("energy"),
    "issued_date": later("issued"),
    "due_date": later("due"),
    "paid_at": later("paid"),
    "attempted_at": later("tried"),
    "sent_at": later("sent"),
    "is_delivered": later("delivered"),
    "method": later("way of paying"),
    "payment_method": later("way of paying"),
    "outcome": later("outcome"),
    "channel": later("channel"),
    "category": later("category"),
    "capacity_kva": later("capacity"),
    "tariff_code": later("tariff"),
    "area_id": later("station area"),
    "role": later("role"),
    "kind": later("kind"),
    "expires_date": later("valid until"),
    "withdrawn_at": later("withdrawn"),
    "first_day": later("first day"),
    "last_day": later("last day"),
    "n_days": later("days"),
    "remedy": later("remedy"),
    "value": later("decided"),
}
AMOUNTS = ("amount_cny", "energy_kwh")
_CODED = {"method": "payment", "payment_method": "payment", "channel": "channel"}
_CODED |= {"category": "category", "remedy": "remedy"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One field of a fact: as known at the earlier moment and at the later one."""

    label: str
    was: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """One fact that the two moments know differently; or a sentence where there is none."""

    title: str
    text: str
    steps: tuple[Step, ...]
    recorded_at: datetime | None
    recorded_by: str
    file_name: str
    delivery_id: int | None


def because(reason: Mapping[str, Any]) -> Because:
    """Put one reason of a replay into words."""
    code = reason["code"]
    if code in WITHOUT_FACTS:
        return Because(
            title="",
            text=str(WITHOUT_FACTS[code]),
            steps=(),
            recorded_at=None,
            recorded_by="",
            file_name="",
            delivery_id=None,
        )
    was, now = reason["was"] or {}, reason["now"] or {}
    names = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    return Because(
        title=f"{SUBJECTS[code]} {_key(code, reason['key'])}".strip(),
        text=_kind_of_change(reason),
        steps=tuple(
            Step(
                label=str(FIELDS[name]),
                was=shown(name, was.get(name)),
                now=shown(name, now.get(name)),
            )
            for name in names
        ),
        recorded_at=datetime.fromisoformat(reason["recorded_at"]),
        recorded_by=reason["recorded_by"],
        file_name=reason["file_name"],
        delivery_id=reason["delivery_id"],
    )


def _key(code: str, key: str) -> str:
    return "" if code in ("OUTCOME", "CONTACT", "FLAG", "READING", "RULING") else key


def _kind_of_change(reason: Mapping[str, Any]) -> str:
    if reason["was"] is None:
        return _("Not known at the earlier moment.")
    if reason["now"] is None:
        return _("No longer held at the later moment.")
    return _("Corrected in between.")


def short(reason: Mapping[str, Any]) -> str:
    """Return one reason as one line of a list: what it is about, with its amount if it has one."""
    told = because(reason)
    if not told.title:
        return told.text
    amounts = [str(FIELDS[name]) for name in AMOUNTS]
    steps = sorted(told.steps, key=lambda step: step.label not in amounts)
    step = steps[0] if steps else None
    if reason["was"] is None:
        text = _("%(fact)s, recorded later")
        return text % {"fact": f"{told.title} {step.now}" if step else told.title}
    if reason["now"] is None:
        text = _("%(fact)s, no longer held")
        return text % {"fact": f"{told.title} {step.was}" if step else told.title}
    return f"{told.title} {step.was} → {step.now}" if step else told.title


def shown(name: str, text: str | None) -> str:
    """Return a fact's value as people read it."""
    if text is None or text == "":
        return formats.NOTHING
    if name == "amount_cny":
        return formats.money(value=Decimal(text), digits=2)
    if name == "energy_kwh":
        return f"{formats.number(value=Decimal(text), digits=1)} kWh"
    if name.endswith("_at"):
        return formats.moment(value=datetime.fromisoformat(text))
    if name.endswith(("_date", "_day")):
        return formats.day_long(value=date.fromisoformat(text))
    if name in _CODED and text in codes.WORDS[_CODED[name]]:
        return str(codes.word_for(kind=_CODED[name], code=text).label)
    if name == "is_delivered":
        return _("yes") if text == "True" else _("no")
    return text
