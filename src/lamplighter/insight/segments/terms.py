"""The words of segments: what an account is, what is true of it, and where that puts it.

Nothing here knows age, sex, health, belief or family; what a household earns is not asked. An
account is what its agreement and industry say, what it used, and how its bills were paid.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int8]
Booleans = npt.NDArray[np.bool_]

KERNEL_VERSION = "segments/1"

NATURES = ("HOUSEHOLD", "BUSINESS", "FARM", "PUBLIC", "UNKNOWN")
HOUSEHOLD, BUSINESS, FARM, PUBLIC, UNKNOWN_NATURE = range(len(NATURES))

CONDITIONS = (
    "IS_KNOWN",  # nature known, and enough bills
    "IS_EMPTY",  # hardly any use in a year
    "IS_LARGE",  # by capacity or by a year's use
    "PAYS_LATE",  # several bills of the last twelve
    "GROWS",  # beyond its area
    "USES_MUCH",  # among the station's largest
    "SERVES_ITSELF",  # pays online or by debit
)
KNOWN, EMPTY, LARGE, LATE, GROWS, MUCH, ITSELF = range(len(CONDITIONS))

SEGMENTS = (
    "NOT_YET_KNOWN",
    "EMPTY",
    "KEY_USER",
    "PUBLIC_BODY",
    "FARM",
    "PAYMENT_HELP",
    "BUSINESS_GROWING",
    "BUSINESS_STEADY",
    "HOME_GROWING",
    "HOME_STAR",
    "HOME_SELF_SERVED",
    "HOME_AT_COUNTER",
)


class NotAccounts(ValueError):
    """The arrays do not describe the same accounts, or a code is not known."""


class PolicyImpossible(ValueError):
    """The policy's numbers contradict one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentPolicy:
    """Numbers of the segments; field names are policy row keys."""

    known_bills: int  # fewest closed bills
    empty_kwh: float  # a year's use below which a place counts as empty …
    empty_leave_kwh: float  # … and stays so up to this
    large_kva: float  # contracted capacity of a large user
    large_kwh: float  # or a year's use …
    large_leave_kwh: float  # … and it stays one down to this
    late_bills: int  # late bills of the last twelve …
    late_leave_bills: int  # … and it stays so above this
    grows_from: float  # log ratio a year beyond the area's …
    grows_leave: float  # … and it stays so down to this
    much_leave_share: float  # of the limit of a high value, down to which use stays "much"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What is known of each account; NaN where nothing is."""

    nature: Codes  # (n,) place in NATURES
    closed_bills: Counts  # (n,) bills whose window is over
    yearly_kwh: Floats  # (n,) energy of the last twelve bills
    capacity_kva: Floats  # (n,) by the agreement
    late_bills: Counts  # (n,) of the last twelve
    growth_beyond: Floats  # (n,) log ratio a year beyond the area's usual
    serves_itself: Booleans  # (n,) pays online or by debit

    def __len__(self) -> int:
        return len(self.nature)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """The segment of each account, and what put it there."""

    segment: Codes  # (n,) place in SEGMENTS
    conditions: npt.NDArray[np.uint8]  # (n,) bit c is set when CONDITIONS[c] holds
    nature: Codes  # (n,)
    is_held: Booleans  # (n,) stays in a segment that it would not newly enter


def refuse(policy: SegmentPolicy) -> None:
    """Refuse numbers under which an account could enter and leave at once.

    Parameters
    ----------
    policy : SegmentPolicy
        The numbers.

    Returns
    -------
    None

    Raises
    ------
    PolicyImpossible
        A limit to leave lies on the wrong side of the limit to enter.

    Examples
    --------
    >>> from lamplighter.insight.segments import examples
    >>> refuse(examples.POLICY)
    """
    ordered = (
        0.0 <= policy.empty_kwh <= policy.empty_leave_kwh < policy.large_leave_kwh,
        policy.large_leave_kwh <= policy.large_kwh,
        0 <= policy.late_leave_bills < policy.late_bills,
        0.0 <= policy.grows_leave <= policy.grows_from,
        0.0 < policy.much_leave_share <= 1.0,
        policy.known_bills >= 1,
        policy.large_kva > 0.0,
    )
    if not all(ordered):
        raise PolicyImpossible(f"{policy}")
