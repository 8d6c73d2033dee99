"""Replaying past nights: asked for once, decided part by part, no row of a night touched."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from lamplighter.findings.models import Replay, ReplayCount, ReplayNight, ShardDone
from lamplighter.findings.night import handover, moment, shard_tasks
from lamplighter.findings.replay import comparing, deciding, keeping
from lamplighter.findings.services import (
    moments,
    night,
    replay_asking,
    replay_ending,
    replay_learning,
)
from lamplighter.findings.services.replay_asking import Side
from lamplighter.insight.spread import engines, running

REPLAY_LOCK = 0x5E91


class ReplayAlreadyRunning(RuntimeError):
    """Another process is at work on this replay."""


class ReplayUnknown(LookupError):
    """There is no replay with this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a replay reads and writes."""

    lake_folder: Path
    results_folder: Path  # of the nights: read only
    replays_folder: Path
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """A replay under way."""

    replay: Replay
    sides: dict[str, Side]
    folder: Path
    places: Places
    engine: engines.Engine
    clock: Callable[[], datetime]
    on_progress: Callable[[str, int, int], None]


def run(
    *,
    replay_id: int,
    places: Places,
    engine: engines.Engine,
    clock: Callable[[], datetime],
    actor: str,
    on_progress: Callable[[str, int, int], None] = lambda *_: None,
) -> None:
    """Do or finish a replay that was asked for.

    A replay that was killed goes on after the last part it kept; a finished one is not done again.
    It may run beside a night.

    Raises
    ------
    ReplayUnknown
        There is no such replay.
    ReplayAlreadyRunning
        Another process is at work on it.
    running.ShardFailed
        A shard could not be decided; the parts before it are kept.
    """
    replay = Replay.objects.filter(pk=replay_id).first()  # one at most: by its key
    if replay is None:
        raise ReplayUnknown(str(replay_id))
    with _alone(replay_id):
        replay.refresh_from_db()
        if replay.finished_at is not None:
            return
        Replay.objects.filter(pk=replay_id).update(failed_because="", said_at=clock())
        folder = keeping.folder_of(replay_id=replay_id, replays_folder=places.replays_folder)
        folder.mkdir(parents=True, exist_ok=True)
        work = _Work(
            replay=replay,
            sides=replay_asking.sides_of(replay),
            folder=folder,
            places=places,
            engine=engine,
            clock=clock,
            on_progress=on_progress,
        )
        for day in _days(replay):
            _decide(work, day)
        replay_ending.finish(
            replay=replay,
            folder=folder,
            lake_folder=places.lake_folder,
            zone=places.zone,
            now=clock(),
            actor=actor,
        )
        replay_ending.remove_old(now=clock(), replays_folder=places.replays_folder)


def note_failure(*, replay_id: int, kind: str) -> None:
    """Keep the kind of error a replay ended by; asking for it again goes on with it."""
    Replay.objects.filter(pk=replay_id, finished_at__isnull=True).update(failed_because=kind[:80])


def _days(replay: Replay) -> list[date]:
    n = (replay.last_day - replay.first_day).days + 1
    return [replay.first_day + timedelta(i) for i in range(n)]


def _decide(work: _Work, day: date) -> None:
    """Decide both sides of one night, unless that is done."""
    replay = work.replay
    done = set(ReplayNight.objects.filter(replay=replay, day=day).values_list("side", flat=True))
    left = [side for side in work.sides.values() if side.name not in done]
    if not left:
        return
    learnt = {}
    jobs: dict[int, list[deciding.Job]] = {shard: [] for shard in replay.shards}
    cuts = {side.name: dict[int, keeping.Cut]() for side in left}
    for side in left:
        pinned = None if side.is_kept else _pinned(work, side, day)
        if pinned is not None:
            learnt[side.name] = replay_learning.learnt_for(
                tasks=[
                    _task(work, side, day, shard, pinned=pinned)
                    for shard in moment.moment_in(folder=pinned).shards()
                ],
                known_at=side.known_at,
                folder=work.folder,
                engine=work.engine,
                on_progress=work.on_progress,
            )
        target = keeping.night_folder(folder=work.folder, side=side.name, day=day)
        for shard in replay.shards:
            cut = keeping.cut_before(shard=shard, folder=target)
            if cut is None:
                jobs[shard].append(_job(work, side, day, shard, pinned=pinned))
            else:
                cuts[side.name][shard] = cut
    n_before = ReplayNight.objects.filter(replay=replay).count() * len(replay.shards)
    n_before += sum(len(of_side) for of_side in cuts.values())
    running.run(
        shards=(
            running.Shard(name=str(shard), content=deciding.Part(shard=shard, jobs=tuple(both)))
            for shard, both in jobs.items()
            if both
        ),
        kernel=partial(deciding.find, learnt=learnt),
        merge=partial(_take, work=work, cuts=cuts, n_before=n_before),
        engine=work.engine,
    )
    _keep(work, day, cuts)


def _take(
    results: Iterator[running.Done[tuple[deciding.Decided, ...]]],
    *,
    work: _Work,
    cuts: dict[str, dict[int, keeping.Cut]],
    n_before: int,
) -> None:
    n_done = n_before
    for result in results:
        for decided in result.content:
            cuts[decided.side][decided.cut.shard] = decided.cut
            n_done += 1
            _say(work, n_done)


def _say(work: _Work, n_done: int) -> None:
    Replay.objects.filter(pk=work.replay.pk).update(n_done=n_done, said_at=work.clock())
    work.on_progress("replay", n_done, work.replay.n_all)


def _task(
    work: _Work, side: Side, day: date, shard: int, *, pinned: Path | None
) -> shard_tasks.Task:
    target = keeping.night_folder(folder=work.folder, side=side.name, day=day)
    return shard_tasks.Task(
        shard=shard,
        as_of=day,
        rules_day=day,
        known_at=side.known_at,
        before_file=None,  # stands in what is pinned
        lake_folder=work.places.lake_folder,
        results_folder=target,
        zone=work.places.zone,
        instead=side.instead,
        moment=pinned,
    )


def _job(work: _Work, side: Side, day: date, shard: int, *, pinned: Path | None) -> deciding.Job:
    task = _task(work, side, day, shard, pinned=pinned)
    kept_night = work.replay.night
    if not side.is_kept or kept_night is None:
        return deciding.Job(side=side.name, task=task)
    return deciding.Job(
        side=side.name,
        task=task,
        kept_folder=night.folder_of(
            as_of=day, night_id=kept_night.pk, results_folder=work.places.results_folder
        ),
        kept_sha256=ShardDone.objects.get(night=kept_night, shard=shard).result_sha256,
    )


def _pinned(work: _Work, side: Side, day: date) -> Path:
    """Pin what a side knows, with what the night before left behind, as a night does."""
    target = keeping.night_folder(folder=work.folder, side=side.name, day=day)
    own = replay_asking.judge_of(night=work.replay.night, day=day)
    return moments.keep(
        folder=target / night.MOMENT,
        on=day,
        known_at=side.known_at,
        lake_folder=work.places.lake_folder,
        zone=work.places.zone,
        before_file=_before(work, side, day),
        judge=b"" if own is None else own.content,
    )


def _before(work: _Work, side: Side, day: date) -> Path:
    """Return what the night before left behind, in the night's own folder.

    The first night of a replay begins, on both sides, from what the kept night of that day began
    with, or else from the newest night before it; each later one from the replay's own.
    """
    target = keeping.night_folder(folder=work.folder, side=side.name, day=day)
    target.mkdir(parents=True, exist_ok=True)
    if day > work.replay.first_day:
        yesterday = keeping.accounts_of(folder=work.folder, side=side.name, day=day - timedelta(1))
        return handover.keep(folder=target, files=[yesterday])
    results = work.places.results_folder
    first = replay_asking.kept_night(
        day=day, known_at=work.replay.known_before_at, exactly=work.replay.night_id
    )
    if first is not None:
        folder = night.folder_of(as_of=day, night_id=first.pk, results_folder=results)
        if (folder / handover.FILE).exists():
            return handover.keep(folder=target, files=[folder / handover.FILE])
    files = night.files_before(
        as_of=day, known_at=work.replay.known_before_at, results_folder=results
    )
    return handover.keep(folder=target, files=files)


def _keep(work: _Work, day: date, cuts: dict[str, dict[int, keeping.Cut]]) -> None:
    """Keep a night of both sides: one file each, its rows, and how the sides compare."""
    replay, shards = work.replay, work.replay.shards
    for name in cuts:
        keeping.join(folder=work.folder, side=name, day=day, shards=shards)
    before, after = replay_ending.sides_of_night(replay=replay, folder=work.folder, day=day)
    counted = comparing.counts(before=before, after=after)
    with transaction.atomic():
        ReplayNight.objects.bulk_create(
            [
                _night_row(work, day, work.sides[name], [of_side[s] for s in shards])
                for name, of_side in cuts.items()
            ]
        )
        ReplayCount.objects.filter(replay=replay, day=day).delete()
        ReplayCount.objects.bulk_create(
            [
                ReplayCount(
                    replay=replay,
                    area_id=count.area_id,
                    day=day,
                    about=count.about,
                    before=count.before,
                    after=count.after,
                    n_accounts=count.n_accounts,
                )
                for count in counted
            ],
            batch_size=5_000,
        )
    for name in cuts:
        keeping.clear_night(folder=work.folder, side=name, day=day)


def _night_row(work: _Work, day: date, side: Side, cuts: list[keeping.Cut]) -> ReplayNight:
    twin = replay_asking.twin_of(work.replay, side=side, day=day)
    hashes = {}
    if twin is not None:
        hashes = dict(ShardDone.objects.filter(night=twin).values_list("shard", "result_sha256"))
    alike = sum(hashes.get(cut.shard) == cut.sha256 for cut in cuts)
    return ReplayNight(
        replay=work.replay,
        side=side.name,
        day=day,
        is_kept=side.is_kept,
        n_accounts=sum(cut.n_accounts for cut in cuts),
        result_sha256=replay_ending.sha256_of(cuts),
        n_shards_alike=None if twin is None else alike,
        n_shards_unlike=None if twin is None else len(cuts) - alike,
        finished_at=work.clock(),
    )


@contextmanager
def _alone(replay_id: int) -> Iterator[None]:
    """Hold a replay for this process; the database lets go when the process dies.

    It needs a moment to see that: one begun again right after it was killed waits for it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [night.PATIENCE])
        try:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [REPLAY_LOCK, replay_id])
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            text = f"replay {replay_id}: wait for the other run to end, or stop it"
            raise ReplayAlreadyRunning(text) from error
        finally:
            if connection.is_usable():
                cursor.execute("SELECT set_config('lock_timeout', '0', false)")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [REPLAY_LOCK, replay_id])
