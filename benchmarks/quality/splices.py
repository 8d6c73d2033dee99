"""Spliced tenant changes: real meters, cut and continued with another meter's days.

A window of 400 days of meter A continues from a random day with meter B's days of the same
dates, rescaled to A's mean over the window: the habit changes, the level does not. A hit is an
alarm within 14 days; false alarms are counted on the same windows without a splice.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from lamplighter.insight.change import watch

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

WINDOW_DAYS = 400
HIT_DAYS = 14
SETTLED_DAYS = 84  # a splice has this many days before it, and HIT_DAYS after it
DEAD_DAYS = 14  # one alarm, however many days it lasts
METERS_LEAST = 12  # in a window
METERS_MOST = 64  # more are dealt out by chance: bounds memory, whatever files are given
WHOLE_SHARE = 0.9  # of a meter's days that are above zero
EVERY = 3  # the kernel looks every third day
NEVER = -99.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Meters:
    """Days, and hours where there are any, of meters."""

    days: Days
    energy_kwh: Floats  # (n_meters, n_days)
    hours: npt.NDArray[np.float32] | None  # (n_meters, n_days, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Plain windows of the same dates, and spliced ones below them."""

    days: Days
    energy_kwh: Floats  # (n_windows, n_days)
    hours: npt.NDArray[np.float32] | None  # (n_windows, n_days, 24)
    meter: Integers  # (n_windows,)
    splice: Integers  # (n_windows,) day of the splice; -1: plain
    other: Integers  # (n_windows,) the meter it goes on with; -1: plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Every look at every window: plain ones, and the days after a splice."""

    names: tuple[str, ...]
    columns: npt.NDArray[np.float32]  # (n_traits, n_looks)
    meter: Integers  # (n_looks,)
    case: Integers  # (n_looks,) number of the window, plain and spliced counted on
    day: Integers  # (n_looks,) in the window
    splice: Integers  # (n_looks,) day of the splice in the window; -1: a plain window
    since: Integers  # (n_looks,) first day of the new habit, as the kernel dates it
    meter_of_case: Integers  # (n_cases,)
    splice_of_case: Integers  # (n_cases,)


