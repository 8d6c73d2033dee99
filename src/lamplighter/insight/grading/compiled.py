"""The grade account by account, today and month after month, compiled.

Import this late: pages and commands that grade nobody must not wait for numba. Nothing is checked
here: see ``grades.grade``.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from lamplighter.insight.grading.grades import (
    AWAITS,
    EVERY_MONTH,
    HELD,
    NEVER,
    OFTEN,
    OVERDUE,
    SOMETIMES,
    THEFT,
    TOO_NEW,
    UNPAID,
    Bits,
    Booleans,
)
from lamplighter.insight.grading.histories import (
    GRADES,
    WINDOW_MONTHS,
    A,
    B,
    C,
    Codes,
    Counts,
    D,
    GradingPolicy,
    Histories,
    N,
)

Columns = tuple[Counts, Booleans, Counts, Counts, Booleans, Booleans, Codes, Codes, Counts]


class Numbers(NamedTuple):
    """The policy's numbers as loops take them."""

    min_months: int
    months_a: int
    months_b: int
    months_every: int
    unpaid_d: int
    overdue_d: int
    overdue_a: int
    theft: int  # place in GRADES
    improve: int
    leave_d: int
    confirm_d: int
    needs_person: bool


def numbers_of(*, policy: GradingPolicy) -> Numbers:
    """Return a policy's numbers as loops take them.

    Parameters
    ----------
    policy : GradingPolicy
        The numbers.

    Returns
    -------
    Numbers
        The same.

    Raises
    ------
    ValueError
        There is no such grade of a theft.

    Examples
    --------
    >>> policy = GradingPolicy(
    ...     min_months_of_history=3, reminded_months_a=0, reminded_months_b=4,
    ...     reminded_months_every=10, unpaid_reminders_d=3, days_overdue_d=30, days_overdue_a=30,
    ...     theft_grade="C", months_to_improve=2, months_to_leave_d=0, months_to_confirm_d=1,
    ...     d_needs_person=False,
    ... )
    >>> numbers_of(policy=policy).theft
    2
    """
    return Numbers(
        min_months=policy.min_months_of_history,
        months_a=policy.reminded_months_a,
        months_b=policy.reminded_months_b,
        months_every=policy.reminded_months_every,
        unpaid_d=policy.unpaid_reminders_d,
        overdue_d=policy.days_overdue_d,
        overdue_a=policy.days_overdue_a,
        theft=GRADES.index(policy.theft_grade),
        improve=policy.months_to_improve,
        leave_d=policy.months_to_leave_d,
        confirm_d=policy.months_to_confirm_d,
        needs_person=policy.d_needs_person,
    )


def columns_of(*, histories: Histories) -> Columns:
    """Return the columns of histories as loops are compiled for.

    Parameters
    ----------
    histories : Histories
        One row an account.

    Returns
    -------
    Columns
        Copies, in the order of the fields.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> nothing, no = np.zeros(1, np.int16), np.zeros(1, np.bool_)
    >>> months, *_ = columns_of(
    ...     histories=Histories(
    ...         months_of_history=nothing, is_reminded=np.zeros((1, 12), np.bool_),
    ...         unpaid_reminders=nothing, days_overdue=nothing, has_verified_theft=no,
    ...         is_d_confirmed=no, previous_grade=nothing, candidate_grade=nothing,
    ...         candidate_months=nothing,
    ...     )
    ... )
    >>> months.dtype
    dtype('int64')
    """
    return (
        np.array(histories.months_of_history, np.int64),
        np.array(histories.is_reminded, np.bool_, order="C"),
        np.array(histories.unpaid_reminders, np.int64),
        np.array(histories.days_overdue, np.int64),
        np.array(histories.has_verified_theft, np.bool_),
        np.array(histories.is_d_confirmed, np.bool_),
        np.array(histories.previous_grade, np.int8),
        np.array(histories.candidate_grade, np.int8),
        np.array(histories.candidate_months, np.int64),
    )


