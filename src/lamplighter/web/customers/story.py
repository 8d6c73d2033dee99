"""The story of an account: the chart on one time axis, the forecast, and the events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _

from lamplighter.action.worklist.doors import Attempt
from lamplighter.facts.billing.account import Money
from lamplighter.facts.customers.story import RequestLine, Story
from lamplighter.facts.metering.queries import DailySeries
from lamplighter.findings.contests.queries import ContestFound, ReviewFound
from lamplighter.findings.queries import Finding
from lamplighter.web.customers import words
from lamplighter.web.customers.foresight import Question
from lamplighter.web.frame import codes, formats

MONTHS_OF_BILLS = 13
WINDOW_DAYS = 180
CALLS, VISITS = "CALL", "VISIT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened, as `frame/timeline.html` takes it."""

    kind: str
    at: datetime | None
    day: date | None
    title: str
    text: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRow:
    """A bill in the table of bills."""

    month: date
    energy_kwh: Decimal | None
    amount_cny: Decimal
    open_cny: Decimal
    due_date: date
    settled_date: date | None
    late_days: int


def chart(
    *,
    series: DailySeries | None,
    money: Money,
    entries: tuple[Entry, ...],
    questions: tuple[Question, ...],
    first_day: date,
    today: date,
    zone: ZoneInfo,
) -> dict[str, Any]:
    """Return the data of the chart "story"; without readings the money and the marks stay."""
    data: dict[str, Any] = {
        "first_day": first_day,
        "energy_kwh": [] if series is None else _gaps(series.energy_kwh),
        "changes": [
            {
                "day": question.day,
                "label": str(codes.word_for(kind="signal", code=question.kind).label) + "?",
                "kwh_per_day": question.kwh_per_day,
            }
            for question in questions
            if question.day is not None and question.day >= first_day
        ],
        "bills": [
            {"day": b.issued_date, "amount_cny": b.amount_cny, "is_unpaid": b.open_cny > 0}
            for b in money.bills
            if b.issued_date >= first_day
        ],
        "payments": [
            {"day": p.paid_at.astimezone(zone).date(), "amount_cny": p.amount_cny}
            for p in money.payments
            if p.paid_at.astimezone(zone).date() >= first_day
        ],
        "marks": [
            {"day": day, "kind": entry.kind, "label": entry.title}
            for entry in entries
            if entry.kind not in {"BILL", "PAYMENT"}
            and (day := _day_of(entry, zone)) is not None
            and day >= first_day
        ],
        "today": today,
        "window_days": WINDOW_DAYS,
    }
    if series is not None and np.isfinite(series.band_low_kwh).any():
        data["neighbours_low_kwh"] = _gaps(series.band_low_kwh)
        data["neighbours_high_kwh"] = _gaps(series.band_high_kwh)
    return data


def _gaps(values: Any) -> list[float | None]:
    return [round(float(value), 3) if np.isfinite(value) else None for value in values]


def _day_of(entry: Entry, zone: ZoneInfo) -> date | None:
    return entry.day if entry.at is None else entry.at.astimezone(zone).date()


def bill_forecast(*, money: Money, finding: Finding | None, as_of: date | None) -> dict[str, Any]:
    """Return the data of the chart "bill_forecast": past months, and the running one if known."""
    months: dict[date, Decimal] = {}
    for bill in money.bills:
        month = bill.last_day.replace(day=1)
        months[month] = months.get(month, Decimal(0)) + bill.amount_cny
    past = sorted(months.items())[-MONTHS_OF_BILLS:]
    forecast = None
    if finding is not None and finding.forecast_amount_cny is not None and as_of is not None:
        running = as_of.replace(day=1)
        if past and running <= past[-1][0]:
            running = (past[-1][0] + timedelta(32)).replace(day=1)
        forecast = {
            "month": running,
            "low_cny": finding.forecast_low_cny,
            "mid_cny": finding.forecast_amount_cny,
            "high_cny": finding.forecast_high_cny,
        }
    return {
        "months": [{"month": month, "amount_cny": amount} for month, amount in past],
        "forecast": forecast,
    }


def bill_rows(*, money: Money, today: date) -> tuple[BillRow, ...]:
    """Return the bills, newest first."""
    rows = []
    for bill in reversed(money.bills):
        until = bill.settled_date or today
        rows.append(
            BillRow(
                month=bill.last_day,
                energy_kwh=bill.energy_kwh,
                amount_cny=bill.amount_cny,
                open_cny=bill.open_cny,
                due_date=bill.due_date,
                settled_date=bill.settled_date,
                late_days=max((until - bill.due_date).days, 0),
            )
        )
    return tuple(rows)


