"""What a learnt judge is told of how a point followed its neighbours: traits of a surprise."""

from collections.abc import Callable, Iterator

import numpy as np
from numba import njit

from lamplighter.insight.habits.arrays import Integers, Singles
from lamplighter.insight.judge import control
from lamplighter.insight.judge.hours import HOURS, MARKS, DayShapes

PEERS_MOST = 64  # so many neighbours are control enough
CASES_AT_ONCE = 16384  # so many that a call's own cost hardly counts, and memory neither
PART_HOURS = 3  # the day in parts of so many hours
LEAST, EVEN = np.float32(0.02), np.float32(0.3)
E3, HALF = np.float32(1e-3), np.float32(0.5)

Figures = Iterator[tuple[str, Singles]]


def of_days(
    *,
    own: Singles,
    common: Singles,
    day: Integers,
    point: Integers,
    peers: Integers,
    apart: Integers,
) -> dict[str, Singles]:
    """Return the traits that daily totals beside the neighbours' show.

    Parameters
    ----------
    own : (n_points, n_days) float32
        Each point's own movement. [log] No NaN.
    common : (n_days,) float32
        The common movement, which is added again. [log]
    day, point : (n_cases,) int64
        Last day of each case, ascending, with twelve weeks up to it; its point.
    peers : (n_peers,) int64
        Points that tell what neighbours do. [row]
    apart : (n_points, n) int64
        Points that must not tell of a point, such as itself. [row] Below zero: none.

    Returns
    -------
    dict of (n_cases,) float32
        Traits by name. [logs, ratios, correlations]

    Raises
    ------
    ValueError
        A case has less than twelve weeks.

    Examples
    --------
    >>> own = np.random.default_rng(1).normal(size=(6, 90)).astype(np.float32)
    >>> own[0, -7:] += 5.0
    >>> found = of_days(
    ...     own=own, common=0.0 * own[0], day=np.array([89]), point=np.array([0]),
    ...     peers=np.arange(6), apart=np.arange(6)[:, None],
    ... )
    >>> bool(found["control_level_7"][0] > 2.0)
    True
    """
    return _collected(
        lambda part: _of_days(
            control.surprise(
                values=own,
                common=common,
                day=day[part],
                point=point[part],
                peers=_few(peers),
                apart=apart,
            )
        ),
        n_cases=len(day),
    )


