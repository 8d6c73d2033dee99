"""Daily energy of all points, block by block, and what reaches the office of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from lamplighter.town import changes as habit_changes
from lamplighter.town import files
from lamplighter.town.calendar import READING_DAYS
from lamplighter.town.chance import stream
from lamplighter.town.curves import CurveFile
from lamplighter.town.life import Life
from lamplighter.town.profiles import PROFILES
from lamplighter.town.weather import coefficients

Watts = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
QUALITIES = ("实测", "估算")
STEP_WH = 10  # meters show 0.01 kWh
SCHEMA = pa.schema(
    [
        ("计量点编号", pa.dictionary(pa.int32(), pa.string())),
        ("数据日期", pa.date32()),
        ("日电量(Wh)", pa.int32()),
        ("数据标识", pa.dictionary(pa.int32(), pa.string())),
    ]
)


@dataclass(slots=True, kw_only=True)
class Energies:
    """What remains of the readings: the energy of each bill, and the rows of each file."""

    bill_wh: npt.NDArray[np.int64]  # (n_accounts, n_cycles)
    rows: dict[str, int] = field(default_factory=dict)
    mean_kwh: npt.NDArray[np.float32]  # (n_accounts,): a usual day


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """The readings of a run of points: what is known in the end, and what came first."""

    low: int
    wh: Watts  # (n_points, n_days), known in the end
    sent_wh: Watts  # as delivered at first
    in_time: Bools
    late: Bools  # delivered, or delivered right, in the second file
    estimated: Bools


def point_numbers(low: int, high: int) -> list[str]:
    """Return the numbers of metering points (计量点编号)."""
    return [f"JLD{n + 1:09d}" for n in range(low, high)]


def write(*, life: Life, folder: Path, progress: Callable[[int, int], None]) -> Energies:
    """Make all readings and write them, a file a year and one of what came late."""
    n, block_size = len(life.people), life.plan.block_customers
    energies = Energies(
        bill_wh=np.zeros((n, len(life.cycles)), dtype=np.int64),
        mean_kwh=np.zeros(n, dtype=np.float32),
    )
    years = sorted({day.year for day in life.days.dates})
    names = {year: f"日冻结电量_{year}.parquet" for year in years}
    late_name = "日冻结电量_补采.parquet"
    writers = {name: _writer(folder / name) for name in [*names.values(), late_name]}
    curves = CurveFile(path=folder / "曲线96点.parquet")
    year_of = np.array([day.year for day in life.days.dates])
    try:
        for low in range(0, n, block_size):
            block = _make(life=life, low=low, high=min(n, low + block_size))
            present = block.in_time | block.late
            energies.mean_kwh[low : low + len(block.wh)] = block.wh.mean(axis=1) / 1000
            _settle(life=life, block=block, present=present, bill_wh=energies.bill_wh)
            for year in years:
                span = np.flatnonzero(year_of == year)
                _put(writers[names[year]], life, block, block.in_time, block.sent_wh, span)
            _put(writers[late_name], life, block, block.late, block.wh, np.arange(len(life.days)))
            curves.add(life=life, low=low, wh=np.where(present, block.wh, 0), present=present)
            progress(min(n, low + block_size), n)
        _add_dirt(writers[names[years[-1]]], life)
    finally:
        for writer in writers.values():
            writer.close()
        curves.close()
    energies.rows = {name: pq.read_metadata(folder / name).num_rows for name in writers}
    energies.rows["曲线96点.parquet"] = curves.rows
    return energies


def _writer(path: Path) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        path, SCHEMA, compression="zstd", use_dictionary=["计量点编号", "数据日期", "数据标识"]
    )


def _make(*, life: Life, low: int, high: int) -> _Block:
    rng = stream(seed=life.seed, concern="readings", part=low)
    profile = life.people.profile[low:high]
    own = coefficients(profile=profile, rng=rng)
    other = coefficients(profile=np.roll(profile, 1), rng=rng)
    floor = 0.04 * own[:, :1]
    expected = np.maximum(own @ life.weather.drivers, floor)
    habit_changes.apply(
        changes=life.changes,
        low=low,
        expected_kwh=expected,
        other_kwh=other,
        drivers=life.weather.drivers,
    )
    noise = np.array([p.noise for p in PROFILES], dtype=np.float32)[profile][:, None]
    shape = expected.shape
    wander = rng.standard_normal((shape[0], shape[1] // 7 + 1), dtype=np.float32)
    draw = rng.standard_normal(shape, dtype=np.float32)
    draw *= 0.9
    draw += 0.45 * np.repeat(wander, 7, axis=1)[:, : shape[1]]
    draw *= noise
    draw -= noise * noise / 2
    np.exp(draw, out=draw)
    expected *= draw
    expected *= _neighbourhood(life=life, low=low, high=high)
    wh = (np.rint(expected * (1000 / STEP_WH)).astype(np.int32)) * STEP_WH
    np.maximum(wh, 0, out=wh)
    return _deliver(life=life, low=low, wh=wh, rng=rng)


def _neighbourhood(*, life: Life, low: int, high: int) -> npt.NDArray[np.float32]:
    """Return what neighbours share beyond the weather: a day's common factor of each area."""
    area = life.people.area[low:high]
    factors = np.stack(
        [
            stream(seed=life.seed, concern="neighbours", part=int(a)).lognormal(
                0, 0.03, len(life.days)
            )
            for a in range(int(area[0]), int(area[-1]) + 1)
        ]
    ).astype(np.float32)
    return np.asarray(factors[area - area[0]], dtype=np.float32)


