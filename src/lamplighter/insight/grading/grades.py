"""The grade as one total function of an account's history."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from lamplighter.insight.grading.histories import (
    GRADES,
    WINDOW_MONTHS,
    A,
    Codes,
    Counts,
    GradingPolicy,
    Histories,
    ImpossibleHistory,
    N,
    NotHistories,
    PolicyImpossible,
)

Bits = npt.NDArray[np.uint16]
Booleans = npt.NDArray[np.bool_]

RULES = (
    "TOO_NEW",  # N
    "UNPAID_AFTER_REMINDERS",  # D
    "VERIFIED_THEFT",  # no better than the policy's grade
    "LONG_OVERDUE",  # no better than B
    "NEVER_REMINDED",  # A
    "SOMETIMES_REMINDED",  # B
    "OFTEN_REMINDED",  # C
    "REMINDED_EVERY_MONTH",  # C
    "HELD_UNTIL_IT_LASTS",  # a better grade waits
    "D_AWAITS_CONFIRMATION",  # grade D waits
)
(
    TOO_NEW,
    UNPAID,
    THEFT,
    OVERDUE,
    NEVER,
    SOMETIMES,
    OFTEN,
    EVERY_MONTH,
    HELD,
    AWAITS,
) = range(len(RULES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grades:
    """The grade of each account and how it came about."""

    grade: Codes  # (n,) place in GRADES
    raw_grade: Codes  # (n,) before waiting times
    rule: Codes  # (n,) place in RULES: the rule that decided the grade
    fired: Bits  # (n,) bit r is set when RULES[r] applied
    reminded_months: Counts  # (n,) in twelve, brought to a whole year for shorter histories
    candidate_grade: Codes  # (n,) what waits to be granted; the grade itself when nothing does
    candidate_months: Counts  # (n,) how long it has waited
    is_candidate_kept: Booleans  # (n,) False: its waiting time begins today


def grade(*, histories: Histories, policy: GradingPolicy) -> Grades:
    """Give every account exactly one grade (S4-10 to S4-13 made total by Q1 to Q3).

    In this order: too new → N; reminders delivered and not answered by a payment, and overdue → D;
    otherwise the months with a reminder in a rolling twelve give A, B or C, no better than the
    policy's grade while a theft stands verified and no better than B while a bill is long overdue.
    Histories under a year are brought to twelve months, rounding up. Then a better grade has to
    last, and grade D has to be confirmed, before they replace the previous grade.

    Parameters
    ----------
    histories : Histories
        One row an account; arrays of whole numbers and booleans.
    policy : GradingPolicy
        The numbers.

    Returns
    -------
    Grades
        Feed *grade*, *candidate_grade* and the time since it began back as the next history.

    Raises
    ------
    NotHistories
        Shapes or kinds of numbers disagree (a NaN can therefore not come in).
    ImpossibleHistory
        A count below zero, or no such grade.
    PolicyImpossible
        The numbers contradict one another.

    Examples
    --------
    >>> policy = GradingPolicy(
    ...     min_months_of_history=3,
    ...     reminded_months_a=0,
    ...     reminded_months_b=4,
    ...     reminded_months_every=10,
    ...     unpaid_reminders_d=3,
    ...     days_overdue_d=30,
    ...     days_overdue_a=30,
    ...     theft_grade="C",
    ...     months_to_improve=2,
    ...     months_to_leave_d=0,
    ...     months_to_confirm_d=1,
    ...     d_needs_person=False,
    ... )
    >>> from lamplighter.insight.grading.histories import D
    >>> reminded = np.zeros((4, 12), dtype=bool)
    >>> reminded[1, :3] = True
    >>> found = grade(
    ...     histories=Histories(
    ...         months_of_history=np.array([24, 24, 24, 1]),
    ...         is_reminded=reminded,
    ...         unpaid_reminders=np.array([0, 0, 3, 0]),
    ...         days_overdue=np.array([0, 0, 40, 0]),
    ...         has_verified_theft=np.zeros(4, dtype=bool),
    ...         is_d_confirmed=np.zeros(4, dtype=bool),
    ...         previous_grade=np.array([N, N, D, N], dtype=np.int8),
    ...         candidate_grade=np.array([N, N, N, N], dtype=np.int8),
    ...         candidate_months=np.zeros(4, dtype=np.int64),
    ...     ),
    ...     policy=policy,
    ... )
    >>> [GRADES[g] for g in found.grade], [RULES[r] for r in found.rule][1:3]
    (['A', 'B', 'D', 'N'], ['SOMETIMES_REMINDED', 'UNPAID_AFTER_REMINDERS'])
    """
    _refuse_contradiction(policy)
    _refuse_impossible(histories)
    from lamplighter.insight.grading import compiled  # late: pages must not wait for numba

    columns = compiled.columns_of(histories=histories)
    found = compiled.graded(*columns, compiled.numbers_of(policy=policy))
    by_name: dict[str, Any] = dict(zip(Grades.__slots__, found, strict=True))
    return Grades(**by_name)


def _refuse_contradiction(policy: GradingPolicy) -> None:
    rising = (0, policy.reminded_months_a, policy.reminded_months_b, policy.reminded_months_every)
    ordered = all(low <= high for low, high in pairwise(rising))
    waits = (policy.months_to_improve, policy.months_to_leave_d, policy.months_to_confirm_d)
    if not ordered or policy.reminded_months_every > WINDOW_MONTHS:
        raise PolicyImpossible(f"reminded months {rising}")
    if policy.reminded_months_every <= policy.reminded_months_b:
        raise PolicyImpossible(f"reminded months {rising}")
    if policy.theft_grade not in GRADES[:N] or min(waits) < 0 or policy.unpaid_reminders_d < 1:
        raise PolicyImpossible(f"theft {policy.theft_grade!r}, waits {waits}")
    days = (policy.days_overdue_a, policy.days_overdue_d)
    if policy.min_months_of_history < 1 or min(days) < 0 or policy.days_overdue_d < 1:
        raise PolicyImpossible(f"{policy.min_months_of_history} months, overdue {days}")


def _refuse_impossible(histories: Histories) -> None:
    n = histories.months_of_history.shape
    shapes = {name: getattr(histories, name).shape for name in histories.__slots__}
    kinds = {name: getattr(histories, name).dtype.kind for name in histories.__slots__}
    table = shapes.pop("is_reminded")
    if len(n) != 1 or set(shapes.values()) != {n} or table != (*n, WINDOW_MONTHS):
        raise NotHistories(f"{shapes}, is_reminded {table}")
    wanted = {name: "b" if name.startswith(("is_", "has_")) else "i" for name in kinds}
    if kinds != wanted:
        raise NotHistories(f"kinds {kinds}: whole numbers and booleans only, NaN is no history")
    counts = ("months_of_history", "unpaid_reminders", "days_overdue", "candidate_months")
    negative = {name: int((getattr(histories, name) < 0).sum()) for name in counts}
    grades = ("previous_grade", "candidate_grade")
    unknown = {
        name: int(((getattr(histories, name) < A) | (getattr(histories, name) > N)).sum())
        for name in grades
    }
    if any(negative.values()) or any(unknown.values()):
        raise ImpossibleHistory(f"negative {negative}, not a grade {unknown}")
