"""Keeping the lake: fewer files, nothing lost, nothing that nobody needs."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection, transaction
from django.utils import timezone

from lamplighter.facts.intake import version_landing
from lamplighter.facts.metering import lake, terms, writing
from lamplighter.facts.metering.lake import LakeFile, LakeView, Series
from lamplighter.facts.metering.models import LakeCommit
from lamplighter.ledger import services as ledger

ORDER = [(name, "ascending") for name in ("point_id", "day", "known_at", "delivery_id")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compacted:
    """What a compaction did."""

    n_shards: int
    n_files_before: int
    n_files_after: int
    n_rows_of_unfinished: int  # left by imports that never came to their end; now gone


def compact(*, lake_folder: Path, series: Series, actor: str, now: datetime) -> Compacted:
    """Bring each shard that has many files into one; every version of every reading stays.

    Imports into the same table wait meanwhile, so that a file without a finished import is known
    to be one that never will be: it is left out.
    """
    rules = terms.terms_on(day=timezone.localdate(now))
    with transaction.atomic():
        with connection.cursor() as cursor:
            version_landing.lock_table(cursor=cursor, table=f"lake:{series}")
        tokens = LakeCommit.objects.filter(series=series.value).values_list("token", flat=True)
        view = LakeView(folder=lake_folder, known_at=now, tokens=frozenset(tokens))
        finished = lake.files(view=view, series=series, shards=None)
        standing = lake.all_files(folder=lake_folder, series=series)
        by_shard: dict[int, list[LakeFile]] = {file.shard: [] for file in standing}
        for file in finished:
            by_shard[file.shard].append(file)
        n_files = {shard: sum(f.shard == shard for f in standing) for shard in by_shard}
        chosen = [
            shard
            for shard in sorted(by_shard)
            if n_files[shard] >= rules.compact_from_files or n_files[shard] > len(by_shard[shard])
        ]
        done = Compacted(
            n_shards=len(chosen),
            n_files_before=sum(n_files[shard] for shard in chosen),
            n_files_after=sum(bool(by_shard[shard]) for shard in chosen),
            n_rows_of_unfinished=sum(f.n_rows for f in set(standing) - set(finished)),
        )
        for shard in chosen:
            _compact_shard(lake_folder, series, shard, by_shard[shard], now)
        if chosen:
            ledger.record(
                "metering.lake.compacted",
                subject=f"lake:{series.lower()}",
                actor=actor,
                at=now,
                n_shards=done.n_shards,
                n_files_before=done.n_files_before,
                n_files_after=done.n_files_after,
            )
    return done


def _compact_shard(
    folder: Path, series: Series, shard: int, files: list[LakeFile], now: datetime
) -> None:
    added = []
    if files:
        names = lake.COLUMNS[series].names
        tables = [pq.ParquetFile(file.path, memory_map=True).read(columns=names) for file in files]
        rows = pa.concat_tables(tables).sort_by(ORDER)
        added.append(
            writing.write_file(
                folder=folder,
                series=series,
                shard=shard,
                token=f"{lake.KEPT}{uuid.uuid4().hex}",
                rows=rows,
                now=now,
            )
        )
    lake.commit(
        folder=folder,
        series=series,
        added=added,
        replaced_shards=[shard],
        about={"compacted": str(len(files))},
    )


def vacuum(*, lake_folder: Path, series: Series, now: datetime) -> int:
    """Delete files that no version of the table younger than the policy's hours needs.

    Also deletes files of imports that broke off before they were committed. Imports into the same
    table wait meanwhile. Returns how many files were deleted.
    """
    rules = terms.terms_on(day=timezone.localdate(now))
    with transaction.atomic():
        with connection.cursor() as cursor:
            version_landing.lock_table(cursor=cursor, table=f"lake:{series}")
        table = lake.open_table(folder=lake_folder, series=series)
        deleted = table.vacuum(
            retention_hours=rules.keep_removed_files_hours,
            dry_run=False,
            enforce_retention_duration=False,
            full=True,
        )
    return len(deleted)
