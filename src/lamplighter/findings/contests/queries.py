"""What is contested, what was decided, and what stands since."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from lamplighter.findings.contests import rights
from lamplighter.findings.contests.models import Contest, Decision, GradeDReview
from lamplighter.findings.models import AccountFinding
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy.loader import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFound:
    """What a person decided about a contest."""

    decision_id: int
    outcome: str
    value: str
    reasons: str
    wrong_fact: str
    is_fact_corrected: bool
    decided_at: datetime
    decided_by: str
    valid_until_date: date | None
    ruling_id: int | None  # what stands since; None: nothing, or it has ended
    ended_at: datetime | None
    ended_because: str

    def stands(self, *, on: date) -> bool:
        """Tell whether what was decided is shown in place of the night's finding."""
        until = self.valid_until_date
        return self.ruling_id is not None and (until is None or until >= on)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestFound:
    """One contest, with its decision once there is one."""

    contest_id: int
    account_id: int
    account_number: str
    about: str
    wish: str
    channel: str
    is_by_other: bool
    words: str
    machine: dict[str, Any]
    as_of_day: date  # last day of the night that was contested
    opened_at: datetime
    opened_by: str
    opened_by_id: int
    due_date: date
    is_due_in_workdays: bool
    decision: DecisionFound | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFound:
    """A person's verdict on a proposed grade D."""

    verdict: str
    reasons: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An account for which a night proposes grade D."""

    account_id: int
    grade: str
    since_day: date | None
    balance_due_cny: Decimal
    overdue_cny: Decimal
    days_overdue: int
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many contests wait, and how many of them are past their day."""

    n_open: int
    n_overdue: int
    n_facts: int
    n_decided: int


def _seen(*, viewer: Viewer, on: date) -> QuerySet[Contest]:
    seen = Contest.objects.filter(account__in=rights.seen_accounts(viewer=viewer, on=on))
    return seen.select_related(
        "account", "night", "opened_by", "decision__ruling", "decision__decided_by"
    )


def contest(*, viewer: Viewer, on: date, contest_id: int) -> ContestFound | None:
    """Return one contest, or None where the viewer may not look. One query."""
    found = _seen(viewer=viewer, on=on).filter(pk=contest_id).order_by("pk").first()
    return _found(found) if found is not None else None


def of_account(*, viewer: Viewer, on: date, account_id: int) -> list[ContestFound]:
    """Return the contests of one account, newest first. One query."""
    found = _seen(viewer=viewer, on=on).filter(account_id=account_id)
    return [_found(one) for one in found.order_by("-opened_at", "-pk")]


def waiting(
    *, viewer: Viewer, on: date, limit: int, offset: int = 0
) -> tuple[list[ContestFound], int]:
    """Return a part of the contests that wait, the least slack first, and how many wait."""
    found = _seen(viewer=viewer, on=on).filter(decided_at__isnull=True)
    part = found.order_by("due_date", "opened_at", "pk")[offset : offset + limit]
    return [_found(one) for one in part], found.count()


def decided(
    *, viewer: Viewer, on: date, limit: int, offset: int = 0
) -> tuple[list[ContestFound], int]:
    """Return a part of the decided contests, newest decision first, and how many there are."""
    found = _seen(viewer=viewer, on=on).filter(decided_at__isnull=False)
    part = found.order_by("-decided_at", "-pk")[offset : offset + limit]
    return [_found(one) for one in part], found.count()


def facts_to_correct(*, viewer: Viewer, on: date, limit: int) -> list[ContestFound]:
    """Return the decided contests whose wrong fact has not been put right, oldest first."""
    found = _wrong(_seen(viewer=viewer, on=on)).order_by("decided_at", "pk")[:limit]
    return [_found(one) for one in found]


def _wrong(contests: QuerySet[Contest]) -> QuerySet[Contest]:
    named = contests.filter(decision__fact_corrected_at__isnull=True, decided_at__isnull=False)
    return named.exclude(decision__wrong_fact="")


