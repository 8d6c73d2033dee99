"""How people pay and why: the hidden truth that the system has to find out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.town.plan import RESISTANT, WINNABLE, Plan, causes_of

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# NONE: pays well. UNKNOWN: forgets, without another cause.
CAUSES = (
    "NONE",
    "UNFUNDED_DEBIT",
    "SHORT_BALANCE",
    "ABSENT_FAMILY",
    "DISPUTE",
    "HARDSHIP",
    "WILFUL",
    "UNKNOWN",
)
CLASSES = ("GOOD", "OCCASIONAL", "MONTHLY", "RESISTANT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How each account pays."""

    cause: Ints  # place in CAUSES
    behaviour: Ints  # place in CLASSES
    interval: Ints  # months between two months of trouble
    phase: Ints
    onset: Ints  # first cycle in which the behaviour shows

    def has(self, cause: str) -> Bools:
        """Return which accounts have a cause."""
        return np.asarray(self.cause == CAUSES.index(cause))


def assign(
    *,
    plan: Plan,
    rng: np.random.Generator,
    is_hard: Bools,
    is_person: Bools,
    is_away: Bools,
    cycles: int,
) -> Conduct:
    """Give each account its conduct, in the exact numbers of the plan.

    The late are persons; absent families are looked for among households of the old and of
    those whose children work away.
    """
    n = len(is_hard)
    cause = np.zeros(n, dtype=np.int64)
    behaviour = np.zeros(n, dtype=np.int64)
    zone, winnable, resistant = causes_of(plan=plan)
    groups = (
        (zone, is_hard, plan.zone_causes.every_month_share, "MONTHLY"),
        (winnable, ~is_hard, WINNABLE.every_month_share, "MONTHLY"),
        (resistant, ~is_hard, RESISTANT.every_month_share, "RESISTANT"),
    )
    for counts, where, every_month, strong in groups:
        for name in sorted(counts, key=lambda key: key != "ABSENT_FAMILY"):
            free = np.flatnonzero(where & is_person & (cause == 0))
            if name == "ABSENT_FAMILY":
                free = np.concatenate([rng.permutation(free[is_away[free]]), free[~is_away[free]]])
            else:
                free = rng.permutation(free)
            chosen = free[: counts[name]]
            cause[chosen] = CAUSES.index(name)
            often = rng.random(len(chosen)) < every_month
            level = "RESISTANT" if name == "WILFUL" else strong
            behaviour[chosen] = np.where(often, CLASSES.index(level), CLASSES.index("OCCASIONAL"))
    low, high = plan.paying.interval_months
    interval = np.where(behaviour == 1, rng.integers(low, high + 1, n), 1)
    later = (behaviour > 0) & (rng.random(n) < plan.paying.later_onset_share) & ~is_hard
    return Conduct(
        cause=cause,
        behaviour=behaviour,
        interval=interval,
        phase=rng.integers(0, 12, n),
        onset=np.where(later, rng.integers(0, max(1, cycles), n), 0),
    )
