"""Grades: one for every history, told rule by rule, with a way to a better one."""

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.insight.grading import grades, histories, outlook, trace
from lamplighter.insight.grading.histories import GRADES, GradingPolicy, Histories
from lamplighter.policy import loader

POLICY = loader.numbers_for(
    policy=loader.load(name="grading", on=date(2026, 11, 25)), shape=GradingPolicy
)
seeds = st.integers(min_value=0, max_value=2**32 - 1)
policies = st.builds(
    replace,
    st.just(POLICY),
    theft_grade=st.sampled_from("ABCD"),
    months_to_improve=st.integers(0, 4),
    months_to_leave_d=st.integers(0, 3),
    months_to_confirm_d=st.integers(0, 3),
    d_needs_person=st.booleans(),
    days_overdue_a=st.integers(0, 90),
)


def random_histories(seed: int, *, accounts: int = 200) -> Histories:
    dice = np.random.default_rng(seed)
    often = dice.choice([0.0, 0.1, 0.4, 0.95], accounts)
    return Histories(
        months_of_history=dice.choice([0, 1, 2, 3, 5, 11, 12, 13, 40], accounts),
        is_reminded=dice.random((accounts, 12)) < often[:, None],
        unpaid_reminders=dice.integers(0, 6, accounts),
        days_overdue=dice.choice([0, 1, 29, 30, 31, 90, 400], accounts),
        has_verified_theft=dice.random(accounts) < 0.1,
        is_d_confirmed=dice.random(accounts) < 0.5,
        previous_grade=dice.integers(0, 5, accounts).astype(np.int8),
        candidate_grade=dice.integers(0, 5, accounts).astype(np.int8),
        candidate_months=dice.integers(0, 5, accounts),
    )


def one(**changes: object) -> Histories:
    plain = {
        "months_of_history": 36,
        "unpaid_reminders": 0,
        "days_overdue": 0,
        "has_verified_theft": False,
        "is_d_confirmed": False,
        "previous_grade": histories.N,
        "candidate_grade": histories.N,
        "candidate_months": 0,
    }
    reminded = int(changes.pop("reminded", 0))
    columns = {name: np.array([value]) for name, value in (plain | changes).items()}
    for name in ("previous_grade", "candidate_grade"):
        columns[name] = columns[name].astype(np.int8)
    return Histories(**columns, is_reminded=np.arange(12)[None, :] < reminded)


def graded(history: Histories, policy: GradingPolicy = POLICY) -> tuple[str, str]:
    found = grades.grade(histories=history, policy=policy)
    return GRADES[found.grade[0]], grades.RULES[found.rule[0]]


def raw_by_hand(history: Histories, row: int, policy: GradingPolicy) -> str:
    months = int(history.months_of_history[row])
    if months < policy.min_months_of_history:
        return "N"
    overdue = int(history.days_overdue[row])
    if (
        history.unpaid_reminders[row] >= policy.unpaid_reminders_d
        and overdue >= policy.days_overdue_d
    ):
        return "D"
    counted = sum(bool(month) for month in history.is_reminded[row])
    year = min(12, int(np.ceil(counted * 12 / min(months, 12))))
    letter = "A" if year <= 0 else "B" if year <= 4 else "C"
    if overdue > policy.days_overdue_a:
        letter = max(letter, "B")
    if history.has_verified_theft[row]:
        letter = max(letter, policy.theft_grade)
    return letter


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("A", "NEVER_REMINDED")),
        ({"reminded": 1}, ("B", "SOMETIMES_REMINDED")),
        ({"reminded": 4}, ("B", "SOMETIMES_REMINDED")),
        ({"reminded": 5}, ("C", "OFTEN_REMINDED")),
        ({"reminded": 9}, ("C", "OFTEN_REMINDED")),
        ({"reminded": 10}, ("C", "REMINDED_EVERY_MONTH")),
        ({"days_overdue": 31}, ("B", "LONG_OVERDUE")),
        ({"has_verified_theft": True}, ("C", "VERIFIED_THEFT")),
        ({"months_of_history": 2}, ("N", "TOO_NEW")),
        ({"months_of_history": 4, "reminded": 4}, ("C", "REMINDED_EVERY_MONTH")),
        (
            {"unpaid_reminders": 3, "days_overdue": 30, "previous_grade": histories.B},
            ("C", "D_AWAITS_CONFIRMATION"),
        ),
        (
            {
                "unpaid_reminders": 3,
                "days_overdue": 60,
                "previous_grade": histories.C,
                "candidate_grade": histories.D,
                "candidate_months": 1,
            },
            ("C", "D_AWAITS_CONFIRMATION"),
        ),
        (
            {
                "unpaid_reminders": 3,
                "days_overdue": 60,
                "previous_grade": histories.C,
                "is_d_confirmed": True,
            },
            ("D", "UNPAID_AFTER_REMINDERS"),
        ),
        (
            {"unpaid_reminders": 3, "days_overdue": 60, "previous_grade": histories.D},
            ("C", "D_AWAITS_CONFIRMATION"),
        ),
        ({"previous_grade": histories.C}, ("C", "HELD_UNTIL_IT_LASTS")),
        (
            {
                "previous_grade": histories.C,
                "candidate_grade": histories.A,
                "candidate_months": 2,
            },
            ("A", "NEVER_REMINDED"),
        ),
    ],
)
def test_grades_as_the_decisions_say(changes, expected):
    assert graded(one(**changes)) == expected


