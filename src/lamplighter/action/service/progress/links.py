"""Who holds a link: the only key to an order that is not a member of the staff."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from lamplighter.action.service.progress import errors
from lamplighter.action.service.progress.models import ProgressLink
from lamplighter.action.service.rules import Rules
from lamplighter.policy.loader import Policy

NAME = "progress"  # of the policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody who came by a link: what it says, and when they came."""

    number: str  # of the order
    nonce: str
    now: datetime
    rules: Rules
    policy: Policy  # progress


def hashed(*, nonce: str) -> str:
    """Return what is kept of a nonce.

    >>> hashed(nonce="a")[:8]
    'ca978112'
    """
    return hashlib.sha256(nonce.encode()).hexdigest()


def open_links(*, holder: Holder) -> QuerySet[ProgressLink]:
    """Return the holder's link while it lasts, as a table of one row or none."""
    over = holder.now - timedelta(days=holder.policy.integer("days_after_close"))
    found = ProgressLink.objects.filter(
        nonce_sha256=hashed(nonce=holder.nonce),
        order__number=holder.number,
        revoked_at__isnull=True,
        expires_at__gt=holder.now,
    )
    return found.exclude(order__closed_at__lte=over)


def link(*, holder: Holder) -> ProgressLink:
    """Return the holder's link with its order and the unit that answers. One query.

    Raises
    ------
    errors.LinkUnknown
        There is none, or it has ended.
    """
    found = open_links(holder=holder).select_related("order__unit").order_by("pk").first()
    if found is None:
        raise errors.LinkUnknown
    return found
