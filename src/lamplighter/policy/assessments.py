"""The impact assessment of automated decisions in force (PIPL Arts. 55 and 56).

Each version is a dated file that is never edited: what was assessed once is kept for good. Who
approved which version is a recorded act and stands in the database, not here.
"""

from dataclasses import dataclass
from datetime import date

from lamplighter.policy import loader

NAME = "impact_assessments"
KINDS = ("GRADE", "RISK", "CAUSE", "CHANGE", "VALUE", "FORECAST", "WORK")
PARTS = ("what", "purpose", "need", "risks", "protection")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A version of the assessment, and by when it has to be made again."""

    version: str
    review_by: date
    is_out_of_date: bool


def in_force(*, on: date) -> Assessment:
    """Return the assessment in force on a day.

    Raises
    ------
    loader.PolicyUnknown
        None was in force yet.
    loader.PolicyRowUnknown
        It does not say when it has to be made again.
    """
    policy = loader.load(name=NAME, on=on)
    review_by = date.fromisoformat(policy.row("approval.review_by").value)
    return Assessment(version=policy.version, review_by=review_by, is_out_of_date=on > review_by)
