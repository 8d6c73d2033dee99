"""Who is given a piece of work: present, near, and with the least to do for the hours they have."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import connection

from lamplighter.action.service.models import BEGUN, READY, Absence
from lamplighter.action.service.rules import Rules
from lamplighter.facts.network import posts as network
from lamplighter.facts.network.posts import Colleague, Where
from lamplighter.storage import prepared

AWAY = "AWAY"
FULL = math.inf  # of who has so much to do that it is not counted any more
LOADS = """
SELECT s.id, one.state, count(*) FROM unnest(%(staff)s::bigint[]) AS s (id)
CROSS JOIN LATERAL (
    SELECT state FROM service_orderstep
    WHERE owner_id = s.id AND state IN ('READY', 'BEGUN') LIMIT %(most)s) AS one
GROUP BY s.id, one.state
UNION ALL
SELECT staff_id, 'AWAY', 1 FROM service_absence
WHERE staff_id = ANY(%(staff)s) AND begins_at <= %(at)s AND ends_at > %(at)s
"""
Wanted = tuple[tuple[str, ...], str, int | None]  # posts, the path of a unit, an area


@dataclass(kw_only=True)
class Assigner:
    """Chooses for one call; what it gives is counted at once, so many orders spread evenly."""

    rules: Rules
    at: datetime
    loads: dict[int, float] = field(default_factory=dict)  # of those who are there; FULL
    given: dict[int, int] = field(default_factory=dict)  # how much this call gave to each
    weighed: set[int] = field(default_factory=set)
    known: dict[Wanted, list[Colleague]] = field(default_factory=dict)  # of the unit itself
    beyond: dict[Wanted, list[Colleague]] = field(default_factory=dict)  # of others

    def choose(
        self,
        *,
        posts: Sequence[str],
        unit_path: str,
        area_id: int | None,
        but: Collection[int | None] = (),
        turn: int = 0,
    ) -> int | None:
        """Return who takes a piece of work of some posts; None where nobody is there.

        The nearest come first: who answers for the area, the unit, the units above, those below.
        Among equals, who has least to do for the hours of their day, and then the lower number;
        where all have more than policy counts, they take turns.

        Parameters
        ----------
        posts
            Roles of the staff that may do it.
        unit_path, area_id
            Where the work is.
        but
            People who were silent, or are to be kept from it.
        turn
            Whose turn it is where nobody has less to do: the number of the order.
        """
        if not posts:
            return None
        key = (tuple(posts), unit_path, area_id)
        self.gather([posts], unit_path=unit_path, area_id=area_id)
        for near in self._nearest_first(*key):
            able = [one for one in near if one.staff_id not in but and one.minutes_per_day > 0]
            self._weigh(able)
            present = [one for one in able if one.staff_id in self.loads]
            if present:
                chosen = self._least(present, turn=turn)
                self.loads[chosen] += self.rules.policy.number("load_weight.READY")
                self.given[chosen] = self.given.get(chosen, 0) + 1
                return chosen
        return None

    def _nearest_first(
        self, posts: tuple[str, ...], unit_path: str, area_id: int | None
    ) -> Iterator[list[Colleague]]:
        """Return groups of equally near people; units above and below only where it comes to it."""
        key = (posts, unit_path, area_id)
        yield from _by_distance(self.known[key])
        if key not in self.beyond:
            place = (unit_path, area_id)
            near = {one.staff_id for one in self.known[key]}
            found = network.colleagues_at(posts=posts, places=[place], on=self.rules.on)[place]
            self.beyond[key] = [one for one in found if one.staff_id not in near]
        yield from _by_distance(self.beyond[key])

    def gather(
        self, groups: Sequence[Sequence[str]], *, unit_path: str, area_id: int | None
    ) -> None:
        """Look up who could do the work of several groups of posts, as `gather_at`."""
        self.gather_at({(unit_path, area_id): groups})

    def gather_at(self, wanted: Mapping[Where, Sequence[Sequence[str]]]) -> None:
        """Look up who is near for the work of groups of posts at many places, with two queries."""
        missing = {
            (tuple(posts), place)
            for place, groups in wanted.items()
            for posts in groups
            if posts and (tuple(posts), *place) not in self.known
        }
        if not missing:
            return
        people = network.colleagues_at(
            posts=sorted({post for posts, _place in missing for post in posts}),
            places=list({place for _posts, place in missing}),
            on=self.rules.on,
            farther=False,
        )
        nearest: list[Colleague] = []
        for posts, place in missing:
            found = [one for one in people[place] if one.post in posts]
            self.known[posts, *place] = found
            nearest += next(_by_distance(found), [])
        self._weigh(nearest)

    def _weigh(self, people: Sequence[Colleague]) -> None:
        """Count what people have to do, each once a call; who is away has no load."""
        new = sorted({one.staff_id for one in people} - self.weighed)
        self.weighed |= set(new)
        self.loads |= loads(staff_ids=new, at=self.at, rules=self.rules)

    def _least(self, people: Sequence[Colleague], *, turn: int) -> int:
        """Return who has the least to do; of people in the order of their numbers."""
        first = turn % len(people)
        in_turn = [*people[first:], *people[:first]]
        least = min(self.loads[one.staff_id] / one.minutes_per_day for one in people)
        if least == FULL:
            return min((one.staff_id for one in in_turn), key=lambda who: self.given.get(who, 0))
        return next(
            one.staff_id
            for one in people
            if self.loads[one.staff_id] / one.minutes_per_day == least
        )


def _by_distance(people: Sequence[Colleague]) -> Iterator[list[Colleague]]:
    """Return people, nearest first, in groups of those who are equally near."""
    for _, near in groupby(people, key=lambda one: one.distance):
        yield list(near)


def absent(*, staff_ids: Sequence[int], at: datetime) -> set[int]:
    """Return those who are away at a moment, or left for good. Two queries."""
    away = Absence.objects.filter(staff__in=staff_ids, begins_at__lte=at, ends_at__gt=at)
    left = network.gone().filter(pk__in=staff_ids)
    return set(away.values_list("staff_id", flat=True)) | set(left)


def loads(*, staff_ids: Sequence[int], at: datetime, rules: Rules) -> dict[int, float]:
    """Return the weighed open steps of each person who is not away at a moment. One query.

    It counts no further than policy says, so that it takes no longer the more is open.
    """
    if not staff_ids:
        return {}
    weights = {state: rules.policy.number(f"load_weight.{state}") for state in (READY, BEGUN)}
    most = rules.policy.integer("load_counted_at_most")
    found, counted = dict.fromkeys(staff_ids, 0.0), dict.fromkeys(staff_ids, 0)
    asked: dict[str, Any] = {"staff": list(staff_ids), "at": at, "most": most}
    with connection.cursor() as cursor:
        prepared.execute(cursor, LOADS, asked)
        for staff_id, state, n in cursor.fetchall():
            if state == AWAY:
                found.pop(staff_id, None)
            elif staff_id in found:
                counted[staff_id] += n
                is_full = counted[staff_id] >= most
                found[staff_id] += FULL if is_full else n * weights[state]
    return found
