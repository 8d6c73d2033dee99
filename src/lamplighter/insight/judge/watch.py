"""Who is another household of late? A judge learnt from spliced meters looks every third day."""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.habits.arrays import Booleans, Days, Integers, Singles, weekday_of
from lamplighter.insight.judge import (
    blocks,
    following,
    hours,
    learnt,
    motion,
    process,
    recalled,
    screen,
    traits,
    trees,
)

HOURS_CASES_AT_ONCE = 128
MEASURED_SHARE = 0.7  # of the last two weeks, and of the ten before
PEER_TRAITS = (
    "root_own_1", "root_distance_1", "log_own_1", "root_step", "ruggedness_1", "ruggedness_spread",
    "root_days_least", "pattern_1", "two_week_step", "unexplained_2",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Point-days worth a second look, ordered by day and point."""

    day: Integers  # (n_cases,) last day known
    point: Integers  # (n_cases,)
    since: Integers  # (n_cases,) most likely first day of another habit
    columns: Singles  # (n_traits, n_cases)
    names: tuple[str, ...]  # (n_traits,)
    has_hours: bool  # the traits of the hours are among them


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What the judge said; days that were not worth a second look are not in it."""

    day: Integers  # (n_seen,) last day known when it was said
    point: Integers  # (n_seen,)
    log_odds: Singles  # (n_seen,) that another habit began within two weeks, were one a year usual
    since: Integers  # (n_seen,) most likely first day of it


def cases(
    *,
    energy_kwh: npt.NDArray[np.floating],
    days: Days,
    every: int,
    chosen: learnt.Judge | None,
    shapes: npt.NDArray[np.floating] | None = None,
    moved: motion.Motion | None = None,
    wanted: Booleans | None = None,
    tells: Booleans | None = None,
    apart: Integers | None = None,
) -> list[Cases]:
    """Return the traits of every point-day worth a second look.

    Parameters
    ----------
    energy_kwh : (n_points, n_days) float64
        Energy of each day. [kWh] NaN: missing.
    days : (n_days,) datetime64
        Consecutive local days.
    every : int
        A look every so many days. [day]
    chosen : learnt.Judge or None
        Whose screen chooses; None: every day looked at, as for learning.
    shapes : (n_points, n_shape_days, n_slots) float64
        Energy of each slot of the last days, if there is any. [kWh] NaN: missing.
    moved : motion.Motion
        The movements of the same points, if they are known already.
    wanted : (n_days, n_points) bool
        Point-days that are asked for; None: all.
    tells : (n_points,) bool
        Which points tell what neighbours do; None: all.
    apart : (n_points, n) int64
        Points that are never a point's neighbours. [row] Below zero: none; None: itself.

    Returns
    -------
    list of Cases
        Those known by daily totals alone, then those with hours; either may be absent.

    Raises
    ------
    hours.NoSuchShape
        The shapes belong to other points, or their slots do not make hours.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> home = examples.doubling_home()
    >>> found = cases(energy_kwh=home.energy_kwh, days=home.days, every=3, chosen=None)
    >>> found[0].columns.shape[1], found[0].has_hours
    (39, False)
    """
    if shapes is not None and len(shapes) != len(energy_kwh):
        raise hours.NoSuchShape(f"{len(shapes)} of {len(energy_kwh)} points")
    if not energy_kwh.size:
        return []
    if moved is None:
        moved = motion.motion(energy_kwh=energy_kwh, tells=tells)
    first = int(days[0].astype("datetime64[D]").astype(np.int64)) if len(days) else 0
    look = screen.looked_at(first=first, n_days=len(days), every=every)
    if wanted is None:
        wanted = np.ones((len(days), len(energy_kwh)), dtype=bool)
    rows = np.flatnonzero(wanted[look].any(axis=1))
    since, until = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 0)
    seen = screen.screen(motion=moved, look=look[:until], since=since)
    look = seen.look
    asked = wanted[look]
    if apart is None:
        apart = np.arange(len(energy_kwh))[:, None]
    beside = _Beside(peers=moved.peers, apart=apart)
    row, point = np.nonzero(_worth(seen, moved, chosen) & asked)
    weekday = weekday_of(days)
    if shapes is None:
        glances = () if chosen is None else chosen.glances[1:]
        return _some(_by_days(moved, seen, row, point, weekday, beside, glances))
    some = np.flatnonzero(np.isfinite(shapes).any(axis=(1, 2)))  # few homes have them
    those = None if tells is None else tells[some]
    shaped = hours.day_shapes(shapes=shapes[some], n_days=len(days), tells=those)
    known = np.zeros((len(look), len(energy_kwh)), dtype=bool)
    known[:, some] = _has_hours(shaped, look)
    known &= _measured(moved, look) & asked
    row_h, point_h = np.nonzero(known)
    rest = ~known[row, point]
    glances = () if chosen is None else chosen.glances[1:]
    found = _some(_by_days(moved, seen, row[rest], point[rest], weekday, beside, glances))
    if len(row_h):
        plain = _by_days(moved, seen, row_h, point_h, weekday, beside, ())
        found.append(
            _with_hours(
                plain,
                shaped,
                np.searchsorted(some, point_h),
                tells,
                _among(some, apart=apart, tells=tells),
            )
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """Who tells of whom."""

    peers: Integers  # (n_peers,) points that tell what neighbours do
    apart: Integers  # (n_points, n) points that never tell of a point; below zero: none


def _among(some: Integers, *, apart: Integers, tells: Booleans | None) -> _Beside:
    """Return who tells of whom among some of the points, by their place there."""
    place = np.full(len(apart) + 1, -1)
    place[some] = np.arange(len(some))  # the last stays: of no point
    peers = np.arange(len(some)) if tells is None else np.flatnonzero(tells[some])
    return _Beside(peers=peers, apart=place[np.maximum(apart[some], -1)])


def _worth(seen: screen.Screened, moved: motion.Motion, chosen: learnt.Judge | None) -> Booleans:
    enough = _measured(moved, seen.look)
    if chosen is None or not len(seen.look):
        return enough
    first = chosen.glances[0]
    said = trees.score_rows(forest=first.forest, columns=seen.signs, shared=seen.usual)
    return np.asarray(enough & (said >= first.limit))


def _measured(moved: motion.Motion, look: Integers) -> Booleans:
    count = moved.measured
    now = count[:, look + 1] - count[:, look - 13]
    then = count[:, look - 13] - count[:, look - 83]
    return np.asarray(((now >= MEASURED_SHARE * 14) & (then >= MEASURED_SHARE * 70)).T)


def _has_hours(shaped: hours.DayShapes, look: Integers) -> Booleans:
    n_days, n_points = shaped.is_known.shape
    count = np.zeros((n_days + 1, n_points), dtype=np.int64)
    np.cumsum(shaped.is_known, axis=0, out=count[1:])
    end = look + 1 - shaped.begin
    begin = end - process.DAYS
    enough = np.zeros((len(look), n_points), dtype=bool)
    fits = begin >= 0
    enough[fits] = count[end[fits]] - count[begin[fits]] >= process.DAYS * MEASURED_SHARE
    return enough


def _some(found: Cases) -> list[Cases]:
    return [found] if len(found.day) else []


def _by_days(
    moved: motion.Motion,
    seen: screen.Screened,
    row: Integers,
    point: Integers,
    weekday: Integers,
    beside: _Beside,
    glances: tuple[learnt.Glance, ...],
) -> Cases:
    n_points = len(moved.own)
    own = seen.signs.reshape(len(screen.SIGNS), -1).take(row * n_points + point, axis=1)
    signs = np.concatenate([own, seen.usual.take(row, axis=1)])  # rows in one piece, for the trees
    names = (*screen.SIGNS, *(f"usual_{name}" for name in screen.SIGNS))
    passed = _passed(glances, names, signs)
    row, point = row[passed], point[passed]
    followed = following.of_days(
        own=moved.own, common=moved.common, day=seen.look[row], point=point, peers=beside.peers,
        apart=beside.apart,
    )  # fmt: skip
    by_control = (*names, *followed)
    known = np.empty((len(by_control), len(row)), dtype=np.float32)
    signs.compress(passed, axis=1, out=known[: len(names)])
    for to, figure in zip(known[len(names) :], followed.values(), strict=True):
        to[:] = figure
    if not {glance.forest.traits for glance in glances} <= {names, by_control}:
        raise learnt.WrongForest("a glance at other traits")
    passed = _passed(glances, by_control, known)
    day, point, known = seen.look[row[passed]], point[passed], known.compress(passed, axis=1)
    told = traits.of_days(own=moved.own, common=moved.common, day=day, point=point, weekday=weekday)
    return Cases(
        day=day,
        point=point,
        since=blocks.since(moved.own, day=day, point=point),
        columns=np.concatenate(
            [known[: len(names)], *(one[None] for one in told.values()), known[len(names) :]]
        ),
        names=(*names, *told, *followed),
        has_hours=False,
    )


def _passed(
    glances: tuple[learnt.Glance, ...], names: tuple[str, ...], columns: Singles
) -> Booleans:
    """Say which cases the glances at these traits let pass."""
    passed = np.ones(columns.shape[1], dtype=bool)
    for glance in glances:
        if glance.forest.traits == names:
            passed &= trees.score(forest=glance.forest, columns=columns) >= glance.limit
    return passed


def _with_hours(
    plain: Cases,
    shaped: hours.DayShapes,
    place: Integers,
    tells: Booleans | None,
    beside: _Beside,
) -> Cases:
    names: list[str] = []
    added: Singles = np.empty((0, len(plain.day)), dtype=np.float32)
    for begin in range(0, len(plain.day), HOURS_CASES_AT_ONCE):
        part = slice(begin, begin + HOURS_CASES_AT_ONCE)
        found = hours.of_hours(shapes=shaped, day=plain.day[part], point=place[part])
        if not names:
            names = list(found)
            added = np.empty((len(names), len(plain.day)), dtype=np.float32)
        for number, name in enumerate(names):
            added[number, part] = found[name]
    all_names = (*plain.names, *names)
    columns = np.concatenate([plain.columns, added])
    peers = np.empty((len(PEER_TRAITS), len(plain.day)), dtype=np.float32)
    bounds = np.flatnonzero(np.r_[True, plain.day[1:] != plain.day[:-1], True])
    chosen = [all_names.index(name) for name in PEER_TRAITS]
    for begin, end in itertools.pairwise(bounds.tolist()):  # one day after the other
        those = columns[chosen, begin:end]
        if tells is not None and tells[plain.point[begin:end]].any():
            those = those[:, tells[plain.point[begin:end]]]
        peers[:, begin:end] = np.median(those, axis=1, keepdims=True)
    followed = following.of_hours(
        shapes=shaped, day=plain.day, point=place, peers=beside.peers, apart=beside.apart
    )
    followed |= recalled.of_shapes(shapes=shaped, day=plain.day, point=place)
    return Cases(
        day=plain.day,
        point=plain.point,
        since=plain.since,
        columns=np.concatenate([columns, peers, np.stack(list(followed.values()))]),
        names=(*all_names, *(f"usual_{name}" for name in PEER_TRAITS), *followed),
        has_hours=True,
    )


def watch(
    *,
    energy_kwh: npt.NDArray[np.floating],
    days: Days,
    judge: learnt.Judge,
    shapes: npt.NDArray[np.floating] | None = None,
    wanted: Booleans | None = None,
    tells: Booleans | None = None,
    moved: motion.Motion | None = None,
) -> Watched:
    """Say of each point-day worth a second look how likely another habit began within two weeks.

    Nothing said of a day rests on a later one (but for the scale of ``motion.motion``): what
    is said of a past day today was said on that day.

    Parameters
    ----------
    energy_kwh : (n_points, n_days) float64
        Energy of each day. [kWh] NaN: missing.
    days : (n_days,) datetime64
        Consecutive local days.
    judge : learnt.Judge
        What was learnt.
    shapes : (n_points, n_shape_days, n_slots) float64
        Energy of each slot of the last days, if there is any. [kWh] NaN: missing.
    wanted : (n_days, n_points) bool
        Point-days that are asked for, as a night asks for its own; None: all.
    tells : (n_points,) bool
        Which points tell what neighbours do; None: all.
    moved : motion.Motion
        The movements of the same points, if they are known already.

    Returns
    -------
    Watched
        Ordered by day and point.

    Raises
    ------
    hours.NoSuchShape
        The shapes belong to other points, or their slots do not make hours.
    learnt.WrongForest
        The judge was learnt from other traits.

    References
    ----------
    .. [1] D. Lopez-Paz, M. Oquab, "Revisiting classifier two-sample tests," ICLR, 2017.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> home = examples.doubling_home()
    >>> found = watch(energy_kwh=home.energy_kwh, days=home.days, judge=examples.judge())
    >>> abs(int(found.since[np.argmax(found.log_odds)]) - 100) <= 1, len(found.day) < 39
    (True, True)
    """
    if moved is None:
        moved = motion.motion(energy_kwh=energy_kwh, tells=tells)
    said: list[Singles] = []
    day: list[Integers] = []
    point: list[Integers] = []
    since: list[Integers] = []
    for some in cases(
        energy_kwh=energy_kwh, days=days, every=judge.every, chosen=judge, shapes=shapes,
        moved=moved, wanted=wanted, tells=tells,
    ):  # fmt: skip
        forest = judge.hours if some.has_hours else judge.days
        if forest.traits != some.names:
            raise learnt.WrongForest("learnt from other traits")
        said.append(trees.score(forest=forest, columns=some.columns))
        day.append(some.day)
        point.append(some.point)
        since.append(some.since)
    if not said:
        nothing = np.zeros(0, dtype=np.int64)
        return Watched(
            day=nothing, point=nothing, log_odds=np.zeros(0, dtype=np.float32), since=nothing
        )
    days_of, points_of, odds = np.concatenate(day), np.concatenate(point), np.concatenate(said)
    order: Integers | slice = slice(None)  # of one kind of cases: in order already
    if len(said) > 1:
        order = np.lexsort((points_of, days_of))
    days_of, points_of = days_of[order], points_of[order]
    return Watched(
        day=days_of,
        point=points_of,
        log_odds=odds[order],
        since=np.concatenate(since)[order],
    )