def test_complaints_and_attitude_are_no_inputs():
    names = {field.name for shape in (Histories, GradingPolicy) for field in fields(shape)}

    assert not [n for n in names if any(w in n for w in ("complain", "attitude", "hostil", "note"))]


@given(seed=seeds, policy=policies)
@settings(max_examples=60, deadline=None)
def test_every_history_has_exactly_one_grade_and_the_hand_agrees(seed, policy):
    history = random_histories(seed)

    found = grades.grade(histories=history, policy=policy)

    by_hand = [raw_by_hand(history, row, policy) for row in range(len(history))]
    assert [GRADES[code] for code in found.raw_grade] == by_hand
    assert set(np.unique(found.grade)) <= set(range(5))
    fired = [[bool(bits >> rule & 1) for rule in range(4, 8)] for bits in found.fired]
    assert all(sum(counts) == 1 for counts in fired)  # one reminder rule, neither none nor two


@given(seed=seeds, policy=policies, month=st.integers(0, 11))
@settings(max_examples=60, deadline=None)
def test_more_reminders_never_improve_and_paying_never_worsens(seed, policy, month):
    history = random_histories(seed)
    more = history.is_reminded.copy()
    more[:, month] = True
    nobody_owes = np.zeros(len(history), dtype=np.int64)

    now = grades.grade(histories=history, policy=policy).grade
    reminded = grades.grade(histories=replace(history, is_reminded=more), policy=policy).grade
    paid = grades.grade(
        histories=replace(history, unpaid_reminders=nobody_owes, days_overdue=nobody_owes),
        policy=policy,
    ).grade

    assert np.all(reminded >= now)
    assert np.all(paid <= now)


@given(seed=seeds, policy=policies)
@settings(max_examples=60, deadline=None)
def test_grading_twice_on_one_day_changes_nothing(seed, policy):
    history = random_histories(seed)
    first = grades.grade(histories=history, policy=policy)

    again = grades.grade(
        histories=replace(
            history,
            previous_grade=first.grade,
            candidate_grade=first.candidate_grade,
            candidate_months=first.candidate_months,
        ),
        policy=policy,
    )

    assert np.array_equal(again.grade, first.grade)
    assert np.array_equal(again.candidate_grade, first.candidate_grade)
    assert np.array_equal(again.candidate_months, first.candidate_months)


@given(seed=seeds, policy=policies)
@settings(max_examples=20, deadline=None)
def test_a_trace_comes_to_the_grade(seed, policy):
    history = random_histories(seed, accounts=60)
    found = grades.grade(histories=history, policy=policy)

    for row in range(len(history)):
        steps = trace.trace(histories=history, grades=found, policy=policy, account=row)
        assert trace.grade_of(steps=steps) == GRADES[found.grade[row]]
        assert grades.RULES[found.rule[row]] in {step.rule for step in steps}


