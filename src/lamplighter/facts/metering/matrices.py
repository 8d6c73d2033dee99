"""From files of the lake to arrays: the newest version of each reading that was known."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from lamplighter.facts.metering.lake import LakeFile
from lamplighter.kernel.spans import DaySpan

Watthours = npt.NDArray[np.int32]
PointIds = npt.NDArray[np.int64]
MISSING = np.iinfo(np.int32).min
NEVER = np.iinfo(np.int64).max  # "known at the end of time": everything
DAILY = ("energy_wh", "quality")
INTERVAL = ("minutes", "values_wh")
MOST_LOOKUP = 1 << 24
MINUTES_OF_A_DAY = 1440
_EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Return a day as days since 1970."""
    return (day - _EPOCH).days


def daily(
    *, files: Sequence[LakeFile], point_ids: PointIds, days: DaySpan, known_us: int
) -> tuple[Watthours, npt.NDArray[np.int8]]:
    """Return energy [Wh] and quality, (n_points, n_days); MISSING where nothing was known.

    *point_ids* is sorted and has no repeats. *known_us* is the moment, in µs since 1970.
    """
    shape = (len(point_ids), days.n_days)
    energy = np.full(shape, MISSING, dtype=np.int32)
    quality = np.zeros(shape, dtype=np.int8)
    flat_energy, flat_quality = energy.ravel(), quality.ravel()
    for rows in rows_known(
        files=files, columns=DAILY, point_ids=point_ids, days=days, known_us=known_us
    ):
        cell, kept = _cells(rows, point_ids, days)
        wh = rows.column("energy_wh").to_numpy()
        mark = rows.column("quality").to_numpy()
        if kept is not None:
            cell, wh, mark = cell[kept], wh[kept], mark[kept]
        flat_energy[cell] = wh  # the same cell twice: the later row stays
        flat_quality[cell] = mark
    return energy, quality


def interval(
    *, files: Sequence[LakeFile], point_ids: PointIds, days: DaySpan, known_us: int
) -> dict[int, Watthours]:
    """Return energy [Wh] by minutes of a slot, each (n_points, n_days, n_slots).

    A version may hold some slots of a day only; each slot has the newest value of its own.
    """
    tables = rows_known(
        files=files, columns=INTERVAL, point_ids=point_ids, days=days, known_us=known_us
    )
    return _slots(tables, point_ids, days)


def interval_of_some(
    *, files: Sequence[LakeFile], point_ids: PointIds, days: DaySpan, known_us: int
) -> tuple[PointIds, dict[int, Watthours]]:
    """Return which points have any row of an interval table, rising, and `interval` of these."""
    tables = list(
        rows_known(files=files, columns=INTERVAL, point_ids=point_ids, days=days, known_us=known_us)
    )
    found = [np.unique(rows.column("point_id").to_numpy()) for rows in tables]
    some = np.intersect1d(point_ids, np.concatenate(found)) if found else point_ids[:0]
    return some, _slots(tables, some, days) if len(some) else {}


def _slots(tables: Iterable[pa.Table], point_ids: PointIds, days: DaySpan) -> dict[int, Watthours]:
    found: dict[int, Watthours] = {}
    n_cells = len(point_ids) * days.n_days
    for rows in tables:
        cells, kept = _cells(rows, point_ids, days)
        places = np.arange(len(cells)) if kept is None else np.flatnonzero(kept)
        minutes = rows.column("minutes").to_numpy()
        lists = rows.column("values_wh").combine_chunks()
        begins, values = lists.offsets.to_numpy(), _watthours(lists.values)
        for length in np.unique(minutes[places]).tolist():
            chosen = places[minutes[places] == length]
            n_slots = MINUTES_OF_A_DAY // length
            slots = values[begins[chosen][:, None] + np.arange(n_slots)]
            flat = found.setdefault(length, np.full((n_cells, n_slots), MISSING, dtype=np.int32))
            _overlay(flat, cells[chosen], slots)
    shape = (len(point_ids), days.n_days)
    return {length: flat.reshape(*shape, -1) for length, flat in found.items()}


def _watthours(values: pa.Array) -> Watthours:
    """Return values as an array, MISSING where one is null; pyarrow.compute is long to load."""
    found: npt.NDArray[np.number] = values.to_numpy(zero_copy_only=False)
    if values.null_count:  # then they are floats, exact for whole numbers of 32 bits
        found = np.where(np.isnan(found), MISSING, found)
    return found.astype(np.int32, copy=False)


