"""How the impact assessment of automated decisions stands (PIPL Arts. 55 and 56).

Each version is a dated file that is never edited: what was assessed once is kept for good.
"""

from dataclasses import dataclass
from datetime import date

from lamplighter.policy import loader

NAME = "impact_assessments"
KINDS = ("GRADE", "RISK", "CAUSE", "CHANGE", "VALUE", "FORECAST", "WORK")
PARTS = ("what", "purpose", "need", "risks", "protection")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether the assessment in force has been approved, and by when it has to be made again."""

    version: str
    approved_by: str  # empty: nobody yet
    review_by: date
    is_out_of_date: bool

    @property
    def is_approved(self) -> bool:
        return bool(self.approved_by)


def standing(*, on: date) -> Standing:
    """Return how the assessment in force on a day stands.

    Raises
    ------
    loader.PolicyUnknown
        None was in force yet.
    loader.PolicyRowUnknown
        It says nothing of its approval.
    """
    policy = loader.load(name=NAME, on=on)
    review_by = date.fromisoformat(policy.row("approval.review_by").value)
    return Standing(
        version=policy.version,
        approved_by=str(policy.row("approval.by").value),
        review_by=review_by,
        is_out_of_date=on > review_by,
    )
