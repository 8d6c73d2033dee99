"""How much one delivery may bring, from policy."""

from dataclasses import dataclass
from datetime import date, timedelta

from lamplighter.policy import loader


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of one delivery; the meaning of each stands in policy ``intake``."""

    largest_file_bytes: int
    most_rows: int
    longest_cell_bytes: int
    longest_line_bytes: int
    most_columns: int
    most_uncompressed_bytes: int
    largest_compression_ratio: float
    most_cells: int
    earliest_day: str
    days_ahead: int
    days_ahead_of_ends: int
    dates_without_end: tuple[str, ...]
    most_quarantined_share: float
    fewest_rows_for_share: int
    most_quarantined_rows: int
    quarantine_sample: int

    @property
    def earliest(self) -> date:
        return date.fromisoformat(self.earliest_day)

    def latest(self, *, today: date, is_end: bool) -> date:
        """Return the last day a date may name; dates that end something reach further."""
        return today + timedelta(self.days_ahead_of_ends if is_end else self.days_ahead)


def limits_on(*, day: date) -> Limits:
    """Return the limits in force on a day.

    Raises
    ------
    loader.PolicyUnknown
        No version of policy ``intake`` is in force.
    """
    return loader.numbers_for(policy=loader.load(name="intake", on=day), shape=Limits)
