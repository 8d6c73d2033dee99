"""A station's own judge of habit changes: learnt from its meters, put in force by a person."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction

from lamplighter.facts.metering import members, reading
from lamplighter.facts.metering import queries as readings
from lamplighter.findings import judges
from lamplighter.findings.judges import OwnJudge
from lamplighter.findings.models import JudgeTurn, Night
from lamplighter.insight.judge import own, splicing
from lamplighter.insight.judge.alarms import Apart
from lamplighter.kernel.spans import DaySpan
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import services as ledger
from lamplighter.policy import loader

MORE, LESS, UNSURE = "MORE", "LESS", "UNSURE"
DIGITS = 4


class TooFewMeters(ValueError):
    """The station has too few meters that are whole for long enough; the text says how many."""


class TooLate(ValueError):
    """The day is not still to come, or a night of it or after it has begun."""


class ReasonMissing(ValueError):
    """A person's decision needs words that say why."""


class SeesLess(ValueError):
    """On meters kept apart he sees less than the judge that ships."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to learn from; numbers that are None are the policy's."""

    as_of: date
    known_at: datetime
    lake_folder: Path
    seed: int
    windows: int | None = None
    trees: int | None = None


def learn(
    *, asked: Asked, on_progress: Callable[[str, int, int], None] = lambda *_: None
) -> OwnJudge:
    """Learn a judge from the daily totals of the station's meters, and keep nothing.

    Some of its usage points are drawn by chance; no label, address or customer is looked at.

    Raises
    ------
    TooFewMeters
        See there.
    own.NothingToLearn
        The meters do not part plain windows from spliced ones.
    loader.PolicyUnknown
        The policy was not in force on that day.
    """
    policy = loader.load(name=judges.KEY, on=asked.as_of)
    numbers = loader.numbers_for(policy=policy, shape=own.OwnPolicy)
    numbers = own.OwnPolicy(
        windows=numbers.windows if asked.windows is None else asked.windows,
        splices=numbers.splices,
        trees=numbers.trees if asked.trees is None else asked.trees,
    )
    dice = np.random.default_rng(asked.seed)
    meters = _meters(asked, policy, dice)
    try:
        found = own.learn(
            meters=meters,
            beside=judges.of_changes(),
            policy=numbers,
            rng=dice,
            on_progress=on_progress,
        )
    except splicing.NoWindow as error:
        raise TooFewMeters(str(error)) from error
    about = _about(asked, found, numbers=numbers, n_days=len(meters.days), policy=policy.version)
    # Through its kept form: who learns and who reads the file have equal numbers.
    return judges.from_bytes(content=judges.to_bytes(judge=found.judge, about=about))


