"""How the impact assessment of automated decisions stands: who approved it, and until when."""

from dataclasses import dataclass
from datetime import date, datetime

from lamplighter.findings.contests.models import AssessmentApproval
from lamplighter.policy import assessments
from lamplighter.policy.assessments import Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The assessment in force, and its approval once there is one."""

    assessment: Assessment
    approved_by: str  # empty: nobody yet
    approved_at: datetime | None
    statement: str

    @property
    def is_approved(self) -> bool:
        """Whether decisions may rest on it: approved, and not due to be made again."""
        return self.approved_at is not None and not self.assessment.is_out_of_date


def standing(*, on: date) -> Standing:
    """Return how the assessment in force on a day stands. One query.

    Raises
    ------
    loader.PolicyUnknown
        None was in force yet.
    """
    assessment = assessments.in_force(on=on)
    approvals = AssessmentApproval.objects.filter(policy_version=assessment.version)
    made = approvals.select_related("approved_by").order_by("pk").first()
    return Standing(
        assessment=assessment,
        approved_by=made.approved_by.name if made else "",
        approved_at=made.approved_at if made else None,
        statement=made.statement if made else "",
    )
