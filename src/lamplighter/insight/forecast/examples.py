"""The numbers for the examples in this room's docstrings."""

from lamplighter.insight.forecast.month import ForecastPolicy

POLICY = ForecastPolicy(
    level_days=56,
    level_half_life_days=14.0,
    level_days_min=3,
    weekday_days=364,
    year_lag_days=364,
    years_max=3,
    anchor_days=14,
    anchor_half_life_days=21.0,
    own_season_weight=0.3,
    calibration_origins=12,
    calibration_step_days=28,
    calibration_points_min=30,
    error_prior_origins=4.0,
    interval=0.8,
    measured_share=0.9,
)
