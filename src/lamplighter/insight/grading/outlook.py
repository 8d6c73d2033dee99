"""What would change a grade: the least that the customer can do, found by grading again."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lamplighter.insight.grading import grades
from lamplighter.insight.grading.histories import (
    WINDOW_MONTHS,
    Codes,
    Counts,
    GradingPolicy,
    Histories,
    N,
)

Booleans = npt.NDArray[np.bool_]

DAYS_IN_A_MONTH = 30  # a debt left open grows older by this much


class NoHorizon(ValueError):
    """There is no month to look ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The nearest better grade and the way to it."""

    pays_debt: Booleans  # (n,) the open debt has to be paid now
    quiet_months: Counts  # (n,) further months without a reminder; −1: no way within the horizon
    grade: Codes  # (n,) grade then; today's grade where there is no way

    @property
    def exists(self) -> Booleans:
        return self.quiet_months >= 0


def what_would_change(
    *, histories: Histories, policy: GradingPolicy, horizon_months: int
) -> Outlook:
    """Find the fewest months of paying in time that lead to a better grade.

    Whoever has a debt open pays it today; then months pass without a reminder. Each month is graded
    like any other, waiting times included, so the answer is what :func:`grades.grade` will say.
    Grade A has nothing better; a theft stays as long as it stands verified. For a new account the
    answer is its first grade.

    Parameters
    ----------
    histories : Histories
        As they are today.
    policy : GradingPolicy
        The numbers.
    horizon_months : int
        How far to look; 12 months bring every reminder out of sight, waiting times come on top.

    Returns
    -------
    Outlook
        One row an account.

    Raises
    ------
    NoHorizon
        The horizon is below one month.
    NotHistories, ImpossibleHistory, PolicyImpossible
        As :func:`grades.grade`.

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
    >>> five = np.arange(12)[None, :] < 5
    >>> now = Histories(
    ...     months_of_history=np.array([24]),
    ...     is_reminded=five,
    ...     unpaid_reminders=np.array([0]),
    ...     days_overdue=np.array([0]),
    ...     has_verified_theft=np.array([False]),
    ...     is_d_confirmed=np.array([False]),
    ...     previous_grade=np.array([2], dtype=np.int8),
    ...     candidate_grade=np.array([2], dtype=np.int8),
    ...     candidate_months=np.array([0]),
    ... )
    >>> found = what_would_change(histories=now, policy=policy, horizon_months=18)
    >>> found.quiet_months, found.grade  # one month to fall to four reminders, two to last
    (array([3]), array([1], dtype=int8))
    """
    if horizon_months < 1:
        raise NoHorizon(f"{horizon_months} months")
    from lamplighter.insight.grading import compiled  # late: pages must not wait for numba

    today = grades.grade(histories=histories, policy=policy)
    columns = compiled.columns_of(histories=histories)
    by = compiled.numbers_of(policy=policy)
    quiet, better = compiled.ways(today.grade, *columns, by, horizon_months)
    owes = (histories.days_overdue > 0) | (histories.unpaid_reminders > 0)
    return Outlook(pays_debt=owes & (quiet >= 0), quiet_months=quiet, grade=better)


def after(
    *, histories: Histories, policy: GradingPolicy, pays_debt: Booleans, quiet_months: int
) -> grades.Grades:
    """Grade the accounts as they would stand after some months without a reminder.

    Parameters
    ----------
    histories : Histories
        As they are today.
    policy : GradingPolicy
        The numbers.
    pays_debt : (n_accounts,) bool
        Who pays the open debt today. [1] The debt of others stays and grows older.
    quiet_months : int
        Months that pass.

    Returns
    -------
    Grades
        At the end of the last month.

    Raises
    ------
    NoHorizon
        The months are negative.
    NotHistories, ImpossibleHistory, PolicyImpossible
        As :func:`grades.grade`.

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
    >>> five = np.arange(12)[None, :] < 5
    >>> now = Histories(
    ...     months_of_history=np.array([24]),
    ...     is_reminded=five,
    ...     unpaid_reminders=np.array([0]),
    ...     days_overdue=np.array([0]),
    ...     has_verified_theft=np.array([False]),
    ...     is_d_confirmed=np.array([False]),
    ...     previous_grade=np.array([2], dtype=np.int8),
    ...     candidate_grade=np.array([2], dtype=np.int8),
    ...     candidate_months=np.array([0]),
    ... )
    >>> found = after(histories=now, policy=policy, pays_debt=np.array([False]), quiet_months=3)
    >>> found.grade, found.reminded_months
    (array([1], dtype=int8), array([2]))
    """
    if quiet_months < 0:
        raise NoHorizon(f"{quiet_months} months")
    state = _paid(histories, pays_debt)
    found = grades.grade(histories=state, policy=policy)
    for _ in range(quiet_months):
        state = _month_later(state, found)
        found = grades.grade(histories=state, policy=policy)
    return found


def _paid(histories: Histories, pays_debt: Booleans) -> Histories:
    return replace(
        histories,
        unpaid_reminders=np.where(pays_debt, 0, histories.unpaid_reminders),
        days_overdue=np.where(pays_debt, 0, histories.days_overdue),
        is_d_confirmed=histories.is_d_confirmed & ~pays_debt,  # it was for the debt paid now
    )


def _month_later(histories: Histories, found: grades.Grades) -> Histories:
    quiet = np.zeros((len(histories), 1), dtype=np.bool_)
    is_open = histories.days_overdue > 0
    return replace(
        histories,
        months_of_history=histories.months_of_history + 1,
        is_reminded=np.concatenate([histories.is_reminded[:, 1:WINDOW_MONTHS], quiet], axis=1),
        days_overdue=histories.days_overdue + np.where(is_open, DAYS_IN_A_MONTH, 0),
        previous_grade=found.grade,
        candidate_grade=np.where(found.grade == N, N, found.candidate_grade).astype(np.int8),
        candidate_months=found.candidate_months + 1,
    )
