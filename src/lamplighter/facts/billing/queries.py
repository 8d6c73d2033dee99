"""Reading bills and payments on behalf of a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from django.db import models

from lamplighter.facts.billing import allocation
from lamplighter.facts.billing.models import Bill, DebitAttempt, Payment, Reminder
from lamplighter.facts.customers import queries as customers
from lamplighter.facts.intake.versions import known_at as at_moment
from lamplighter.kernel import money
from lamplighter.kernel.spans import end_of_day
from lamplighter.kernel.viewer import Viewer

EPOCH = date(1970, 1, 1)
Line = TypeVar("Line")


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """A bill and how it stands: the oldest debt is settled first."""

    number: str
    first_day: date
    last_day: date
    issued_date: date
    due_date: date
    energy_kwh: Decimal | None
    amount_cny: Decimal
    paid_by_due_cny: Decimal
    open_cny: Decimal
    settled_date: date | None  # None while anything is open
    days_late: int | None  # None while open and not yet due
    n_versions: int  # more than one: it was corrected


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    number: str
    paid_at: datetime
    amount_cny: Decimal
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitLine:
    number: str
    attempted_at: datetime
    amount_cny: Decimal
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderLine:
    number: str
    sent_at: datetime
    channel: str
    is_delivered: bool
    bill_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyStory:
    """All that was billed to and paid by one account up to a day, each oldest first."""

    bills: tuple[BillLine, ...]
    payments: tuple[PaymentLine, ...]
    debits: tuple[DebitLine, ...]
    reminders: tuple[ReminderLine, ...]
    open_cny: Decimal
    overdue_cny: Decimal
    days_overdue: int  # of the oldest overdue bill
    credit_cny: Decimal  # paid beyond all bills


def money_story(
    *,
    viewer: Viewer,
    on: date,
    account_number: str,
    as_of: date,
    known_at: datetime,
    zone: ZoneInfo,
) -> MoneyStory:
    """Return an account's bills and payments up to the end of a day. Six queries.

    Raises
    ------
    customers.AccountUnknown
        There is no such account where the viewer may look.
    """
    account_id = customers.account_id_of(viewer=viewer, on=on, account_number=account_number)
    known = at_moment(known_at)
    end = end_of_day(day=as_of, zone=zone)
    bills = list(
        Bill.objects.filter(known, account_id=account_id, issued_date__lte=as_of).order_by(
            "issued_date", "last_day", "number"
        )
    )
    payments = list(
        Payment.objects.filter(known, account_id=account_id, paid_at__lt=end).order_by(
            "paid_at", "number"
        )
    )
    debits = DebitAttempt.objects.filter(known, account_id=account_id, attempted_at__lt=end)
    reminders = Reminder.objects.filter(known, account_id=account_id, sent_at__lt=end)
    lines, credit = _settled(
        bills=bills, payments=payments, as_of=as_of, zone=zone, n_versions=_versions(account_id)
    )
    overdue = [line for line in lines if line.open_cny > 0 and line.due_date < as_of]
    return MoneyStory(
        bills=lines,
        payments=_lines(PaymentLine, payments),
        debits=_lines(DebitLine, debits.order_by("attempted_at", "number")),
        reminders=_lines(ReminderLine, reminders.order_by("sent_at", "number")),
        open_cny=sum((line.open_cny for line in lines), Decimal(0)),
        overdue_cny=sum((line.open_cny for line in overdue), Decimal(0)),
        days_overdue=max(((as_of - line.due_date).days for line in overdue), default=0),
        credit_cny=credit,
    )


def _lines(shape: type[Line], rows: Iterable[models.Model]) -> tuple[Line, ...]:
    """Return rows as lines: a line's fields bear the names of the row's."""
    names: Iterable[str] = shape.__dataclass_fields__  # type: ignore[attr-defined] # a dataclass
    return tuple(shape(**{name: getattr(row, name) for name in names}) for row in rows)


def _versions(account_id: int) -> dict[str, int]:
    counts: dict[str, int] = {}
    for number in Bill.objects.filter(account_id=account_id).values_list("number", flat=True):
        counts[number] = counts.get(number, 0) + 1
    return counts


def _settled(
    *,
    bills: Sequence[Bill],
    payments: Sequence[Payment],
    as_of: date,
    zone: ZoneInfo,
    n_versions: dict[str, int],
) -> tuple[tuple[BillLine, ...], Decimal]:
    """Return each bill with what the payments covered of it, and what was paid beyond."""
    settlement = allocation.settle(
        bill_account=np.zeros(len(bills), np.int64),
        bill_due_day=_days([bill.due_date for bill in bills]),
        bill_fen=_fen([bill.amount_cny for bill in bills]),
        payment_account=np.zeros(len(payments), np.int64),
        payment_day=_days([payment.paid_at.astimezone(zone).date() for payment in payments]),
        payment_fen=_fen([payment.amount_cny for payment in payments]),
        n_accounts=1,
    )
    lines = []
    for at, bill in enumerate(bills):
        day = int(settlement.settled_day[at])
        settled = None if day == allocation.NEVER else EPOCH + timedelta(day)
        late = ((settled or as_of) - bill.due_date).days
        lines.append(
            BillLine(
                number=bill.number,
                first_day=bill.first_day,
                last_day=bill.last_day,
                issued_date=bill.issued_date,
                due_date=bill.due_date,
                energy_kwh=bill.energy_kwh,
                amount_cny=bill.amount_cny,
                paid_by_due_cny=_cny(int(settlement.paid_by_due_fen[at])),
                open_cny=_cny(int(settlement.open_fen[at])),
                settled_date=settled,
                days_late=max(late, 0) if settled or late > 0 else None,
                n_versions=n_versions[bill.number],
            )
        )
    return tuple(lines), _cny(int(settlement.credit_fen[0]))


def _days(days: Sequence[date]) -> allocation.Integers:
    return np.array([(day - EPOCH).days for day in days], np.int64)


def _fen(amounts: Sequence[Decimal]) -> allocation.Integers:
    return np.array([money.whole_fen(amount_cny=amount) for amount in amounts], np.int64)


def _cny(fen: int) -> Decimal:
    return Decimal(fen) / 100
