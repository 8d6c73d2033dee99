"""What replays found, for the people who may see it: only of areas they see today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from lamplighter.facts.network import queries as network
from lamplighter.findings.models import Night, Replay, ReplayChange, ReplayCount, ReplayNight
from lamplighter.kernel.viewer import Viewer

Pairs = dict[tuple[str, str], int]  # (before, after) → accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateFacts:
    """Rules on trial in a replay."""

    name: str
    day: date
    sha256: str
    on_top_of: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayFacts:
    """What a replay looked at, with which versions, and how far it is."""

    replay_id: int
    first_day: date
    last_day: date
    known_before_at: datetime
    known_after_at: datetime
    candidates: tuple[CandidateFacts, ...]
    policies_before: dict[str, str]
    policies_after: dict[str, str]
    kernels: dict[str, str]
    notes: list[dict[str, Any]]
    n_shards: int
    requested_at: datetime
    requested_by: str
    said_at: datetime
    n_done: int
    n_all: int
    failed_because: str
    finished_at: datetime | None

    @property
    def asks_for_the_same(self) -> bool:
        """Whether both sides know the same and decide by the same rules."""
        return self.known_before_at == self.known_after_at and not self.candidates


@dataclass(frozen=True, slots=True, kw_only=True)
class NightDecided:
    """One night of one side."""

    side: str
    day: date
    is_kept: bool
    n_accounts: int
    result_sha256: str
    n_shards_alike: int | None
    n_shards_unlike: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptNight:
    """A night a replay can begin from."""

    night_id: int
    as_of_day: date
    known_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An account that the two sides find otherwise on the last day."""

    account_id: int
    area_id: int | None
    grade_before: str
    grade_after: str
    risk_before: str
    risk_after: str
    cause_before: str
    cause_after: str
    is_decision: bool
    before: dict[str, Any]
    after: dict[str, Any]
    because: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """A part of the list and how many there are in all."""

    changes: list[Change]
    n_all: int
    n_decisions: int


_CHANGE_FIELDS = tuple(Change.__dataclass_fields__)
_NIGHT_FIELDS = tuple(NightDecided.__dataclass_fields__)


def kept_nights(*, limit: int) -> list[KeptNight]:
    """Return the newest finished nights, newest day and knowledge first."""
    nights = Night.objects.filter(finished_at__isnull=False)
    return [
        KeptNight(night_id=night.pk, as_of_day=night.as_of_day, known_at=night.known_at)
        for night in nights.order_by("-as_of_day", "-known_at", "-id")[:limit]
    ]


def replays(*, viewer: Viewer, on: date, limit: int) -> list[ReplayFacts]:
    """Return the newest replays that decided an area the viewer sees, or that they asked for."""
    rows = _visible(viewer=viewer, on=on).order_by("-requested_at", "-id")[:limit]
    return [_facts(row) for row in rows]


def replay(*, viewer: Viewer, on: date, replay_id: int) -> ReplayFacts | None:
    """Return one replay, or None where the viewer may not see it."""
    rows = list(_visible(viewer=viewer, on=on).filter(pk=replay_id))
    return _facts(rows[0]) if rows else None


def _visible(*, viewer: Viewer, on: date) -> QuerySet[Replay]:
    counted = ReplayCount.objects.filter(
        replay=OuterRef("pk"), area__in=network.areas_seen_by(viewer=viewer, on=on)
    )
    return Replay.objects.filter(Q(requested_by=viewer.actor) | Exists(counted))


def _facts(row: Replay) -> ReplayFacts:
    return ReplayFacts(
        replay_id=row.pk,
        first_day=row.first_day,
        last_day=row.last_day,
        known_before_at=row.known_before_at,
        known_after_at=row.known_after_at,
        candidates=tuple(
            CandidateFacts(**{**content, "day": date.fromisoformat(content["day"])})
            for content in row.candidates
        ),
        policies_before=row.policies_before,
        policies_after=row.policies_after,
        kernels=row.kernels,
        notes=row.notes,
        n_shards=len(row.shards),
        requested_at=row.requested_at,
        requested_by=row.requested_by,
        said_at=row.said_at,
        n_done=row.n_done,
        n_all=row.n_all,
        failed_because=row.failed_because,
        finished_at=row.finished_at,
    )


