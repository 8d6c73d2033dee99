"""The running bill foreseen on real meters and in the twin, before the reading day.

Each case is a bill from the 18th to the 17th, foreseen 5, 10 and 20 days before its end with
nothing but the days before; the kernel learns and calibrates on those alone. Beside it, on the same
cases: the same days a year ago, the month before, and "so far plus the pace of the last 28 days".
Money is judged in the twin: the bill as issued, the foreseen energy priced by the tariff, and by
the own mean price of the last three bills.

    python -m benchmarks.quality.forecast cambridge_daily.parquet
"""

import json
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks import goals, real_files
from benchmarks.quality import twin_bills
from lamplighter.insight.forecast import month
from lamplighter.insight.habits import arrays, neighbours, terms

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

RULES = Path(__file__).parents[2] / "src/lamplighter/policy/rules"
HISTORY_DAYS = 1096
DAYS_LEFT = (5, 10, 20)
FIRST_YEARS = 3  # of the real data, without a judged bill
READING_DAY = 18  # first day of a bill
PACE_DAYS = 28
SHIFTS = ((0.0, 0.1), (0.1, 0.3), (0.3, 0.7), (0.7, np.inf))


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Daily energy of points, who is whose neighbour, and the festivals of the place."""

    energy_kwh: Floats
    days: Days
    group: npt.NDArray[np.int64]
    festivals: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A bill foreseen on one day, by point; NaN where something is not known."""

    days_left: int
    first_day: np.datetime64
    as_of: np.datetime64
    truth_kwh: Floats
    forecast: month.MonthForecast
    pace_kwh: Floats
    shift: Floats


def run(daily: Path) -> dict[str, Any]:
    """Judge the forecast on the real meters and in the twin's zone."""
    real = cambridge(daily)
    begin = real.days[0] + np.timedelta64(FIRST_YEARS * 365, "D")
    with tempfile.TemporaryDirectory() as folder:
        zone = twin_bills.make(folder=Path(folder))
    twin = Series(
        energy_kwh=zone.energy_kwh, days=zone.days, group=zone.area, festivals=zone.festivals
    )
    twin_cases = list(cases(twin, since=twin.days[0] + np.timedelta64(2 * 365, "D")))
    return {
        "definition": "bill of a month foreseen before its end; interval of 80 %",
        "days_left": list(DAYS_LEFT),
        "real": judged_real(list(cases(real, since=begin)), real),
        "twin": judged(twin_cases) | {"seed": zone.seed},
        "money_in_twin": money(twin_cases, zone),
    }


def judged_real(made: Sequence[Case], real: Series) -> dict[str, Any]:
    """Return the figures of the real meters, or why there are none."""
    of = {"first_day": real.days[0], "last_day": real.days[-1]}
    if not any(np.any(~np.isnan(c.truth_kwh) & ~np.isnan(c.forecast.low_kwh)) for c in made):
        return of | {
            goals.LEFT_OUT: f"no bill to judge in {len(real.days)} days of "
            f"{len(real.energy_kwh)} meters: the first {FIRST_YEARS} years are history alone"
        }
    return of | judged(made)


def cambridge(path: Path) -> Series:
    """Return the real meters as one neighbourhood; a day without any hour is missing.

    Raises
    ------
    real_files.Unfit
        The file has not what a meter's days need.
    """
    table = real_files.read(path, columns=["meter", "day", "kwh", "zero_hours"])
    names, row = real_files.named(table, "meter")
    day = real_files.moments(table, "day", unit="D")
    days = np.arange(day.min(), day.max() + np.timedelta64(1, "D"))
    kwh = real_files.numbers(table, "kwh", kind=pa.float64())
    dark = real_files.numbers(table, "zero_hours", kind=pa.float64()) == 24
    energy, place = np.full((len(names), len(days)), np.nan), (day - days[0]).astype(int)
    energy[row, place] = np.where(dark, np.nan, kwh)
    real_files.refuse_repeats(energy[row, place], np.where(dark, np.nan, kwh), what="a meter's day")
    years = range(int(str(days[0])[:4]) - 1, int(str(days[-1])[:4]) + 2)
    return Series(
        energy_kwh=energy,
        days=days,
        group=np.zeros(len(names), np.int64),
        festivals=tuple(str(easter(year)) for year in years),
    )