def entries(
    *, story: Story, money: Money, attempts: tuple[Attempt, ...], zone: ZoneInfo
) -> tuple[Entry, ...]:
    """Return what happened between us and the customer, newest first."""
    found = [_request(request) for request in story.requests]
    found += [_attempt(attempt) for attempt in attempts]
    found += [
        _entry("REMINDER", at=r.sent_at, title=_reminder(r.channel, r.is_delivered))
        for r in money.reminders
    ]
    found += [
        _entry(
            "PAYMENT",
            at=p.paid_at,
            title=_("Paid %(amount)s") % {"amount": formats.money(value=p.amount_cny, digits=2)},
            text=str(codes.word_for(kind="payment", code=p.method).label),
        )
        for p in money.payments
    ]
    found += [
        _entry(
            "NOTICE",
            at=d.attempted_at,
            title=words.word(kind="debit", code=d.outcome),
            text=formats.money(value=d.amount_cny, digits=2),
        )
        for d in money.debits
        if d.outcome != "PAID"
    ]
    found += [
        _entry(
            "BILL",
            day=b.issued_date,
            title=_("Bill of %(amount)s") % {"amount": formats.money(value=b.amount_cny, digits=2)},
            text=_("due %(day)s") % {"day": formats.day(value=b.due_date)},
        )
        for b in money.bills
    ]
    return tuple(
        sorted(
            found, key=lambda entry: (_day_of(entry, zone) or date.min, entry.kind), reverse=True
        )
    )


def with_contests(
    *,
    entries: tuple[Entry, ...],
    contests: Sequence[ContestFound],
    reviews: Sequence[ReviewFound],
    zone: ZoneInfo,
) -> tuple[Entry, ...]:
    """Return what happened with what was contested and decided, newest first."""
    found = list(entries)
    for one in contests:
        url = reverse("contests:contest", args=[one.contest_id])
        about = words.word(kind="about", code=one.about)
        contested = _("Contested: %(about)s") % {"about": about}
        found.append(_entry("OTHER", at=one.opened_at, title=contested, text=one.words, url=url))
        if one.decision is not None:
            title = words.word(kind="decided", code=one.decision.outcome)
            decided = f"{title}: {about}"
            text = f"{one.decision.decided_by}: {one.decision.reasons}"
            at = one.decision.decided_at
            found.append(_entry("OTHER", at=at, title=decided, text=text, url=url))
    for review in reviews:
        title = words.word(kind="verdict", code=review.verdict)
        text = f"{review.recorded_by}: {review.reasons}"
        found.append(_entry("OTHER", at=review.recorded_at, title=title, text=text))
    return tuple(sorted(found, key=lambda entry: _when(entry, zone), reverse=True))


def _when(entry: Entry, zone: ZoneInfo) -> tuple[date, str, str]:
    moment = entry.at.astimezone(UTC).isoformat() if entry.at else ""
    return _day_of(entry, zone) or date.min, moment, entry.kind


def _entry(
    kind: str,
    *,
    title: str,
    text: str = "",
    at: datetime | None = None,
    day: date | None = None,
    url: str | None = None,
) -> Entry:
    return Entry(kind=kind, at=at, day=day, title=title, text=text, url=url)


def _reminder(channel: str, is_delivered: bool) -> str:
    how = str(codes.word_for(kind="channel", code=channel).label)
    if is_delivered:
        return _("Reminder: %(how)s") % {"how": how}
    return _("Reminder, not delivered: %(how)s") % {"how": how}


def _request(request: RequestLine) -> Entry:
    kind = {"COMPLAINT": "COMPLAINT", "FAULT": "ORDER", "INSTALLATION": "ORDER"}
    title = words.word(kind="request", code=request.kind)
    if request.is_upheld:
        title += _(" (justified)")
    if request.closed_at is None:
        title += _(" (still open)")
    return _entry(
        kind.get(request.kind, "OTHER"),
        at=request.requested_at,
        title=title,
        text=request.content,
    )


def _attempt(attempt: Attempt) -> Entry:
    outcome = str(codes.word_for(kind="outcome", code=attempt.outcome).label)
    remedy = str(codes.word_for(kind="remedy", code=attempt.remedy).label)
    return _entry(
        VISITS if attempt.is_visit else CALLS, day=attempt.day, title=outcome, text=remedy
    )
