"""Ending a replay: who is found otherwise and why; and what of older replays has to go."""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from lamplighter.findings import rules as night_rules
from lamplighter.findings.contests import rulings
from lamplighter.findings.models import SIDES, Replay, ReplayChange
from lamplighter.findings.replay import comparing, keeping, reasons
from lamplighter.findings.replay.comparing import Changed
from lamplighter.findings.replay.keeping import Cut
from lamplighter.ledger import services as ledger
from lamplighter.policy import loader

ROWS_AT_ONCE = 2_000


def sha256_of(cuts: Sequence[Cut]) -> str:
    """Return one hash over a night's shards, in their order."""
    return hashlib.sha256("".join(f"{c.shard} {c.sha256}\n" for c in cuts).encode()).hexdigest()


def sides_of_night(
    *, replay: Replay, folder: Path, day: date
) -> tuple[comparing.Side, comparing.Side]:
    """Return both sides of one night as people saw them the morning after."""
    before, after = (
        comparing.Side(
            file=keeping.accounts_of(folder=folder, side=side, day=day),
            ruled=rulings.all_values(on=day + timedelta(1), known_at=known_at),
        )
        for side, known_at in zip(
            SIDES, (replay.known_before_at, replay.known_after_at), strict=True
        )
    )
    return before, after


def finish(
    *,
    replay: Replay,
    folder: Path,
    lake_folder: Path,
    zone: str,
    now: datetime,
    actor: str,
) -> None:
    """Write who differs on the last day and why, and mark the replay as done, at once."""
    before, after = sides_of_night(replay=replay, folder=folder, day=replay.last_day)
    rules = night_rules.rules_on(day=replay.last_day)
    between = reasons.Between(
        as_of=replay.last_day,
        after=replay.known_before_at,
        until=replay.known_after_at,
        history_days=rules.night.history_days,
        lake_folder=lake_folder,
        zone=ZoneInfo(zone),
    )
    with transaction.atomic():
        ReplayChange.objects.filter(replay=replay).delete()
        n_changed = 0
        found = comparing.changes(before=before, after=after)
        for rows in _rows(replay, found, between=between):
            n_changed += len(ReplayChange.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE))
        Replay.objects.filter(pk=replay.pk, finished_at__isnull=True).update(
            finished_at=now, said_at=now, n_done=replay.n_all
        )
        ledger.record(
            "findings.replay.finished",
            subject=f"replay:{replay.pk}",
            actor=actor,
            at=now,
            first_day=replay.first_day.isoformat(),
            last_day=replay.last_day.isoformat(),
            policies_before=replay.policies_before,
            policies_after=replay.policies_after,
            n_changed=n_changed,
        )


def _rows(
    replay: Replay, found: Iterator[Changed], *, between: reasons.Between
) -> Iterator[list[ReplayChange]]:
    is_other_rules = bool(replay.candidates) or any(
        note["code"] in ("KERNEL_DIFFERS", "POLICY_DIFFERS") for note in replay.notes
    )
    for shard, changed in groupby(found, key=lambda change: change.shard):
        of_shard = list(changed)
        told = reasons.facts_between(
            shard=shard,
            account_ids=[change.account_id for change in of_shard],
            between=between,
        )
        else_told = reasons.without_facts(
            is_same_moment=between.after == between.until, is_other_rules=is_other_rules
        )
        yield [_row(replay, one, told.get(one.account_id) or else_told) for one in of_shard]


def _row(replay: Replay, change: Changed, because: list[dict[str, Any]]) -> ReplayChange:
    before, after = change.before, change.after
    return ReplayChange(
        replay=replay,
        account_id=change.account_id,
        area_id=change.area_id,
        grade_before=before.get("grade", ""),
        grade_after=after.get("grade", ""),
        risk_before=before.get("risk_band", ""),
        risk_after=after.get("risk_band", ""),
        cause_before=before.get("cause", ""),
        cause_after=after.get("cause", ""),
        is_decision=change.is_decision,
        before=before,
        after=after,
        because=because,
    )


def remove_old(*, now: datetime, replays_folder: Path) -> int:
    """Remove the oldest finished replays beyond what the policy keeps, and return how many."""
    kept = loader.load(name="replay", on=timezone.localdate(now)).integer("replays_kept")
    finished = Replay.objects.filter(finished_at__isnull=False).order_by("-finished_at", "-id")
    gone = list(finished.values_list("pk", flat=True)[kept:])
    for replay_id in gone:
        shutil.rmtree(
            keeping.folder_of(replay_id=replay_id, replays_folder=replays_folder),
            ignore_errors=True,
        )
        Replay.objects.filter(pk=replay_id).delete()
    return len(gone)
