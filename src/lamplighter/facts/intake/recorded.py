"""What became known between two moments: the version at one beside the version at the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One fact about an account that two moments know differently."""

    account_id: int
    subject: str  # BILL, PAYMENT, …
    key: str  # what names it: a number, a kind
    was: dict[str, str] | None  # None: not known at the earlier moment
    now: dict[str, str] | None  # None: no longer held at the later moment
    recorded_at: datetime
    recorded_by: str
    delivery_id: int | None
    file_name: str  # empty where no file brought it


def between(
    *,
    subject: str,
    versions: QuerySet[Any],
    key: Sequence[str],
    shown: Sequence[str],
    after: datetime,
    until: datetime,
) -> list[Recorded]:
    """Return what versions say that was recorded after one moment and up to another, by key.

    A version that came and went in between is not told: neither moment knows it. One query.
    """
    in_between = Q(recorded_at__gt=after, recorded_at__lte=until)
    closed = Q(superseded_at__gt=after, superseded_at__lte=until)
    rows = versions.filter(in_between | closed).order_by("account_id", *key, "recorded_at", "id")
    names = [*dict.fromkeys(("id", "account_id", *key, *shown))]
    origin = ("recorded_at", "recorded_by", "superseded_at", "delivery_id", "delivery__file_name")
    known: dict[tuple[Any, ...], dict[str, dict[str, Any]]] = {}
    for row in rows.values(*names, *origin):
        sides = known.setdefault(tuple(row[name] for name in ("account_id", *key)), {})
        if _is_known(row, at=after):
            sides["was"] = row
        if _is_known(row, at=until):
            sides["now"] = row
    return [_recorded(subject, sides, key=key, shown=shown) for sides in known.values() if sides]


def _is_known(row: dict[str, Any], *, at: datetime) -> bool:
    closed = row["superseded_at"]
    return bool(row["recorded_at"] <= at and (closed is None or closed > at))


def _recorded(
    subject: str, sides: dict[str, dict[str, Any]], *, key: Sequence[str], shown: Sequence[str]
) -> Recorded:
    was, now = sides.get("was"), sides.get("now")
    told = now or sides["was"]
    return Recorded(
        account_id=told["account_id"],
        subject=subject,
        key=" ".join(as_text(told[name]) for name in key),
        was=None if was is None else {name: as_text(was[name]) for name in shown},
        now=None if now is None else {name: as_text(now[name]) for name in shown},
        recorded_at=told["recorded_at"] if now is not None else told["superseded_at"],
        recorded_by=told["recorded_by"],
        delivery_id=told["delivery_id"] if now is not None else None,
        file_name=(told["delivery__file_name"] or "") if now is not None else "",
    )


def as_text(value: Any) -> str:
    """Return a fact's value as plain text that JSON can keep."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)
