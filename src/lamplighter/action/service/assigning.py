"""Who is given a piece of work: present, near, and with the least to do for the hours they have."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from lamplighter.action.service.models import BEGUN, READY, Absence
from lamplighter.action.service.rules import Rules
from lamplighter.facts.network import posts as network
from lamplighter.facts.network.posts import Colleague

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
    loads: dict[int, float] = field(default_factory=dict)
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
        found = [
            one
            for one in self._present(tuple(posts), unit_path, area_id)
            if one.staff_id not in but and one.minutes_per_day > 0
        ]
        if not found:
            return None
        chosen = min(
            found,
            key=lambda one: (
                one.distance,
                self.loads[one.staff_id] / one.minutes_per_day,
                one.number,
            ),
        )
        self.loads[chosen.staff_id] += self.rules.policy.number("load_weight.READY")
        return chosen.staff_id

    def gather(
        self, groups: Sequence[Sequence[str]], *, unit_path: str, area_id: int | None
    ) -> None:
        """Look up who could do the work of several groups of posts, all with two queries."""
        wanted = {tuple(posts) for posts in groups if posts}
        missing = {posts for posts in wanted if (posts, unit_path, area_id) not in self.known}
        if not missing:
            return
        people = network.colleagues(
            posts=sorted({post for posts in missing for post in posts}),
            unit_path=unit_path,
            area_id=area_id,
            on=self.rules.on,
        )
        found = loads(staff_ids=[one.staff_id for one in people], at=self.at, rules=self.rules)
        for posts in missing:
            self.known[posts, unit_path, area_id] = [
                one for one in people if one.post in posts and one.staff_id in found
            ]
        self.loads = found | self.loads

    def _present(
        self, posts: tuple[str, ...], unit_path: str, area_id: int | None
    ) -> list[Colleague]:
        self.gather([posts], unit_path=unit_path, area_id=area_id)
        return self.known[posts, unit_path, area_id]


def absent(*, staff_ids: Sequence[int], at: datetime) -> set[int]:
    """Return those who are away at a moment. One query."""
    away = Absence.objects.filter(staff__in=staff_ids, begins_at__lte=at, ends_at__gt=at)
    return set(away.values_list("staff_id", flat=True))


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