def of_hours(
    *, shapes: DayShapes, day: Integers, point: Integers, peers: Integers, apart: Integers
) -> dict[str, Singles]:
    """Return the traits that the shape of the day beside the neighbours' shows.

    Parameters
    ----------
    shapes : DayShapes
        The days with shapes.
    day, point : (n_cases,) int64
        Last day of each case, in columns of the whole span, ascending, with twelve weeks of
        shapes; its point.
    peers : (n_peers,) int64
        Points that tell what neighbours do. [column of the shapes]
    apart : (n_points, n) int64
        Points that must not tell of a point, such as itself. Below zero: none.

    Returns
    -------
    dict of (n_cases,) float32
        Traits by name. [logs, ratios, correlations]

    Raises
    ------
    ValueError
        A case has less than twelve weeks of shapes.

    Examples
    --------
    >>> from lamplighter.insight.judge import hours
    >>> used = np.random.default_rng(1).uniform(0.5, 1.0, (6, 90, 24))
    >>> used[0, -7:, 19] += 3.0  # evenings from here on
    >>> found = of_hours(
    ...     shapes=hours.day_shapes(shapes=used, n_days=90), day=np.array([89]),
    ...     point=np.array([0]), peers=np.arange(6), apart=np.arange(6)[:, None],
    ... )
    >>> bool(found["hours_level_7"][0] > 1.0)
    True
    """
    n_days, _, n_points = shapes.root.shape
    parts = shapes.root.reshape(n_days, HOURS // PART_HOURS, PART_HOURS, n_points).mean(axis=2)
    lines = [*parts.transpose(1, 2, 0), *shapes.marks.transpose(1, 2, 0)]
    values = [np.ascontiguousarray(line) for line in lines]
    nothing = np.zeros(n_days, dtype=np.float32)

    def figures(part: Integers) -> Figures:
        of = [
            control.surprise(
                values=line,
                common=nothing,
                day=day[part] - shapes.begin,
                point=point[part],
                peers=_few(peers),
                apart=apart,
            )
            for line in values
        ]
        yield from _of_parts(of[: -len(MARKS)])
        for mark, one in zip(MARKS, of[-len(MARKS) :], strict=True):
            yield from _of_mark(mark, one)

    return _collected(figures, n_cases=len(day))


def _few(peers: Integers) -> Integers:
    evenly = np.linspace(0, len(peers) - 1, min(len(peers), PEERS_MOST))
    return np.asarray(peers[evenly.astype(int)])


def _collected(figures: Callable[[Integers], Figures], *, n_cases: int) -> dict[str, Singles]:
    found: dict[str, Singles] = {}
    for begin in range(0, max(n_cases, 1), CASES_AT_ONCE):
        end = min(begin + CASES_AT_ONCE, n_cases)
        part = np.arange(begin, end)
        if len(part) == 1:  # sums of a case alone would be added up in another order
            part = np.repeat(part, 2)
        for name, values in figures(part):
            if name not in found:
                found[name] = np.empty(n_cases, dtype=np.float32)
            found[name][begin:end] = values[: end - begin]
    return found


def _log(values: Singles) -> Singles:
    return np.asarray(np.log(values + LEAST))


@njit(cache=True, nogil=True, error_model="numpy")
def _middle(values: Singles) -> Singles:
    """Return the median over the first axis."""
    n, n_cases = values.shape
    rows = values.copy()
    for turn in range(n):  # neighbours change places until all are in order
        for place in range(turn % 2, n - 1, 2):
            one, two = rows[place], rows[place + 1]
            for case in range(n_cases):
                low, high = min(one[case], two[case]), max(one[case], two[case])
                one[case], two[case] = low, high
    middle: Singles = rows[n // 2]
    if n % 2 == 0:
        middle = (middle + rows[n // 2 - 1]) * HALF
    return middle


def _of_days(of: control.Surprise) -> Figures:
    size = np.abs(of.days)
    told = of.told[:10] - of.told[:10].mean(axis=0)
    expected = of.expected[:10] - of.expected[:10].mean(axis=0)
    both, own = (told * expected).sum(axis=0), np.square(expected).sum(axis=0)
    yield from ((f"control_{n}", _log(of.windows[at])) for at, n in enumerate(control.WINDOWS))
    yield "control_level_14", of.levels[0]
    yield "control_level_7", of.levels[1]
    yield "control_size_1", _log(size[:7].mean(axis=0))
    yield "control_size_2", _log(size[7:].mean(axis=0))
    yield "control_usual", np.log(of.usual)
    yield "control_spread", np.log(of.spread)
    yield "control_middle", _log(_middle(size[:10]))
    yield "control_most", _log(of.most)
    yield "control_correlation", both / np.sqrt(np.square(told).sum(axis=0) * own + E3)
    yield "control_slope", both / (own + EVEN)


def _of_parts(of: list[control.Surprise]) -> Figures:
    windows = np.stack([one.windows for one in of])  # (n_parts, n_windows, n_cases)
    days = np.stack([one.days for one in of])  # (n_parts, NEW_DAYS, n_cases)
    usual = np.stack([one.usual for one in of])
    spread = np.square(np.stack([one.spread for one in of]))
    week, each = windows[:, control.WINDOWS.index(7)], np.square(days).mean(axis=0)
    variance = (usual * spread).sum(axis=0)
    moved = (np.square(days) * (usual * spread)[:, None]).sum(axis=0) / variance
    for at, n in enumerate(control.WINDOWS):
        yield f"hours_{n}", _log(windows[:, at].mean(axis=0))
    yield "hours_most_7", _log(week.max(axis=0))
    yield "hours_middle_7", _log(_middle(week))
    for n in (14, 7, 3):
        yield f"hours_level_{n}", _log(n * np.square(days[:, :n].mean(axis=1)).mean(axis=0))
    yield "hours_day_10", _log(_middle(each[:10]))
    yield "hours_day_7", _log(_middle(each[:7]))
    yield "hours_least_6", _log(each[:6].min(axis=0))
    yield "hours_usual", np.log(variance)
    yield "hours_spread", np.log(spread.sum(axis=0))
    yield "hours_size_7", _log(moved[:7].mean(axis=0))
    yield "hours_size_3", _log(moved[:3].mean(axis=0))
    yield "hours_size_10", _log(_middle(moved[:10]))


def _of_mark(mark: str, of: control.Surprise) -> Figures:
    yield f"control_{mark}_10", _log(of.windows[control.WINDOWS.index(10)])
    yield f"control_{mark}_5", _log(of.windows[control.WINDOWS.index(5)])
    yield f"control_{mark}_level_7", of.levels[1]
    yield f"control_{mark}_level_4", np.abs(of.days[:4].mean(axis=0))
    yield f"control_{mark}_middle", _log(_middle(np.abs(of.days[:10])))
