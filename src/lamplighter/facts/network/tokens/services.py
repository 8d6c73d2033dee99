"""Issuing, using and revoking tokens."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from lamplighter.facts.network import queries as network
from lamplighter.facts.network.models import Staff
from lamplighter.facts.network.services import StaffUnknown
from lamplighter.facts.network.tokens.models import NAME_AT_MOST, ApiToken
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import services as ledger
from lamplighter.policy.loader import Policy

POLICY = "programs"
PREFIX = "lamp_"
SECRET_BYTES = 32
MINUTE = timedelta(minutes=1)


class TokenUnknown(LookupError):
    """There is no such token, it is revoked or expired, or its person may not sign in any more."""


class TooManyRequests(Exception):
    """The token has been used as often as the policy allows in a minute."""

    def __init__(self, *, wait_seconds: int) -> None:
        super().__init__(f"{wait_seconds} s")
        self.wait_seconds = wait_seconds


class TokenWrong(ValueError):
    """A token without a name, or good for no day or for more than the policy allows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A new token; its secret is shown this once."""

    token_id: int
    secret: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who asks by a token."""

    token_id: int
    viewer: Viewer


def issue(
    *,
    staff_number: str,
    name: str,
    n_days: int | None,
    actor: str,
    now: datetime,
    policy: Policy,
    seed: str = "",
) -> Issued:
    """Give a program a token that acts as a person of the staff, with that person's rights.

    The same *seed*, which nobody can guess, sent twice is one token.

    Raises
    ------
    StaffUnknown
        Nobody of the staff has this number, or they may not sign in any more.
    TokenWrong
        No name, or a time that the policy does not allow.
    """
    days = policy.integer("token_days_usual") if n_days is None else n_days
    if not 1 <= days <= policy.integer("token_days_at_most"):
        raise TokenWrong(f"{days} days; 1 … {policy.integer('token_days_at_most')}")
    if not name.strip() or len(name) > NAME_AT_MOST or "\x00" in name:
        raise TokenWrong(f"a name of 1 … {NAME_AT_MOST} characters")
    secret = PREFIX + (seed or secrets.token_urlsafe(SECRET_BYTES))
    with transaction.atomic():
        people = Staff.objects.filter(~Q(user__is_active=False), number=staff_number)
        staff = people.order_by("pk").first()
        if staff is None:
            raise StaffUnknown(staff_number)
        Staff.objects.select_for_update().get(pk=staff.pk)
        same = ApiToken.objects.filter(secret_sha256=_hash(secret)).order_by("pk").first()
        if same is not None:
            return Issued(token_id=same.pk, secret=secret, expires_at=same.expires_at)
        token = ApiToken.objects.create(
            staff=staff,
            name=name.strip(),
            secret_sha256=_hash(secret),
            tail=secret[-4:],
            issued_at=now,
            issued_by=actor,
            expires_at=now + timedelta(days=days),
            n_in_minute=0,
        )
        ledger.record(
            "network.token.issued",
            subject=f"staff:{staff.pk}",
            actor=actor,
            at=now,
            token_id=token.pk,
            expires_at=token.expires_at.isoformat(),
            policy=policy.version,
        )
    return Issued(token_id=token.pk, secret=secret, expires_at=token.expires_at)


def revoke(*, token_id: int, actor: str, now: datetime) -> None:
    """End a token at once; revoking it again changes nothing.

    Raises
    ------
    TokenUnknown
        There never was such a token.
    """
    with transaction.atomic():
        token = ApiToken.objects.select_for_update().filter(pk=token_id).order_by("pk").first()
        if token is None:
            raise TokenUnknown(str(token_id))
        if token.revoked_at is not None:
            return
        ApiToken.objects.filter(pk=token_id).update(revoked_at=now)
        ledger.record(
            "network.token.revoked",
            subject=f"staff:{token.staff_id}",
            actor=actor,
            at=now,
            token_id=token_id,
        )


def use(*, secret: str, now: datetime, policy: Policy) -> Bearer:
    """Count one use of a token and tell who asks by it. Two queries.

    Raises
    ------
    TokenUnknown
        No good token.
    TooManyRequests
        It was used too often within its minute.
    """
    good = ApiToken.objects.filter(
        ~Q(staff__user__is_active=False),
        secret_sha256=_hash(secret),
        revoked_at__isnull=True,
        expires_at__gt=now,
    )
    is_over = Q(minute_begins_at__isnull=True) | Q(minute_begins_at__lte=now - MINUTE)
    within = is_over | Q(n_in_minute__lt=policy.integer("requests_per_minute"))
    counted = ApiToken.objects.filter(within, pk__in=good.values("pk")).update(
        n_in_minute=Case(When(is_over, then=Value(1)), default=F("n_in_minute") + 1),
        minute_begins_at=Case(When(is_over, then=Value(now)), default=F("minute_begins_at")),
        last_used_at=now,
    )
    token = good.select_related("staff__org_unit").order_by("pk").first()
    if token is None:
        raise TokenUnknown("no such token")
    if not counted:
        since = token.minute_begins_at or now
        raise TooManyRequests(wait_seconds=max(1, (since + MINUTE - now).seconds + 1))
    return Bearer(token_id=token.pk, viewer=network.viewer_of(token.staff))


def _hash(secret: str) -> str:
    """Return what is kept of a secret; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
