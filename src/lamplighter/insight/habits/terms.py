"""What can be said about a point's days, and the numbers of the comparison with neighbours."""

from dataclasses import dataclass
from enum import IntEnum


class State(IntEnum):
    """What can be said about a point's series, and if not all, why not."""

    OK = 0
    ALL_MISSING = 1  # no day was measured
    ALL_ZERO = 2  # every measured day is zero
    TOO_FEW_DAYS = 3  # fewer measured days than the policy asks for
    UNIT_SLIP = 4  # some days are a different unit; they were left out
    NET_EXPORT = 5  # feeds into the grid; the neighbours' factor is not applied


REFUSED = (State.ALL_MISSING, State.ALL_ZERO, State.TOO_FEW_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourPolicy:
    """The numbers of the comparison with neighbours; rows of the policy "habits"."""

    min_days: int  # fewest measured days of a point for any statement
    neighbours_min: int  # fewest neighbours on a day for a factor of their own
    neighbours_shrink: float  # weight of the wider group, in neighbours
    low_share: float  # a day below this share of the typical day says nothing of the weather
    response_prior_days: float  # weight of "responds like its neighbours", in days
    response_max: float  # strongest response to the common factor
    export_share: float  # share of negative days from which a point is a feeder-in
    slip_ratio: float  # a day this many times the lower quartile is a unit slip …
    slip_kwh: float  # … if it is also above this energy