def easter(year: int) -> np.datetime64:
    """Return Easter Sunday by the Gregorian rule (Meeus, Astronomical Algorithms, ch. 8)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    leap, of_leap = divmod(century, 4)
    moon = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    of_rest, last = divmod(rest, 4)
    sunday = (32 + 2 * of_leap + 2 * of_rest - moon - last) % 7
    late = (golden + 11 * moon + 22 * sunday) // 451
    month_of, day_of = divmod(moon + sunday - 7 * late + 114, 31)
    return np.datetime64(f"{year}-{month_of:02d}-{day_of + 1:02d}")


def numbers(name: str, shape: Any) -> Any:
    """Return a policy's numbers as a kernel takes them."""
    rows = tomllib.loads((RULES / name / "2014-11-01.toml").read_text(encoding="utf-8"))["rows"]
    values = {field.name: rows[field.name]["value"] for field in fields(shape)}
    return shape(**{key: tuple(v) if isinstance(v, list) else v for key, v in values.items()})


def cases(series: Series, *, since: np.datetime64) -> Iterator[Case]:
    """Yield each bill and day of forecast, knowing only the days before."""
    policy = replace(numbers("forecast", month.ForecastPolicy), festivals=series.festivals)
    neighbour_policy = numbers("habits", terms.NeighbourPolicy)
    for first, last in bills(series.days, since=since):
        for left in DAYS_LEFT:
            known = int((last - series.days[0]).astype(int)) + 1 - left
            seen = slice(max(0, known - HISTORY_DAYS), known)
            adjusted = neighbours.take_out_common(
                energy_kwh=series.energy_kwh[:, seen],
                days=series.days[seen],
                group=series.group,
                policy=neighbour_policy,
            )
            found = month.forecast_month(
                adjusted=adjusted, first_day=first, last_day=last, policy=policy
            )
            at, end = (int((day - series.days[0]).astype(int)) for day in (first, last))
            pace = arrays.row_mean(series.energy_kwh[:, known - PACE_DAYS : known])
            yield Case(
                days_left=left,
                first_day=first,
                as_of=series.days[known - 1],
                truth_kwh=series.energy_kwh[:, at : end + 1].sum(axis=1),
                forecast=found,
                pace_kwh=series.energy_kwh[:, at:known].sum(axis=1) + left * pace,
                shift=_shift(adjusted.adjusted_kwh),
            )


def bills(days: Days, *, since: np.datetime64) -> list[tuple[np.datetime64, np.datetime64]]:
    """Return first and last day of each bill that begins from a day on."""
    month, day = np.timedelta64(1, "M"), np.timedelta64(1, "D")
    begins, ends = since.astype("datetime64[M]"), days[-1].astype("datetime64[M]")
    months = np.arange(begins + month, ends + month)
    firsts = months.astype("datetime64[D]") + (READING_DAY - 1) * day
    lasts = (months + month).astype("datetime64[D]") + (READING_DAY - 2) * day
    return [(first, last) for first, last in zip(firsts, lasts, strict=True) if last <= days[-1]]


def _shift(adjusted_kwh: npt.NDArray[np.float32]) -> Floats:
    """Return how far the last 14 days lie from the 84 before: judged here, not by the kernel."""
    recent, before = (
        arrays.row_mean(adjusted_kwh[:, -14:]),
        arrays.row_mean(adjusted_kwh[:, -98:-14]),
    )
    both = (recent > 0.0) & (before > 0.0)
    ratio = np.where(both, recent, 1.0) / np.where(both, before, 1.0)
    return np.where(both, np.abs(np.log(ratio)), np.nan)


