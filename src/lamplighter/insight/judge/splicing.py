"""Spliced tenant changes: real meters, cut and continued with another meter's days.

A window of 400 days of meter A continues from a random day with meter B's days of the same
dates, rescaled to A's mean over the window: the habit changes, the level does not. Nobody has to
say where anything truly changed: the splices are what is learnt from, and what is counted.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.habits.arrays import Booleans, Days, Floats, Integers, Singles
from lamplighter.insight.judge import watch

WINDOW_DAYS = 400
HIT_DAYS = 14
SETTLED_DAYS = 84  # a splice has this many days before it, and HIT_DAYS after it
METERS_LEAST = 12  # in a window
METERS_MOST = 64  # more are dealt out by chance: bounds memory, whatever meters are given
WHOLE_SHARE = 0.9  # of a meter's days that are above zero
EVERY = 3  # the kernel looks every third day
TRIES_MOST = 50  # for each window that is wanted


class NoWindow(ValueError):
    """Too few meters are whole for so long that a window of them could be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meters:
    """Days, and hours where there are any, of meters."""

    days: Days
    energy_kwh: Floats  # (n_meters, n_days)
    hours: Singles | None  # (n_meters, n_days, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Plain windows of the same dates, and spliced ones below them."""

    days: Days
    energy_kwh: Floats  # (n_windows, n_days)
    hours: Singles | None  # (n_windows, n_days, 24)
    meter: Integers  # (n_windows,)
    splice: Integers  # (n_windows,) day of the splice; -1: plain
    other: Integers  # (n_windows,) the meter it goes on with; -1: plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Every look at every window: plain ones, and the days after a splice."""

    names: tuple[str, ...]
    columns: Singles  # (n_traits, n_looks)
    meter: Integers  # (n_looks,)
    case: Integers  # (n_looks,) number of the window, plain and spliced counted on
    day: Integers  # (n_looks,) in the window
    splice: Integers  # (n_looks,) day of the splice in the window; -1: a plain window
    since: Integers  # (n_looks,) first day of the new habit, as the kernel dates it
    meter_of_case: Integers  # (n_cases,)
    splice_of_case: Integers  # (n_cases,)


def tabulate(
    *,
    meters: Meters,
    fold: Integers,
    n_starts: int,
    n_splices: int,
    rng: np.random.Generator,
    noise: float = 0.0,
    on_window: Callable[[], None] = lambda: None,
) -> Table:
    """Return every look of the kernel at random windows, each with so many splices beside it.

    The other meter is of the same fold, so that no judged splice shows a meter learnt from. The
    neighbours are the plain windows of the same dates; nothing said of a day uses a later one.

    Parameters
    ----------
    meters : Meters
        Whose windows; a zero is missing or vacant.
    fold : (n_meters,) int64
        The part each meter was dealt into. [number]
    n_starts : int
        Windows of all meters.
    n_splices : int
        Spliced windows beside each plain one.
    rng : numpy.random.Generator
        Chance; the same one, the same table.
    noise : float
        Most noise of a day that is added to the meters of every other window. [log units]
    on_window : callable
        Called after each window.

    Returns
    -------
    Table
        The looks.

    Raises
    ------
    NoWindow
        There is no window with enough whole meters.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> some = Meters(
    ...     days=np.datetime64("2025-01-01") + np.arange(400),
    ...     energy_kwh=np.exp(rng.normal(1.0, 0.3, (12, 400))), hours=None,
    ... )
    >>> table = tabulate(
    ...     meters=some, fold=np.arange(12) % 2, n_starts=1, n_splices=1, rng=rng
    ... )
    >>> len(table.splice_of_case), int(np.count_nonzero(table.splice_of_case < 0))
    (24, 12)
    """
    parts: list[dict[str, npt.NDArray[np.generic]]] = []
    of_case: list[Integers] = []
    names: tuple[str, ...] = ()
    done = tries = 0
    while done < n_starts and tries < TRIES_MOST * n_starts:
        tries += 1
        start = int(rng.integers(0, max(1, len(meters.days) - WINDOW_DAYS + 1)))
        some = _noisier(meters, noise, rng) if noise and done % 2 else meters
        one = panel(meters=some, start=start, fold=fold, n_splices=n_splices, rng=rng)
        if one is None:
            continue
        done += 1
        before = sum(len(case) for case in of_case) // 2
        of_case.append(np.stack([one.meter, one.splice], axis=1).reshape(-1))
        for found in _looks(one):
            if found.has_hours == (meters.hours is not None):
                names = found.names
                parts.append(_part(found, one.meter, one.splice, before))
        on_window()
    if not parts:
        raise NoWindow(f"no window of {WINDOW_DAYS} days with {METERS_LEAST} whole meters")
    together = {key: np.concatenate([p[key] for p in parts], axis=-1) for key in parts[0]}
    cases = np.concatenate(of_case).reshape(-1, 2)
    return Table(
        names=names,
        meter_of_case=cases[:, 0],
        splice_of_case=cases[:, 1],
        **together,
    )


