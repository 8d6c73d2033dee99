"""What the newest night says of the doors that may need a contact."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from lamplighter.findings import estimates
from lamplighter.findings.contests import rulings
from lamplighter.findings.models import AccountFinding, Night, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorFinding:
    """What is due at one door, how likely it stays unpaid, and why."""

    account_id: int
    area_id: int
    grade: str
    risk_probability: float | None
    risk_band: str
    cause: str
    cause_probability: float | None
    cause_probabilities: dict[str, float]
    forecast_amount_cny: Decimal | None
    balance_due_cny: Decimal
    overdue_cny: Decimal
    days_overdue: int
    months_reminded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorSignal:
    """A recent change of habit at one door."""

    account_id: int
    list: str
    kind: str
    changed_date: date
    size_kwh_per_day: float
    probability: float


_FIELDS = tuple(DoorFinding.__dataclass_fields__)
_SIGNAL_FIELDS = tuple(DoorSignal.__dataclass_fields__)


def as_of_day(*, night_id: int) -> date:
    """Return the last complete day a night looked at.

    Raises
    ------
    Night.DoesNotExist
        There is no such night.
    """
    return Night.objects.get(pk=night_id).as_of_day


def recent_signals(
    *, area_ids: Sequence[int], on: date, span_days: int, probability_least: float
) -> list[DoorSignal]:
    """Return sure and recent changes in some areas; never merely high use. By account.

    What a person has decided not to ask about is left out. A jump has the size of the change of
    the history behind it, as on its customer's page.
    """
    rows = Signal.objects.filter(
        ~rulings.hides_change(on=on),
        area__in=area_ids,
        list__in=["JUMP", "CHANGE"],
        is_recent=True,
        changed_date__gt=on - timedelta(span_days),
        changed_date__lte=on,
        probability__gte=probability_least,
    )
    ordered = rows.order_by("account_id", "-probability", "-list", "id").values(*_SIGNAL_FIELDS)
    found = [DoorSignal(**row) for row in ordered]
    return estimates.of_history(signals=found, changes=found)


def doors_owing(
    *, area_ids: Sequence[int], also_account_ids: Sequence[int], on: date
) -> list[DoorFinding]:
    """Return the doors of some areas that owe anything, and some further ones; by account.

    Where a person has decided about a finding, theirs stands in place of the night's.
    """
    rows = AccountFinding.objects.filter(area__in=area_ids).filter(
        Q(balance_due_cny__gt=0) | Q(overdue_cny__gt=0) | Q(pk__in=also_account_ids)
    )
    return list(_doors(rows.order_by("pk"), on=on))


def findings_by_account(*, account_ids: Sequence[int], on: date) -> dict[int, DoorFinding]:
    """Return what is found of accounts; for rooms that have already checked who looks."""
    rows = AccountFinding.objects.filter(pk__in=account_ids, area__isnull=False)
    return {door.account_id: door for door in _doors(rows, on=on)}


def _doors(rows: QuerySet[AccountFinding], *, on: date) -> Iterable[DoorFinding]:
    said: dict[str, Any] = {
        f"shown_{field}": rulings.shown(about=about, on=on)
        for about, field in rulings.FIELDS.items()
        if field in _FIELDS
    }
    said["shown_risk_probability"] = rulings.probability_shown(on=on)
    for row in rows.values(*_FIELDS, **said):
        found = {name: row.pop(f"shown_{name}", value) for name, value in list(row.items())}
        if found["cause"] != row["cause"]:  # a person's word is no guess
            found["cause_probability"] = 1.0 if found["cause"] else None
            found["cause_probabilities"] = {found["cause"]: 1.0} if found["cause"] else {}
        yield DoorFinding(**{name: found[name] for name in _FIELDS})
