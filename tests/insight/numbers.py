"""The policies' numbers as the kernels take them, for the tests of this room."""

from datetime import date

from lamplighter.insight.change import lists
from lamplighter.insight.change.terms import ChangePolicy
from lamplighter.insight.forecast import month, recovery
from lamplighter.insight.habits import neighbours, profile
from lamplighter.insight.habits import terms as habit_terms
from lamplighter.insight.segments import terms as segment_terms
from lamplighter.insight.value import growth
from lamplighter.policy import loader
from tests.insight import streets

ON = date(2026, 11, 24)
HABITS = loader.load(name="habits", on=ON)
NEIGHBOURS = loader.numbers_for(policy=HABITS, shape=habit_terms.NeighbourPolicy)
PROFILE = loader.numbers_for(policy=HABITS, shape=profile.ProfilePolicy)
CHANGE = loader.numbers_for(policy=HABITS, shape=ChangePolicy)
JUMP = loader.numbers_for(policy=HABITS, shape=lists.JumpPolicy)
HIGH = loader.numbers_for(policy=HABITS, shape=lists.HighUsePolicy)
FORECAST = loader.numbers_for(
    policy=loader.load(name="forecast", on=ON), shape=month.ForecastPolicy
)
RECOVERY = loader.numbers_for(
    policy=loader.load(name="forecast", on=ON), shape=recovery.RecoveryPolicy
)
GROWTH = loader.numbers_for(policy=loader.load(name="value", on=ON), shape=growth.GrowthPolicy)
SEGMENTS = loader.numbers_for(
    policy=loader.load(name="segments", on=ON), shape=segment_terms.SegmentPolicy
)


def adjusted(street: streets.Street) -> neighbours.Adjusted:
    """Return the street without what all its points have in common."""
    return neighbours.take_out_common(
        energy_kwh=street.energy_kwh, days=street.days, group=street.group, policy=NEIGHBOURS
    )