def _deliver(*, life: Life, low: int, wh: Watts, rng: np.random.Generator) -> _Block:
    """Decide what arrives: in time, late, estimated, first wrong, or never."""
    dirt, shape = life.plan.dirt, wh.shape
    exists = np.arange(shape[1])[None, :] >= life.people.start[low : low + shape[0], None]
    silent, late_day = _silent_days(life=life, low=low, shape=shape)
    cells = wh.size
    lost = np.zeros(shape, dtype=np.bool_)
    lost.flat[rng.integers(0, cells, int(cells * dirt.missing_share))] = True
    estimated = np.zeros(shape, dtype=np.bool_)
    estimated.flat[rng.integers(0, cells, int(cells * dirt.estimated_share))] = True
    wrong = np.zeros(shape, dtype=np.bool_)
    wrong.flat[rng.integers(0, cells, int(cells * dirt.corrected_share))] = True
    wrong &= exists & ~silent & ~lost
    sent = np.where(wrong, wh // 100 * 10, wh)  # a digit lost on the way
    return _Block(
        low=low,
        wh=wh,
        sent_wh=np.asarray(sent, dtype=np.int32),
        in_time=exists & ~silent & ~lost,
        late=(exists & silent & late_day & ~lost) | wrong,
        estimated=estimated,
    )


def _silent_days(*, life: Life, low: int, shape: tuple[int, ...]) -> tuple[Bools, Bools]:
    """Return the days on which an area's collector was silent, and which were read later."""
    area = life.people.area[low : low + shape[0]]
    areas = range(int(area[0]), int(area[-1]) + 1)
    silent = np.zeros((len(areas), shape[1]), dtype=np.bool_)
    late = np.zeros_like(silent)
    for row, number in enumerate(areas):
        rng = stream(seed=life.seed, concern="collectors", part=number)
        count = rng.poisson(life.plan.dirt.area_outages_per_year * shape[1] / 365.25)
        days = rng.integers(0, shape[1], count)
        silent[row, days] = True
        late[row, days] = rng.random(count) < life.plan.dirt.late_share
    # The last two days have not been read again yet.
    late[:, -2:] = False
    return silent[area - area[0]], late[area - area[0]]


def _settle(*, life: Life, block: _Block, present: Bools, bill_wh: npt.NDArray[np.int64]) -> None:
    """Add up each bill's days: from one reading day up to the day before the next."""
    if not life.cycles:
        return
    known = np.where(present, block.wh, 0).astype(np.int64)
    group = np.array([a.reading_group for a in life.places.areas])
    mine = group[life.people.area[block.low : block.low + len(known)]]
    for number in range(READING_DAYS):
        rows = np.flatnonzero(mine == number)
        ends = [life.days.index(cycle.readings[number]) for cycle in life.cycles]
        starts = [0, *ends[:-1]]
        sums = np.add.reduceat(known[rows][:, : ends[-1]], starts, axis=1)
        bill_wh[block.low + rows] = sums


def _put(
    writer: pq.ParquetWriter,
    life: Life,
    block: _Block,
    chosen: Bools,
    wh: Watts,
    span: npt.NDArray[np.int64],
) -> None:
    part = slice(int(span[0]), int(span[-1]) + 1)
    row, column = np.nonzero(chosen[:, part])
    if len(row) == 0:
        return
    quality = block.estimated[:, part][row, column]
    columns = [
        files.coded(codes=row, words=point_numbers(block.low, block.low + len(wh))),
        files.dates_of(life.days.epoch_day[part][column]),
        pa.array(wh[:, part][row, column]),
        files.coded(codes=quality.astype(np.int32), words=QUALITIES),
    ]
    writer.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))


def _add_dirt(writer: pq.ParquetWriter, life: Life) -> None:
    """Add rows that say the same twice with another value, and rows that cannot be true."""
    rng = stream(seed=life.seed, concern="dirt")
    dirt = life.plan.dirt
    n = min(len(life.people), dirt.duplicated_rows)
    points = np.sort(rng.permutation(len(life.people))[:n])
    bad = np.arange(dirt.invalid_rows)
    last = int(life.days.epoch_day[-1])
    day = np.concatenate([np.full(n, last), np.choose(bad % 4, [last, -25_567, 47_117, last])])
    wh = np.concatenate([rng.integers(1, 900, n) * STEP_WH, np.where(bad % 4 == 0, -5000, 3000)])
    numbers = [point_numbers(int(p), int(p) + 1)[0] for p in points]
    unknown = [f"JLD9999{k:05d}" for k in bad]
    numbers += [unknown[k] if k % 4 == 3 else numbers[k % n] for k in bad]
    columns = [
        pa.array(numbers).dictionary_encode(),
        files.dates_of(day),
        pa.array(wh.astype(np.int32)),
        files.coded(codes=np.zeros(len(day), dtype=np.int32), words=QUALITIES),
    ]
    writer.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))
