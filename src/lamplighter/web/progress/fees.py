"""A large customer's last bills on their own page: every part, its price, and what adds up."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from lamplighter.facts.billing.details import BillDetail, FeeDetail
from lamplighter.facts.billing.pricing import Line
from lamplighter.web.frame import formats, service_words

DIGITS_OF_A_PRICE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A line of a bill."""

    name: str
    quantity: str
    price: str
    amount_cny: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BillShown:
    """A bill; no parts where its price list does not explain its amount."""

    first_day: date
    last_day: date
    due_date: date
    energy_kwh: Decimal | None
    amount_cny: Decimal
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """The last bills, newest first, and how to read them."""

    tariff: str
    note: str
    bills: tuple[BillShown, ...]


def shown(*, found: FeeDetail | None) -> Fees | None:
    """Return bills as their customer reads them; None where none are to be shown."""
    if found is None:
        return None
    return Fees(
        tariff=service_words.own(found.tariff) if found.tariff else "",
        note=_note(found),
        bills=tuple(_bill(bill, found) for bill in found.bills),
    )


def _note(found: FeeDetail) -> str:
    said = [_("Prices include government funds and taxes; the bill does not list them apart.")]
    if found.splits_by_amount:
        said.append(_("Peak and valley are worked out from the amount that was billed."))
    return formats.sentences(*said)


def _bill(bill: BillDetail, found: FeeDetail) -> BillShown:
    return BillShown(
        first_day=bill.first_day,
        last_day=bill.last_day,
        due_date=bill.due_date,
        energy_kwh=bill.energy_kwh,
        amount_cny=bill.amount_cny,
        parts=tuple(_part(line, found) for line in bill.lines),
    )


def _part(line: Line, found: FeeDetail) -> Part:
    name = service_words.own(found.about[line.period])
    unit = _("kVA × months") if line.period == "capacity" else "kWh"
    if not line.period:
        name = _("Tier %(n)d: added to each kWh") % {"n": line.step + 1}
    return Part(
        name=name,
        quantity=f"{formats.number(value=line.quantity, digits=2)} {unit}",
        price=f"¥{formats.number(value=line.price_cny, digits=DIGITS_OF_A_PRICE)}",
        amount_cny=line.amount_cny,
    )
