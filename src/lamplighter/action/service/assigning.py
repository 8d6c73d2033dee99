"""Who is given a piece of work: present, near, and with the least to do for the hours they have."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q

from lamplighter.action.service.models import BEGUN, READY, Absence, OrderStep
from lamplighter.action.service.rules import Rules
from lamplighter.facts.network import posts as network
from lamplighter.facts.network.posts import Colleague


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
        but: int | None = None,
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
            A person who was silent, or gave it away.
        """
        if not posts:
            return None
        found = [
            one
            for one in self._present(tuple(posts), unit_path, area_id)
            if one.staff_id != but and one.minutes_per_day > 0
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

    def _present(
        self, posts: tuple[str, ...], unit_path: str, area_id: int | None
    ) -> list[Colleague]:
        key = (posts, unit_path, area_id)
        if key not in self.known:
            people = network.colleagues(
                posts=posts, unit_path=unit_path, area_id=area_id, on=self.rules.on
            )
            away = absent(staff_ids=[one.staff_id for one in people], at=self.at)
            self.known[key] = [one for one in people if one.staff_id not in away]
            new = [one.staff_id for one in self.known[key] if one.staff_id not in self.loads]
            self.loads |= loads(staff_ids=new, rules=self.rules)
        return self.known[key]


def absent(*, staff_ids: Sequence[int], at: datetime) -> set[int]:
    """Return those who are away at a moment. One query."""
    away = Absence.objects.filter(staff__in=staff_ids, begins_at__lte=at, ends_at__gt=at)
    return set(away.values_list("staff_id", flat=True))


def loads(*, staff_ids: Sequence[int], rules: Rules) -> dict[int, float]:
    """Return the weighed open steps of each person. One query."""
    if not staff_ids:
        return {}
    rows = OrderStep.objects.filter(owner__in=staff_ids, state__in=[READY, BEGUN])
    counted = rows.values("owner_id").annotate(
        n_ready=Count("pk", filter=Q(state=READY)), n_begun=Count("pk", filter=Q(state=BEGUN))
    )
    ready, begun = (rules.policy.number(f"load_weight.{state}") for state in (READY, BEGUN))
    found = dict.fromkeys(staff_ids, 0.0)
    found |= {row["owner_id"]: row["n_ready"] * ready + row["n_begun"] * begun for row in counted}
    return found
