"""What hosts that share no files bring and send so that a night's shards can be decided anywhere.

The host of the night sends what is new in lake and books, and the moment that the night looks at; a
worker brings what its shard is decided from, and sends the shard's two files. Nothing that is on a
host already is brought again, so the second night brings a day's worth.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from lamplighter.facts.billing import books
from lamplighter.facts.metering import lake
from lamplighter.facts.metering.lake import LakeView, Series
from lamplighter.findings.night import moment, shard_tasks
from lamplighter.findings.night.shard_tasks import Written
from lamplighter.storage.mirror import Mirror

LOG = "_delta_log"
LAST = "_last_checkpoint"  # the one file of a table's log that is written anew under its name


class ResultsDiffer(RuntimeError):
    """A shard's files are not those that its worker wrote."""


def send_moment(*, mirror: Mirror, folder: Path) -> None:
    """Send a moment and all that it points at, as far as the store lacks it.

    A table's log goes last: who sees an entry finds its files.
    """
    pinned = moment.moment_in(folder=folder)
    shelf = pinned.shelf
    pages = [shelf.folder / name for name in _pages(shelf.pages)]
    data, logs = [], []
    for series in Series:
        place = lake.folder_of(folder=pinned.view.folder, series=series)
        data += [file.path for file in lake.files(view=pinned.view, series=series, shards=None)]
        logs += sorted(path for path in (place / LOG).glob("*") if path.is_file())
    have = mirror.names(below=pinned.view.folder) | mirror.names(below=shelf.folder)
    mirror.send([path for path in (*data, *pages) if path not in have])
    mirror.send([path for path in logs if path not in have and path.name != LAST])
    mirror.send([path for path in logs if path.name == LAST])
    mirror.send(_of_moment(folder))


def bring_shard(*, mirror: Mirror, folder: Path, shard: int, with_readings: bool) -> None:
    """Bring what one shard is decided from, as far as this host lacks it."""
    if mirror.differs(folder / moment.ABOUT):  # absent, or the night had to pin another moment
        mirror.bring(reversed(_of_moment(folder)), again=True)
    pinned = moment.moment_in(folder=folder)
    accounts = pinned.accounts["account_id"][_rows(pinned.accounts, shard)]
    wanted = set(np.unique(accounts // books.ACCOUNTS_A_BOOK).tolist())
    paths = [pinned.shelf.folder / name for name in _pages(pinned.shelf.pages, wanted)]
    if with_readings:
        _bring_logs(mirror, pinned.view)
        shards = np.unique(pinned.points["lake_shard"][_rows(pinned.points, shard)]).tolist()
        for series in Series:
            files = lake.files(view=pinned.view, series=series, shards=shards)
            paths += [file.path for file in files]
    mirror.bring(paths)


def bring_results(*, mirror: Mirror, written: Written) -> None:
    """Have a shard's two files on this host as the worker wrote them.

    Raises
    ------
    ResultsDiffer
        What came from the store is not what the worker says it wrote.
    """
    files = [written.accounts_file, written.signals_file]
    if _hash_of(files) == written.sha256:
        return
    mirror.bring(files, again=True)
    if _hash_of(files) != written.sha256:
        raise ResultsDiffer(f"shard {written.shard}")


def _hash_of(files: Sequence[Path]) -> str:
    if not all(file.exists() for file in files):
        return ""
    return shard_tasks.sha256_of(parts=[file.read_bytes() for file in files])


@lru_cache(maxsize=1)
def _bring_logs(mirror: Mirror, view: LakeView) -> None:
    """Bring both tables' logs, once a moment: later entries are no part of it."""
    for series in Series:
        log = lake.folder_of(folder=view.folder, series=series) / LOG
        names = mirror.names(below=log)
        mirror.bring(path for path in sorted(names) if path.name != LAST)
        mirror.bring([path for path in names if path.name == LAST], again=True)


def _of_moment(folder: Path) -> list[Path]:
    return [folder / name for name in (moment.ABOUT, moment.ACCOUNTS, moment.POINTS, moment.JUDGE)]


def _pages(
    pages: dict[str, dict[int, tuple[str, ...]]], wanted: Iterable[int] | None = None
) -> list[str]:
    chosen = None if wanted is None else frozenset(wanted)
    return [
        name
        for of_form in pages.values()
        for book, names in of_form.items()
        if chosen is None or book in chosen
        for name in names
    ]


def _rows(columns: moment.Columns, shard: int) -> slice:
    begin, end = np.searchsorted(columns["shard"], [shard, shard + 1])
    return slice(int(begin), int(end))
