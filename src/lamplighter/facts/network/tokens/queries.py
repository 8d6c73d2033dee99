"""Which tokens there are."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from lamplighter.facts.network.models import Staff
from lamplighter.facts.network.tokens.models import ApiToken
from lamplighter.kernel.viewer import Role, Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLine:
    """One token, without its secret."""

    token_id: int
    staff_number: str
    name: str
    tail: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None

    def is_good(self, *, now: datetime) -> bool:
        """Tell whether it opens the door at a moment."""
        return self.revoked_at is None and now < self.expires_at


def every() -> list[TokenLine]:
    """Return all tokens, newest first; for the operators. One query."""
    return [_line(row) for row in ApiToken.objects.select_related("staff").order_by("-pk")]


def mine(*, viewer: Viewer) -> list[TokenLine]:
    """Return the tokens that act as a person, newest first. One query."""
    rows = ApiToken.objects.filter(staff_id=viewer.staff_id).select_related("staff")
    return [_line(row) for row in rows.order_by("-pk")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody a program may act as."""

    number: str
    name: str
    role: str


def of_units(*, viewer: Viewer) -> list[TokenLine]:
    """Return the tokens of people at or below a viewer's unit, newest first. One query."""
    rows = ApiToken.objects.filter(staff__org_unit__path__startswith=viewer.org_path)
    return [_line(row) for row in rows.select_related("staff").order_by("-pk")]


def may_act_as(*, viewer: Viewer) -> list[Person]:
    """Return as whom a viewer may let a program act: who sees no more than they do. One query.

    People at or below their unit who may sign in; of the branch only where the viewer is.
    """
    people = Staff.objects.filter(
        ~Q(user__is_active=False), org_unit__path__startswith=viewer.org_path
    )
    if viewer.role is not Role.BRANCH:
        people = people.exclude(post=Role.BRANCH)
    return [
        Person(number=one.number, name=one.name, role=one.post) for one in people.order_by("number")
    ]


def _line(row: ApiToken) -> TokenLine:
    return TokenLine(
        token_id=row.pk,
        staff_number=row.staff.number,
        name=row.name,
        tail=row.tail,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
