"""What an area is worth and how it may grow: the card beside its money."""

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamplighter.findings import areas_ahead
from lamplighter.findings.area_outlooks import AreaOutlook
from lamplighter.findings.areas_ahead import Ahead, BandShare
from lamplighter.kernel.viewer import Viewer
from lamplighter.web.frame import formats


@dataclass(frozen=True, slots=True, kw_only=True)
class BandPart:
    """One value band in the bar."""

    code: str
    kind: str
    value: Decimal
    text: str
    url: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """One thing that changed the area's use from year to year."""

    label: str
    n: int | None  # customers; None: all that stayed
    energy_kwh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlookCard:
    """An area's value by band, its use by year, and what changed it."""

    value_cny: Decimal
    bands: tuple[BandPart, ...]
    sentence: str
    chart: dict[str, Any] | None
    drivers: tuple[Driver, ...]


def card(*, viewer: Viewer, today: date, area_id: int, as_of: date) -> OutlookCard:
    """Fill the card."""
    seen: dict[str, Any] = {"viewer": viewer, "on": today, "area_id": area_id}
    shares = areas_ahead.value_by_band(**seen)
    found = areas_ahead.outlook(**seen, as_of=as_of)
    return OutlookCard(
        value_cny=sum((share.yearly_cny for share in shares), Decimal(0)),
        bands=tuple(_band(share) for share in shares),
        sentence=_sentence(found),
        chart=_chart(found, as_of=as_of),
        drivers=_drivers(found),
    )


def _band(share: BandShare) -> BandPart:
    said = ngettext("%(money)s · %(n)s customer", "%(money)s · %(n)s customers", share.n_accounts)
    money = formats.money(value=share.yearly_cny, digits=0)
    return BandPart(
        code=share.band,
        kind="value",
        value=share.yearly_cny,
        text=said % {"money": money, "n": share.n_accounts},
        url=None,
    )


def _sentence(found: AreaOutlook | None) -> str:
    if found is None or found.growth is None:
        return ""
    if found.growth_low is None or found.growth_high is None:
        return _("How far such an outlook errs is not known yet: that takes three years of bills.")
    said = _("The customers of today may use %(low)s to %(high)s next year (%(from)s to %(to)s).")
    return said % {
        "low": _energy(found.last_year_kwh * math.exp(found.growth_low)),
        "high": _energy(found.last_year_kwh * math.exp(found.growth_high)),
        "from": _per_cent(found.growth_low),
        "to": _per_cent(found.growth_high),
    }


def _energy(kwh: float) -> str:
    return f"{formats.number(value=kwh, digits=0)} kWh"


def _per_cent(growth: float) -> str:
    change = 100.0 * math.expm1(growth)
    text = formats.number(value=abs(change), digits=1)
    return f"{'−' if change < 0 else '+'}{text}%"


def _chart(found: AreaOutlook | None, *, as_of: date) -> dict[str, Any] | None:
    if found is None or found.growth is None or found.last_year_kwh <= 0.0:
        return None
    year = as_of.year
    past = (
        (_("The year before"), found.year_before_kwh),
        (_("Last 12 months"), found.last_year_kwh),
    )
    bars: list[dict[str, Any]] = [
        {"label": label, "value": round(kwh), "low": None, "high": None, "tone": "context"}
        for label, kwh in past
    ]
    low, high = (
        None if end is None else round(found.last_year_kwh * math.exp(end))
        for end in (found.growth_low, found.growth_high)
    )
    bars.append(
        {
            "label": _("Next 12 months, expected"),
            "value": round(found.last_year_kwh * math.exp(found.growth)),
            "low": low,
            "high": high,
            "tone": "action",
            "note": _("Of the customers of %(year)s; new ones are not foreseen.") % {"year": year},
        }
    )
    return {"unit": "energy", "bars": [{"note": ""} | bar for bar in bars]}


def _drivers(found: AreaOutlook | None) -> tuple[Driver, ...]:
    if found is None:
        return ()
    return (
        Driver(label=_("New customers"), n=found.n_new, energy_kwh=found.new_kwh),
        Driver(label=_("Changed use"), n=None, energy_kwh=found.changed_kwh),
        Driver(label=_("Customers lost"), n=found.n_lost, energy_kwh=found.lost_kwh),
    )


def band(ahead: Ahead | None) -> dict[str, Any] | None:
    """Return the band of the burn-down as the chart takes it."""
    if ahead is None:
        return None
    return {
        "first_day_of_month": ahead.first_day.day,
        "low_cny": list(ahead.low_cny),
        "mid_cny": list(ahead.mid_cny),
        "high_cny": list(ahead.high_cny),
    }


def said(ahead: Ahead | None) -> str:
    """Return what the band says of the month's end."""
    if ahead is None or len(ahead.mid_cny) < 2:
        return ""
    text = _("By the month's end %(mid)s may still be unpaid (%(low)s to %(high)s, 8 times of 10).")
    return text % {
        name: formats.money(value=values[-1], digits=0)
        for name, values in (
            ("low", ahead.low_cny),
            ("mid", ahead.mid_cny),
            ("high", ahead.high_cny),
        )
    }