def has_hours(*, table: Table) -> bool:
    """Return whether the looks show the hours of days too.

    Parameters
    ----------
    table : Table
        The looks.

    Returns
    -------
    bool
        The hours are among the traits.

    Raises
    ------

    Examples
    --------
    >>> none = np.zeros(0, dtype=np.int64)
    >>> has_hours(table=Table(
    ...     names=("root_step",), columns=np.zeros((1, 0), np.float32), meter=none, case=none,
    ...     day=none, splice=none, since=none, meter_of_case=none, splice_of_case=none,
    ... ))
    True
    """
    return "root_step" in table.names


def joined(*, tables: list[Table]) -> Table:
    """Return the looks of several tables of the same meters as one.

    Parameters
    ----------
    tables : list of Table
        One at least.

    Returns
    -------
    Table
        All looks; the windows are counted on.

    Raises
    ------

    Examples
    --------
    >>> one = np.zeros(1, dtype=np.int64)
    >>> table = Table(
    ...     names=("height",), columns=np.zeros((1, 1), np.float32), meter=one, case=one,
    ...     day=one, splice=one, since=one, meter_of_case=one, splice_of_case=one,
    ... )
    >>> joined(tables=[table, table]).case
    array([0, 1])
    """
    before = np.cumsum([0, *(len(table.meter_of_case) for table in tables)])
    each = ("columns", "meter", "day", "splice", "since", "meter_of_case", "splice_of_case")
    return Table(
        names=tables[0].names,
        case=np.concatenate([one.case + n for one, n in zip(tables, before, strict=False)]),
        **{name: np.concatenate([getattr(one, name) for one in tables], axis=-1) for name in each},
    )


def panel(
    *, meters: Meters, start: int, fold: Integers, n_splices: int, rng: np.random.Generator
) -> Panel | None:
    """Return the whole meters of a window, each with splices; None where they are too few.

    Parameters
    ----------
    meters : Meters
        Whose window.
    start : int
        Its first day. [column]
    fold : (n_meters,) int64
        The part each meter was dealt into. [number]
    n_splices : int
        Spliced windows beside each plain one.
    rng : numpy.random.Generator
        Chance.

    Returns
    -------
    Panel or None
        Plain windows first, then the spliced ones.

    Raises
    ------

    Examples
    --------
    >>> short = Meters(
    ...     days=np.datetime64("2025-01-01") + np.arange(9), energy_kwh=np.ones((12, 9)), hours=None
    ... )
    >>> panel(
    ...     meters=short, start=0, fold=np.arange(12), n_splices=1, rng=np.random.default_rng(1)
    ... ) is None
    True
    """
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
    return Panel(
        days=meters.days[span],
        energy_kwh=np.concatenate(rows),
        hours=None if shapes is None else np.concatenate(shapes),
        meter=np.array(meter),
        splice=np.array(splice),
        other=np.array(went_on),
    )


def _looks(one: Panel) -> list[watch.Cases]:
    return watch.cases(
        energy_kwh=one.energy_kwh,
        days=one.days,
        every=EVERY,
        chosen=None,
        shapes=one.hours,
        wanted=_wanted(one.splice),
        tells=one.splice < 0,
        apart=_apart(one),
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


def _continued(
    one: npt.NDArray[np.floating], other: npt.NDArray[np.floating], at: int
) -> npt.NDArray[np.floating]:
    return np.concatenate([one[:at], other[at:]])


def _apart(one: Panel) -> Integers:
    """Return the plain windows of the two meters of each window: they would betray the splice."""
    row_of = {meter: row for row, meter in enumerate(one.meter[one.splice < 0].tolist())}
    row_of[-1] = -1
    pairs = zip(one.meter.tolist(), one.other.tolist(), strict=True)
    return np.array([[row_of[meter], row_of[other]] for meter, other in pairs])


def _wanted(splice: Integers) -> Booleans:
    day = np.arange(WINDOW_DAYS)[:, None]
    return np.asarray((splice < 0) | ((day >= splice) & (day < splice + HIT_DAYS)))


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
