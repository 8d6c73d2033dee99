"""The lake: two Delta tables of readings, which files they consist of, and how one is added.

``daily`` holds a row for each reading of a day, ``interval`` a row for each point and day with the
day's values; both are partitioned by shard, and inside a file sorted by point, day and the moment
the reading became known. Energy is whole watt-hours (int32): exact, and small once encoded.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction

KEPT = "kept-"  # names the files compaction made; all they hold was finished
MOST_COMMIT_TRIES = 20
_KEY = [("point_id", pa.int64()), ("day", pa.date32())]
_ORIGIN = [("known_at", pa.timestamp("us", "UTC")), ("delivery_id", pa.int64())]


class Series(StrEnum):
    """A table of the lake."""

    DAILY = "DAILY"
    INTERVAL = "INTERVAL"


COLUMNS = {
    Series.DAILY: pa.schema([*_KEY, ("energy_wh", pa.int32()), ("quality", pa.int8()), *_ORIGIN]),
    Series.INTERVAL: pa.schema(
        [*_KEY, ("minutes", pa.int16()), ("values_wh", pa.list_(pa.int32())), *_ORIGIN]
    ),
}


class LakeBusy(RuntimeError):
    """Other writers were faster each time; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeView:
    """What a reader may see: the lake as it was known at one moment, finished imports only.

    It can be handed to another process.
    """

    folder: Path
    known_at: datetime
    tokens: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeFile:
    """One file of the lake and what the table says about it; days since 1970, µs since 1970."""

    path: Path
    shard: int
    token: str
    size_bytes: int
    n_rows: int
    points: tuple[int, int]  # least and most
    days: tuple[int, int]
    known: tuple[int, int]
    deliveries: tuple[int, int]


def folder_of(*, folder: Path, series: Series) -> Path:
    """Return where a table of the lake lies."""
    return folder / series.lower()


def open_table(*, folder: Path, series: Series) -> DeltaTable:
    """Return a table of the lake as it stands now; make it where there is none."""
    place = folder_of(folder=folder, series=series)
    if not DeltaTable.is_deltatable(str(place)):
        place.mkdir(parents=True, exist_ok=True)
        schema = pa.schema([("shard", pa.int32()), *COLUMNS[series]])
        DeltaTable.create(str(place), schema, mode="ignore", partition_by=["shard"])
    return DeltaTable(str(place))


def files(*, view: LakeView, series: Series, shards: Iterable[int] | None) -> list[LakeFile]:
    """Return the files a reader has to look at, by path; of all shards when *shards* is None."""
    place = folder_of(folder=view.folder, series=series)
    version = _newest_version(place)
    if version is None:
        return []
    by_shard = _files_by_shard(place, version)
    chosen = by_shard if shards is None else sorted(frozenset(shards) & by_shard.keys())
    found = [
        file
        for shard in chosen
        for file in by_shard[shard]
        if file.token.startswith(KEPT) or file.token in view.tokens
    ]
    return sorted(found, key=lambda file: str(file.path))


def all_files(*, folder: Path, series: Series) -> tuple[LakeFile, ...]:
    """Return every file of a table, also those of imports that never ended."""
    place = folder_of(folder=folder, series=series)
    version = _newest_version(place)
    return () if version is None else _files_at(place, version)


def _newest_version(place: Path) -> int | None:
    log = place / "_delta_log"
    if not log.is_dir():
        return None
    names = [entry.name for entry in os.scandir(log) if entry.name.endswith(".json")]
    return max((int(name[:20]) for name in names if name[:20].isdigit()), default=None)


@lru_cache(maxsize=8)
def _files_by_shard(place: Path, version: int) -> dict[int, list[LakeFile]]:
    by_shard: dict[int, list[LakeFile]] = {}
    for file in _files_at(place, version):
        by_shard.setdefault(file.shard, []).append(file)
    return by_shard


@lru_cache(maxsize=8)
def _files_at(place: Path, version: int) -> tuple[LakeFile, ...]:
    """A version of a table never changes, so its list of files may be remembered."""
    table = pa.table(DeltaTable(str(place), version=version).get_add_actions(flatten=True))
    found = []
    for row in table.to_pylist():
        name = row["path"].rsplit("/", 1)[-1]
        found.append(
            LakeFile(
                path=place / row["path"],
                shard=int(row["partition.shard"]),
                token=name.removesuffix(".parquet"),
                size_bytes=row["size_bytes"],
                n_rows=row["num_records"],
                points=(row["min.point_id"], row["max.point_id"]),
                days=(_days(row["min.day"]), _days(row["max.day"])),
                known=(_micros(row["min.known_at"]), _micros(row["max.known_at"])),
                deliveries=(row["min.delivery_id"], row["max.delivery_id"]),
            )
        )
    return tuple(sorted(found, key=lambda file: str(file.path)))


def _days(day: object) -> int:
    return int(
        pa.scalar(day, pa.date32()).value
    )  # a cast would load pyarrow.compute, which takes long


def _micros(moment: object) -> int:
    return micros_of(moment) if isinstance(moment, datetime) else int(str(moment))


def micros_of(moment: datetime) -> int:
    """Return a moment as microseconds since 1970, exactly."""
    return int(pa.scalar(moment, pa.timestamp("us", "UTC")).value)


def commit(
    *,
    folder: Path,
    series: Series,
    added: Sequence[AddAction],
    replaced_shards: Sequence[int] = (),
    about: Mapping[str, str],
) -> None:
    """Add files to a table in one step; with *replaced_shards*, take the old ones of these out.

    Raises
    ------
    LakeBusy
        Other writers were faster each time.
    """
    properties = CommitProperties(custom_metadata=dict(about))
    for _ in range(MOST_COMMIT_TRIES):
        table = open_table(folder=folder, series=series)
        try:
            if replaced_shards:
                shards = [str(shard) for shard in replaced_shards]
                table.create_write_transaction(
                    list(added),
                    mode="overwrite",
                    schema=table.schema(),
                    partition_by=["shard"],
                    partition_filters=[("shard", "in", shards)],
                    commit_properties=properties,
                )
            else:
                table.create_write_transaction(
                    list(added),
                    mode="append",
                    schema=table.schema(),
                    partition_by=["shard"],
                    commit_properties=properties,
                )
        except CommitFailedError:
            continue
        _sync(folder_of(folder=folder, series=series) / "_delta_log")
        return
    raise LakeBusy(f"{series}: {MOST_COMMIT_TRIES} tries")


def _sync(log: Path) -> None:
    """Bring the newest entry of the log to the disk itself, and its name."""
    newest = max((path for path in log.iterdir() if path.suffix == ".json"), default=None)
    for path in (newest, log):
        if path is not None:
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
