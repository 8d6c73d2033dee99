"""One account's bills, payments and reminders, for the people who may see it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Q

from lamplighter.facts.billing import allocation
from lamplighter.facts.billing.models import Bill, DebitAttempt, Payment, Reminder
from lamplighter.facts.intake.versions import known_at as at_moment
from lamplighter.facts.network import queries as network
from lamplighter.kernel.viewer import Viewer

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """A bill and what is still open of it after all payments, oldest bill first."""

    number: str
    first_day: date
    last_day: date
    issued_date: date
    due_date: date
    energy_kwh: Decimal | None
    amount_cny: Decimal
    open_cny: Decimal
    settled_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    """Money received; negative: paid back."""

    paid_at: datetime
    amount_cny: Decimal
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitLine:
    """One try to debit a bank account."""

    attempted_at: datetime
    amount_cny: Decimal
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderLine:
    """A reminder that was sent."""

    sent_at: datetime
    channel: str
    is_delivered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An account's money, each list oldest first."""

    bills: tuple[BillLine, ...]
    payments: tuple[PaymentLine, ...]
    debits: tuple[DebitLine, ...]
    reminders: tuple[ReminderLine, ...]
    credit_cny: Decimal


def money_of(
    *, viewer: Viewer, on: date, account_id: int, known_at: datetime, zone: ZoneInfo
) -> Money:
    """Return an account's money as it was known at one moment; empty where the viewer may not look.

    Four queries. A bill is open as far as all payments together do not cover it.
    """
    seen = Q(
        account_id=account_id,
        account__premises__superseded_at__isnull=True,
        account__premises__area__in=network.areas_seen_by(viewer=viewer, on=on),
    )
    chosen = at_moment(known_at) & seen
    bills = list(Bill.objects.filter(chosen).order_by("due_date", "issued_date", "id"))
    payments = list(Payment.objects.filter(chosen).order_by("paid_at", "id"))
    debits = DebitAttempt.objects.filter(chosen).order_by("attempted_at", "id")
    reminders = Reminder.objects.filter(chosen).order_by("sent_at", "id")
    lines, credit_cny = _settled(bills, payments, zone)
    return Money(
        bills=lines,
        payments=tuple(
            PaymentLine(paid_at=p.paid_at, amount_cny=p.amount_cny, method=p.method)
            for p in payments
        ),
        debits=tuple(
            DebitLine(attempted_at=d.attempted_at, amount_cny=d.amount_cny, outcome=d.outcome)
            for d in debits
        ),
        reminders=tuple(
            ReminderLine(sent_at=r.sent_at, channel=r.channel, is_delivered=r.is_delivered)
            for r in reminders
        ),
        credit_cny=credit_cny,
    )


def _settled(
    bills: list[Bill], payments: list[Payment], zone: ZoneInfo
) -> tuple[tuple[BillLine, ...], Decimal]:
    paid_days = [p.paid_at.astimezone(zone).date() for p in payments]
    settled = allocation.settle(
        bill_account=np.zeros(len(bills), np.int64),
        bill_due_day=_days([bill.due_date for bill in bills]),
        bill_fen=_fen([bill.amount_cny for bill in bills]),
        payment_account=np.zeros(len(payments), np.int64),
        payment_day=_days(paid_days),
        payment_fen=_fen([payment.amount_cny for payment in payments]),
        n_accounts=1,
    )
    lines = []
    for place, bill in enumerate(bills):
        day = int(settled.settled_day[place])
        is_open = day == allocation.NEVER
        lines.append(
            BillLine(
                number=bill.number,
                first_day=bill.first_day,
                last_day=bill.last_day,
                issued_date=bill.issued_date,
                due_date=bill.due_date,
                energy_kwh=bill.energy_kwh,
                amount_cny=bill.amount_cny,
                open_cny=Decimal(int(settled.open_fen[place])) / 100,
                settled_date=None if is_open else date.fromordinal(EPOCH.toordinal() + day),
            )
        )
    return tuple(lines), Decimal(int(settled.credit_fen[0])) / 100


def _days(days: list[date]) -> np.ndarray:
    return np.array([(day - EPOCH).days for day in days], np.int64)


def _fen(amounts: list[Decimal]) -> np.ndarray:
    return np.array([int(amount * 100) for amount in amounts], np.int64)
