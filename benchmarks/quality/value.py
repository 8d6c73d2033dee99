"""What an area will use next year, and what will still be unpaid at the month's end.

Growth: real meters in made-up neighbourhoods (every 9th and every 24th meter together), each
quarter, knowing the 36 months before; the truth is the growth of the meters measured in both
years. Beside it: no growth, and last year's growth again.

Recovery: in the twin's areas, each of the last months, on the first, third and fifth day after the
bills were out; the band against what was unpaid at the month's end; beside it last month's end.

    python -m benchmarks.quality.value cambridge_daily.parquet
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import goals
from benchmarks.quality import forecast, twin_bills
from benchmarks.quality.forecast import numbers
from lamplighter.facts.billing import window_shares
from lamplighter.insight.forecast import recovery
from lamplighter.insight.value import growth

Floats = npt.NDArray[np.float64]

KNOWN_MONTHS = 36
STEP_MONTHS = 3
NEIGHBOURHOODS = (9, 24)
JUDGED_MONTHS = 14
DAYS_OUT = (0, 2, 4)


def run(daily: Path) -> dict[str, Any]:
    """Judge the outlook of growth and the band of recovery."""
    series = forecast.cambridge(daily)
    monthly = by_month(series.energy_kwh, series.days)
    with tempfile.TemporaryDirectory() as folder:
        zone = twin_bills.make(folder=Path(folder))
    return {
        "growth_real": {
            f"{n} neighbourhoods": grown(monthly, np.arange(len(monthly)) % n)
            for n in NEIGHBOURHOODS
        },
        "recovery_in_twin": recovered(zone) | {"seed": zone.seed},
    }


def by_month(energy_kwh: Floats, days: npt.NDArray[np.datetime64]) -> Floats:
    """Return energy by point and month; NaN where more than a tenth of the days is missing."""
    months = days.astype("datetime64[M]").astype(np.int64)
    months -= months[0]
    monthly = np.full((len(energy_kwh), months[-1] + 1), np.nan)
    for number in range(months[-1] + 1):
        span = energy_kwh[:, months == number]
        there = ~np.isnan(span)
        count = there.sum(axis=1)
        enough = count >= 0.9 * span.shape[1]
        mean = np.where(there, span, 0.0).sum(axis=1) / np.maximum(count, 1)
        monthly[enough, number] = mean[enough] * span.shape[1]
    return monthly


def grown(monthly: Floats, area: npt.NDArray[np.int64]) -> dict[str, Any]:
    """Compare the outlook with the growth of the year after, quarter by quarter."""
    policy = numbers("value", growth.GrowthPolicy)
    found: dict[str, list[Floats]] = {
        "inside": [],
        "ours": [],
        "none": [],
        "again": [],
        "width": [],
    }
    for now in range(KNOWN_MONTHS, monthly.shape[1] - 11, STEP_MONTHS):
        known = growth.sums(energy_kwh=monthly[:, now - KNOWN_MONTHS : now], area=area)
        outlook = growth.outlooks(sums=known, policy=policy)
        after = growth.sums(energy_kwh=monthly[:, now - 12 : now + 12], area=area)
        truth = growth.outlooks(sums=after, policy=policy).past_growth
        good = ~np.isnan(truth) & ~np.isnan(outlook.growth_low)
        truth, low, high = truth[good], outlook.growth_low[good], outlook.growth_high[good]
        found["inside"].append((truth >= low) & (truth <= high))
        found["width"].append(high - low)
        found["ours"].append(np.abs(truth - outlook.growth[good]))
        found["none"].append(np.abs(truth))
        found["again"].append(np.abs(truth - np.nan_to_num(outlook.past_growth[good])))
    n_outlooks = sum(map(len, found["inside"]))
    if n_outlooks == 0:
        return {
            goals.LEFT_OUT: f"no growth to judge in {monthly.shape[1]} months of {len(monthly)} "
            f"meters: {KNOWN_MONTHS} are history, 12 more the truth"
        }
    of = {name: np.concatenate(values) for name, values in found.items()}
    return {
        "n": n_outlooks,
        "areas": len(np.unique(area)),
        "quarters": len(found["inside"]),
        "coverage": _round(np.mean(of["inside"])),
        "width": _round(np.mean(of["width"])),
        "error": _round(np.mean(of["ours"])),
        "no_growth_error": _round(np.mean(of["none"])),
        "last_growth_again_error": _round(np.mean(of["again"])),
    }


def recovered(zone: twin_bills.Zone) -> dict[str, Any]:
    """Compare the band with what was unpaid at each month's end, area by area."""
    policy = numbers("forecast", recovery.RecoveryPolicy)
    shares = np.stack([_windows(zone, area) for area in range(int(zone.area.max()) + 1)])
    result: dict[str, Any] = {"areas": len(shares), "months": JUDGED_MONTHS}
    everything: list[tuple[bool, float, float]] = []
    for day in DAYS_OUT:
        rows = []
        for windows in shares:
            for now in range(windows.shape[0] - JUDGED_MONTHS, windows.shape[0]):
                past, running = windows[max(0, now - policy.recovery_windows) : now], windows[now]
                end = int(np.flatnonzero(~np.isnan(running))[-1])
                found = recovery.band(
                    past=past, now=float(running[day]), day=day, n_days=end + 1, policy=policy
                )
                if found is None:
                    continue
                truth, at = running[end], end - day
                last = past[-1][~np.isnan(past[-1])][-1]
                inside = found.low[at] - 1e-9 <= truth <= found.high[at] + 1e-9
                rows.append((inside, abs(found.mid[at] - truth), abs(last - truth)))
        everything += rows
        result[f"day {day}"] = _rates(rows)
    return result | _rates(everything)


def _windows(zone: twin_bills.Zone, area: int) -> Floats:
    mine = zone.area == area
    of_bill, of_payment = mine[zone.bills.account], mine[zone.payments.account]
    money = window_shares.Money(
        bill_account=zone.bills.account[of_bill],
        bill_day=zone.bills.issued_day[of_bill].astype(np.int64),
        bill_fen=np.rint(zone.bills.amount_cny[of_bill] * 100).astype(np.int64),
        payment_account=zone.payments.account[of_payment],
        payment_day=zone.payments.day[of_payment].astype(np.int64),
        payment_fen=zone.payments.amount_fen[of_payment],
    )
    month = np.timedelta64(1, "M")
    months = np.arange(
        zone.days[0].astype("datetime64[M]") + month, zone.days[-1].astype("datetime64[M]")
    )
    return np.stack(
        [
            window_shares.of_month(
                money=money,
                first=int(m.astype("datetime64[D]").astype(np.int64)),
                last=int((m + month).astype("datetime64[D]").astype(np.int64)) - 1,
            )
            for m in months
        ]
    )


def _rates(rows: list[tuple[bool, float, float]]) -> dict[str, float]:
    inside, ours, last = (np.array(column, np.float64) for column in zip(*rows, strict=True))
    return {
        "n": len(rows),
        "coverage": _round(inside.mean()),
        "error": _round(ours.mean()),
        "last_month_error": _round(last.mean()),
    }


def _round(value: Any) -> float:
    return round(float(value), 4)


if __name__ == "__main__":
    json.dump(run(Path(sys.argv[1])), sys.stdout, indent=1)
