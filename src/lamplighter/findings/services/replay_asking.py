"""Asking for a replay: which nights, what each side knows and by which rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from lamplighter.facts.metering import members as metering
from lamplighter.findings import judge_turns, judges
from lamplighter.findings import rules as night_rules
from lamplighter.findings.models import SIDES, Night, Replay
from lamplighter.findings.night import shard_tasks
from lamplighter.findings.replay.wishes import Wish, WishImpossible, sha256_of
from lamplighter.findings.services import night
from lamplighter.ledger import services as ledger
from lamplighter.policy import candidates, loader
from lamplighter.policy.loader import Policy

BEFORE, AFTER = SIDES


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a replay."""

    name: str
    known_at: datetime
    instead: tuple[Policy, ...]
    is_kept: bool  # a night's files are taken, nothing is decided


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moments:
    """What each side knows, and the kept night that stands beside."""

    before: datetime
    after: datetime
    night: Night | None


def request(*, wish: Wish, results_folder: Path, now: datetime, requested_by: str) -> int:
    """Ask for a replay and return its id; the same wish is the same replay.

    Raises
    ------
    WishImpossible
        It cannot be made as asked.
    loader.PolicyUnknown
        A policy was not in force on that day.
    loader.PolicyRowUnknown
        The candidate lacks a number the night needs.
    """
    _check(wish, now=now)
    moments = _moments(wish, now=now)
    shards = _shards(wish, known_at=moments.after)
    gone: list[dict[str, Any]] = []
    own = _own_policies(moments.night, day=wish.last_day, gone=gone)
    judge = judge_of(night=moments.night, day=wish.last_day)
    before = night_rules.rules_on(day=wish.last_day, instead=own, own=judge).versions
    proposed = [candidate.policy for candidate in wish.candidates]
    instead = (*own, *proposed)
    after = night_rules.rules_on(day=wish.last_day, instead=instead, own=judge).versions
    notes = gone + _notes(moments, before=before, shards=shards, results_folder=results_folder)
    values: dict[str, Any] = {
        "first_day": wish.first_day,
        "last_day": wish.last_day,
        "known_before_at": moments.before,
        "known_after_at": moments.after,
        "night": moments.night,
        "candidates": [candidate.to_dict() for candidate in wish.candidates],
        "shards": shards,
        "kernels": night_rules.KERNELS,
        "policies_before": before,
        "policies_after": after,
        "notes": notes,
    }
    key = sha256_of(values | {"night": moments.night.pk if moments.night else None})
    n_nights = (wish.last_day - wish.first_day).days + 1
    values |= {
        "wish_sha256": key,
        "requested_at": now,
        "requested_by": requested_by,
        "said_at": now,
        "n_all": 2 * len(shards) * n_nights,
    }
    return _created(values, key=key, now=now, actor=requested_by)


def _created(values: dict[str, Any], *, key: str, now: datetime, actor: str) -> int:
    known = Replay.objects.filter(wish_sha256=key).values_list("pk", flat=True)
    for replay_id in known:
        return replay_id
    try:
        with transaction.atomic():
            replay = Replay.objects.create(**values)
            ledger.record(
                "findings.replay.asked",
                subject=f"replay:{replay.pk}",
                actor=actor,
                at=now,
                first_day=replay.first_day.isoformat(),
                last_day=replay.last_day.isoformat(),
                candidates=[replay.policies_after[c["name"]] for c in replay.candidates],
            )
    except IntegrityError as error:
        if ledger.violates(error, "replay_once_a_wish"):
            return Replay.objects.get(wish_sha256=key).pk
        raise
    return replay.pk