@njit(cache=True, nogil=True)
def _raw(
    months: int, reminded: int, unpaid: int, overdue: int, has_theft: bool, by: Numbers
) -> tuple[int, int, int]:
    """Return the grade before waiting times, the rule that decided it, and the rules' bits."""
    few, some = reminded <= by.months_a, reminded <= by.months_b
    every = reminded >= by.months_every
    raw, rule, fired = A, NEVER, 0
    if few:
        fired |= 1 << NEVER
    if some and not few:
        fired |= 1 << SOMETIMES
        raw, rule = B, SOMETIMES
    if not some and not every:
        fired |= 1 << OFTEN
        raw, rule = C, OFTEN
    if every:
        fired |= 1 << EVERY_MONTH
        raw, rule = C, EVERY_MONTH
    if overdue > by.overdue_a:
        fired |= 1 << OVERDUE
        if raw < B:
            raw, rule = B, OVERDUE
    if has_theft:
        fired |= 1 << THEFT
        if raw < by.theft:
            raw, rule = by.theft, THEFT
    if unpaid >= by.unpaid_d and overdue >= by.overdue_d:
        fired |= 1 << UNPAID
        if raw < D:
            raw, rule = D, UNPAID
    if months < by.min_months:
        fired |= 1 << TOO_NEW
        raw, rule = N, TOO_NEW
    return raw, rule, fired


@njit(cache=True, nogil=True)
def _waited(
    raw: int, is_confirmed: bool, previous: int, waiting: int, waited: int, by: Numbers
) -> tuple[int, int, int, bool, bool, bool]:
    """Return the grade, what waits and how long, and whether a better grade or D is held back."""
    unconfirmed = by.needs_person and not is_confirmed
    # A grade D that no person has confirmed, or no longer does, was only proposed: it was C.
    before = C if previous == D and unconfirmed else previous
    better = raw != N and before != N and raw < before
    to_d = raw == D and before != D
    # What waits is the worst of the better grades reached since: each of them has lasted as long.
    is_kept = (better and waiting < before) or (to_d and waiting == D)
    months = waited if is_kept else 0
    run = max(waiting, raw) if is_kept and better else raw
    final = raw
    if better:
        lasted = raw if by.improve == 0 else run
        final = lasted if months >= by.improve else before
        if before == D and months >= by.leave_d:
            out_of_d = raw if by.leave_d == 0 else run
            final = min(final, max(out_of_d, C))
    if to_d and (unconfirmed or months < by.confirm_d):
        final = C if before == N else max(before, C)
    # A grade that has been granted starts the waiting time of a still better one.
    goes_on = is_kept and final != raw and run != final
    candidate = run if goes_on else raw
    is_held, awaits = better and final > raw, to_d and final != D
    return final, candidate, months if goes_on else 0, goes_on, is_held, awaits


