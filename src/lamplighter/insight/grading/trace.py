"""Why an account has its grade, rule by rule."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lamplighter.insight.grading.grades import RULES, Grades
from lamplighter.insight.grading.histories import GRADES, Counts, GradingPolicy, Histories, N

WAITS = ("HELD_UNTIL_IT_LASTS", "D_AWAITS_CONFIRMATION")


class NoSuchAccount(IndexError):
    """The account is not among those that were graded."""


class NotATrace(ValueError):
    """No rule in it says a grade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rule that applied: what it looked at, what it compared with, what it says."""

    rule: str
    inputs: tuple[tuple[str, int], ...]
    limits: tuple[tuple[str, int], ...]  # policy row keys and their numbers
    says: str  # a grade: no better than this; of a wait: this for now


def trace(
    *, histories: Histories, grades: Grades, policy: GradingPolicy, account: int
) -> tuple[Step, ...]:
    """Tell the rules that applied to one account, in their order.

    Parameters
    ----------
    histories : Histories
        What was graded.
    grades : Grades
        What :func:`grades.grade` made of it.
    policy : GradingPolicy
        The policy it was made with.
    account : int
        Row of the account.

    Returns
    -------
    tuple of Step
        First the rules, then a wait where there is one; :func:`grade_of` folds it to the grade.

    Raises
    ------
    NoSuchAccount
        The row is not there.

    Examples
    --------
    >>> grade_of(steps=(Step(rule="NEVER_REMINDED", inputs=(), limits=(), says="A"),))
    'A'
    """
    if not 0 <= account < len(grades.grade):
        raise NoSuchAccount(f"{account} of {len(grades.grade)}")
    seen = inputs(histories=histories, grades=grades)
    return steps(
        fired=int(grades.fired[account]),
        seen={name: int(seen[name][account]) for name in INPUT_NAMES},
        limits={name: int(getattr(policy, name)) for name in LIMIT_NAMES},
        grade=GRADES[int(np.int8(grades.grade[account]))],
        theft_grade=policy.theft_grade,
    )


def steps(
    *,
    fired: int,
    seen: Mapping[str, int],
    limits: Mapping[str, int],
    grade: str,
    theft_grade: str,
) -> tuple[Step, ...]:
    """Tell the rules that applied to one account from the numbers that were kept of it.

    Parameters
    ----------
    fired : int
        Bit r is set when ``RULES[r]`` applied.
    seen : mapping
        What was looked at, by ``INPUT_NAMES``. [months, days, reminders]
    limits : mapping
        The policy's numbers, by ``LIMIT_NAMES``.
    grade : str
        The grade it came to: what a wait says for now.
    theft_grade : str
        The policy's grade while a theft stands verified.

    Returns
    -------
    tuple of Step
        As :func:`trace`.

    Raises
    ------
    KeyError
        A number of a rule that applied is not among them.

    Examples
    --------
    >>> kept = {name: 0 for name in (*INPUT_NAMES, *LIMIT_NAMES)}
    >>> bit = 1 << RULES.index("TOO_NEW")
    >>> steps(fired=bit, seen=kept, limits=kept, grade="N", theft_grade="C")[0].says
    'N'
    """
    says = _said(grade=grade, theft_grade=theft_grade)
    return tuple(
        Step(
            rule=rule,
            inputs=tuple((name, seen[name]) for name in INPUTS[rule]),
            limits=tuple((name, limits[name]) for name in LIMITS[rule]),
            says=says[rule],
        )
        for number, rule in enumerate(RULES)
        if fired >> number & 1
    )


def grade_of(*, steps: tuple[Step, ...]) -> str:
    """Return the grade that the steps of a trace come to.

    Parameters
    ----------
    steps : tuple of Step
        From :func:`trace`.

    Returns
    -------
    str
        A wait's grade where there is one, else the last of A, B, C, D, N that a rule says.

    Raises
    ------
    NotATrace
        There is no step.

    Examples
    --------
    >>> often = Step(rule="OFTEN_REMINDED", inputs=(), limits=(), says="C")
    >>> theft = Step(rule="VERIFIED_THEFT", inputs=(), limits=(), says="B")
    >>> grade_of(steps=(theft, often))
    'C'
    """
    if not steps:
        raise NotATrace("no step")
    if steps[-1].rule in WAITS:
        return steps[-1].says
    return max((step.says for step in steps), key=GRADES.index)


INPUTS: dict[str, tuple[str, ...]] = {
    "TOO_NEW": ("months_of_history",),
    "UNPAID_AFTER_REMINDERS": ("unpaid_reminders", "days_overdue"),
    "VERIFIED_THEFT": (),
    "LONG_OVERDUE": ("days_overdue",),
    "NEVER_REMINDED": ("reminded_months", "months_of_history"),
    "SOMETIMES_REMINDED": ("reminded_months", "months_of_history"),
    "OFTEN_REMINDED": ("reminded_months", "months_of_history"),
    "REMINDED_EVERY_MONTH": ("reminded_months", "months_of_history"),
    "HELD_UNTIL_IT_LASTS": ("candidate_months",),
    "D_AWAITS_CONFIRMATION": ("candidate_months",),
}
LIMITS: dict[str, tuple[str, ...]] = {
    "TOO_NEW": ("min_months_of_history",),
    "UNPAID_AFTER_REMINDERS": ("unpaid_reminders_d", "days_overdue_d"),
    "VERIFIED_THEFT": (),
    "LONG_OVERDUE": ("days_overdue_a",),
    "NEVER_REMINDED": ("reminded_months_a",),
    "SOMETIMES_REMINDED": ("reminded_months_b",),
    "OFTEN_REMINDED": ("reminded_months_b", "reminded_months_every"),
    "REMINDED_EVERY_MONTH": ("reminded_months_every",),
    "HELD_UNTIL_IT_LASTS": ("months_to_improve",),
    "D_AWAITS_CONFIRMATION": ("months_to_confirm_d",),
}


INPUT_NAMES = tuple(dict.fromkeys(name for names in INPUTS.values() for name in names))
LIMIT_NAMES = tuple(dict.fromkeys(name for names in LIMITS.values() for name in names))


def inputs(*, histories: Histories, grades: Grades) -> dict[str, Counts]:
    """Return what the rules looked at, of all accounts.

    Parameters
    ----------
    histories : Histories
        What was graded.
    grades : Grades
        What :func:`grades.grade` made of it.

    Returns
    -------
    dict
        ``INPUT_NAMES`` → (n_accounts,) int64. [months, days, reminders]

    Raises
    ------
    AttributeError
        They are no histories and grades.

    Examples
    --------
    >>> sorted(INPUT_NAMES)[:2]
    ['candidate_months', 'days_overdue']
    """
    return {
        "months_of_history": histories.months_of_history,
        "unpaid_reminders": histories.unpaid_reminders,
        "days_overdue": histories.days_overdue,
        "reminded_months": grades.reminded_months,
        "candidate_months": grades.candidate_months,
    }


def _said(*, grade: str, theft_grade: str) -> dict[str, str]:
    return {
        "TOO_NEW": GRADES[N],
        "UNPAID_AFTER_REMINDERS": "D",
        "VERIFIED_THEFT": theft_grade,
        "LONG_OVERDUE": "B",
        "NEVER_REMINDED": "A",
        "SOMETIMES_REMINDED": "B",
        "OFTEN_REMINDED": "C",
        "REMINDED_EVERY_MONTH": "C",
        "HELD_UNTIL_IT_LASTS": grade,
        "D_AWAITS_CONFIRMATION": grade,
    }
