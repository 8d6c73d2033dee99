"""The bill that runs: what was measured so far, beside what is foreseen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from lamplighter.facts.billing.account import Money
from lamplighter.facts.metering.queries import DailySeries
from lamplighter.findings.queries import Finding
from lamplighter.kernel.spans import DaySpan, month_span
from lamplighter.web.customers import small_charts
from lamplighter.web.customers.small_charts import Bar
from lamplighter.web.frame import formats


@dataclass(frozen=True, slots=True, kw_only=True)
class SoFar:
    """What was measured of the running bill."""

    days: DaySpan  # from the day after the last billed one to the last day looked at
    energy_kwh: float  # of the days that have a reading
    n_measured: int  # days of the span that have one
    n_to_come: int  # days until the bill should end


def so_far(*, series: DailySeries | None, money: Money, as_of: date) -> SoFar | None:
    """Return what was measured since the last bill; None before a bill, a reading, or its end.

    A bill spans as many days as the month it begins in, as the night foresees it.
    """
    if series is None or not money.bills:
        return None
    first_day = max(bill.last_day for bill in money.bills) + timedelta(1)
    n_days = (as_of - first_day).days + 1
    n_whole = month_span(day=first_day).n_days
    begin = (first_day - series.days.first_day).days
    if not 0 < n_days <= n_whole or begin < 0:
        return None
    kwh = np.asarray(series.energy_kwh, np.float64)[begin : begin + n_days]
    measured = np.isfinite(kwh)
    if not measured.any():
        return None
    return SoFar(
        days=DaySpan(first_day=first_day, end_day=as_of + timedelta(1)),
        energy_kwh=float(kwh[measured].sum()),
        n_measured=int(measured.sum()),
        n_to_come=n_whole - n_days,
    )


def numbers(*, measured: SoFar | None, finding: Finding) -> Mapping[str, Any]:
    """Return what the sentences say of it; nothing where it was not measured or not foreseen."""
    if measured is None or finding.forecast_energy_kwh is None:
        return {}
    return {
        "so_far_kwh": measured.energy_kwh,
        "whole_kwh": finding.forecast_energy_kwh,
        "first_day": measured.days.first_day,
        "last_day": measured.days.end_day - timedelta(1),
        "n_days": measured.days.n_days,
        "n_measured": measured.n_measured,
        "n_to_come": measured.n_to_come,
    }


def energy_bars(*, measured: SoFar | None, finding: Finding) -> tuple[Bar, ...]:
    """Return the energy measured so far under the energy foreseen for the whole bill."""
    whole = finding.forecast_energy_kwh
    if measured is None or whole is None:
        return ()
    return small_charts.shares(
        parts=[
            (_("measured so far"), measured.energy_kwh, _kwh(measured.energy_kwh)),
            (_("foreseen for the whole bill"), whole, _kwh(whole)),
        ]
    )


def _kwh(value: float) -> str:
    return _("%(n)s kWh") % {"n": formats.number(value=value, digits=0)}


def amount_bars(*, money: Money, finding: Finding, as_of: date) -> tuple[Bar, ...]:
    """Return the bills of a year ago and of last month above the one that is foreseen."""
    by_month: dict[date, Decimal] = {}
    for bill in money.bills:
        month = bill.last_day.replace(day=1)
        by_month[month] = by_month.get(month, Decimal(0)) + bill.amount_cny
    this, last = as_of.replace(day=1), max(by_month, default=date.min)
    if last >= this:  # this month's bill is there: what runs is the next
        this = month_span(day=last).end_day
    parts: list[tuple[str, Any, Any, Any, str]] = [
        (formats.month(value=month), None, by_month[month], None, "context")
        for month in (this.replace(year=this.year - 1), last)
        if month in by_month
    ]
    low, mid, high = (
        *(finding.forecast_low_cny, finding.forecast_amount_cny),
        finding.forecast_high_cny,
    )
    parts.append((formats.month(value=this), low, mid, high, "lamp"))
    return small_charts.amounts(parts=parts)


def amber(*, finding: Finding) -> str:
    """Return what the chart of the bills shows in the lamp's colour."""
    words = {
        "TARIFF": _(
            "In amber: the running bill, priced by the tariff; the line is where it lies "
            "8 times in 10."
        ),
        "OWN_PRICE": _(
            "In amber: the running bill, at the mean price of the last bills; the line is where "
            "it lies 8 times in 10."
        ),
    }
    return words.get(finding.forecast_basis, "")


def basis(*, finding: Finding) -> str:
    """Return what the foreseen amount is priced by."""
    words = {
        "TARIFF": _("now: priced by the tariff"),
        "OWN_PRICE": _("now: at the mean price of the last bills"),
    }
    return words.get(finding.forecast_basis, "")