def read(folder: Path, *, hourly: bool) -> Meters:
    """Return the meters of a folder; a zero is missing or vacant."""
    if not hourly:
        table = pq.read_table(_file(folder, "daily"), columns=["meter", "day", "kwh"])
        names, row = np.unique(np.array(table["meter"].to_pylist()), return_inverse=True)
        day = table["day"].to_numpy().astype("datetime64[D]")
        days = day.min() + np.arange(int((day.max() - day.min()).astype(int)) + 1)
        energy = np.full((len(names), len(days)), np.nan)
        energy[row, (day - days[0]).astype(int)] = table["kwh"].to_numpy()
        return Meters(days=days, energy_kwh=energy, hours=None)
    table = pq.read_table(_file(folder, "hourly"), columns=["meter", "hour_start", "kwh"])
    encoded = table["meter"].combine_chunks().dictionary_encode()
    order = np.argsort(np.array(encoded.dictionary.to_pylist()))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    hour = table["hour_start"].to_numpy().astype("datetime64[h]").astype(np.int64)
    first = int(hour.min() // 24)
    n_days = int(hour.max() // 24) - first + 1
    hours = np.full((len(order), n_days, 24), np.nan, dtype=np.float32)
    hours[rank[encoded.indices.to_numpy()], hour // 24 - first, hour % 24] = table["kwh"].to_numpy()
    days = np.datetime64(first, "D") + np.arange(n_days)
    return Meters(days=days, energy_kwh=hours.sum(axis=2, dtype=np.float64), hours=hours)


def _file(folder: Path, kind: str) -> Path:
    """Return the one file of a kind, whatever meters it is of."""
    found = sorted(folder.glob(f"*_{kind}*.parquet"))
    if len(found) != 1:
        raise FileNotFoundError(f"{len(found)} files *_{kind}*.parquet in {folder}")
    return found[0]


def tabulate(
    meters: Meters,
    *,
    fold: Integers,
    n_starts: int,
    n_splices: int,
    rng: np.random.Generator,
    noise: float = 0.0,
) -> Table:
    """Return every look of the kernel at random windows, each with so many splices beside it.

    The other meter is of the same fold, so that no judged splice shows a meter learnt from. The
    neighbours are the plain windows of the same dates; nothing said of a day uses a later one.
    """
    parts: list[dict[str, npt.NDArray[np.generic]]] = []
    of_case: list[Integers] = []
    names: tuple[str, ...] = ()
    done = tries = 0
    while done < n_starts and tries < 50 * n_starts:
        tries += 1
        start = int(rng.integers(0, max(1, len(meters.days) - WINDOW_DAYS + 1)))
        some = _noisier(meters, noise, rng) if noise and done % 2 else meters
        one = panel(some, start, fold=fold, n_splices=n_splices, rng=rng)
        if one is None:
            continue
        done += 1
        meter, splice = one.meter, one.splice
        found = watch.cases(
            energy_kwh=one.energy_kwh,
            days=one.days,
            every=EVERY,
            chosen=None,
            shapes=one.hours,
            wanted=_wanted(splice),
            tells=splice < 0,
            apart=_apart(one),
        )
        before = sum(len(case) for case in of_case) // 2
        of_case.append(np.stack([meter, splice], axis=1).reshape(-1))
        for some in found:
            if some.has_hours == (meters.hours is not None):
                names = some.names
                parts.append(_part(some, meter, splice, before))
    if not parts:
        raise ValueError(f"no window of {WINDOW_DAYS} days with {METERS_LEAST} whole meters")
    joined = {key: np.concatenate([p[key] for p in parts], axis=-1) for key in parts[0]}
    cases = np.concatenate(of_case).reshape(-1, 2)
    return Table(
        names=names,
        meter_of_case=cases[:, 0],
        splice_of_case=cases[:, 1],
        **joined,  # type: ignore[arg-type]
    )


def has_hours(table: Table) -> bool:
    """Return whether the looks show the hours of days too."""
    return "root_step" in table.names


def joined(tables: list[Table]) -> Table:
    """Return the looks of several tables of the same meters as one."""
    before = np.cumsum([0, *(len(table.meter_of_case) for table in tables)])
    each = ("columns", "meter", "day", "splice", "since", "meter_of_case", "splice_of_case")
    return Table(
        names=tables[0].names,
        case=np.concatenate([one.case + n for one, n in zip(tables, before, strict=False)]),
        **{name: np.concatenate([getattr(one, name) for one in tables], axis=-1) for name in each},
    )


def _noisier(meters: Meters, most: float, rng: np.random.Generator) -> Meters:
    """Make each meter's days, and its hours, as much noisier as chance says."""
    share = rng.uniform(0.0, most, (len(meters.energy_kwh), 1))
    factor = np.exp(share * rng.standard_normal(meters.energy_kwh.shape))
    energy, hours = meters.energy_kwh * factor, None
    if meters.hours is not None:
        rough = rng.standard_normal(meters.hours.shape, dtype=np.float32)
        rough *= share[:, :, None].astype(np.float32)
        hours = meters.hours * np.exp(rough) * factor[:, :, None].astype(np.float32)
        energy = hours.sum(axis=2, dtype=np.float64)
    return Meters(days=meters.days, energy_kwh=energy, hours=hours)


def panel(
    meters: Meters, start: int, *, fold: Integers, n_splices: int, rng: np.random.Generator
) -> Panel | None:
    """Return the whole meters of a window, each with splices; None where they are too few."""
    span = slice(start, start + WINDOW_DAYS)
    window = meters.energy_kwh[:, span]
    whole = np.flatnonzero(np.mean(window > 0.0, axis=1) > WHOLE_SHARE)
    if len(whole) > METERS_MOST:
        whole = np.sort(rng.permutation(whole)[:METERS_MOST])
    if len(whole) < METERS_LEAST or window.shape[1] < WINDOW_DAYS:
        return None
    rows = [np.where(window[whole] > 0.0, window[whole], np.nan)]
    shapes = None if meters.hours is None else [meters.hours[whole, span]]
    meter, splice, went_on = list(whole), [-1] * len(whole), [-1] * len(whole)
    for place, one in enumerate(whole):
        others = [n for n in range(len(whole)) if n != place and fold[whole[n]] == fold[one]]
        for _ in range(n_splices if others else 0):
            other = int(rng.choice(others))
            at = int(rng.integers(SETTLED_DAYS, WINDOW_DAYS - HIT_DAYS + 1))
            ratio = float(np.nanmean(rows[0][place]) / np.nanmean(rows[0][other]))
            rows.append(_continued(rows[0][place], ratio * rows[0][other], at)[None])
            if shapes is not None:
                shapes.append(_continued(shapes[0][place], ratio * shapes[0][other], at)[None])
            meter.append(one)
            splice.append(at)
            went_on.append(whole[other])
    hours = None if shapes is None else np.concatenate(shapes)
    return Panel(
        days=meters.days[span],
        energy_kwh=np.concatenate(rows),
        hours=hours,
        meter=np.array(meter),
        splice=np.array(splice),
        other=np.array(went_on),
    )


def _continued(one: np.ndarray, other: np.ndarray, at: int) -> np.ndarray:
    return np.concatenate([one[:at], other[at:]])


def _apart(one: Panel) -> Integers:
    """Return the plain windows of the two meters of each window: they would betray the splice."""
    row_of = {meter: row for row, meter in enumerate(one.meter[one.splice < 0].tolist())}
    row_of[-1] = -1
    pairs = zip(one.meter.tolist(), one.other.tolist(), strict=True)
    return np.array([[row_of[meter], row_of[other]] for meter, other in pairs])


def _wanted(splice: Integers) -> npt.NDArray[np.bool_]:
    day = np.arange(WINDOW_DAYS)[:, None]
    return (splice < 0) | ((day >= splice) & (day < splice + HIT_DAYS))


def _part(
    some: watch.Cases, meter: Integers, splice: Integers, before: int
) -> dict[str, npt.NDArray[np.generic]]:
    return {
        "columns": some.columns,
        "meter": meter[some.point],
        "case": some.point + before,
        "day": some.day,
        "splice": splice[some.point],
        "since": some.since,
    }


def alarms(score: Floats, *, table: Table, threshold: float, chosen: npt.NDArray[np.bool_]) -> int:
    """Return the alarms on the chosen plain looks; one quiets its window for some days."""
    over = np.flatnonzero(chosen & (table.splice < 0) & (score >= threshold))
    over = over[np.lexsort((table.day[over], table.case[over]))]
    count, current, quiet_until = 0, -1, 0
    for case, day in zip(table.case[over].tolist(), table.day[over].tolist(), strict=True):
        if case != current or day >= quiet_until:
            count, current, quiet_until = count + 1, case, day + DEAD_DAYS
    return count


def highest(
    score: npt.NDArray[np.floating], *, table: Table
) -> tuple[npt.NDArray[np.floating], npt.NDArray[np.bool_]]:
    """Return the highest score of each fortnight, and whether it follows a splice.

    Fortnights of plain windows lie side by side; of a spliced one it is the one after the splice.
    """
    known = np.flatnonzero(score > NEVER)
    fortnight = np.where(table.splice[known] < 0, table.day[known] // DEAD_DAYS, 0)
    case = table.case[known]
    some, place = np.unique(case * WINDOW_DAYS + fortnight, return_inverse=True)
    most = np.full(len(some), NEVER, dtype=score.dtype)
    np.maximum.at(most, place, score[known])
    return most, table.splice_of_case[some // WINDOW_DAYS] >= 0


def years(table: Table, folds: npt.NDArray[np.bool_]) -> float:
    """Return the meter-years watched on the plain windows of the chosen meters."""
    plain = (table.splice_of_case < 0) & folds[table.meter_of_case]
    return np.count_nonzero(plain) * (WINDOW_DAYS - SETTLED_DAYS) / 365.25


def threshold_at(
    score: Floats, *, table: Table, learns: npt.NDArray[np.bool_], per_year: float
) -> float:
    """Return the lowest threshold with at most so many alarms a meter-year on these meters."""
    chosen = learns[table.meter]
    watched = years(table, learns)
    low, high = float(np.min(score)), float(np.max(score)) + 1e-3
    for _ in range(30):
        middle = (low + high) / 2.0
        if alarms(score, table=table, threshold=middle, chosen=chosen) / watched > per_year:
            low = middle
        else:
            high = middle
    return high


def hits(
    score: Floats, *, table: Table, threshold: float, judged: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.bool_], Integers, Integers]:
    """Return of each judged splice: was it seen, after how many days, dated how far off."""
    cases = np.flatnonzero((table.splice_of_case >= 0) & judged[table.meter_of_case])
    seen = np.zeros(len(cases), dtype=bool)
    delay, off = np.full(len(cases), -1), np.full(len(cases), 9999)
    place = np.full(len(table.meter_of_case), -1)
    place[cases] = np.arange(len(cases))
    looks = np.flatnonzero((place[table.case] >= 0) & (score >= threshold))
    for look in looks[np.argsort(-table.day[looks], kind="stable")]:  # the first alarm stays
        at = place[table.case[look]]
        seen[at] = True
        delay[at] = table.day[look] - table.splice[look] + 1
    best = np.full(len(cases), -np.inf)
    for look in looks:  # dated by the strongest look of the fortnight
        at = place[table.case[look]]
        if score[look] > best[at]:
            best[at], off[at] = score[look], table.since[look] - table.splice[look]
    return seen, delay, off
