"""Letting go of what people said: the words of contests and the reasons of decisions.

What was decided stays, as codes; the words go once the time to keep them is over.
"""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet

from lamplighter.findings.contests.models import Contest, Decision, GradeDReview, Ruling
from lamplighter.kernel import spans
from lamplighter.ledger import services as ledger
from lamplighter.policy.loader import Policy


def purge_expired(
    *, today: date, zone: ZoneInfo, now: datetime, actor: str, policy: Policy
) -> dict[str, int]:
    """Erase the words whose time is over, and return how many of each kind.

    The time runs from the day of the decision, or from the day on which what it set has ended; a
    contest that waits, and a decision that still stands, keep their words. May run any number of
    times.
    """
    months = policy.integer("contest_words_last_months")
    last = spans.months_after(day=today, n_months=-months)
    before = spans.start_of_day(day=last, zone=zone)
    with transaction.atomic():
        over = _over(last=last, before=before)
        ids = list(over.select_for_update(of=("self",)).values_list("contest_id", flat=True))
        gone: dict[str, Any] = {"erased_at": now}
        counts = {
            "contests": Contest.objects.filter(pk__in=ids, erased_at__isnull=True).update(
                words="", **gone
            ),
            "decisions": Decision.objects.filter(contest_id__in=ids, erased_at__isnull=True).update(
                reasons="", **gone
            ),
            "endings": Ruling.objects.filter(decision__contest_id__in=ids)
            .exclude(ended_because="")
            .update(ended_because=""),
            "reviews": GradeDReview.objects.filter(
                recorded_day__lt=last, erased_at__isnull=True
            ).update(reasons="", **gone),
        }
        if any(counts.values()):
            ledger.record(
                "contests.words.erased",
                subject="contests",
                actor=actor,
                at=now,
                policy=policy.version,
                **counts,
            )
    return counts


def _over(*, last: date, before: datetime) -> QuerySet[Decision]:
    """Return the decisions that were made, and whose ruling ended, before a day."""
    nothing_set = Q(ruling__isnull=True)
    ended = Q(ruling__ended_at__lt=before)
    ran_out = Q(ruling__ended_at__isnull=True, ruling__valid_until_date__lt=last)
    decided = Decision.objects.filter(decided_at__lt=before, erased_at__isnull=True)
    return decided.filter(nothing_set | ended | ran_out)
