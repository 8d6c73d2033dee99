"""The numbers of policy ``metering``."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lamplighter.policy import loader


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteringTerms:
    """What readings may be and how the lake is kept; each row's meaning stands in the policy."""

    local_zone: str
    most_kwh_per_day: float
    allows_negative_energy: bool
    most_days_ahead: int
    first_shard_without_area: int
    n_shards_without_area: int
    compact_from_files: int
    keep_removed_files_hours: int
    band_low_share: float
    band_high_share: float
    band_fewest_neighbours: int

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.local_zone)

    def last_moment(self, *, now: datetime) -> datetime:
        """Return the moment after which no reading can lie."""
        return now + timedelta(self.most_days_ahead)

    def last_day(self, *, now: datetime) -> date:
        """Return the last local day a reading can be of."""
        return self.last_moment(now=now).astimezone(self.zone).date()


def terms_on(*, day: date) -> MeteringTerms:
    """Return the numbers in force on a day.

    Raises
    ------
    loader.PolicyUnknown
        No version of policy ``metering`` is in force.
    """
    return loader.numbers_for(policy=loader.load(name="metering", on=day), shape=MeteringTerms)
