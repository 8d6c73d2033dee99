"""Taking usage points, meters and readings in."""

from lamplighter.facts.intake.records import Doorway
from lamplighter.facts.metering import records
from lamplighter.facts.metering.landing import daily, interval, meters, usage_points

DOORWAYS: tuple[Doorway, ...] = (
    Doorway(record=records.USAGE_POINT, land=usage_points.land_usage_points),
    Doorway(record=records.METER, land=meters.land_meters),
    Doorway(record=records.DAILY_READING, land=daily.land_daily_readings),
    Doorway(record=records.INTERVAL_READING, land=interval.land_interval_readings),
    Doorway(record=records.INTERVAL_DAY, land=interval.land_interval_days),
)
