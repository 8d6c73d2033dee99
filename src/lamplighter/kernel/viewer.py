"""Who looks: the person on whose behalf facts are read."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person of the supplier does; decides which pages and which fields they see."""

    MANAGER = "MANAGER"
    AGENT = "AGENT"
    CREW = "CREW"
    SUPERVISOR = "SUPERVISOR"
    STATION_HEAD = "STATION_HEAD"
    BRANCH = "BRANCH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A signed-in person and the part of the network they may see.

    A manager sees the station areas they answer for; everybody else sees the station areas
    below their organisation unit (``org_path`` is the unit's path of codes, e.g. ``"/61/6101/"``).
    """

    staff_id: int
    staff_number: str
    name: str
    role: Role
    org_name: str
    org_path: str

    @property
    def sees_own_areas_only(self) -> bool:
        return self.role is Role.MANAGER

    @property
    def actor(self) -> str:
        """How the ledger names this person."""
        return f"staff:{self.staff_number}"