def keep(*, judge: OwnJudge, file: Path) -> None:
    """Write a judge's file, wholly or not at all; one that is there is not touched.

    Raises
    ------
    FileExistsError
        There is a file of this name.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{uuid.uuid4().hex}.part")
    try:
        part.write_bytes(judge.content)
        file.hardlink_to(part)
    finally:
        part.unlink(missing_ok=True)


def verdict(*, about: dict[str, Any]) -> str:
    """Return whether an own judge sees more, less, or neither for sure than the one that ships."""
    low, high = about["gain"]["low"], about["gain"]["high"]
    return MORE if low > 0.0 else LESS if high < 0.0 else UNSURE


def put_in_force(
    *,
    judge: OwnJudge | None,
    from_day: date,
    today: date,
    because: str,
    viewer: Viewer,
    actor: str,
    now: datetime,
    although_he_sees_less: bool = False,
) -> str:
    """Let nights from a day on go by an own judge, or (None) by the one that ships again.

    Nights before that day keep the judge they had, whenever they are decided again. Returns the
    version, empty for the judge that ships.

    Parameters
    ----------
    from_day
        The last day looked at of the first night that goes by him.
    viewer
        The person who decides.

    Raises
    ------
    TooLate
        The day is not after *today*, or a night of it or after it has begun.
    ReasonMissing
        There are no words that say why.
    SeesLess
        He is surely the worse one, and nobody said that this is known.
    """
    if not because.strip():
        raise ReasonMissing("say why")
    if from_day <= today:
        raise TooLate(f"{from_day} is not after {today}: nights of the past keep their judge")
    if judge is not None and verdict(about=judge.about) == LESS and not although_he_sees_less:
        raise SeesLess(judge.version)
    version = "" if judge is None else judge.version
    with transaction.atomic():
        begun = Night.objects.filter(as_of_day__gte=from_day).order_by("-as_of_day").first()
        if begun is not None:
            raise TooLate(f"a night of {begun.as_of_day} has begun: take a later day")
        turn = JudgeTurn.objects.create(
            from_day=from_day,
            version=version,
            content=b"" if judge is None else judge.content,
            about={} if judge is None else judge.about,
            because=because.strip(),
            decided_by_id=viewer.staff_id,
            decided_at=now,
        )
        ledger.record(
            "findings.judge.put_in_force",
            subject=f"judge:{turn.pk}",
            actor=actor,
            at=now,
            version=version,
            from_day=from_day.isoformat(),
            staff_id=viewer.staff_id,
        )
    return version


def _meters(asked: Asked, policy: loader.Policy, dice: np.random.Generator) -> splicing.Meters:
    """Return the days of some usage points, drawn by chance."""
    everybody = members.everybody(known_at=asked.known_at)
    n = min(len(everybody.point_ids), policy.integer("points_most"))
    drawn = np.sort(dice.permutation(len(everybody.point_ids))[:n])
    end = asked.as_of + timedelta(1)
    days = DaySpan(first_day=end - timedelta(policy.integer("history_days")), end_day=end)
    matrix = reading.daily_matrix(
        view=readings.lake_view(lake_folder=asked.lake_folder, known_at=asked.known_at),
        shards=np.unique(everybody.shard_of_point[drawn]).tolist(),
        point_ids=everybody.point_ids[drawn],
        days=days,
    )
    energy = matrix.energy_kwh
    there = np.flatnonzero(np.isfinite(energy).any(axis=0))
    energy = energy[:, there[0] :] if len(there) else energy[:, :0]
    least, n_whole = policy.integer("points_least"), 0
    if energy.shape[1] >= splicing.WINDOW_DAYS:
        last = energy[:, -splicing.WINDOW_DAYS :]
        n_whole = int(np.sum(np.mean(last > 0.0, axis=1) > splicing.WHOLE_SHARE))
    if n_whole < least:
        raise TooFewMeters(
            f"{n_whole} of {n} meters have {splicing.WINDOW_DAYS} days up to {asked.as_of} of "
            f"which {splicing.WHOLE_SHARE:.0%} are there; {least} are needed"
        )
    return splicing.Meters(
        days=np.datetime64(end) + np.arange(-energy.shape[1], 0),
        energy_kwh=energy,
        hours=None,
    )


def _about(
    asked: Asked, found: own.Own, *, numbers: own.OwnPolicy, n_days: int, policy: str
) -> dict[str, Any]:
    return {
        "learnt_from": {
            "meters": found.n_meters,
            "days": n_days,
            "last_day": asked.as_of.isoformat(),
            "known_at": asked.known_at.isoformat(),
            "windows": numbers.windows,
            "splices": found.n_splices,
        },
        "seed": asked.seed,
        "trees": numbers.trees,
        "policy": policy,
        "stated": [round(value, DIGITS) for value in found.stated],
        "own": _worth(found.own),
        "ships": _worth(found.beside),
        "gain": {
            "share": round(found.gain.share, DIGITS),
            "low": round(found.gain.low, DIGITS),
            "high": round(found.gain.high, DIGITS),
        },
    }


def _worth(found: Apart) -> dict[str, float]:
    return {
        "hit_rate": round(found.hit_rate, DIGITS),
        "false_alarms_per_meter_year": round(found.false_a_year, DIGITS),
    }
