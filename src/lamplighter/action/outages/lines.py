"""What the queries about outages return."""

from dataclasses import dataclass
from datetime import datetime

from lamplighter.policy.loader import Words

REASON_AT_MOST = 300
CAUSES = {
    "MAINTENANCE": Words(zh="设备检修", en="maintenance of the network"),
    "REBUILDING": Words(zh="电网改造", en="rebuilding of the network"),
    "CONNECTING": Words(zh="业扩接电", en="connecting a new supply"),
    "EQUIPMENT": Words(zh="设备故障", en="broken equipment"),
    "WEATHER": Words(zh="天气原因", en="the weather"),
    "OUTSIDE_FORCE": Words(zh="外力破坏", en="damage from outside"),
    "OVERLOAD": Words(zh="过负荷", en="too much load"),
    "NOT_YET_KNOWN": Words(zh="故障 (原因查找中)", en="a cause still being looked for"),
}
COMING, RUNNING, OVER, CALLED_OFF = "COMING", "RUNNING", "OVER", "CALLED_OFF"
AREAS_NAMED = 2  # by a line of a list; one more is read, to tell whether there are others


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageLine:
    """An outage in a list."""

    outage_id: int
    number: str
    source_number: str
    kind: str
    cause: str
    unit_name: str
    feeder_name: str  # empty: not a whole line
    begins_at: datetime
    expected_end_at: datetime | None
    ended_at: datetime | None
    called_off_at: datetime | None
    published_at: datetime
    notice_exception: str
    order_number: str
    incident_number: str
    area_names: tuple[str, ...] = ()  # the first that the viewer may see, where a list needs them

    def state(self, *, now: datetime) -> str:
        """Return COMING, RUNNING, OVER or CALLED_OFF."""
        if self.called_off_at is not None:
            return CALLED_OFF
        if self.ended_at is not None:
            return OVER
        return RUNNING if self.begins_at <= now else COMING

    def is_over_time(self, *, now: datetime) -> bool:
        """Tell whether it runs longer than was said."""
        late = self.expected_end_at is not None and self.expected_end_at < now
        return late and self.state(now=now) == RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaOff:
    """A station area of one outage."""

    area_id: int
    code: str
    name: str
    n_accounts: int
    left_at: datetime | None
    n_times_off: int  # by other outages within the days that policy says, before this one


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """How an outage stood after one change."""

    kind: str
    at: datetime
    actor: str
    begins_at: datetime
    expected_end_at: datetime | None
    n_areas: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageWhole:
    """One outage with its areas and every change."""

    line: OutageLine
    areas: tuple[AreaOff, ...]  # those that the viewer may see
    changes: tuple[ChangeLine, ...]
    n_joined: int  # orders of its incident that the viewer may see
    may_write: bool
