"""The days of a shard's usage points as one matrix on the disk, so that a night decodes new files
only.

A copy, never a source: it names the files of the lake it was made from. Where these are not among
those a reader may see (a compaction, a question about the past), it is not used; what is newer
than it is read from the lake and laid over it.
"""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.ipc as pa_ipc

from lamplighter.facts.metering import lake, matrices
from lamplighter.facts.metering.lake import LakeFile, LakeView, Series
from lamplighter.facts.metering.matrices import PointIds
from lamplighter.facts.metering.reading import WATTHOURS
from lamplighter.kernel.spans import DaySpan

Singles = npt.NDArray[np.float32]

FOLDER = "dense"
MOST_DAYS_AFTER = 62  # a file may hold a day of the far future by mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Energy of points and days, and a name of what the first of the days hold."""

    energy_kwh: Singles  # (n_points, n_days) NaN: nothing known
    settled_sha256: str  # as `sha256_of` says of the settled days


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What lies on the disk: energy of points and days, and the files it came from."""

    point_ids: PointIds
    first_day: int  # days since 1970
    energy_kwh: Singles  # (n_points, n_days) NaN: nothing known
    files: tuple[str, ...]  # tokens of the lake's files
    newest: tuple[int, int]  # of all rows: known at [µs], delivery
    settled_days: int  # so many of the first days …
    settled_sha256: str  # … have this name

    @property
    def end_day(self) -> int:
        return self.first_day + int(self.energy_kwh.shape[1])


def daily_kwh(
    *,
    view: LakeView,
    name: str,
    shards: Sequence[int],
    point_ids: PointIds,
    days: DaySpan,
    settled_days: int = 0,
) -> Days:
    """Return the energy of each point and day, the same numbers as ``reading.daily_matrix`` in
    single precision.

    *name* is under which the copy is kept. The first *settled_days* have a name of their own, kept
    with the copy: what was read once is not read again to tell whether it still reads the same.
    """
    known_us = lake.micros_of(view.known_at)
    files = [
        file
        for file in lake.files(view=view, series=Series.DAILY, shards=shards)
        if file.known[0] <= known_us
    ]
    if any(file.known[1] > known_us for file in files):  # a file is known by half: no copy serves
        energy = _read(files, point_ids, days, known_us)
        return Days(energy_kwh=energy, settled_sha256=sha256_of(energy[:, :settled_days]))
    copy = _copy_at(_place(view.folder, name))
    kept = _with_days_after(days, files)
    wanted = copy is not None and _serves(copy, files=files, days=days)
    if copy is None or not wanted:
        energy = _read(files, point_ids, kept, known_us)
    else:
        energy = _laid_over(copy, files=files, point_ids=point_ids, days=kept, known_us=known_us)
    settled = ""
    if copy is not None and wanted:
        settled = _settled_as(copy, files=files, point_ids=point_ids, days=days, n=settled_days)
    settled = settled or sha256_of(energy[:, :settled_days])
    if copy is None or _is_older(copy, files=files, days=kept):
        keep(
            folder=view.folder,
            name=name,
            point_ids=point_ids,
            energy_kwh=energy,
            days=kept,
            files=files,
            settled=(settled_days, settled),
        )
    return Days(energy_kwh=energy[:, : days.n_days], settled_sha256=settled)


def sha256_of(energy_kwh: npt.NDArray[np.floating]) -> str:
    """Return a name of what some points and days hold: another one, as soon as one reads otherwise.

    >>> sha256_of(np.zeros((1, 2), np.float32))[:8]
    '19bcfcbd'
    """
    digest = hashlib.sha256(f"{energy_kwh.dtype.str}{energy_kwh.shape}".encode())
    digest.update(np.ascontiguousarray(energy_kwh).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def _settled_as(
    copy: Copy, *, files: Sequence[LakeFile], point_ids: PointIds, days: DaySpan, n: int
) -> str:
    """Return the name a copy has of the settled days; empty where it is of others, or where a file
    that is newer holds one of them.
    """
    first = matrices.day_number(days.first_day)
    is_of_these = (copy.first_day, copy.settled_days) == (first, n)
    later = [file for file in files if file.token not in copy.files]
    if not is_of_these or any(file.days[0] < first + n for file in later):
        return ""
    return copy.settled_sha256 if np.array_equal(point_ids, copy.point_ids) else ""


def _with_days_after(days: DaySpan, files: Sequence[LakeFile]) -> DaySpan:
    """Return days with those after them that files hold: the next night finds them in the copy."""
    newest = max((file.days[1] + 1 for file in files), default=0)
    end = matrices.day_number(days.end_day)
    return DaySpan(
        first_day=days.first_day, end_day=_day(min(max(newest, end), end + MOST_DAYS_AFTER))
    )


def _serves(copy: Copy, *, files: Sequence[LakeFile], days: DaySpan) -> bool:
    """Tell whether all that a copy holds may be seen, and what is newer comes after it."""
    tokens = {file.token for file in files}
    later = [file for file in files if file.token not in copy.files]
    return (
        tokens.issuperset(copy.files)
        and copy.first_day <= matrices.day_number(days.first_day) < copy.end_day
        and all((file.known[0], file.deliveries[0]) > copy.newest for file in later)
    )


def _is_older(copy: Copy, *, files: Sequence[LakeFile], days: DaySpan) -> bool:
    """Tell whether a copy is behind what was read just now."""
    newest = max(((file.known[1], file.deliveries[1]) for file in files), default=(0, 0))
    same_files = {file.token for file in files} == set(copy.files)
    end = matrices.day_number(days.end_day)
    return newest > copy.newest or (
        newest == copy.newest and (not same_files or end > copy.end_day)
    )


def _laid_over(
    copy: Copy, *, files: Sequence[LakeFile], point_ids: PointIds, days: DaySpan, known_us: int
) -> Singles:
    """Return a copy's days with everything newer."""
    first, end = matrices.day_number(days.first_day), matrices.day_number(days.end_day)
    split = min(copy.end_day, end)
    held = copy.energy_kwh[:, first - copy.first_day : split - copy.first_day]
    later = [file for file in files if file.token not in copy.files]
    if not later and end == split and np.array_equal(point_ids, copy.point_ids):
        return held
    energy = np.empty((len(point_ids), end - first), np.float32)
    there = np.isin(point_ids, copy.point_ids)
    rows = np.searchsorted(copy.point_ids, point_ids[there])
    if there.all() and len(rows) == len(copy.point_ids):
        energy[:, : split - first] = held
    else:
        energy[there, : split - first] = held[rows]
    overlap = DaySpan(first_day=days.first_day, end_day=_day(split))
    if touching := [file for file in later if file.days[0] < split]:
        begin = max(min(file.days[0] for file in touching), first)
        changed = DaySpan(first_day=_day(begin), end_day=_day(split))
        fresh = _read(touching, point_ids, changed, known_us)
        np.copyto(energy[:, begin - first : split - first], fresh, where=~np.isnan(fresh))
    if not there.all():
        energy[~there, : split - first] = _read(files, point_ids[~there], overlap, known_us)
    if end > split:
        energy[:, split - first :] = _read(
            files, point_ids, DaySpan(first_day=_day(split), end_day=days.end_day), known_us
        )
    return energy


