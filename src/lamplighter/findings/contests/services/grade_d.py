"""Grade D: a night may only propose it; a person confirms or refuses."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from lamplighter.findings.contests import approvals, errors, rights
from lamplighter.findings.contests.models import VERDICTS, GradeDReview
from lamplighter.findings.models import AccountFinding
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import services as ledger
from lamplighter.policy.loader import Policy

CONFIRMED = "CONFIRMED"


def review(
    *,
    viewer: Viewer,
    on: date,
    account_id: int,
    verdict: str,
    reasons: str,
    now: datetime,
    policy: Policy,
) -> int:
    """Confirm or refuse the grade D proposed for an account, and return the review's id.

    A confirmation counts from the next night on, for the debt that was open and as long as no
    payment answers it. The same verdict sent twice by one person is one; of two persons the first
    is kept.

    Raises
    ------
    errors.NotAllowed, errors.AboutUnknown, errors.WordsMissing
        See there.
    errors.NotApproved
        Grade D is not confirmed before a person has approved the impact assessment in force.
    errors.NotProposed
        No proposal stands there, or not where the viewer may look.
    errors.AlreadyReviewed
        Somebody has decided about this proposal.
    """
    rights.check_role(viewer, policy, "review_grade_d")
    if verdict == CONFIRMED and not approvals.standing(on=on).is_approved:
        raise errors.NotApproved("the impact assessment of automated decisions")
    if verdict not in VERDICTS:
        raise errors.AboutUnknown(verdict)
    reasons = rights.checked_reasons(reasons, policy)
    try:
        with transaction.atomic():
            proposal = _proposal(viewer=viewer, on=on, account_id=account_id)
            standing = _standing(proposal, on=on, policy=policy)
            if standing is not None:
                return _same(standing, said=(viewer.staff_id, verdict, reasons))
            made = GradeDReview.objects.create(
                account_id=account_id,
                night_id=proposal.night_id,
                verdict=verdict,
                reasons=reasons,
                recorded_day=on,
                recorded_at=now,
                recorded_by_id=viewer.staff_id,
                policy_version=policy.version,
            )
            ledger.record(
                "contests.grade_d.reviewed",
                subject=f"account:{account_id}",
                actor=viewer.actor,
                at=now,
                review_id=made.pk,
                night_id=proposal.night_id,
                verdict=verdict,
                policy=policy.version,
            )
    except IntegrityError as error:
        if ledger.violates(error, "grade_d_one_review_a_day"):
            raise errors.AlreadyReviewed(str(account_id)) from error
        raise
    return made.pk


def _proposal(*, viewer: Viewer, on: date, account_id: int) -> AccountFinding:
    seen = rights.seen_accounts(viewer=viewer, on=on)
    proposed = AccountFinding.objects.filter(pk=account_id, candidate_grade="D", pk__in=seen)
    found = proposed.select_for_update().order_by("pk").first()  # of two, the second sees the first
    if found is None:
        raise errors.NotProposed(str(account_id))
    return found


def _standing(proposal: AccountFinding, *, on: date, policy: Policy) -> GradeDReview | None:
    """Return the review that has answered this proposal, or None."""
    since = on - timedelta(policy.integer("review_stands_days"))
    day = max(proposal.candidate_since_day or since, since)
    reviews = GradeDReview.objects.filter(account_id=proposal.pk, recorded_day__gte=day)
    return reviews.order_by("-recorded_at", "-pk").first()


def _same(standing: GradeDReview, *, said: tuple[int, str, str]) -> int:
    if (standing.recorded_by_id, standing.verdict, standing.reasons) != said:
        raise errors.AlreadyReviewed(str(standing.account_id))
    return standing.pk
