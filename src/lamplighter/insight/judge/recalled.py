"""Had the point such weeks and days before? Who goes back to an old rhythm stayed."""

import numpy as np
from numba import njit

from lamplighter.insight.habits.arrays import Integers, Singles
from lamplighter.insight.judge.hours import HOURS, DayShapes, NoSuchShape

MEMORY_WEEKS = 40  # the last week is looked for in so many, as far as there are shapes
LEAST_WEEKS = 12
APART = 2  # a week between, so that no week is found in the one it grew out of
USUAL = (2, 10)  # weeks back that say what is usual, and how much it scatters
PAST = (3, 5, 7)  # weeks back that were looked for in the same way
ROOT_WEIGHT = np.float32(5.0)  # roots of shares weigh about as much as logs then
LEAST, SEVEN, ZERO = np.float32(1e-3), np.float32(7.0), np.float32(0.0)
OF_SEVEN = np.float32(8.0 / 7.0)  # each of eight weeks against the other seven
FIGURES = ("1", "2", "most", "log", "old", "usual")
MEMORY_DAYS = 280  # and each of the last days in so many
NEW_DAYS = 14
DAY_LEAST, STEADY = np.float32(0.02), np.float32(0.3)
DAY_FIGURES = ("1", "2", "3", "middle", "most", "least", "log", "score", "10")
WAYS = ("recalled", "recalled_own")  # as it is; in the point's own scatter of each hour


def of_shapes(*, shapes: DayShapes, day: Integers, point: Integers) -> dict[str, Singles]:
    """Return how far the last weeks and days are from the nearest that the point had before.

    Parameters
    ----------
    shapes : hours.DayShapes
        The days with shapes.
    day, point : (n_cases,) int64
        Last day of each case, in columns of the whole span, with twelve weeks of shapes; its
        column of the shapes.

    Returns
    -------
    dict of (n_cases,) float32
        Traits by name. [log ratios of square distances]

    Raises
    ------
    hours.NoSuchShape
        A case has fewer than twelve weeks of shapes.

    Examples
    --------
    >>> from lamplighter.insight.judge import hours
    >>> used = np.random.default_rng(1).uniform(0.9, 1.0, (2, 140, 24))
    >>> used[:, -7:, 19] += 3.0  # evenings in the last week,
    >>> used[1, 28:42, 19] += 3.0  # which the second point knew before
    >>> found = of_shapes(
    ...     shapes=hours.day_shapes(shapes=used, n_days=140),
    ...     day=np.array([139, 139]), point=np.array([0, 1]),
    ... )
    >>> bool(found["root_recalled_1"][0] > 2.0 > found["root_recalled_1"][1])
    True
    """
    row = np.asarray(day - shapes.begin)
    if len(row) and row.min() < 7 * LEAST_WEEKS - 1:
        raise NoSuchShape(f"{row.min() + 1} days of shapes before a case")
    found: dict[str, Singles] = {}
    for name, part, weight in (
        ("root", shapes.root, ROOT_WEIGHT),
        ("log", shapes.log, np.float32(1.0)),
    ):
        figures = np.empty((len(WAYS), len(FIGURES), len(row)), dtype=np.float32)
        _put_figures(part, row, point, weight, figures)
        for way, rows in zip(WAYS, figures, strict=True):
            found |= {f"{name}_{way}_{of}": one for of, one in zip(FIGURES, rows, strict=True)}
    by_day = np.empty((len(DAY_FIGURES), len(row)), dtype=np.float32)
    _put_days(shapes.root, row, point, by_day)
    return found | {f"recalled_days_{of}": one for of, one in zip(DAY_FIGURES, by_day, strict=True)}


compiled = njit(cache=True, nogil=True, error_model="numpy")