def judged(made: Sequence[Case]) -> dict[str, Any]:
    """Return coverage, error and peers: in all, and by horizon, size, change and year."""
    columns = {
        "truth": [case.truth_kwh for case in made],
        "forecast": [case.forecast.forecast_kwh for case in made],
        "low": [case.forecast.low_kwh for case in made],
        "high": [case.forecast.high_kwh for case in made],
        "seasonal_naive": [case.forecast.last_year_kwh for case in made],
        "last_month": [case.forecast.last_month_kwh for case in made],
        "pace": [case.pace_kwh for case in made],
        "shift": [case.shift for case in made],
        "left": [np.full(len(case.truth_kwh), float(case.days_left)) for case in made],
        "year": [np.full(len(case.truth_kwh), _year(case.first_day)) for case in made],
    }
    of = {name: np.concatenate(values) for name, values in columns.items()}
    there = ~np.isnan(of["truth"]) & ~np.isnan(of["low"]) & (of["truth"] > 0.0)
    of = {name: values[there] for name, values in of.items()}
    edges = np.quantile(of["truth"], [0.25, 0.5, 0.75])
    quarter = np.searchsorted(edges, of["truth"])
    return {
        "bills": len({str(case.first_day) for case in made}),
        "points": len(made[0].truth_kwh),
        **_figures(of, np.ones(len(of["truth"]), np.bool_)),
        "by_days_left": {str(n): _figures(of, of["left"] == n) for n in DAYS_LEFT},
        "by_size": {f"quarter {n + 1}": _figures(of, quarter == n) for n in range(4)},
        "by_change_of_habit": {
            f"from {low}": _figures(of, (of["shift"] >= low) & (of["shift"] < high))
            for low, high in SHIFTS
        },
        "coverage_by_year": {
            str(int(year)): _figures(of, of["year"] == year)["coverage"]
            for year in np.unique(of["year"])
        },
    }


def _year(day: np.datetime64) -> float:
    return float(str(day)[:4])


def _figures(of: dict[str, Floats], where: npt.NDArray[np.bool_]) -> dict[str, Any]:
    truth, low, high = of["truth"][where], of["low"][where], of["high"][where]
    inside = (truth >= low) & (truth <= high)
    result: dict[str, Any] = {
        "n": len(truth),
        "coverage": _round(inside.mean()) if len(truth) else None,
        "below": _round((truth < low).mean()) if len(truth) else None,
        "above": _round((truth > high).mean()) if len(truth) else None,
        "width_of_bill": _round((high - low).sum() / truth.sum()) if len(truth) else None,
    }
    peers = ("forecast", "pace", "last_month", "seasonal_naive")
    everybody = where & np.all([~np.isnan(of[peer]) for peer in peers], axis=0)
    base = of["truth"][everybody]
    for peer in peers:
        off = np.abs(of[peer][everybody] - base)
        result[f"{peer}_error"] = _round(off.sum() / base.sum()) if len(base) else None
        result[f"{peer}_error_of_a_point"] = _round(np.mean(off / base)) if len(base) else None
    return result


def money(made: Sequence[Case], zone: twin_bills.Zone) -> dict[str, Any]:
    """Judge the foreseen amount against the bill, priced in two ways from the same energy."""
    rows: dict[str, list[Floats]] = {}
    for case in made:
        found = zone.priced(first_day=case.first_day, as_of=case.as_of, forecast=case.forecast)
        for name, values in found.items():
            rows.setdefault(name, []).append(values)
    of = {name: np.concatenate(values) for name, values in rows.items()}
    known = (of["billed"] > 0.0) & ~np.isnan(of["low"]) & ~np.isnan(of["mean_price_low"])
    of = {name: values[known] for name, values in of.items()}
    truth = of["billed"]
    by_tariff = of["is_by_tariff"] > 0.0
    inside = (truth >= of["low"]) & (truth <= of["high"])
    inside_of_mean = (truth >= of["mean_price_low"]) & (truth <= of["mean_price_high"])
    return {
        "n": len(truth),
        "priced_by_tariff_share": _round(np.mean(by_tariff)),
        "coverage": _round(np.mean(inside)),
        "error": _round(np.abs(of["mid"] - truth).sum() / truth.sum()),
        "mean_price_coverage": _round(np.mean(inside_of_mean)),
        "mean_price_error": _round(np.abs(of["mean_price_mid"] - truth).sum() / truth.sum()),
        "known_energy_error": _round(np.abs(of["of_billed_energy"] - truth).sum() / truth.sum()),
        "known_energy_mean_price_error": _round(
            np.abs(of["of_billed_energy_at_mean_price"] - truth).sum() / truth.sum()
        ),
    }


def _round(value: Any) -> float:
    return round(float(value), 4)


if __name__ == "__main__":
    json.dump(run(Path(sys.argv[1])), sys.stdout, indent=1)
