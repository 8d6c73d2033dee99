"""What was learnt from all accounts of the supplier together.

It travels to worker processes before these are set up, so nothing here may need the database.
"""

from dataclasses import dataclass

from lamplighter.insight.arrears import scorecard
from lamplighter.insight.value import value


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """The scorecard of arrears, where there was enough to learn it from, and the value bands."""

    card: scorecard.Scorecard | None
    limits: value.Limits
