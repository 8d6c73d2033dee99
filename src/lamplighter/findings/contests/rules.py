"""What a person may put in place of a finding, and until when a contest is decided."""

from datetime import date, timedelta

from lamplighter.findings.contests.models import ABOUT
from lamplighter.kernel import workdays
from lamplighter.kernel.workdays import WorkCalendar

EXPLAINED = "EXPLAINED"
VALUES: dict[str, tuple[str, ...]] = {
    "GRADE": ("A", "B", "C", "D", "N"),
    "RISK": ("LOW", "MEDIUM", "HIGH"),
    "CAUSE": (
        *("UNFUNDED_DEBIT", "SHORT_BALANCE", "ABSENT_FAMILY", "DISPUTE", "HARDSHIP"),
        *("WILFUL", "UNKNOWN"),
    ),
    "CHANGE": (EXPLAINED,),
    "VALUE": ("HIGH", "MEDIUM", "LOW"),
}
# From mild to grave, where a person who contests has something to lose.
GRAVITY: dict[str, tuple[str, ...]] = {
    "GRADE": ("N", "A", "B", "C", "D"),
    "RISK": ("LOW", "MEDIUM", "HIGH"),
    "CAUSE": ("", "WILFUL"),
}


def is_graver(*, about: str, value: str, than: str) -> bool:
    """Tell whether a value would leave who contested worse off than before.

    >>> is_graver(about="GRADE", value="D", than="C")
    True
    >>> is_graver(about="VALUE", value="LOW", than="HIGH")
    False
    """
    order = GRAVITY.get(about, ())
    return _place(order, value) > _place(order, than)


def _place(order: tuple[str, ...], value: str) -> int:
    return order.index(value) if value in order else 0


def due_day(*, opened: date, n_days: int, calendar: WorkCalendar) -> tuple[date, bool]:
    """Return the last day to decide, and whether working days could be counted.

    Where the calendar ends, every day counts: the day can only come earlier, never later.
    """
    try:
        return workdays.workday_after(day=opened, n_days=n_days, calendar=calendar), True
    except workdays.OutsideCalendar:
        return opened + timedelta(n_days), False


def subjects() -> tuple[str, ...]:
    """Return what can be contested, in the order people read it."""
    return tuple(ABOUT)