def _place(folder: Path, name: str) -> Path:
    return folder / FOLDER / f"{name}.arrow"


def _day(number: int) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + number)


def _read(files: Sequence[LakeFile], point_ids: PointIds, days: DaySpan, known_us: int) -> Singles:
    energy, _quality = matrices.daily(
        files=files, point_ids=point_ids, days=days, known_us=known_us
    )
    kwh = (energy / WATTHOURS).astype(np.float32)
    kwh[energy == matrices.MISSING] = np.nan
    return kwh


def _copy_at(place: Path) -> Copy | None:
    if not place.exists():
        return None
    table = pa_ipc.open_file(pa.memory_map(str(place))).read_all()
    about: dict[str, Any] = json.loads(table.schema.metadata[b"about"])
    values = table["energy_kwh"].chunk(0).flatten().to_numpy()
    return Copy(
        point_ids=table["point_id"].chunk(0).to_numpy(),
        first_day=about["first_day"],
        energy_kwh=values.reshape(len(table), -1),
        files=tuple(about["files"]),
        newest=(about["newest"][0], about["newest"][1]),
        settled_days=about.get("settled", [0, ""])[0],
        settled_sha256=about.get("settled", [0, ""])[1],
    )


def keep(
    *,
    folder: Path,
    name: str,
    point_ids: PointIds,
    energy_kwh: Singles,
    days: DaySpan,
    files: Sequence[LakeFile],
    settled: tuple[int, str] = (0, ""),
) -> None:
    """Put a copy beside a lake in the place of an older one, wholly or not at all.

    With it goes the name of so many of its first days, where that is known.
    """
    if not energy_kwh.size:
        return
    place = _place(folder, name)
    about = {
        "first_day": matrices.day_number(days.first_day),
        "files": [file.token for file in files],
        "newest": max((file.known[1], file.deliveries[1]) for file in files) if files else (0, 0),
        "settled": settled,
    }
    table = pa.table(
        {
            "point_id": point_ids,
            "energy_kwh": pa.FixedSizeListArray.from_arrays(
                pa.array(energy_kwh.ravel()), energy_kwh.shape[1]
            ),
        }
    ).replace_schema_metadata({"about": json.dumps(about)})
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_suffix(f".{uuid.uuid4().hex}.part")  # hosts may share the folder
    with pa.OSFile(str(part), "wb") as file, pa_ipc.new_file(file, table.schema) as to:
        to.write_table(table)
    part.replace(place)
