"""What can be done today at the doors, and what a day allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One remedy at one door. At most one option a door is chosen."""

    door: int
    customer: int  # whose contacts it uses up
    area: int
    remedy: str
    is_visit: bool
    minutes: int
    benefit_fen: int  # above zero


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a day allows."""

    minutes: int
    travel_minutes: int  # for the first visit in an area
    visits_most: int
    contacts_left: Mapping[int, int]  # by customer; absent: one
    areas_on_the_way: frozenset[int] = frozenset()  # travelled already


def cost_alone(option: Option, limits: Limits) -> int:
    """Return the minutes of one option when nothing else is done."""
    way = option.is_visit and option.area not in limits.areas_on_the_way
    return option.minutes + (limits.travel_minutes if way else 0)


def minutes_of(*, options: Sequence[Option], limits: Limits) -> int:
    """Return the minutes of several options together, each area's way counted once."""
    areas = {o.area for o in options if o.is_visit} - limits.areas_on_the_way
    return sum(o.minutes for o in options) + limits.travel_minutes * len(areas)
