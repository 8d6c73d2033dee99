"""The numbers for the examples in this room's docstrings."""

from lamplighter.insight.value.growth import GrowthPolicy

GROWTH = GrowthPolicy(
    growth_carries_on=0.15,
    growth_doubt_origins=24.0,
    growth_common_spread=0.045,
    growth_common_doubt_years=2.0,
    growth_interval=0.8,
)