def is_done(*, replay_id: int) -> bool:
    """Tell whether a replay is finished; for the operators."""
    return Replay.objects.filter(pk=replay_id, finished_at__isnull=False).exists()


def nights(*, replay_id: int) -> list[NightDecided]:
    """Return the nights of both sides that are decided, by day."""
    rows = ReplayNight.objects.filter(replay_id=replay_id).order_by("day", "-side")
    return [NightDecided(**row) for row in rows.values(*_NIGHT_FIELDS)]


def pairs(*, viewer: Viewer, on: date, replay_id: int, about: str, day: date) -> Pairs:
    """Return how many accounts are found so on one side and so on the other, one day."""
    rows = _counted(viewer=viewer, on=on, replay_id=replay_id, about=about).filter(day=day)
    sums = rows.values("before", "after").annotate(n=Sum("n_accounts"))
    return {(row["before"], row["after"]): row["n"] for row in sums}


def by_day(*, viewer: Viewer, on: date, replay_id: int, about: str) -> dict[date, Pairs]:
    """Return the same for each day of a replay, oldest first."""
    rows = _counted(viewer=viewer, on=on, replay_id=replay_id, about=about)
    sums = rows.values("day", "before", "after").annotate(n=Sum("n_accounts"))
    days: dict[date, Pairs] = {}
    for row in sums.order_by("day", "before", "after"):
        days.setdefault(row["day"], {})[(row["before"], row["after"])] = row["n"]
    return days


def _counted(*, viewer: Viewer, on: date, replay_id: int, about: str) -> QuerySet[ReplayCount]:
    return ReplayCount.objects.filter(
        replay_id=replay_id, about=about, area__in=network.areas_seen_by(viewer=viewer, on=on)
    )


def changes(
    *,
    viewer: Viewer,
    on: date,
    replay_id: int,
    limit: int,
    offset: int = 0,
    only_decisions: bool = True,
    grade_before: str | None = None,
    grade_after: str | None = None,
    area_id: int | None = None,
) -> Changes:
    """Return accounts that are found otherwise, those whose grade, risk or cause differs first."""
    seen = _changed(viewer=viewer, on=on, replay_id=replay_id)
    wanted: dict[str, Any] = {
        "grade_before": grade_before,
        "grade_after": grade_after,
        "area_id": area_id,
        "is_decision": True if only_decisions else None,
    }
    rows = seen.filter(**{name: value for name, value in wanted.items() if value is not None})
    ordered = rows.order_by("-is_decision", "grade_before", "grade_after", "account_id")
    counted = rows.aggregate(n=Count("pk"), n_decisions=Count("pk", filter=Q(is_decision=True)))
    return Changes(
        changes=[Change(**row) for row in ordered[offset : offset + limit].values(*_CHANGE_FIELDS)],
        n_all=counted["n"],
        n_decisions=counted["n_decisions"],
    )


def changes_of(
    *, viewer: Viewer, on: date, replay_id: int, account_ids: Sequence[int]
) -> dict[int, Change]:
    """Return how some accounts differ, by account; those alike or unseen are absent."""
    rows = _changed(viewer=viewer, on=on, replay_id=replay_id).filter(account__in=account_ids)
    return {row["account_id"]: Change(**row) for row in rows.values(*_CHANGE_FIELDS)}


def _changed(*, viewer: Viewer, on: date, replay_id: int) -> QuerySet[ReplayChange]:
    seen = network.areas_seen_by(viewer=viewer, on=on)
    return ReplayChange.objects.filter(replay_id=replay_id, area__in=seen)
