"""The words of change: kinds, the policy's numbers, and what is found."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from lamplighter.insight.habits.arrays import Booleans, Days, Floats, Integers


class Kind(StrEnum):
    """What a change looks like. Never what caused it: that is a question to the customer."""

    SURGE = "SURGE"  # clearly more
    DROP = "DROP"  # clearly less
    VACANCY = "VACANCY"  # next to nothing from here on
    RETURN = "RETURN"  # in use again after next to nothing
    TURNOVER = "TURNOVER"  # another rhythm, as of another household
    APPLIANCE = "APPLIANCE"  # moderately more, and lasting


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePolicy:
    """The numbers of change detection; rows of the policy "habits"."""

    windows_days: tuple[int, ...]  # days after the split that are compared, whole weeks
    references_days: tuple[int, ...]  # days before the split, whole weeks, one per window
    measured_share: float  # least share of a window that must be measured
    softening_share: float  # share of the typical day below which logs flatten out
    noise_floor: float  # least day-to-day noise, log units
    scale_prior_windows: float  # weight of the peers' noise in a point's own, in windows
    peers_min: int  # fewest points for judging how unusual a shift is among peers
    level_threshold: float  # shift of level, own standard deviations, that makes a change
    habit_threshold: float  # shift of rhythm, own standard deviations, that makes a change
    turnovers_per_year: float  # how often another household comes in, a point and year
    shape_weight: float  # weight of the day's shape beside the week's rhythm
    least_size_share: float  # least shift of level, share of the level before
    spacing_days: int  # least distance of two changes
    max_changes: int  # most changes kept for one point, strongest first
    search_days: int  # how far from the peak the date is searched
    size_days: int  # days on each side that size is measured on
    size_interval: float  # probability inside the size's interval
    vacancy_share: float  # below this share of the other side's level nobody seems to live there
    appliance_ratio_max: float  # a moderate rise: at most this many times the level before
    appliance_days_min: int  # a moderate rise counts as lasting after so many days
    recent_days: int  # a change this young belongs on the worklist
    probability_intercept: float  # logistic of log score (0 at the threshold): intercept …
    probability_slope: float  # … and slope
    rhythm_slope: float  # the slope where the rhythm alone shifts


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Changes found, one row each, ordered by point and day."""

    point: Integers  # (n_changes,) row of the point
    day: Days  # (n_changes,) first day of the new habit
    kind: npt.NDArray[np.str_]  # (n_changes,) Kind
    size_kwh: Floats  # (n_changes,) more (or less) per day than expected from before
    size_low_kwh: Floats  # (n_changes,) lower end of the size's interval
    size_high_kwh: Floats  # (n_changes,) upper end
    before_kwh: Floats  # (n_changes,) level before, on a common day
    after_kwh: Floats  # (n_changes,) level after, on a common day
    neighbours_ratio: Floats  # (n_changes,) neighbours' level after over before
    probability: Floats  # (n_changes,) that this is a real change, not chance
    standing: Floats  # (n_changes,) that the last days still follow the new habit
    is_recent: Booleans  # (n_changes,) young and standing: for the worklist
    level_score: Floats  # (n_changes,) shift of level; 1 at the threshold, sign of the shift
    habit_score: Floats  # (n_changes,) shift of rhythm; 1 at the threshold
    days_before: Integers  # (n_changes,) measured days the level before rests on
    days_after: Integers  # (n_changes,) measured days the level after rests on

    def __len__(self) -> int:
        """Return the number of changes."""
        return len(self.point)
