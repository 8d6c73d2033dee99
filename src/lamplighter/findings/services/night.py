"""The night: every shard gathered, decided, kept and shown, once."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path

from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from psycopg.errors import LockNotAvailable

from lamplighter.facts.metering import members as metering
from lamplighter.findings import judge_turns, judges
from lamplighter.findings import rules as night_rules
from lamplighter.findings.models import Night, ShardDone
from lamplighter.findings.night import copies, handover, moment, shard_tasks, worker
from lamplighter.findings.services import learning, moments, storing
from lamplighter.insight.spread import engines, running
from lamplighter.ledger import services as ledger
from lamplighter.storage.mirror import Mirror

NIGHT_LOCK = 0x4E49
PATIENCE = "5s"
LOADS = "lamplighter.findings.night.loaded"  # what its workers import before their first shard
MOMENT = "moment"  # in a night's folder, while it is not finished


class NightAlreadyRunning(RuntimeError):
    """Another process is at work on a night."""


class NothingToFind(RuntimeError):
    """There is no account yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the night reads and writes."""

    lake_folder: Path
    results_folder: Path
    zone: str
    mirror: Mirror | None = None  # where workers that share no files find these folders' files


def run(
    *,
    as_of: date,
    known_at: datetime,
    places: Places,
    engine: engines.Engine,
    clock: Callable[[], datetime],
    actor: str,
    rules_day: date | None = None,
    on_progress: Callable[[str, int, int], None] = lambda *_: None,
) -> int:
    """Run or finish the night of one day and return its id.

    A night is the same night when day, knowledge and versions are the same: a run that was killed
    goes on after the last shard whose results were stored, and a finished one is not run again.

    Parameters
    ----------
    as_of
        The last day looked at.
    known_at
        Only what was recorded until then is used.
    engine
        Where the shards are decided: this process, several, a cluster.
    clock
        Gives the moment rows are written; never an input of a finding.
    rules_day
        The day whose rules are used; by default the night's own.
    on_progress
        Called with what is going on, parts done and parts in all.

    Raises
    ------
    NightAlreadyRunning
        Another process holds the night.
    NothingToFind
        No account has been imported.
    loader.PolicyUnknown
        A policy was not in force on that day.
    running.ShardFailed
        A shard could not be decided; the shards before it are kept.
    """
    with _alone():
        own = judge_turns.serving(day=rules_day or as_of)
        rules = night_rules.rules_on(day=rules_day or as_of, own=own)
        if not metering.is_anybody_known(known_at=known_at):
            raise NothingToFind("import customers first")
        night = _night(as_of=as_of, known_at=known_at, rules=rules, now=clock())
        if night.finished_at is not None:
            return night.pk
        with engines.started(engine, loads=LOADS) as crew:
            tasks = _tasks(night=night, places=places, rules_day=rules_day or as_of, own=own)
            learnt = learning.learnt_for(
                tasks=tasks, rules=rules, engine=crew, on_progress=on_progress
            )
            done = set(ShardDone.objects.filter(night=night).values_list("shard", flat=True))
            left = [task for task in tasks if task.shard not in done]
            running.run(
                shards=(running.Shard(name=str(task.shard), content=task) for task in left),
                kernel=partial(worker.find, learnt=learnt),
                merge=partial(
                    _store_all,
                    night=night,
                    is_newest=not _later(night).exists(),
                    clock=clock,
                    mirror=places.mirror,
                ),
                engine=crew,
                progress=lambda _name, n: on_progress("find", len(done) + n, len(tasks)),
            )
        _finish(night=night, now=clock(), actor=actor)
        for pinned in {task.moment for task in tasks if task.moment is not None}:
            shutil.rmtree(pinned, ignore_errors=True)  # nobody asks a finished night again
        return night.pk


def _tasks(
    *, night: Night, places: Places, rules_day: date, own: judges.OwnJudge | None
) -> list[shard_tasks.Task]:
    """Return a task for each shard; what they look at is pinned when a night begins."""
    as_of, known_at = night.as_of_day, night.known_at
    folder = folder_of(as_of=as_of, night_id=night.pk, results_folder=places.results_folder)
    folder.mkdir(parents=True, exist_ok=True)
    files = files_before(as_of=as_of, known_at=known_at, results_folder=places.results_folder)
    before_file = handover.keep(folder=folder, files=files)
    pinned = folder / MOMENT
    if not moment.is_kept(folder=pinned):
        # Also where its books were cleared away meanwhile: all shards see one moment, or none.
        night.shards.all().delete()
    moments.keep(
        folder=pinned,
        on=as_of,
        known_at=known_at,
        lake_folder=places.lake_folder,
        zone=places.zone,
        before_file=before_file,
        judge=b"" if own is None else own.content,
    )
    if places.mirror is not None:
        copies.send_moment(mirror=places.mirror, folder=pinned)
    shards = moment.moment_in(folder=pinned).shards()
    if len(shards) != night.n_shards:
        Night.objects.filter(pk=night.pk).update(n_shards=len(shards))
    return [
        shard_tasks.Task(
            shard=shard,
            as_of=as_of,
            rules_day=rules_day,
            known_at=known_at,
            before_file=before_file,
            lake_folder=places.lake_folder,
            results_folder=folder,
            zone=places.zone,
            moment=pinned,
            judged_folder=places.results_folder / shard_tasks.JUDGED,
            mirror=places.mirror,
        )
        for shard in shards
    ]


def _store_all(
    results: Iterator[running.Done[shard_tasks.Written]],
    *,
    night: Night,
    is_newest: bool,
    clock: Callable[[], datetime],
    mirror: Mirror | None,
) -> None:
    for result in results:
        if mirror is not None:
            copies.bring_results(mirror=mirror, written=result.content)
        storing.store(
            night_id=night.pk,
            as_of=night.as_of_day,
            written=result.content,
            is_newest=is_newest,
            now=clock(),
        )


def _night(*, as_of: date, known_at: datetime, rules: night_rules.Rules, now: datetime) -> Night:
    found = Night.objects.filter(
        as_of_day=as_of,
        known_at=known_at,
        kernels=night_rules.KERNELS,
        policies=rules.versions,
    ).order_by("-id")
    same = found.first()
    if same is not None:
        return same
    return Night.objects.create(
        as_of_day=as_of,
        known_at=known_at,
        kernels=night_rules.KERNELS,
        policies=rules.versions,
        n_shards=0,  # not known before its moment is pinned
        started_at=now,
    )


def folder_of(*, as_of: date, night_id: int, results_folder: Path) -> Path:
    """Return where the files of a night lie."""
    return results_folder / f"{as_of.isoformat()}-{night_id}"


def _later(night: Night) -> QuerySet[Night]:
    """Return the nights that show more than one does, as soon as a shard of theirs is stored."""
    same_day = Q(as_of_day=night.as_of_day, known_at__gt=night.known_at)
    return Night.objects.filter(
        Q(as_of_day__gt=night.as_of_day) | same_day, shards__isnull=False
    ).distinct()


def files_before(*, as_of: date, known_at: datetime, results_folder: Path) -> list[Path]:
    """Return the accounts files of the night before a day, as known by then; none: no such night.

    A night whose files were cleared away is passed over.
    """
    finished = Night.objects.filter(
        as_of_day__lt=as_of, known_at__lte=known_at, finished_at__isnull=False
    )
    for before in finished.order_by("-as_of_day", "-known_at", "-id").iterator(chunk_size=10):
        folder = folder_of(
            as_of=before.as_of_day, night_id=before.pk, results_folder=results_folder
        )
        shards = before.shards.order_by("shard").values_list("shard", flat=True)
        files = [shard_tasks.accounts_file(folder=folder, shard=shard) for shard in shards]
        if all(file.exists() for file in files):
            return files
    return []


def _finish(*, night: Night, now: datetime, actor: str) -> None:
    with transaction.atomic():
        Night.objects.filter(pk=night.pk, finished_at__isnull=True).update(finished_at=now)
        ledger.record(
            "findings.night.finished",
            subject=f"night:{night.pk}",
            actor=actor,
            at=now,
            as_of=night.as_of_day.isoformat(),
            known_at=night.known_at.isoformat(),
            kernels=night.kernels,
            policies=night.policies,
        )


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the night for this process; the database lets go when the process dies.

    It needs a moment to see that: a night begun again right after it was killed waits for it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [PATIENCE])
        try:
            cursor.execute("SELECT pg_advisory_lock(%s)", [NIGHT_LOCK])
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            raise NightAlreadyRunning("wait for the other run to end, or stop it") from error
        finally:
            if connection.is_usable():
                cursor.execute("SELECT set_config('lock_timeout', '0', false)")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [NIGHT_LOCK])
