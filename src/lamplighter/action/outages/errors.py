"""What may be refused around an outage."""

from datetime import timedelta


class NotAllowed(PermissionError):
    """The policy does not give this role this right, or the outage is another unit's."""


class OutageUnknown(LookupError):
    """There is no such outage where the viewer may look."""


class OutageIsOver(Exception):
    """It has ended or was called off; somebody was quicker."""


class PlaceUnknown(LookupError):
    """There is no such area or feeder where the viewer may look, or none was named."""


class KindUnknown(ValueError):
    """There is no such kind or cause of an outage."""


class TimesImpossible(ValueError):
    """It ends before it begins, a fault begins in the future, or a plan does not say its end."""


class ReasonMissing(ValueError):
    """Whoever changes or calls off an outage says why."""


class ReasonTooLong(ValueError):
    """More is said than can be kept; nothing was kept."""


class NoticeTooShort(ValueError):
    """It begins sooner than it may be announced, and no reason for an exception is given."""

    def __init__(self, *, kind: str, needed: timedelta, given: timedelta) -> None:
        super().__init__(f"{kind}: {_hours(needed)} h needed, {max(_hours(given), 0)} h given")
        self.needed, self.given = needed, given


def _hours(span: timedelta) -> int:
    return span // timedelta(hours=1)


class KeyReused(ValueError):
    """The same request key, or the dispatch system's number, came with something else."""


class ChangedMeanwhile(Exception):
    """Somebody wrote the same outage at once; nothing was written by this call."""