@njit(cache=True, nogil=True)
def _yearly(counted: int, months: int) -> int:
    """Return reminded months of a history brought to a whole year, rounded up."""
    known = min(max(months, 1), WINDOW_MONTHS)
    return min((counted * WINDOW_MONTHS + known - 1) // known, WINDOW_MONTHS)


@njit(cache=True, nogil=True)
def graded(
    months: Counts,
    reminded: Booleans,
    unpaid: Counts,
    overdue: Counts,
    has_theft: Booleans,
    is_confirmed: Booleans,
    previous: Codes,
    waiting: Codes,
    waited: Counts,
    by: Numbers,
) -> tuple[Codes, Codes, Codes, Bits, Counts, Codes, Counts, Booleans]:
    """Grade every account; see ``grades.grade``, which checks what is handed in here.

    Parameters
    ----------
    months : (n,) int64
        Of history. [months]
    reminded : (n, 12) bool
        The month had a reminder. [1]
    unpaid, overdue : (n,) int64
        Reminders unanswered [reminder] and age of the oldest open bill [day].
    has_theft, is_confirmed : (n,) bool
        A theft stands verified; a person confirmed grade D. [1]
    previous, waiting : (n,) int8
        Grade when last graded, and what was waiting then. [place in GRADES]
    waited : (n,) int64
        Since when. [months]
    by : Numbers
        The policy's.

    Returns
    -------
    grade, raw_grade, rule, fired, reminded_months, candidate_grade, candidate_months, is_kept
        Fields of ``grades.Grades``.

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> none, no = np.zeros(1, np.int64), np.zeros(1, np.bool_)
    >>> by = Numbers(3, 0, 4, 10, 3, 30, 30, 2, 2, 0, 1, False)
    >>> grade, *_, is_kept = graded(
    ...     none + 24, np.zeros((1, 12), np.bool_), none, none, no, no,
    ...     np.full(1, N, np.int8), np.full(1, N, np.int8), none, by,
    ... )
    >>> grade, is_kept
    (array([0], dtype=int8), array([False]))
    """
    n = len(months)
    grade, raw_grade, rule = np.empty(n, np.int8), np.empty(n, np.int8), np.empty(n, np.int8)
    candidate, fired = np.empty(n, np.int8), np.empty(n, np.uint16)
    yearly, lasts = np.empty(n, np.int64), np.empty(n, np.int64)
    is_kept = np.empty(n, np.bool_)
    for row in range(n):
        counted = 0
        for month in range(WINDOW_MONTHS):
            counted += reminded[row, month]
        yearly[row] = _yearly(counted, months[row])
        raw, decides, bits = _raw(
            months[row], yearly[row], unpaid[row], overdue[row], has_theft[row], by
        )
        final, next_one, so_long, goes_on, is_held, awaits = _waited(
            raw, is_confirmed[row], int(previous[row]), int(waiting[row]), waited[row], by
        )
        if is_held:
            bits |= 1 << HELD
        if awaits:
            bits |= 1 << AWAITS
        grade[row], raw_grade[row], fired[row] = final, raw, bits
        rule[row] = HELD if is_held else AWAITS if awaits else decides
        candidate[row], lasts[row], is_kept[row] = next_one, so_long, goes_on
    return grade, raw_grade, rule, fired, yearly, candidate, lasts, is_kept


@njit(cache=True, nogil=True)
def ways(
    grade: Codes,
    months: Counts,
    reminded: Booleans,
    unpaid: Counts,
    overdue: Counts,
    has_theft: Booleans,
    is_confirmed: Booleans,
    previous: Codes,
    waiting: Codes,
    waited: Counts,
    by: Numbers,
    horizon_months: int,
) -> tuple[Counts, Codes]:
    """Return after how many months without a reminder a grade is better, and which it is then.

    Whoever owes pays today. See ``outlook.what_would_change``.

    Parameters
    ----------
    grade : (n,) int8
        Today's. [place in GRADES]
    months, reminded, unpaid, overdue, has_theft, is_confirmed, previous, waiting, waited, by
        As :func:`graded`.
    horizon_months : int
        How far to look. [months]

    Returns
    -------
    quiet_months : (n,) int64
        −1: no way within the horizon. [months]
    better : (n,) int8
        Grade then, today's without a way. [place in GRADES]

    Raises
    ------
    numba.TypingError
        The arrays do not have these dimensions.

    Examples
    --------
    >>> none, no = np.zeros(1, np.int64), np.zeros(1, np.bool_)
    >>> by, once = Numbers(3, 0, 4, 10, 3, 30, 30, 2, 2, 0, 1, False), np.arange(12)[None] < 1
    >>> b = np.full(1, B, np.int8)
    >>> ways(b, none + 24, once, none, none, no, no, b, b, none, by, 18)
    (array([3]), array([0], dtype=int8))
    """
    n = len(grade)
    quiet, better = np.full(n, -1, np.int64), grade.copy()
    for row in range(n):
        if grade[row] == A:
            continue
        owes = overdue[row] > 0 or unpaid[row] > 0
        counted = 0
        for month in range(WINDOW_MONTHS):
            counted += reminded[row, month]
        no_more = 0 if owes else unpaid[row]
        old = 0 if owes else overdue[row]
        is_sure = is_confirmed[row] and not owes  # it was for the debt paid now
        before, candidate = int(previous[row]), int(waiting[row])
        so_long = int(waited[row])
        for ahead in range(horizon_months + 1):
            known = months[row] + ahead
            yearly = _yearly(counted, known)
            raw, _rule, _bits = _raw(known, yearly, no_more, old, has_theft[row], by)
            final, candidate, so_long, _kept, _held, _awaits = _waited(
                raw, is_sure, before, candidate, so_long, by
            )
            # Without a payment nothing changes today.
            if final < grade[row] and (ahead > 0 or owes):
                quiet[row], better[row] = ahead, final
                break
            if ahead < WINDOW_MONTHS:
                counted -= reminded[row, ahead]
            before, candidate = final, N if final == N else candidate
            so_long += 1
    return quiet, better
