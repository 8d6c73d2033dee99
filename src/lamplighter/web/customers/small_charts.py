"""Small charts that stand beside a sentence: laid out here, drawn by a template."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext as _

from lamplighter.facts.billing.account import Money
from lamplighter.facts.metering.queries import DailySeries
from lamplighter.findings.queries import SignalFound
from lamplighter.kernel.spans import month_span
from lamplighter.web.frame import formats

WIDTH, HEIGHT, EDGE = 320.0, 88.0, 4.0
MONTHS = 12
DAYS_BEFORE, DAYS_AFTER = 60, 45
TEN = 10.0  # from here on, amounts are said without decimals
LONGEST = 48.0  # per cent of the width, from the middle, of a bar that may go both ways


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One month of the strip: REMINDED, LATE, PAID or NOTHING."""

    month: str
    name: str
    state: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar, in per cent of the width; a range has its middle marked."""

    label: str
    text: str
    x: str
    width: str
    tone: str
    mark_x: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Daily use around a change: its path, the neighbours' band, and two levels."""

    path: str
    band: str
    before: tuple[str, str, str]  # x1, x2, y; empty where no level is known
    after: tuple[str, str, str]
    day_x: str
    first: str
    last: str
    scale: str  # from zero to what, at the drawing's height
    label: str


def strip(*, money: Money, today: date, zone: ZoneInfo) -> tuple[Cell, ...]:
    """Return the last twelve months: reminded, paid late, paid in time, or nothing due."""
    reminded = {
        r.sent_at.astimezone(zone).date().replace(day=1) for r in money.reminders if r.is_delivered
    }
    late: set[date] = set()
    paid: set[date] = set()
    for bill in money.bills:
        until = bill.settled_date or today
        month = bill.due_date.replace(day=1)
        if until > bill.due_date:
            late.add(month)
        elif bill.settled_date is not None:
            paid.add(month)
    words = {
        "REMINDED": _("a reminder was needed"),
        "LATE": _("paid after the due day"),
        "PAID": _("paid in time"),
        "NOTHING": _("nothing was due"),
    }
    cells = []
    month = today.replace(day=1)
    for _n in range(MONTHS):
        state = (
            "REMINDED"
            if month in reminded
            else "LATE"
            if month in late
            else "PAID"
            if month in paid
            else "NOTHING"
        )
        name = formats.month(value=month)
        cells.append(
            Cell(month=str(month.month), name=name, state=state, text=f"{name}: {words[state]}")
        )
        month = month_span(day=month - timedelta(1)).first_day
    return tuple(reversed(cells))


def both_ways(*, parts: Sequence[tuple[str, float]]) -> tuple[Bar, ...]:
    """Return bars from the middle: to the right what raises, to the left what lowers."""
    most = max((abs(value) for _label, value in parts), default=0.0) or 1.0
    bars = []
    for label, value in parts:
        width = LONGEST * abs(value) / most
        bars.append(
            Bar(
                label=label,
                text=_("raises it") if value > 0 else _("lowers it"),
                x=f"{50.0 if value > 0 else 50.0 - width:.2f}",
                width=f"{width:.2f}",
                tone="up" if value > 0 else "down",
            )
        )
    return tuple(bars)


def amounts(*, parts: Sequence[tuple[str, Any, Any, Any, str]]) -> tuple[Bar, ...]:
    """Return bars from zero for (label, low, mid, high, tone); low and high may be None."""
    most = max((float(high or mid) for _l, _low, mid, high, _t in parts), default=0.0) or 1.0
    bars = []
    for label, low, mid, high, tone in parts:
        begin, end = (0.0, float(mid)) if low is None else (float(low), float(high))
        text = formats.money(value=Decimal(str(mid)), digits=0)
        if low is not None:
            text += f" ({formats.money(value=low, digits=0)}–{formats.money(value=high, digits=0)})"
        bars.append(
            Bar(
                label=label,
                text=text,
                x=f"{100 * begin / most:.2f}",
                width=f"{100 * max(end - begin, 0.0) / most:.2f}",
                tone=tone,
                mark_x=f"{100 * float(mid) / most:.2f}" if low is not None else "",
            )
        )
    return tuple(bars)


def shares(*, parts: Sequence[tuple[str, float, str]], whole: float = 0.0) -> tuple[Bar, ...]:
    """Return bars from zero for (label, weight, text); the whole, or the largest, is the width."""
    most = whole or max((value for _label, value, _text in parts), default=0.0) or 1.0
    return tuple(
        Bar(label=label, text=text, x="0", width=f"{100 * value / most:.2f}", tone="action")
        for label, value, text in parts
    )


def around(*, series: DailySeries | None, first_day: date, signal: SignalFound) -> Line | None:
    """Return the days around a change; None where there are no readings of them."""
    if series is None or signal.changed_date is None:
        return None
    place = (signal.changed_date - first_day).days
    begin, end = max(place - DAYS_BEFORE, 0), min(place + DAYS_AFTER, len(series.energy_kwh))
    kwh = np.asarray(series.energy_kwh, np.float64)[begin:end]
    if place < begin or place >= end or np.isfinite(kwh).sum() < 2:
        return None
    low, high = (
        np.asarray(band, np.float64)[begin:end]
        for band in (series.band_low_kwh, series.band_high_kwh)
    )
    levels = (signal.level_before_kwh_per_day, signal.level_after_kwh_per_day)
    top = max(
        *(np.nanmax(v) for v in (kwh, high) if np.isfinite(v).any()),
        *(level for level in levels if level is not None),
        0.1,
    )
    frame = _Frame(n_days=end - begin, top=float(top))
    day_x = frame.x(place - begin)
    return Line(
        path=frame.path(kwh),
        band=frame.band(low, high),
        before=frame.level(levels[0], 0.0, place - begin),
        after=frame.level(levels[1], place - begin, end - begin - 1),
        day_x=day_x,
        first=formats.day_long(value=first_day + timedelta(begin)),
        last=formats.day_long(value=first_day + timedelta(end - 1)),
        scale=_("from 0 to %(top)s kWh a day")
        % {"top": formats.number(value=float(top), digits=0 if top >= TEN else 1)},
        label=_("Use a day around %(day)s, in kWh")
        % {"day": formats.day_long(value=signal.changed_date)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """Where a day and an amount lie in the drawing."""

    n_days: int
    top: float

    def x(self, place: float) -> str:
        return f"{EDGE + place / max(self.n_days - 1, 1) * (WIDTH - 2 * EDGE):.1f}"

    def y(self, kwh: float) -> str:
        share = max(kwh, 0.0) / self.top
        return f"{HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE):.1f}"

    def path(self, kwh: np.ndarray) -> str:
        steps, pen_is_down = [], False
        for place, value in enumerate(kwh.tolist()):
            if not np.isfinite(value):
                pen_is_down = False
                continue
            steps.append(f"{'L' if pen_is_down else 'M'}{self.x(place)} {self.y(value)}")
            pen_is_down = True
        return " ".join(steps)

    def band(self, low: np.ndarray, high: np.ndarray) -> str:
        there = np.flatnonzero(np.isfinite(low) & np.isfinite(high)).tolist()
        if len(there) < 2:
            return ""
        upper = [f"{self.x(p)},{self.y(float(high[p]))}" for p in there]
        lower = [f"{self.x(p)},{self.y(float(low[p]))}" for p in reversed(there)]
        return " ".join([*upper, *lower])

    def level(self, kwh: float | None, begin: float, end: float) -> tuple[str, str, str]:
        if kwh is None or not np.isfinite(kwh):
            return ("", "", "")
        return (self.x(begin), self.x(end), self.y(kwh))