@given(seed=seeds, policy=policies)
@settings(max_examples=25, deadline=None)
def test_the_way_to_a_better_grade_leads_there_and_no_shorter_one_does(seed, policy):
    history = random_histories(seed, accounts=80)
    now = grades.grade(histories=history, policy=policy).grade
    way = outlook.what_would_change(histories=history, policy=policy, horizon_months=18)
    owes = (history.days_overdue > 0) | (history.unpaid_reminders > 0)

    for months in range(19):
        then = outlook.after(
            histories=history, policy=policy, pays_debt=owes, quiet_months=months
        ).grade
        arrived = way.quiet_months == months
        assert np.array_equal(then[arrived], way.grade[arrived])
        assert np.all(then[arrived] < now[arrived])
        changes = (months > 0) | owes
        too_early = ((way.quiet_months > months) | (way.quiet_months < 0)) & changes
        assert np.all(then[too_early] >= now[too_early])


def test_who_pays_leaves_grade_d_at_once():
    owing = one(
        unpaid_reminders=3,
        days_overdue=60,
        previous_grade=histories.D,
        is_d_confirmed=True,
        reminded=3,
    )

    way = outlook.what_would_change(histories=owing, policy=POLICY, horizon_months=18)

    assert (way.pays_debt[0], way.quiet_months[0], GRADES[way.grade[0]]) == (True, 0, "C")


@given(seed=seeds)
@settings(max_examples=20, deadline=None)
def test_the_order_and_the_company_of_accounts_do_not_matter(seed):
    history = random_histories(seed)
    order = np.random.default_rng(seed).permutation(len(history))[:70]

    whole = grades.grade(histories=history, policy=POLICY)
    part = grades.grade(histories=history.rows(order), policy=POLICY)

    for field in fields(whole):
        assert np.array_equal(getattr(whole, field.name)[order], getattr(part, field.name))


def test_nobody_to_grade():
    nobody = random_histories(1, accounts=0)

    assert grades.grade(histories=nobody, policy=POLICY).grade.shape == (0,)
    assert outlook.what_would_change(
        histories=nobody, policy=POLICY, horizon_months=3
    ).grade.shape == (0,)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"days_overdue": np.array([0, 0])}, grades.NotHistories),
        ({"days_overdue": np.array([np.nan])}, grades.NotHistories),
        ({"is_reminded": np.zeros((1, 11), dtype=bool)}, grades.NotHistories),
        ({"days_overdue": np.array([-1])}, grades.ImpossibleHistory),
        ({"previous_grade": np.array([5], dtype=np.int8)}, grades.ImpossibleHistory),
    ],
)
def test_refuses_what_is_no_history(change, error):
    with pytest.raises(error, match=next(iter(change))):
        grades.grade(histories=replace(one(), **change), policy=POLICY)


@pytest.mark.parametrize(
    "change",
    [
        {"reminded_months_b": 11},
        {"reminded_months_a": 5},
        {"theft_grade": "N"},
        {"months_to_improve": -1},
        {"min_months_of_history": 0},
    ],
)
def test_refuses_a_policy_that_contradicts_itself(change):
    with pytest.raises(grades.PolicyImpossible):
        grades.grade(histories=one(), policy=replace(POLICY, **change))


def test_refuses_a_row_that_is_not_there_and_a_horizon_of_nothing():
    found = grades.grade(histories=one(), policy=POLICY)

    with pytest.raises(trace.NoSuchAccount, match="1 of 1"):
        trace.trace(histories=one(), grades=found, policy=POLICY, account=1)
    with pytest.raises(trace.NotATrace):
        trace.grade_of(steps=())
    with pytest.raises(outlook.NoHorizon):
        outlook.what_would_change(histories=one(), policy=POLICY, horizon_months=0)


def test_every_rule_has_its_sentence():
    policy = loader.load(name="grading", on=date(2026, 11, 25))

    for rule in grades.RULES:
        names = (*trace.INPUTS[rule], *trace.LIMITS[rule])
        words = policy.text(f"sentence.{rule}")
        assert words.zh.format(**dict.fromkeys(names, 1))
        assert words.en.format(**dict.fromkeys(names, 1))
