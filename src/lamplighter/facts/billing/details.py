"""How the amounts of an account's last bills came about, part by part.

A bill holds its energy and its amount. Its parts are worked out by the tariff of the account, and
told only where they add up to the amount that was billed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from lamplighter.facts.billing import pricing
from lamplighter.facts.billing.models import Bill
from lamplighter.facts.billing.pricing import Line, Tariff
from lamplighter.facts.billing.rates import ONE_PRICE, TWO_PRICES
from lamplighter.facts.customers import queries as customers
from lamplighter.facts.customers.story import Terms
from lamplighter.facts.intake.versions import known_at as at_moment
from lamplighter.policy.loader import Policy, Words

FEN, ENERGY_STEP_KWH = Decimal("0.01"), Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class BillDetail:
    """One bill; no lines where the tariff does not explain its amount."""

    first_day: date
    last_day: date
    due_date: date
    energy_kwh: Decimal | None
    amount_cny: Decimal
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeDetail:
    """The last bills of an account under its tariff, newest first."""

    tariff: Words | None  # None: the policy has no such tariff
    about: Mapping[str, Words]  # period of a line → what is priced
    splits_by_amount: bool  # peak and valley: the bill does not hold them, its amount tells
    bills: tuple[BillDetail, ...]


def fee_detail(
    *,
    account_id: int,
    customer_id: int,
    categories: Sequence[str] | None,
    known_at: datetime,
    tariffs: Policy,
    n_bills: int,
    zone: ZoneInfo,
) -> FeeDetail | None:
    """Return a customer's last bills of their account with their parts.

    None where its category of supply is not asked for, where the account is no longer theirs or has
    no bill; no bill of a holder before them. Four queries, one where the category is not asked for.
    The caller has let the customer to this account: nothing else is filtered.
    """
    terms = customers.terms_of_account(account_id=account_id, known_at=known_at)
    if terms is None or (categories is not None and terms.category not in categories):
        return None
    held = customers.held_since(account_id=account_id, customer_id=customer_id)
    if held is None:
        return None
    try:
        tariff = pricing.tariff(policy=tariffs, code=terms.tariff_code)
    except pricing.TariffUnknown:
        tariff = None
    known = Bill.objects.filter(at_moment(known_at), account_id=account_id)
    bills = list(
        known.filter(first_day__gte=held.astimezone(zone).date()).order_by("issued_date", "id")
    )
    if not bills:
        return None
    details = [
        BillDetail(
            first_day=bill.first_day,
            last_day=bill.last_day,
            due_date=bill.due_date,
            energy_kwh=bill.energy_kwh,
            amount_cny=bill.amount_cny,
            lines=_lines(bill, bills[:place], tariff=tariff, terms=terms),
        )
        for place, bill in enumerate(bills)
        if place >= len(bills) - n_bills
    ]
    return FeeDetail(
        tariff=tariff.name if tariff else None,
        about=_about(tariffs, tariff) if tariff else {},
        splits_by_amount=tariff is not None and _is_split(tariff),
        bills=tuple(reversed(details)),
    )


def _lines(
    bill: Bill, earlier: Sequence[Bill], *, tariff: Tariff | None, terms: Terms
) -> tuple[Line, ...]:
    """Return the parts of a bill that add up to its amount to the fen; else nothing."""
    year = [one.energy_kwh for one in earlier if one.issued_date.year == bill.issued_date.year]
    before = [energy for energy in year if energy is not None]
    if tariff is None or bill.energy_kwh is None or bill.energy_kwh < 0:
        return ()
    if tariff.step_limits_kwh and len(before) < len(year):
        return ()  # in which step it stands is not known
    if tariff.capacity_cny_per_kva_month and terms.capacity_kva is None:
        return ()
    energy = {"all": bill.energy_kwh}
    priced_by = partial(
        pricing.price,
        tariff=tariff,
        used_before_kwh=sum(before, Decimal(0)),
        capacity_kva=terms.capacity_kva or Decimal(0),
        n_months=_months(bill),
    )
    if _is_split(tariff):
        peak, valley = (tariff.base_cny_per_kwh[period] for period in TWO_PRICES)
        at_peak = priced_by(energy_kwh={"peak": bill.energy_kwh, "valley": Decimal(0)}).exact_cny
        cheaper = ((at_peak - bill.amount_cny) / (peak - valley)).quantize(ENERGY_STEP_KWH)
        if not 0 <= cheaper <= bill.energy_kwh:
            return ()
        energy = {"peak": bill.energy_kwh - cheaper, "valley": cheaper}
    elif set(tariff.base_cny_per_kwh) != set(ONE_PRICE):
        return ()
    priced = priced_by(energy_kwh=energy)
    return priced.lines if abs(priced.amount_cny - bill.amount_cny) <= FEN else ()


def _is_split(tariff: Tariff) -> bool:
    prices = tariff.base_cny_per_kwh
    return set(prices) == set(TWO_PRICES) and prices["peak"] > prices["valley"]


def _months(bill: Bill) -> int:
    end = bill.last_day + timedelta(1)
    months = 12 * (end.year - bill.first_day.year) + end.month - bill.first_day.month
    return max(months, 1)


def _about(tariffs: Policy, tariff: Tariff) -> dict[str, Words]:
    """Return what each period of a tariff prices, in the words of its rows."""
    rows = {
        period: f"{tariff.code}.base_cny_per_kwh.{period}" for period in tariff.base_cny_per_kwh
    }
    if tariff.capacity_cny_per_kva_month:
        rows["capacity"] = f"{tariff.code}.capacity_cny_per_kva_month"
    if tariff.step_limits_kwh:
        rows[""] = f"{tariff.code}.step_surcharges_cny_per_kwh"
    return {period: _short(tariffs.row(key).about) for period, key in rows.items()}


def _short(words: Words) -> Words:
    return Words(zh=words.zh.split(": ", 1)[-1], en=words.en.split(": ", 1)[-1])
