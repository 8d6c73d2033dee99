"""What becomes of the rows of one shard, and taking all shards of a delivery into the lake."""

import hashlib
import os
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from deltalake.transaction import AddAction
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from lamplighter.facts.intake import limits, version_landing
from lamplighter.facts.intake.reasons import FileRefused
from lamplighter.facts.intake.records import Landed, LandingContext, Refusal
from lamplighter.facts.metering import lake, writing
from lamplighter.facts.metering.lake import LakeFile, LakeView, Series
from lamplighter.facts.metering.landing.spill import Spill
from lamplighter.facts.metering.models import LakeCommit

Places = npt.NDArray[np.int64]
MOST_THREADS = 4
_EPOCH = date(1970, 1, 1)


class RefusalsSoFar:
    """The refusals of a delivery; too many end it."""

    def __init__(self, *, context: LandingContext) -> None:
        self.most = limits.limits_on(day=context.day).most_quarantined_rows
        self.found: list[Refusal] = []

    def add(self, refusals: Sequence[Refusal]) -> None:
        """Keep refusals.

        Raises
        ------
        FileRefused
            There are more than policy ``intake`` allows.
        """
        self.check(len(refusals))
        self.found += refusals

    def check(self, n_more: int) -> None:
        """Refuse the whole delivery before its refusals fill the memory, see `add`."""
        if len(self.found) + n_more > self.most:
            raise FileRefused("TOO_MANY_BAD_ROWS", f"> {self.most}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of the rows of one shard."""

    rows: pa.Table | None  # as the lake keeps them; None: nothing new
    n_imported: int
    n_unchanged: int
    refusals: list[Refusal] = field(default_factory=list)


Settle = Callable[[int, list[LakeFile]], Settled]


@dataclass(frozen=True, slots=True, kw_only=True)
class Firsts:
    """Which rows come first in their cell, and which repeat one."""

    places: Places  # rows that come first, by cell
    repeats: Places  # rows that come later
    standing: Places  # for each of these, the row that came first


def firsts(*, cells: Places, n_cells: int) -> Firsts:
    """Find the first row of each cell; the rows stand in the delivery's order.

    >>> found = firsts(cells=np.array([2, 0, 2]), n_cells=3)
    >>> found.places.tolist(), found.repeats.tolist(), found.standing.tolist()
    ([1, 0], [2], [0])
    """
    number = np.arange(len(cells), dtype=np.int64)
    first = np.full(n_cells, -1, dtype=np.int64)
    first[cells[::-1]] = number[::-1]  # written last, the earliest row stays
    places = first[first >= 0]
    if len(places) == len(cells):
        return Firsts(places=places, repeats=number[:0], standing=number[:0])
    standing = first[cells]
    repeats = np.flatnonzero(standing != number)
    return Firsts(places=places, repeats=repeats, standing=standing[repeats])


def dense_days(*, days: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int64], int]:
    """Return each day's place among the days that occur, and how many occur.

    >>> dense_days(days=np.array([30, 10, 30], dtype=np.int32))
    (array([1, 0, 1]), 2)
    """
    offset = days.astype(np.int64) - int(days.min())
    occurs = np.zeros(int(offset.max()) + 1, dtype=bool)
    occurs[offset] = True
    place = np.cumsum(occurs) - 1
    return place[offset], int(place[-1]) + 1


def take_in(
    *,
    series: Series,
    spill: Spill,
    shards: npt.NDArray[np.int64],
    settle: Settle,
    refusals: RefusalsSoFar,
    context: LandingContext,
) -> Landed:
    """Settle each shard against what is known, and commit all new rows to the lake at once.

    Nobody sees them before the transaction of the delivery ends: only then the commit's token
    stands in the table LakeCommit.
    """
    spill.flush()
    with connection.cursor() as cursor:
        version_landing.lock_table(cursor=cursor, table=f"lake:{series}")
    token = uuid.uuid4().hex
    known = _known_files(series, context)

    def one(bucket: int) -> tuple[Settled, AddAction | None]:
        shard = int(shards[bucket])
        settled = settle(bucket, known.get(shard, []))
        return _written(settled, series=series, shard=shard, token=token, context=context)

    buckets = spill.filled()
    added: list[AddAction] = []
    days: list[int] = []
    n_rows = n_imported = n_unchanged = 0
    with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as pool:
        for settled, action in pool.map(one, buckets):
            refusals.add(settled.refusals)
            n_imported += settled.n_imported
            n_unchanged += settled.n_unchanged
            if action is not None and settled.rows is not None:
                added.append(action)
                n_rows += settled.rows.num_rows
                days += _bounds(settled.rows)
    if added:
        _commit(series, token, added, days, n_rows, context)
    return Landed(n_imported=n_imported, n_unchanged=n_unchanged, refusals=refusals.found)


def _known_files(series: Series, context: LandingContext) -> dict[int, list[LakeFile]]:
    """Return the files of finished imports, by shard."""
    tokens = LakeCommit.objects.filter(series=series.value).values_list("token", flat=True)
    view = LakeView(folder=context.lake_folder, known_at=context.now, tokens=frozenset(tokens))
    by_shard: dict[int, list[LakeFile]] = {}
    for file in lake.files(view=view, series=series, shards=None):
        by_shard.setdefault(file.shard, []).append(file)
    return by_shard


def _written(
    settled: Settled, *, series: Series, shard: int, token: str, context: LandingContext
) -> tuple[Settled, AddAction | None]:
    """Write a shard's new rows, and keep only their days in memory."""
    if settled.rows is None:
        return settled, None
    action = writing.write_file(
        folder=context.lake_folder,
        series=series,
        shard=shard,
        token=token,
        rows=_with_origin(settled.rows, context),
        now=context.now,
    )
    return replace(settled, rows=settled.rows.select(["day"])), action


def _commit(
    series: Series,
    token: str,
    added: Sequence[AddAction],
    days: Sequence[int],
    n_rows: int,
    context: LandingContext,
) -> None:
    lake.commit(
        folder=context.lake_folder,
        series=series,
        added=added,
        about={"delivery": str(context.delivery_id), "sha256": context.delivery_sha256},
    )
    LakeCommit.objects.bulk_create(
        [
            LakeCommit(
                token=token,
                series=series.value,
                delivery_id=context.delivery_id,
                content_sha256=content_name(sha256=context.delivery_sha256),
                shards=sorted(int(action.partition_values["shard"] or 0) for action in added),
                days=DateRange(day_of(min(days)), day_of(max(days) + 1), "[)"),
                n_rows=n_rows,
                recorded_at=context.now,
            )
        ]
    )


def day_of(number: int) -> date:
    """Return the day that is so many days after 1970-01-01."""
    return _EPOCH + timedelta(number)


def content_name(*, sha256: str) -> str:
    """Return 64 hexadecimal digits that name a delivery's content, however long its name is."""
    return hashlib.sha256(sha256.encode()).hexdigest()


def _with_origin(rows: pa.Table, context: LandingContext) -> pa.Table:
    known_at = pa.scalar(context.now, pa.timestamp("us", "UTC"))
    delivery = pa.scalar(context.delivery_id, pa.int64())
    return rows.append_column("known_at", pa.repeat(known_at, rows.num_rows)).append_column(
        "delivery_id", pa.repeat(delivery, rows.num_rows)
    )


def _bounds(rows: pa.Table) -> list[int]:
    day = rows.column("day").cast(pa.int32()).to_numpy()
    return [int(day.min()), int(day.max())]
