"""What the judge said holds from night to night, as long as what it rests on reads the same."""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from lamplighter.insight.habits.arrays import Days, Integers, Singles
from lamplighter.insight.judge import learnt, motion, screen, watch

Marks = npt.NDArray[np.uint64]
SEED = 20141101  # of the weights by which points are told apart


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledDays:
    """A name of all that is read of the first days: that of other ones differs."""

    n_days: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """All that the judge said of a span, and by what to know whether it would say so again."""

    name: str  # of kernel, judge, points and neighbours
    first: int  # number of the span's first day, counted from 1970-01-01
    marks: Marks  # (n_days,) one number for all that is known of all points on a day
    said: watch.Watched
    seen: str = ""  # a name of all that was seen of them; empty: a later day can change their marks


def watch_on(
    *,
    energy_kwh: npt.NDArray[np.floating],
    days: Days,
    judge: learnt.Judge,
    points: Integers,
    shapes: npt.NDArray[np.floating] | None = None,
    kept: Kept | None = None,
    settled: SettledDays | None = None,
) -> Kept:
    """Say what ``watch.watch`` says, asking anew only of days since something reads otherwise.

    Nothing said of a day rests on a later one. So what was said holds up to the first day on which
    a movement, a gap or the neighbours' common movement is another than it was then; with another
    judge, other points or neighbours, or a span that begins elsewhere, nothing holds. Where there
    are shapes of days, whose own span moves on every day, the days they cover are asked anew.
    Where no look is due since, and the days before are read as they were, all is as it was kept.

    Parameters
    ----------
    energy_kwh : (n_points, n_days) float64
        Energy of each day. [kWh] NaN: missing.
    days : (n_days,) datetime64
        Consecutive local days.
    judge : learnt.Judge
        What was learnt.
    points : (n_points,) int64
        Whose days these are.
    shapes : (n_points, n_shape_days, n_slots) float64
        Energy of each slot of the last days, if there is any. [kWh] NaN: missing.
    kept : Kept
        What was said before of these points, on this or any other day.
    settled : SettledDays
        By what to tell the first days apart, where they have a name already.

    Returns
    -------
    Kept
        Everything said, to the bit what was said without *kept*. Where it is *kept* itself, its
        marks end with the days it was kept of.

    Raises
    ------
    hours.NoSuchShape
        The shapes belong to other points, or their slots do not make hours.
    learnt.WrongForest
        The judge was learnt from other traits.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> home = examples.doubling_home()
    >>> asked = {"judge": examples.judge(), "points": np.zeros(1, np.int64)}
    >>> first = watch_on(energy_kwh=home.energy_kwh[:, :150], days=home.days[:150], **asked)
    >>> then = watch_on(energy_kwh=home.energy_kwh, days=home.days, kept=first, **asked)
    >>> whole = watch_on(energy_kwh=home.energy_kwh, days=home.days, **asked)
    >>> bool(np.array_equal(then.said.log_odds, whole.said.log_odds))
    True
    """
    asked = _name(judge, points)
    first = int(days[0].astype("datetime64[D]").astype(np.int64)) if len(days) else 0
    if kept is not None and kept.seen and shapes is None:
        n_kept = len(kept.marks)
        look = screen.looked_at(first=first, n_days=len(days), every=judge.every)
        is_due = n_kept > len(days) or bool(len(look) and look[-1] >= n_kept)
        if not is_due and kept.seen == _seen(asked, first, energy_kwh[:, :n_kept], settled):
            return kept
    moved = motion.motion(energy_kwh=energy_kwh)
    name, marks = f"{asked} {hashlib.sha256(moved.peers.tobytes()).hexdigest()}", _marks(moved)
    since = 0
    if kept is not None and (kept.name, kept.first) == (name, first):
        since = _first_other(kept.marks, marks)
    if shapes is not None:
        since = max(min(since, len(days) - shapes.shape[1]), 0)
    wanted = np.zeros((len(days), len(energy_kwh)), dtype=bool)
    wanted[since:] = True
    said = watch.watch(
        energy_kwh=energy_kwh, days=days, judge=judge, shapes=shapes, wanted=wanted, moved=moved
    )
    if kept is not None and since > 0:
        said = _joined(kept.said, said, since)
    return Kept(
        name=name,
        first=first,
        marks=marks,
        said=said,
        seen=""
        if motion.may_change(energy_kwh=energy_kwh)
        else _seen(asked, first, energy_kwh, settled),
    )


def _seen(
    asked: str, first: int, energy_kwh: npt.NDArray[np.floating], settled: SettledDays | None
) -> str:
    """Return a name of all that is read: settled days by their own, the others day by day."""
    digest = hashlib.sha256(f"{asked} {first} {energy_kwh.shape} {settled}".encode())
    rest = energy_kwh[:, 0 if settled is None else settled.n_days :]
    digest.update(np.ascontiguousarray(rest, dtype=np.float32).tobytes())
    return digest.hexdigest()


def _name(judge: learnt.Judge, points: Integers) -> str:
    digest = hashlib.sha256(learnt.KERNEL_VERSION.encode())
    digest.update(np.array([judge.every, *(glance.limit for glance in judge.glances)]).tobytes())
    for forest in (*(glance.forest for glance in judge.glances), judge.days, judge.hours):
        digest.update(" ".join(forest.traits).encode())
        for part in (np.array(forest.intercept), forest.column, forest.limit, forest.leaf):
            digest.update(part.tobytes())
    digest.update(points.tobytes())
    return digest.hexdigest()


def _marks(moved: motion.Motion) -> Marks:
    weights = np.random.default_rng(SEED).integers(
        1, 2**63, size=len(moved.own) + 1, dtype=np.uint64
    )
    weights |= np.uint64(1)
    own = np.ascontiguousarray(moved.own, dtype=np.float32).view(np.uint32)
    common = np.ascontiguousarray(moved.common, dtype=np.float32).view(np.uint32)
    marks: Marks = weights[-1] * common.astype(np.uint64)
    _add_marks(own, np.ascontiguousarray(moved.measured), weights, marks)
    return marks


@njit(cache=True, nogil=True, error_model="numpy")
def _add_marks(
    own: npt.NDArray[np.uint32],
    measured: npt.NDArray[np.int32],
    weights: Marks,
    marks: Marks,
) -> None:
    n_points, n_days = own.shape
    for point in range(n_points):
        weight = weights[point]
        for day in range(n_days):
            is_there = np.uint64(measured[point, day + 1] - measured[point, day])
            marks[day] += weight * (np.uint64(own[point, day]) + (is_there << np.uint64(33)))


def _first_other(before: Marks, now: Marks) -> int:
    n_both = min(len(before), len(now))
    other = np.flatnonzero(before[:n_both] != now[:n_both])
    return int(other[0]) if len(other) else n_both


def _joined(before: watch.Watched, anew: watch.Watched, since: int) -> watch.Watched:
    old = before.day < since

    def both(first: npt.NDArray[np.generic], then: npt.NDArray[np.generic]) -> np.ndarray:
        return np.concatenate([first[old], then])

    log_odds: Singles = both(before.log_odds, anew.log_odds)
    return watch.Watched(
        day=both(before.day, anew.day),
        point=both(before.point, anew.point),
        log_odds=log_odds,
        since=both(before.since, anew.since),
    )