def _check(wish: Wish, *, now: datetime) -> None:
    if wish.last_day < wish.first_day:
        raise WishImpossible(
            f"{wish.last_day} is before {wish.first_day}",
            f"最后一天 {wish.last_day} 早于第一天 {wish.first_day}",
        )
    most = loader.load(name="replay", on=wish.last_day).integer("span_days_most")
    n_days = (wish.last_day - wish.first_day).days + 1
    if n_days > most:
        raise WishImpossible(
            f"{n_days} nights; at most {most} in one replay",
            f"一共 {n_days} 夜; 一次最多重演 {most} 夜, 请缩短起止日期",
        )
    for moment in (wish.known_at, wish.against):
        if moment is not None and moment > now:
            raise WishImpossible(
                f"{moment.isoformat()} is still to come: nobody knows it yet",
                f"{moment.isoformat()} 还没到, 那时的情况无人知道",
            )
    names = [candidate.policy.name for candidate in wish.candidates]
    for name in names:
        if name not in night_rules.POLICIES:
            raise WishImpossible(
                f"no night decides by {name}; it does by {', '.join(night_rules.POLICIES)}",
                f"研判不用规则 {name}; 用的是: {'、'.join(night_rules.POLICIES)}",
            )
        if names.count(name) > 1:
            raise WishImpossible(
                f"two candidates for {name}: one at a time",
                f"规则 {name} 有两份试行稿: 一次只试一份",
            )
    if n_days > 1 and not names and wish.against is None:
        raise WishImpossible(
            "several nights need a candidate, or a moment to compare with",
            "重演多夜时, 要有一份试行的规则, 或一个用来对照的时刻",
        )


def _moments(wish: Wish, *, now: datetime) -> _Moments:
    """Return what each side knows.

    With a candidate both sides know the same, unless told otherwise what the newest night knew.
    Without one, a kept night stands on one side, and
    the same moment on both asks whether it comes out the same; where no night is kept, what was
    known then stands beside what is known now.
    """
    kept = None
    if wish.first_day == wish.last_day:
        kept = kept_night(day=wish.last_day, known_at=wish.against or wish.known_at or now)
    if wish.candidates:
        newest = Night.objects.filter(finished_at__isnull=False).order_by("-as_of_day", "-id")
        beside = kept or newest.first()
        moment = wish.known_at or (beside.known_at if beside else now)
        is_beside = kept is not None and kept.known_at == moment
        return _Moments(before=moment, after=moment, night=kept if is_beside else None)
    one = wish.against or (kept.known_at if kept else None)
    other = wish.known_at or (kept.known_at if kept else now)
    if one is None and wish.known_at is None:
        raise WishImpossible(
            f"no night of {wish.last_day} is kept: name the moment whose knowledge counts",
            f"{wish.last_day} 那一夜没有留存: 请写明以哪一时刻的所知为准",
        )
    one = one or now
    before, after = min(one, other), max(one, other)
    is_beside = kept is not None and kept.known_at in (before, after)
    return _Moments(before=before, after=after, night=kept if is_beside else None)


def kept_night(*, day: date, known_at: datetime, exactly: int | None = None) -> Night | None:
    """Return the newest finished night of a day known by a moment, or the one with an id."""
    nights: QuerySet[Night] = Night.objects.filter(as_of_day=day, finished_at__isnull=False)
    if exactly is not None:
        return nights.filter(pk=exactly).order_by("pk").first()
    return nights.filter(known_at__lte=known_at).order_by("-known_at", "-id").first()


def _shards(wish: Wish, *, known_at: datetime) -> list[int]:
    if wish.area_ids is None:
        shards = metering.shards(known_at=known_at)
    else:
        shards = metering.shards_of_areas(area_ids=wish.area_ids, known_at=known_at)
    if not shards:
        raise WishImpossible(
            "nobody was supplied there, as far as was known at that moment",
            "按那一时刻的所知, 那里还没有用电户",
        )
    return shards


def _own_policies(
    kept: Night | None, *, day: date, gone: list[dict[str, Any]]
) -> tuple[Policy, ...]:
    """Return the versions a kept night was decided by where the day's own are others."""
    if kept is None:
        return ()
    in_force = night_rules.rules_on(day=day).versions
    own = []
    for name, version in kept.policies.items():
        if name == judges.KEY or in_force.get(name) == version:
            continue
        there = loader.versions(name=name) if name in loader.names() else ()
        found = [policy for policy in there if policy.version == version]
        own += found
        if not found:
            gone.append({"code": "POLICY_GONE", "version": version})
    return tuple(own)


