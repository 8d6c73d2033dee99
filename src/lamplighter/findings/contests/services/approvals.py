"""Approving the impact assessment of automated decisions: a person's act, by a right of its own."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from lamplighter.findings.contests import errors, rights
from lamplighter.findings.contests.models import AssessmentApproval
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import services as ledger
from lamplighter.policy import assessments
from lamplighter.policy.loader import Policy


def approve(
    *,
    viewer: Viewer,
    on: date,
    version: str,
    statement: str,
    now: datetime,
    access: Policy,
    rules: Policy,
) -> int:
    """Record that a person approves the impact assessment in force, and return the record's id.

    The same approval sent twice is one; of two persons the first is kept.

    Parameters
    ----------
    version
        The version that was read; another one may have come into force meanwhile.
    statement
        What the person checked, in their own words; as long as a reason has to be.
    access, rules
        The policies ``access`` and ``contests`` in force.

    Raises
    ------
    errors.NotAllowed, errors.WordsMissing
        See there.
    errors.VersionUnknown
        The version is not the one in force.
    errors.NotApproved
        It has to be made again first: its time is over.
    errors.AlreadyApproved
        Somebody else has approved it.
    """
    rights.check_role(viewer, access, "approve_assessment")
    statement = rights.checked_reasons(statement, rules)
    in_force = assessments.in_force(on=on)
    if version != in_force.version:
        raise errors.VersionUnknown(version)
    if in_force.is_out_of_date:
        raise errors.NotApproved(f"{version} was to be made again by {in_force.review_by}")
    try:
        with transaction.atomic():
            made = AssessmentApproval.objects.create(
                policy_version=version,
                statement=statement,
                approved_at=now,
                approved_by_id=viewer.staff_id,
            )
            ledger.record(
                "contests.assessment.approved",
                subject=f"policy:{version}",
                actor=viewer.actor,
                at=now,
                approval_id=made.pk,
                policy=access.version,
            )
    except IntegrityError as error:
        if not ledger.violates(error, "approval_one_per_version"):
            raise
        kept = AssessmentApproval.objects.get(policy_version=version)
        if (kept.approved_by_id, kept.statement) != (viewer.staff_id, statement):
            raise errors.AlreadyApproved(version) from error
        return kept.pk
    return made.pk
