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

    def to_dict(self) -> dict[str, object]:
        """Return plain values that JSON can keep."""
        card = None if self.card is None else scorecard.to_dict(scorecard=self.card)
        limits = {"high_kwh": self.limits.high_kwh, "medium_kwh": self.limits.medium_kwh}
        return {"card": card, "limits": limits}


def from_dict(content: dict[str, object]) -> Learnt:
    """Return what was kept by `Learnt.to_dict`.

    Raises
    ------
    TypeError
        It was not kept by it.
    """
    card, limits = content["card"], content["limits"]
    if not isinstance(limits, dict):
        raise TypeError("limits")
    kept = scorecard.from_dict(kept=card) if isinstance(card, dict) else None
    return Learnt(card=kept, limits=value.Limits(**limits))
