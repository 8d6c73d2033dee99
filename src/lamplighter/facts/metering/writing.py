"""Writing one sorted file of the lake."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake.transaction import AddAction

from lamplighter.facts.metering import lake
from lamplighter.facts.metering.lake import Series

ROWS_IN_A_GROUP = 1 << 17  # about 120 points × 3 years: one point is found without reading all
LISTS_IN_A_GROUP = 1 << 13
STATISTICS = ("point_id", "day", "known_at", "delivery_id")


def write_file(
    *, folder: Path, series: Series, shard: int, token: str, rows: pa.Table, now: datetime
) -> AddAction:
    """Write the rows of one shard as a file and return what the table has to be told.

    The rows have the columns of ``lake.COLUMNS`` and are sorted by point, day, known_at and
    delivery. Nobody sees the file before it is committed.
    """
    name = f"shard={shard}/{token}.parquet"
    path = lake.folder_of(folder=folder, series=series) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    group = ROWS_IN_A_GROUP if series is Series.DAILY else LISTS_IN_A_GROUP
    with path.open("wb") as file:
        pq.write_table(
            rows.cast(lake.COLUMNS[series]),
            file,
            compression="zstd",
            row_group_size=group,
            write_statistics=list(STATISTICS),
        )
        file.flush()
        os.fsync(file.fileno())
    return AddAction(
        path=name,
        size=path.stat().st_size,
        partition_values={"shard": str(shard)},
        modification_time=lake.micros_of(now) // 1000,
        data_change=True,
        stats=_statistics(rows),
    )


def _statistics(rows: pa.Table) -> str:
    least: dict[str, Any] = {}
    most: dict[str, Any] = {}
    for name in STATISTICS:
        bounds = pc.min_max(rows.column(name))
        least[name] = _in_json(bounds["min"].as_py())
        most[name] = _in_json(bounds["max"].as_py())
    return json.dumps(
        {
            "numRecords": rows.num_rows,
            "minValues": least,
            "maxValues": most,
            "nullCount": dict.fromkeys(STATISTICS, 0),
        }
    )


def _in_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value if isinstance(value, int) else value.isoformat()
