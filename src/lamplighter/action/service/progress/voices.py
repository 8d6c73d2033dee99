"""What customers said of their orders, for the staff: objections to answer, and ratings."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth

from lamplighter.action.service import rights
from lamplighter.action.service.models import CONFIRMING
from lamplighter.action.service.progress.links import Holder, link
from lamplighter.action.service.progress.models import OBJECTED, RATED, CustomerAnswer
from lamplighter.action.service.rules import Rules
from lamplighter.kernel import sealing
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy.loader import Policy

TYPE, UNIT, MONTH = "TYPE", "UNIT", "MONTH"
GOOD = 4  # stars, of five


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who reads what customers said, by which rules, when, and with which key."""

    viewer: Viewer
    rules: Rules
    policy: Policy  # progress
    now: datetime
    field_key: bytes

    @property
    def may_read(self) -> bool:
        """Tell whether this post reads the words themselves."""
        return self.viewer.role in self.policy.row("may_read_words").value


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which words are asked for; what is empty asks for nothing."""

    kind: str
    since: datetime | None = None
    type_code: str = ""
    before_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One thing that a customer said of an order."""

    answer_id: int
    kind: str
    stars: int | None
    at: datetime
    number: str  # of the order
    type_code: str
    unit_name: str
    words: str  # empty: none, expired, or not for this post
    waits: bool  # an objection that nobody has answered
    reply_by_at: datetime
    replied_at: datetime | None
    replied_by: str
    reply: str
    follow_up_number: str  # the order that it opened
    may_begin_again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """How customers rated one type, unit or month."""

    group: str
    n: int
    n_good: int
    n_low: int
    mean_stars: float

    @property
    def good_ratio(self) -> float:
        """Return the share of those who found it good or very good."""
        return self.n_good / self.n


def unanswered(*, listener: Listener, limit: int) -> list[Voice]:
    """Return the objections that nobody has answered, the least time left first. One query."""
    rows = _seen(listener).filter(kind=OBJECTED, replied_at__isnull=True)
    return [_voice(row, listener) for row in rows.order_by("at", "pk")[:limit]]


def ratings(*, listener: Listener, since: datetime, type_code: str, limit: int) -> list[Voice]:
    """Return the ratings since a moment, the lowest first, then the newest. One query."""
    rows = _wanted(listener, Wanted(kind=RATED, since=since, type_code=type_code))
    return [_voice(row, listener) for row in rows.order_by("stars", "-at", "-pk")[:limit]]


def listed(*, listener: Listener, wanted: Wanted, limit: int) -> list[Voice]:
    """Return what customers said, the newest first, as pages turn it. One query."""
    rows = _wanted(listener, wanted)
    return [_voice(row, listener) for row in rows.order_by("-pk")[:limit]]


def rated_by(*, listener: Listener, by: str, since: datetime, type_code: str) -> list[Rated]:
    """Return how customers rated each type, unit or month, the lowest mean first. One query."""
    rows = _wanted(listener, Wanted(kind=RATED, since=since, type_code=type_code))
    group = {
        TYPE: F("order__type_code"),
        UNIT: F("order__unit__name"),
        MONTH: TruncMonth("at", tzinfo=listener.rules.zone),
    }[by]
    found = (
        rows.order_by()
        .values(group=group)
        .annotate(
            n=Count("pk"),
            n_good=Count("pk", filter=Q(stars__gte=GOOD)),
            n_low=Count("pk", filter=Q(stars__lte=listener.policy.integer("low_stars"))),
            mean=Avg("stars"),
        )
        .order_by("group" if by == MONTH else "mean", "group")
    )
    return [
        Rated(
            group=f"{row['group']:%Y-%m}" if by == MONTH else row["group"],
            n=row["n"],
            n_good=row["n_good"],
            n_low=row["n_low"],
            mean_stars=float(row["mean"]),
        )
        for row in found
    ]


def replies(*, holder: Holder, field_key: bytes) -> list[tuple[datetime, str]]:
    """Return what we answered to the holder of a link, and when. Two queries.

    Raises
    ------
    errors.LinkUnknown
        See there.
    """
    order_id = link(holder=holder).order_id
    rows = CustomerAnswer.objects.filter(order=order_id, reply_sealed__isnull=False)
    return [
        (row.replied_at, sealing.unseal(bytes(row.reply_sealed), field_key))
        for row in rows.order_by("replied_at", "pk")
        if row.replied_at is not None and row.reply_sealed is not None
    ]


def _seen(listener: Listener) -> QuerySet[CustomerAnswer]:
    orders = rights.seen(viewer=listener.viewer, rules=listener.rules)
    rows = CustomerAnswer.objects.filter(order__in=orders.values("pk"))
    return rows.select_related("order__unit", "follow_up", "replied_by")


def _wanted(listener: Listener, wanted: Wanted) -> QuerySet[CustomerAnswer]:
    rows = _seen(listener)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.since is not None:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.type_code:
        rows = rows.filter(order__type_code=wanted.type_code)
    if wanted.before_id is not None:
        rows = rows.filter(pk__lt=wanted.before_id)
    return rows


def _voice(row: CustomerAnswer, listener: Listener) -> Voice:
    hours = listener.policy.integer("reply_hours")
    return Voice(
        answer_id=row.pk,
        kind=row.kind,
        stars=row.stars,
        at=row.at,
        number=row.order.number,
        type_code=row.order.type_code,
        unit_name=row.order.unit.name,
        words=_unsealed(row.words_sealed, listener),
        waits=row.kind == OBJECTED and row.replied_at is None,
        reply_by_at=row.at + timedelta(hours=hours),
        replied_at=row.replied_at,
        replied_by=row.replied_by.name if row.replied_by else "",
        reply=_unsealed(row.reply_sealed, listener),
        follow_up_number=row.follow_up.number if row.follow_up else "",
        may_begin_again=row.order.state == CONFIRMING,
    )


def _unsealed(sealed: bytes | memoryview | None, listener: Listener) -> str:
    if sealed is None or not listener.may_read:
        return ""
    return sealing.unseal(bytes(sealed), listener.field_key)
