"""Who is given a piece of work: present, near, and with the least to do for the hours they have."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.db import connection

from lamplighter.action.service.models import BEGUN, READY, Absence
from lamplighter.action.service.rules import Rules
from lamplighter.facts.network import posts as network
from lamplighter.facts.network.posts import Colleague, Where

AWAY = "AWAY"
LOADS = """
SELECT owner_id, state, count(*) FROM service_orderstep
WHERE owner_id = ANY(%(staff)s) AND state IN ('READY', 'BEGUN') GROUP BY owner_id, state
UNION ALL
SELECT staff_id, %(away)s, 1 FROM service_absence
WHERE staff_id = ANY(%(staff)s) AND begins_at <= %(at)s AND ends_at > %(at)s
"""


@dataclass(kw_only=True)
class Assigner:
    """Chooses for one call; what it gives is counted at once, so many orders spread evenly."""

    rules: Rules
    at: datetime
    loads: dict[int, float] = field(default_factory=dict)  # of those who are there
    weighed: set[int] = field(default_factory=set)
    known: dict[tuple[tuple[str, ...], str, int | None], list[Colleague]] = field(
        default_factory=dict
    )

    def choose(
        self,
        *,
        posts: Sequence[str],
        unit_path: str,
        area_id: int | None,
        but: Collection[int | None] = (),
    ) -> int | None:
        """Return who takes a piece of work of some posts; None where nobody is there.

        The nearest come first: who answers for the area, the unit, the units above, those below.
        Among equals, who has least to do for the hours of their day, and then the lower number.

        Parameters
        ----------
        posts
            Roles of the staff that may do it.
        unit_path, area_id
            Where the work is.
        but
            People who were silent, or are to be kept from it.
        """
        if not posts:
            return None
        key = (tuple(posts), unit_path, area_id)
        self.gather([posts], unit_path=unit_path, area_id=area_id)
        for near in _by_distance(self.known[key]):
            able = [one for one in near if one.staff_id not in but and one.minutes_per_day > 0]
            self._weigh(able)
            present = [one for one in able if one.staff_id in self.loads]
            if present:
                chosen = min(present, key=self._burden)
                self.loads[chosen.staff_id] += self.rules.policy.number("load_weight.READY")
                return chosen.staff_id
        return None

    def gather(
        self, groups: Sequence[Sequence[str]], *, unit_path: str, area_id: int | None
    ) -> None:
        """Look up who could do the work of several groups of posts, as `gather_at`."""
        self.gather_at({(unit_path, area_id): groups})

    def gather_at(self, wanted: Mapping[Where, Sequence[Sequence[str]]]) -> None:
        """Look up who could do the work of groups of posts at many places, all with two queries.

        What people have to do is counted of the nearest; those farther away are seldom asked.
        """
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

    def _burden(self, one: Colleague) -> tuple[float, str]:
        return self.loads[one.staff_id] / one.minutes_per_day, one.number


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
    """Return the weighed open steps of each person who is not away at a moment. One query."""
    if not staff_ids:
        return {}
    weights = {state: rules.policy.number(f"load_weight.{state}") for state in (READY, BEGUN)}
    found = dict.fromkeys(staff_ids, 0.0)
    with connection.cursor() as cursor:
        cursor.execute(LOADS, {"staff": list(staff_ids), "at": at, "away": AWAY})
        for staff_id, state, n in cursor.fetchall():
            if state == AWAY:
                found.pop(staff_id, None)
            elif staff_id in found:
                found[staff_id] += n * weights[state]
    return found
