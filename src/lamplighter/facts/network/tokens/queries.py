"""Which tokens there are."""

from dataclasses import dataclass
from datetime import datetime

from lamplighter.facts.network.tokens.models import ApiToken
from lamplighter.kernel.viewer import Viewer


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
