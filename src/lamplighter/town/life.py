"""The life of a station: what was invented before the first file is written."""

from dataclasses import dataclass

from lamplighter.town.calendar import Cycle, Days
from lamplighter.town.changes import Changes
from lamplighter.town.people import People
from lamplighter.town.places import Places
from lamplighter.town.plan import Plan
from lamplighter.town.weather import Weather


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Everything about a station that its deliveries and its truth are drawn from."""

    plan: Plan
    seed: int
    places: Places
    people: People
    days: Days
    cycles: tuple[Cycle, ...]
    weather: Weather
    changes: Changes