def judge_of(*, night: Night | None, day: date) -> judges.OwnJudge | None:
    """Return the station's own judge of a replay's night; None: the one that ships.

    A kept night goes by the judge it was decided by, any other by the one in force on its day.
    """
    if night is None:
        return judge_turns.serving(day=day)
    version = night.policies.get(judges.KEY)
    return None if version is None else judge_turns.named(version=version)


def _notes(
    moments: _Moments, *, before: Mapping[str, str], shards: list[int], results_folder: Path
) -> list[dict[str, Any]]:
    kept = moments.night
    if kept is None:
        return [{"code": "NO_NIGHT_KEPT"}]
    notes: list[dict[str, Any]] = [
        {"code": "KERNEL_DIFFERS", "name": name, "kept": kept.kernels.get(name, ""), "now": now}
        for name, now in night_rules.KERNELS.items()
        if kept.kernels.get(name) != now
    ]
    notes += [
        {"code": "POLICY_DIFFERS", "name": name, "kept": kept.policies.get(name, ""), "now": now}
        for name, now in before.items()
        if kept.policies.get(name) != now
    ]
    if judges.KEY in kept.policies.keys() - before.keys():
        notes.append({"code": "POLICY_GONE", "version": kept.policies[judges.KEY]})
    if not _has_files(kept, shards=shards, results_folder=results_folder):
        notes.append({"code": "FILES_GONE"})
    folder = night.folder_of(as_of=kept.as_of_day, night_id=kept.pk, results_folder=results_folder)
    if not (folder / "before.parquet").exists():
        notes.append({"code": "BEFORE_GONE"})
    return notes


def _has_files(kept: Night, *, shards: list[int], results_folder: Path) -> bool:
    folder = night.folder_of(as_of=kept.as_of_day, night_id=kept.pk, results_folder=results_folder)
    stored = set(kept.shards.values_list("shard", flat=True))
    return stored >= set(shards) and all(
        file(folder=folder, shard=shard).exists()
        for shard in shards
        for file in (shard_tasks.accounts_file, shard_tasks.signals_file)
    )


def sides_of(replay: Replay) -> dict[str, Side]:
    """Return both sides of a replay as they were asked for, the earlier knowledge first."""
    own = _own_policies(replay.night, day=replay.last_day, gone=[])
    proposed = [_candidate(content) for content in replay.candidates]
    has_files = all(note["code"] != "FILES_GONE" for note in replay.notes)
    is_kept = (
        replay.night is not None
        and replay.night.known_at == replay.known_before_at
        and replay.first_day == replay.last_day
        and has_files
    )
    return {
        BEFORE: Side(
            name=BEFORE,
            known_at=replay.known_before_at,
            instead=own,
            is_kept=is_kept,
        ),
        AFTER: Side(
            name=AFTER,
            known_at=replay.known_after_at,
            instead=(*own, *proposed),
            is_kept=False,
        ),
    }


def _candidate(content: dict[str, str]) -> Policy:
    """Return a candidate from the text that was given, whatever became of its file."""
    versions = loader.versions(name=content["name"])
    (base,) = (policy for policy in versions if policy.version == content["on_top_of"])
    day = date.fromisoformat(content["day"])
    return candidates.parse(name=content["name"], day=day, text=content["text"], of=base)


def twin_of(replay: Replay, *, side: Side, day: date) -> Night | None:
    """Return the kept night that a decided one should come out as, byte for byte, or None.

    The night beside the replay where both sides know the same and no candidate decides; else one
    of the same day, knowledge and versions. Of several nights each begins from the replay's own
    night before, which no kept one did: none of them has a twin.
    """
    if side.is_kept or replay.first_day != replay.last_day:
        return None
    is_same = replay.known_before_at == replay.known_after_at and not replay.candidates
    if is_same and replay.night is not None:
        return replay.night
    own = judge_of(night=replay.night, day=day)
    versions = night_rules.rules_on(day=day, instead=side.instead, own=own).versions
    same = Night.objects.filter(
        as_of_day=day,
        known_at=side.known_at,
        kernels=night_rules.KERNELS,
        policies=versions,
        finished_at__isnull=False,
    )
    return same.order_by("-id").first()