def counts(*, viewer: Viewer, on: date) -> Counts:
    """Return how many contests wait, are late, and were decided. One query."""
    seen = Contest.objects.filter(account__in=rights.seen_accounts(viewer=viewer, on=on))
    still = Q(decided_at__isnull=True)
    wrong = Q(decision__wrong_fact__gt="", decision__fact_corrected_at__isnull=True)
    return Counts(
        **seen.aggregate(
            n_open=Count("pk", filter=still),
            n_overdue=Count("pk", filter=still & Q(due_date__lt=on)),
            n_facts=Count("pk", filter=wrong),
            n_decided=Count("pk", filter=~still),
        )
    )


def _found(row: Contest) -> ContestFound:
    return ContestFound(
        contest_id=row.pk,
        account_id=row.account_id,
        account_number=row.account.number,
        about=row.about,
        wish=row.wish,
        channel=row.channel,
        is_by_other=row.is_by_other,
        words=row.words,
        machine=row.machine,
        as_of_day=row.night.as_of_day,
        opened_at=row.opened_at,
        opened_by=row.opened_by.name,
        opened_by_id=row.opened_by_id,
        due_date=row.due_date,
        is_due_in_workdays=row.is_due_in_workdays,
        decision=_decision(row.decision) if row.decided_at is not None else None,
    )


def _decision(row: Decision) -> DecisionFound:
    ruling = getattr(row, "ruling", None)  # upheld, or a fact first: nothing was set
    return DecisionFound(
        decision_id=row.pk,
        outcome=row.outcome,
        value=row.value,
        reasons=row.reasons,
        wrong_fact=row.wrong_fact,
        is_fact_corrected=row.fact_corrected_at is not None,
        decided_at=row.decided_at,
        decided_by=row.decided_by.name,
        valid_until_date=row.valid_until_date,
        ruling_id=ruling.pk if ruling is not None and ruling.ended_at is None else None,
        ended_at=ruling.ended_at if ruling is not None else None,
        ended_because=ruling.ended_because if ruling is not None else "",
    )


def reviews_of(*, viewer: Viewer, on: date, account_id: int) -> list[ReviewFound]:
    """Return the verdicts on proposed grades D of one account, newest first. One query."""
    seen = GradeDReview.objects.filter(
        account_id=account_id, account__in=rights.seen_accounts(viewer=viewer, on=on)
    )
    rows = seen.select_related("recorded_by").order_by("-recorded_at", "-pk")
    return [
        ReviewFound(
            verdict=row.verdict,
            reasons=row.reasons,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by.name,
        )
        for row in rows
    ]


def proposals(
    *, viewer: Viewer, on: date, policy: Policy, limit: int, offset: int = 0
) -> tuple[list[Proposal], int]:
    """Return a part of the proposed grades D that nobody has looked at, the most owed first."""
    proposed = _proposed(viewer=viewer, on=on, policy=policy)
    part = proposed.order_by("-overdue_cny", "pk")[offset : offset + limit]
    found = [
        Proposal(
            account_id=row.pk,
            grade=row.grade,
            since_day=row.candidate_since_day,
            balance_due_cny=row.balance_due_cny,
            overdue_cny=row.overdue_cny,
            days_overdue=row.days_overdue,
            cause=row.cause,
        )
        for row in part
    ]
    return found, proposed.count()


def n_proposals(*, viewer: Viewer, on: date, policy: Policy) -> int:
    """Return how many proposed grades D nobody has looked at. One query."""
    return _proposed(viewer=viewer, on=on, policy=policy).count()


def _proposed(*, viewer: Viewer, on: date, policy: Policy) -> QuerySet[AccountFinding]:
    since = on - timedelta(policy.integer("review_stands_days"))
    proposed_since = Coalesce(OuterRef("candidate_since_day"), Value(since))
    answered = GradeDReview.objects.filter(
        account_id=OuterRef("pk"), recorded_day__gte=since
    ).filter(recorded_day__gte=proposed_since)
    proposed = AccountFinding.objects.filter(
        candidate_grade="D", pk__in=rights.seen_accounts(viewer=viewer, on=on)
    )
    return proposed.filter(~Exists(answered))