def _overlay(flat: Watthours, cells: npt.NDArray[np.int64], values: Watthours) -> None:
    """Write rows over a matrix in their order, leaving what a row does not say."""
    if np.all(cells[1:] > cells[:-1]):  # as files are kept, and each cell told once
        flat[cells] = np.where(values == MISSING, flat[cells], values)
        return
    order = np.argsort(cells, kind="stable")
    cells, values = cells[order], values[order]
    starts = np.flatnonzero(np.r_[True, cells[1:] != cells[:-1]])
    version = np.arange(len(cells)) - np.repeat(starts, np.diff(np.r_[starts, len(cells)]))
    for number in range(int(version.max(initial=-1)) + 1):
        at = version == number
        flat[cells[at]] = np.where(values[at] == MISSING, flat[cells[at]], values[at])


def rows_known(
    *,
    files: Sequence[LakeFile],
    columns: Sequence[str],
    point_ids: PointIds,
    days: DaySpan,
    known_us: int,
) -> Iterator[pa.Table]:
    """Yield the rows known at a moment, in tables whose later rows take the place of earlier ones.

    Rows of other points and days may be among them.
    """
    low, high = day_number(days.first_day), day_number(days.end_day) - 1
    if not len(point_ids) or high < low:
        return
    least, most = int(point_ids[0]), int(point_ids[-1])
    chosen = sorted(
        (
            file
            for file in files
            if file.days[0] <= high
            and file.days[1] >= low
            and file.points[0] <= most
            and file.points[1] >= least
            and file.known[0] <= known_us
        ),
        key=lambda file: (file.known[0], file.deliveries[0], file.known[1], file.token),
    )
    for run in _runs(chosen):
        tables = [_read(file, columns, least, most, known_us, len(run) > 1) for file in run]
        rows = tables[0] if len(run) == 1 else _sorted(pa.concat_tables(tables))
        if rows.num_rows:
            yield rows


def _runs(files: Sequence[LakeFile]) -> Iterator[list[LakeFile]]:
    """Group files whose versions interleave; a group is wholly older than the next."""
    run: list[LakeFile] = []
    newest = (0, 0)
    for file in files:
        if run and (file.known[0], file.deliveries[0]) < newest:
            run.append(file)
        else:
            if run:
                yield run
            run = [file]
        newest = max(newest, (file.known[1], file.deliveries[1]))
    if run:
        yield run


def _read(
    file: LakeFile,
    columns: Sequence[str],
    least: int,
    most: int,
    known_us: int,
    needs_origin: bool,
) -> pa.Table:
    is_cut = file.known[1] > known_us
    names = ["point_id", "day", *columns]
    if needs_origin or is_cut:
        names += ["known_at", "delivery_id"]
    with pq.ParquetFile(file.path, memory_map=True) as parquet:
        groups = []
        for number in range(parquet.num_row_groups):
            bounds = parquet.metadata.row_group(number).column(0).statistics
            if bounds is None or not (bounds.max < least or bounds.min > most):
                groups.append(number)
        rows = parquet.read_row_groups(groups, columns=names, use_threads=False)
    if is_cut:
        known = rows.column("known_at").to_numpy() <= np.datetime64(known_us, "us")
        rows = rows.filter(pa.array(known))
    return rows


def _sorted(rows: pa.Table) -> pa.Table:
    order = np.lexsort(
        (
            rows.column("delivery_id").to_numpy(),
            rows.column("known_at").to_numpy(),
        )
    )
    return rows.take(pa.array(order))


def _cells(
    rows: pa.Table, point_ids: PointIds, days: DaySpan
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_] | None]:
    """Return each row's place in the flat matrix, and which rows have one (None: all)."""
    points = rows.column("point_id").to_numpy()
    first = day_number(days.first_day)
    day = rows.column("day").to_numpy().astype(np.int64) - first
    low, high = int(points.min()), int(points.max())
    least = min(low, int(point_ids[0]))
    width = max(high, int(point_ids[-1])) - least + 1
    if width <= MOST_LOOKUP:
        lookup = np.full(width, -1, dtype=np.int64)
        lookup[point_ids - least] = np.arange(len(point_ids)) * days.n_days
        base = lookup[points - least]
    else:
        place = np.minimum(np.searchsorted(point_ids, points), len(point_ids) - 1)
        base = np.where(point_ids[place] == points, place * days.n_days, -1)
    kept = (base >= 0) & (day >= 0) & (day < days.n_days)
    cell = base + day
    return cell, None if kept.all() else kept
