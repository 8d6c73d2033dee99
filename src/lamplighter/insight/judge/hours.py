"""The shape of the day: how it moved beside the neighbours', and the traits it adds."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.habits.arrays import Booleans, Integers, Singles
from lamplighter.insight.judge import blocks
from lamplighter.insight.judge.motion import PEERS_LEAST, PEERS_MOST

HOURS = 24
WEEKS = 10  # two new, eight that they are compared with
BASE_DAYS = 56
E3, E4, E6 = np.float32(1e-3), np.float32(1e-4), np.float32(1e-6)


class NoSuchShape(ValueError):
    """The day shapes do not belong to these points, or their slots do not make hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayShapes:
    """Days by hours by points: each hour's part in its day, the common movement taken out."""

    begin: int  # column of the first day with shapes
    root: Singles  # (n_shape_days, 24, n_points) root of the hour's share
    log: Singles  # (n_shape_days, 24, n_points) log of the hour's share of an even day
    marks: Singles  # (n_shape_days, len(MARKS), n_points) logs of single figures of the day
    is_known: Booleans  # (n_shape_days, n_points) the day had a shape of its own


MARKS = ("rest", "top", "night", "ruggedness")


def day_shapes(
    *, shapes: npt.NDArray[np.floating], n_days: int, tells: Booleans | None = None
) -> DayShapes:
    """Return how the shape of each day moved beside the neighbours'.

    A day with a missing or negative slot, or without any energy, has no shape; it takes that
    of a week before. The common movement is as in ``motion.motion``, hour by hour.

    Parameters
    ----------
    shapes : (n_points, n_shape_days, n_slots) float64
        Energy of each slot of the last days of the span, 24 or 96 a day. [kWh] NaN: missing.
    n_days : int
        Days of the whole span. [day]
    tells : (n_points,) bool
        Which points tell the common movement; None: all.

    Returns
    -------
    DayShapes
        The days with shapes, turned.

    Raises
    ------
    NoSuchShape
        The array is not points by days by slots of whole hours, or has more days than the span.

    Examples
    --------
    >>> found = day_shapes(shapes=np.ones((1, 3, 24)), n_days=10)
    >>> found.begin, bool(np.allclose(found.root, np.sqrt(1 / 24)))
    (7, True)
    """
    if shapes.ndim != 3 or shapes.shape[2] % HOURS or not shapes.shape[2]:
        raise NoSuchShape(f"{shapes.shape}")
    if shapes.shape[1] > n_days:
        raise NoSuchShape(f"{shapes.shape[1]} days of shapes in a span of {n_days}")
    n_points, n_shape_days, n_slots = shapes.shape
    by_hour = shapes.reshape(n_points, n_shape_days, HOURS, n_slots // HOURS).sum(axis=3)
    hours = np.ascontiguousarray(by_hour.transpose(1, 2, 0), dtype=np.float32)
    total = hours.sum(axis=1)
    known = (total > 0.0) & ~(hours < 0.0).any(axis=1)  # NaN: neither
    even = np.float32(HOURS)
    share: Singles = np.where(known[:, None], hours, np.float32(1.0))
    share /= np.where(known, total, even)[:, None]
    marks = _marks(share)
    parts = [np.sqrt(share), np.log(np.float32(HOURS) * share + np.float32(0.03)), marks]
    for part in parts:
        seen = np.where(known[:, None], part, np.float32(np.nan))
        part -= _common(seen if tells is None else seen[:, :, tells])[:, :, None]
        for day in range(7, n_shape_days):
            lacking = ~known[day]
            if lacking.any():
                part[day][:, lacking] = part[day - 7][:, lacking]
    return DayShapes(
        begin=n_days - n_shape_days, root=parts[0], log=parts[1], marks=parts[2], is_known=known
    )


def _marks(share: Singles) -> Singles:
    ordered = np.sort(share, axis=1)
    figures = [
        ordered[:, 2],
        ordered[:, 21],
        share[:, :5].mean(axis=1),
        np.abs(share[:, 1:] - share[:, :-1]).mean(axis=1),
    ]
    stacked = np.float32(HOURS) * np.stack(figures, axis=1) + np.float32(0.02)
    return np.asarray(np.log(stacked))


def _common(part: Singles) -> Singles:
    """Return the neighbours' common movement of each hour, (n_days, n_hours)."""
    n_days, width, n_points = part.shape
    common = np.zeros((n_days, width), dtype=np.float32)
    if n_points < PEERS_LEAST:
        return common
    few = part[:, :, np.linspace(0, n_points - 1, min(n_points, PEERS_MOST)).astype(int)]
    there = ~np.isnan(few[:, 0])
    total = np.zeros((n_days + 1, *few.shape[1:]))
    np.cumsum(np.nan_to_num(few), axis=0, out=total[1:])
    count = np.zeros((n_days + 1, few.shape[2]))
    np.cumsum(there, axis=0, out=count[1:])
    first = _middle(few[:BASE_DAYS].transpose(1, 2, 0))
    for day in range(n_days):  # each day rests on the days before it
        if day < BASE_DAYS:
            common[day] = _middle(few[day] - first)
            continue
        begin = day - BASE_DAYS
        known = count[day] - count[begin]
        base = (total[day] - total[begin]) / np.maximum(known, 1.0)
        base[:, known < BASE_DAYS / 2] = np.nan
        common[day] = _middle(few[day] - base) + common[begin:day].mean(axis=0)
    return common


def _middle(values: npt.NDArray[np.floating]) -> Singles:
    """Return the median over the last axis of what is there; 0 where too little is."""
    ordered = np.sort(values, axis=-1)
    count = np.count_nonzero(~np.isnan(ordered), axis=-1)
    low = np.take_along_axis(ordered, (np.maximum(count - 1, 0) // 2)[..., None], -1)[..., 0]
    high = np.take_along_axis(
        ordered, np.minimum(count // 2, ordered.shape[-1] - 1)[..., None], -1
    )[..., 0]
    enough = count >= PEERS_LEAST if values.ndim == 2 else count > 0
    return np.where(enough, np.nan_to_num((low + high) / 2.0), 0.0).astype(np.float32)


def of_hours(*, shapes: DayShapes, day: Integers, point: Integers) -> dict[str, Singles]:
    """Return the traits that the shape of the day shows.

    Parameters
    ----------
    shapes : DayShapes
        The days with shapes.
    day, point : (n_cases,) int64
        Last day of each case, in columns of the whole span, with ten weeks of shapes; its point.

    Returns
    -------
    dict of (n_cases,) float32
        Traits by name. [log ratios, ratios, correlations]

    Raises
    ------
    NoSuchShape
        A case has fewer than ten weeks of shapes.

    Examples
    --------
    >>> hours = np.random.default_rng(1).uniform(0.5, 1.0, (1, 70, 24))
    >>> hours[0, -7:, 19] += 3.0  # evenings from here on
    >>> shapes = day_shapes(shapes=hours, n_days=70)
    >>> found = of_hours(shapes=shapes, day=np.array([69]), point=np.array([0]))
    >>> bool(found["root_distance_1"][0] > 2.0)
    True
    """
    if len(day) == 1:  # sums of a case alone would be added up in another order
        twice = of_hours(shapes=shapes, day=np.repeat(day, 2), point=np.repeat(point, 2))
        return {name: values[:1] for name, values in twice.items()}
    row = day - shapes.begin
    if len(row) and row.min() < 7 * WEEKS - 1:
        raise NoSuchShape(f"{row.min() + 1} days of shapes before a case")
    found: dict[str, Singles] = {}
    for name, part in (("root", shapes.root), ("log", shapes.log)):
        weeks = _blocks(part, row, point)
        _of_shape(found, name, weeks)
        if name == "root":
            _of_days(found, name, weeks)
    for number, mark in enumerate(MARKS):
        one = np.ascontiguousarray(shapes.marks[:, number].T)
        _of_mark(found, mark, blocks.weeks(one, day=row, point=point, n_weeks=WEEKS))
    return found


def _blocks(part: Singles, row: Integers, point: Integers) -> Singles:
    """Return (WEEKS, 7, 24, n_cases)."""
    out = np.empty((7 * WEEKS, HOURS, len(row)), dtype=np.float32)
    for place in range(7 * WEEKS):
        out[place] = part[row - (7 * WEEKS - 1 - place), :, point].T
    return out.reshape(WEEKS, 7, HOURS, len(row))


def _ratio(now: Singles, then: Singles, least: np.float32 = E6) -> Singles:
    return np.log((now + least) / (then + least))


def _of_shape(found: dict[str, Singles], name: str, weeks: Singles) -> None:
    usual = weeks[:-2].mean(axis=0)
    new, late = weeks[-1] - usual, weeks[-2] - usual  # (7, 24, n)
    past = (weeks[:-2] - usual) * np.float32(8.0 / 7.0)
    noise = np.square(past).mean(axis=(0, 1)) + E4  # (24, n)
    week = past.mean(axis=1)  # (8, 24, n)
    one, two, three = new.mean(axis=0), late.mean(axis=0), new[-3:].mean(axis=0)
    both = (one + two) / np.float32(2.0)
    pairs = (week[1:] + week[:-1]) / np.float32(2.0)
    size = np.square(week).sum(axis=1)
    for place, now, then in (
        ("3", three, size),
        ("1", one, size),
        ("2", both, np.square(pairs).sum(axis=1)),
    ):
        square = np.square(now).sum(axis=0)
        found[f"{name}_distance_{place}"] = _ratio(square, then.mean(axis=0))
        found[f"{name}_distance_most_{place}"] = _ratio(square, then.max(axis=0))
    found[f"{name}_distance_log"] = np.log(np.square(one).sum(axis=0) + E6)
    past_own = (np.square(week) / noise).sum(axis=1)
    for place, now in (("3", three), ("1", one), ("2", both)):
        own = (np.square(now) / noise).sum(axis=0)
        found[f"{name}_own_{place}"] = np.log(own + E3)
        found[f"{name}_own_ratio_{place}"] = _ratio(own, past_own.mean(axis=0), E3)
    found[f"{name}_own_most"] = _ratio((np.square(one) / noise).sum(axis=0), past_own.max(axis=0))
    found[f"{name}_agreement"] = (one * two).sum(axis=0) / np.sqrt(
        np.square(one).sum(axis=0) * np.square(two).sum(axis=0) + E6 * E3
    )
    nearest = np.square(weeks[:-2] - weeks[-1]).mean(axis=(1, 2)).min(axis=0)
    then_3 = [
        np.square(np.delete(weeks[:-2], at, axis=0) - weeks[at]).mean(axis=(1, 2)).min(axis=0)
        for at in (7, 5, 3)
    ]
    found[f"{name}_nearest"] = _ratio(nearest, np.mean(then_3, axis=0))
    found[f"{name}_noise"] = np.log(noise.mean(axis=0))


def _of_days(found: dict[str, Singles], name: str, weeks: Singles) -> None:
    n_cases = weeks.shape[3]
    usual = weeks[:-2].mean(axis=0)
    past = np.square((weeks[:-2] - usual) * np.float32(8.0 / 7.0)).sum(axis=2)  # (8, 7, n)
    new, late = (np.square(weeks[place] - usual).sum(axis=1) for place in (-1, -2))
    level = past.mean(axis=(0, 1))
    found[f"{name}_days_1"] = _ratio(new.mean(axis=0), level)
    found[f"{name}_days_2"] = _ratio((new + late).mean(axis=0) / np.float32(2.0), level)
    found[f"{name}_days_most"] = _ratio(new.mean(axis=0), past.mean(axis=1).max(axis=0))
    found[f"{name}_days_least"] = _ratio(new[-6:].min(axis=0), level)
    found[f"{name}_days_middle"] = _ratio(
        np.median(new, axis=0), np.median(past, axis=1).mean(axis=0)
    )
    centre = np.square((weeks[-1] - usual).mean(axis=0)).sum(axis=0)
    found[f"{name}_within"] = _ratio(np.maximum(new.mean(axis=0) - centre, 0.0), level)
    days = weeks.reshape(7 * WEEKS, HOURS, n_cases)
    step = np.square(days[1:] - days[:-1]).sum(axis=1)
    found[f"{name}_step"] = _ratio(step[-7:].mean(axis=0), step[:-14].mean(axis=0))
    weekly = np.square(weeks[1:] - weeks[:-1]).sum(axis=2)  # (9, 7, n)
    before = weekly[:-2].mean(axis=(0, 1))
    found[f"{name}_week_step_1"] = _ratio(weekly[-1].mean(axis=0), before)
    found[f"{name}_week_step_2"] = _ratio(weekly[-2].mean(axis=0), before)
    found[f"{name}_week_step_half"] = _ratio(weekly[-1][-4:].mean(axis=0), before)
    over_two = np.square(weeks[2:-2] - weeks[:-4]).sum(axis=2).mean(axis=(0, 1))
    found[f"{name}_two_week_step"] = _ratio(
        np.square(weeks[-1] - weeks[-3]).sum(axis=1).mean(axis=0), over_two
    )


def _of_mark(found: dict[str, Singles], name: str, weeks: Singles) -> None:
    usual = weeks[:-2].mean(axis=0)
    new, late = weeks[-1] - usual, weeks[-2] - usual
    past = (weeks[:-2] - usual) * np.float32(8.0 / 7.0)
    level = past.mean(axis=1)
    size = np.sqrt(np.square(level).mean(axis=0) + E4)
    one = new.mean(axis=0)
    found[f"{name}_1"] = np.abs(one) / size
    found[f"{name}_2"] = np.abs(one + late.mean(axis=0)) / (np.float32(2.0) * size)
    found[f"{name}_3"] = np.abs(new[-3:].mean(axis=0)) / size
    found[f"{name}_log"] = np.abs(one)
    found[f"{name}_most"] = np.abs(one) / (np.abs(level).max(axis=0) + np.float32(0.01))
    found[f"{name}_spread"] = _ratio(
        np.square(new).mean(axis=0), np.square(past).mean(axis=(0, 1)), E4
    )
