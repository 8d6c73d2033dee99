"""What was billed, paid, tried and reminded, as arrays: shapes alone, without a database.

Days are days since 1970-01-01 in local time; amounts are whole fen.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]

METHODS = ("BANK_DEBIT", "WALLET", "APP", "COUNTER", "CASH", "OTHER")
OUTCOMES = ("PAID", "INSUFFICIENT", "NO_MANDATE", "ACCOUNT_CLOSED", "OTHER")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bills:
    """Bills by account, then in the order they were issued; amounts in fen."""

    account_id: Integers
    first_day: Integers
    last_day: Integers
    issued_day: Integers
    due_day: Integers
    amount_fen: Integers
    energy_kwh: npt.NDArray[np.float64]  # NaN where the bill does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """Payments by account, then by day; *method* is a place in ``METHODS``."""

    account_id: Integers
    day: Integers
    amount_fen: Integers
    method: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Debits:
    """Debit attempts by account, then by day; *outcome* is a place in ``OUTCOMES``."""

    account_id: Integers
    day: Integers
    outcome: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminders:
    """Reminders by account, then by day."""

    account_id: Integers
    day: Integers
    is_delivered: npt.NDArray[np.bool_]
