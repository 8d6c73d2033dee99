"""The numbers for the examples in this room's docstrings."""

from lamplighter.insight.forecast.month import ForecastPolicy

POLICY = ForecastPolicy(
    level_days=56,
    level_half_life_days=14.0,
    level_fast_half_life_days=5.0,
    shift_recent_days=14,
    shift_before_days=84,
    shift_from=0.3,
    shift_full=0.8,
    level_days_min=3,
    weekday_days=364,
    year_lag_days=364,
    years_max=3,
    anchor_days=28,
    anchor_half_life_days=10.0,
    own_season_weight=0.3,
    own_season_years=2,
    festivals=("2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06"),
    festival_days_before=7,
    festival_days_after=7,
    calibration_origins=14,
    calibration_step_days=28,
    calibration_half_life_days=90.0,
    calibration_season_weight=3.0,
    calibration_points_min=30,
    error_prior_origins=12.0,
    interval=0.8,
    measured_share=0.9,
)