@compiled
def _put_figures(
    part: Singles, row: Integers, point: Integers, weight: np.float32, figures: Singles
) -> None:
    weeks = np.empty((MEMORY_WEEKS, HOURS), dtype=np.float32)
    for case in range(len(row)):
        n_weeks = min(MEMORY_WEEKS, (row[case] + 1) // 7)
        for back in range(n_weeks):
            last = row[case] - 7 * back
            for hour in range(HOURS):
                total = ZERO
                for day in range(7):
                    total += part[last - day, hour, point[case]]
                weeks[back, hour] = weight * total / SEVEN
        usual, scatter = _usual(weeks)
        even = np.ones(HOURS, dtype=np.float32)
        for way in range(2):
            _put_way(weeks[:n_weeks], usual, even if way == 0 else scatter, figures[way, :, case])


@compiled
def _put_way(weeks: Singles, usual: Singles, scatter: Singles, figures: Singles) -> None:
    n_weeks = len(weeks)
    one = np.log(_nearest(weeks, 0, APART, n_weeks, scatter) + LEAST)
    late = np.log(_nearest(weeks, 1, 1 + APART, n_weeks, scatter) + LEAST)
    then, most = ZERO, np.float32(-np.inf)
    for back in PAST:
        far = np.log(_nearest(weeks, back, back + APART, n_weeks, scatter) + LEAST)
        then += far / np.float32(len(PAST))
        most = max(most, far)
    young = np.log(_nearest(weeks, 0, APART, USUAL[1], scatter) + LEAST)
    figures[0] = one - then
    figures[1] = min(one, late) - then
    figures[2] = one - most
    figures[3] = one
    figures[4] = np.log(_nearest(weeks, 0, USUAL[1], n_weeks, scatter) + LEAST) - young
    figures[5] = one - np.log(_apart(weeks[0], usual, scatter) + LEAST)


@compiled
def _usual(weeks: Singles) -> tuple[Singles, Singles]:
    """Return the usual week, and how much each hour of it scatters."""
    first, last = USUAL
    count = np.float32(last - first)
    usual, scatter = np.zeros(HOURS, dtype=np.float32), np.zeros(HOURS, dtype=np.float32)
    for back in range(first, last):
        for hour in range(HOURS):
            usual[hour] += weeks[back, hour] / count
    for back in range(first, last):
        for hour in range(HOURS):
            away = (weeks[back, hour] - usual[hour]) * OF_SEVEN
            scatter[hour] += away * away / count
    return usual, scatter + LEAST


@compiled
def _nearest(weeks: Singles, place: int, begin: int, end: int, scatter: Singles) -> np.float32:
    nearest = np.float32(np.inf)
    for back in range(begin, end):
        nearest = min(nearest, _apart(weeks[place], weeks[back], scatter))
    return nearest


@compiled
def _apart(one: Singles, two: Singles, scatter: Singles) -> np.float32:
    total = ZERO
    for hour in range(HOURS):
        away = one[hour] - two[hour]
        total += away * away / scatter[hour]
    return total / np.float32(HOURS)


@compiled
def _put_days(root: Singles, row: Integers, point: Integers, figures: Singles) -> None:
    known = np.empty((HOURS, MEMORY_DAYS + NEW_DAYS + 7 * PAST[-1]), dtype=np.float32)
    for case in range(len(row)):
        n_days = min(known.shape[1], row[case] + 1)
        for day in range(n_days):
            line = root[row[case] - n_days + 1 + day, :, point[case]]
            for hour in range(HOURS):
                known[hour, day] = ROOT_WEIGHT * line[hour]
        now = _nearest_days(known, n_days, NEW_DAYS)
        then = np.empty((len(PAST), 7), dtype=np.float32)
        for at in range(len(PAST)):
            then[at] = _nearest_days(known, n_days - 7 * PAST[at], 7)
        usual, most = then.mean(), np.float32(-np.inf)
        for week in then:
            most = max(most, week.mean())
        week, ten = np.sort(now[:7]), np.sort(now[:10])
        of = figures[:, case]
        of[0] = now[:7].mean() - usual
        of[1] = now.mean() - usual
        of[2] = now[:3].mean() - usual
        of[3] = week[3] - np.sort(then.ravel())[then.size // 2]
        of[4] = now[:7].mean() - most
        of[5] = week[1] - usual
        of[6] = now[:7].mean()
        of[7] = of[0] / (np.sqrt(np.square(then - usual).mean()) + STEADY)
        of[8] = ten[3] - usual


@compiled
def _nearest_days(known: Singles, end: int, count: int) -> Singles:
    """Return the log of how far each of the last days is from the nearest two weeks before.

    The last day first; all are looked for in the same days.
    """
    until = end - NEW_DAYS
    begin = max(0, until - MEMORY_DAYS)
    logs, far = np.empty(count, dtype=np.float32), np.empty(until - begin, dtype=np.float32)
    for back in range(count):
        far[:] = ZERO
        for hour in range(HOURS):
            line, one = known[hour, begin:until], known[hour, end - 1 - back]
            for day in range(len(far)):  # days side by side
                away = line[day] - one
                far[day] += away * away
        logs[back] = np.log(far.min() + DAY_LEAST)
    return logs
