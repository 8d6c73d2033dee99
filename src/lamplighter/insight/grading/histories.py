"""What a grade looks at, and the policy's numbers.

Complaints and attitude are no inputs: a justified complaint can never lower a grade, because no
complaint reaches it (decisions Q2 and Q3).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int8]
Counts = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

KERNEL_VERSION = "grading/2"
GRADES = ("A", "B", "C", "D", "N")  # best to worst; N: too new to be graded
A, B, C, D, N = range(5)
WINDOW_MONTHS = 12  # Q1 counts reminded months in a rolling year


class NotHistories(ValueError):
    """The arrays do not describe the same accounts."""


class ImpossibleHistory(ValueError):
    """A count is negative or a grade is not one of the five."""


class PolicyImpossible(ValueError):
    """The policy's numbers contradict one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradingPolicy:
    """Numbers of the grades; field names are policy row keys."""

    min_months_of_history: int
    reminded_months_a: int  # at most, in twelve
    reminded_months_b: int  # at most, in twelve
    reminded_months_every: int  # at least: "every month" within grade C
    unpaid_reminders_d: int  # delivered and unanswered, at least
    days_overdue_d: int  # of the oldest open bill, at least
    days_overdue_a: int  # at most, for grade A
    theft_grade: str  # no better than this while a theft stands verified
    months_to_improve: int
    months_to_leave_d: int
    months_to_confirm_d: int
    d_needs_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """One row an account. The last five fields carry what was so when it was last graded."""

    months_of_history: Counts  # (n,) whole months for which we hold the records
    is_reminded: Booleans  # (n, 12) month had a reminder; oldest first, the running month last
    unpaid_reminders: Counts  # (n,) delivered for the debt open now and answered by no payment
    days_overdue: Counts  # (n,) of the oldest open bill, 0 when none is overdue
    has_verified_theft: Booleans  # (n,)
    is_d_confirmed: Booleans  # (n,) a person confirmed grade D for the debt open now
    previous_grade: Codes  # (n,) place in GRADES; N when there was none
    candidate_grade: Codes  # (n,) the grade that was waiting to be granted; N when none
    candidate_months: Counts  # (n,) whole months it has been waiting

    def __len__(self) -> int:
        return len(self.months_of_history)

    def rows(self, index: Booleans | Counts) -> "Histories":
        return Histories(**{name: getattr(self, name)[index] for name in self.__slots__})
