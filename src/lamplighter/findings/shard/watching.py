"""What the judge of changes says of a shard, by daily totals and by hours, and what holds of it.

What he says by daily totals is kept day by day (see ``insight.judge.keeping``). The few points
that have shapes of days are asked again of all the days these cover, as soon as he has another look
at them or anything he saw in his last one reads otherwise; of nobody else does he say anything
else for that.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lamplighter.findings.shard import kept_arrays
from lamplighter.findings.shard.facts import Booleans, Points
from lamplighter.insight.habits.arrays import Singles
from lamplighter.insight.judge import keeping, learnt, screen, watch


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHours:
    """All that was said of points with shapes, of the days these cover, and what it rests on."""

    name: str
    said: watch.Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Everything the judge said, and what to keep of it."""

    said: watch.Watched
    by_days: keeping.Kept
    by_hours: ByHours | None  # None: no point has shapes


def watched(
    *,
    points: Points,
    energy_kwh: Singles,
    judge: learnt.Judge,
    by_days: keeping.Kept | None,
    by_hours: ByHours | None,
    settled: keeping.SettledDays | None = None,
) -> Heard:
    """Return all that the judge says of some points; what was kept changes nothing of it.

    *settled* has a name of all that he reads of the first days.
    """
    kept = keeping.watch_on(
        energy_kwh=energy_kwh, days=points.days, judge=judge, points=points.point_id, kept=by_days,
        settled=settled,
    )  # fmt: skip
    if not len(points.shaped):
        return Heard(said=kept.said, by_days=kept, by_hours=None)
    wanted = np.zeros((len(points.days), len(points.point_id)), np.bool_)
    wanted[-points.shapes.shape[1] :, points.shaped] = True
    name = _name(kept, judge, points)
    if by_hours is None or by_hours.name != name:
        said = watch.watch(
            energy_kwh=energy_kwh, days=points.days, judge=judge, shapes=_of_all(points),
            wanted=wanted,
        )  # fmt: skip
        by_hours = ByHours(name=name, said=said)
    return Heard(said=_instead(kept.said, by_hours.said, wanted), by_days=kept, by_hours=by_hours)


def read(*, folder: Path, shard: int) -> ByHours | None:
    """Return what a night kept of a shard; None where there is nothing of use."""
    arrays = kept_arrays.read(_file(folder, shard))
    if arrays is None or {"name", *watch.Watched.__dataclass_fields__} != arrays.keys():
        return None
    said = {name: arrays[name] for name in watch.Watched.__dataclass_fields__}
    return ByHours(name=str(arrays["name"]), said=watch.Watched(**said))


def write(*, folder: Path, shard: int, kept: ByHours) -> None:
    """Keep what was said by hours of a shard, wholly or not at all."""
    said = {name: getattr(kept.said, name) for name in watch.Watched.__dataclass_fields__}
    kept_arrays.write(_file(folder, shard), {"name": np.array(kept.name), **said})


def _of_all(points: Points) -> Singles:
    """Return the shapes of every point; NaN where a point has none."""
    shapes = np.full((len(points.point_id), *points.shapes.shape[1:]), np.nan, np.float32)
    shapes[points.shaped] = points.shapes
    return shapes


def _name(by_days: keeping.Kept, judge: learnt.Judge, points: Points) -> str:
    """Return a name for all that the judge saw up to his last look."""
    n_days = len(points.days)
    look = screen.looked_at(first=by_days.first, n_days=n_days, every=judge.every)
    begin = n_days - points.shapes.shape[1]
    end = max(int(look[-1]) + 1, begin) if len(look) else begin
    digest = hashlib.sha256(f"{by_days.name} {by_days.first} {begin} {end}".encode())
    digest.update(by_days.marks[:end].tobytes())
    digest.update(points.shaped.tobytes())
    digest.update(np.ascontiguousarray(points.shapes[:, : end - begin]).tobytes())
    return digest.hexdigest()


def _instead(by_days: watch.Watched, by_hours: watch.Watched, wanted: Booleans) -> watch.Watched:
    """Return what was said of wanted point-days by hours, of all others by days; in order."""
    stays = np.flatnonzero(~wanted[by_days.day, by_days.point])
    n_points = wanted.shape[1]
    before = by_days.day[stays] * n_points + by_days.point[stays]
    place = np.searchsorted(before, by_hours.day * n_points + by_hours.point)
    parts = {
        name: np.insert(getattr(by_days, name)[stays], place, getattr(by_hours, name))
        for name in watch.Watched.__dataclass_fields__
    }
    return watch.Watched(**parts)


def _file(folder: Path, shard: int) -> Path:
    return folder / f"{shard:07d}-hours.arrays"
