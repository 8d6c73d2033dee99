"""Segments: exactly one for everybody, held against noise, and able to say why."""

from dataclasses import fields, replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.insight.segments import segments, terms
from lamplighter.insight.segments.terms import CONDITIONS, NATURES, SEGMENTS, Traits
from tests.insight import numbers

POLICY = numbers.SEGMENTS
MUCH = 4000.0

accounts = st.lists(
    st.tuples(
        st.integers(0, len(NATURES) - 1),
        st.integers(0, 40),
        st.one_of(st.just(float("nan")), st.floats(-500, 400_000)),
        st.one_of(st.just(float("nan")), st.floats(0, 900)),
        st.integers(0, 12),
        st.one_of(st.just(float("nan")), st.floats(-2, 2)),
        st.booleans(),
        st.integers(-1, len(SEGMENTS) - 1),
    ),
    max_size=12,
)


def traits_of(rows):
    columns = list(zip(*rows, strict=True)) if rows else [()] * 8
    kinds = (np.int8, np.int64, np.float64, np.float64, np.int64, np.float64, np.bool_, np.int8)
    made = [np.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    names = [field.name for field in fields(Traits)]
    return Traits(**dict(zip(names, made[:7], strict=True))), made[7]


def home(**known):
    usual = {
        "nature": terms.HOUSEHOLD,
        "closed_bills": 24,
        "yearly_kwh": 2000.0,
        "capacity_kva": 8.0,
        "late_bills": 0,
        "growth_beyond": 0.0,
        "serves_itself": True,
    } | known
    return Traits(**{name: np.array([value]) for name, value in usual.items()})


def named(traits, previous=segments.NOWHERE):
    found = segments.segment(
        traits=traits,
        much_kwh=MUCH,
        previous=np.array([previous], np.int8),
        policy=POLICY,
    )
    return SEGMENTS[found.segment[0]]


@given(accounts)
def test_everybody_is_in_exactly_one_segment(rows):
    traits, previous = traits_of(rows)

    found = segments.segment(traits=traits, much_kwh=MUCH, previous=previous, policy=POLICY)

    assert found.segment.shape == (len(rows),)
    assert ((found.segment >= 0) & (found.segment < len(SEGMENTS))).all()


@given(accounts, st.randoms())
def test_the_order_of_accounts_does_not_matter(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    traits, previous = traits_of(rows)
    shuffled, before = traits_of([rows[place] for place in order])

    plain = segments.segment(traits=traits, much_kwh=MUCH, previous=previous, policy=POLICY)
    found = segments.segment(traits=shuffled, much_kwh=MUCH, previous=before, policy=POLICY)

    assert found.segment.tolist() == plain.segment[order].tolist()


@given(accounts)
def test_who_is_in_a_segment_stays_when_nothing_changes(rows):
    traits, previous = traits_of(rows)
    settings = {"traits": traits, "much_kwh": MUCH, "policy": POLICY}
    first = segments.segment(**settings, previous=previous)

    again = segments.segment(**settings, previous=first.segment)
    third = segments.segment(**settings, previous=again.segment)

    assert third.segment.tolist() == again.segment.tolist()


def test_the_table_is_the_rules_read_by_a_person():
    table = segments.rule_table()

    for nature, bits in product(range(len(NATURES)), range(1 << len(CONDITIONS))):
        holds = {name for place, name in enumerate(CONDITIONS) if bits >> place & 1}
        assert SEGMENTS[table[nature, bits]] == by_hand(NATURES[nature], holds)


def by_hand(nature, holds):
    if nature == "UNKNOWN" or "IS_KNOWN" not in holds:
        return "NOT_YET_KNOWN"
    if "IS_EMPTY" in holds:
        return "EMPTY"
    if nature != "HOUSEHOLD" and "IS_LARGE" in holds:
        return "KEY_USER"
    if nature in ("PUBLIC", "FARM"):
        return {"PUBLIC": "PUBLIC_BODY", "FARM": "FARM"}[nature]
    if "PAYS_LATE" in holds:
        return "PAYMENT_HELP"
    if nature == "BUSINESS":
        return "BUSINESS_GROWING" if "GROWS" in holds else "BUSINESS_STEADY"
    if "GROWS" in holds:
        return "HOME_GROWING"
    if "USES_MUCH" in holds:
        return "HOME_STAR"
    return "HOME_SELF_SERVED" if "SERVES_ITSELF" in holds else "HOME_AT_COUNTER"


@pytest.mark.parametrize(
    ("name", "near", "beyond"),
    [
        ("EMPTY", {"yearly_kwh": 150.0}, {"yearly_kwh": 200.0}),
        ("PAYMENT_HELP", {"late_bills": 2}, {"late_bills": 1}),
        ("HOME_GROWING", {"growth_beyond": 0.12}, {"growth_beyond": 0.05}),
        ("HOME_STAR", {"yearly_kwh": 3600.0}, {"yearly_kwh": 3000.0}),
        (
            "KEY_USER",
            {"nature": terms.BUSINESS, "yearly_kwh": 90_000.0},
            {"nature": terms.BUSINESS, "yearly_kwh": 70_000.0},
        ),
    ],
)
def test_near_a_limit_one_stays_where_one_was(name, near, beyond):
    place = SEGMENTS.index(name)

    assert named(home(**near), previous=place) == name
    assert named(home(**near)) != name
    assert named(home(**beyond), previous=place) != name


def test_says_what_put_an_account_where_it_is_and_what_would_change_it():
    found = segments.segment(
        traits=home(late_bills=5),
        much_kwh=MUCH,
        previous=np.array([segments.NOWHERE], np.int8),
        policy=POLICY,
    )
    of = {"nature": int(found.nature[0]), "conditions": int(found.conditions[0])}

    assert segments.deciding(**of) == ("IS_KNOWN", "PAYS_LATE")
    assert dict(segments.changes(**of)) == {
        "IS_KNOWN": "NOT_YET_KNOWN",
        "IS_EMPTY": "EMPTY",
        "PAYS_LATE": "HOME_SELF_SERVED",
    }


@given(nature=st.integers(0, len(NATURES) - 1), bits=st.integers(0, (1 << len(CONDITIONS)) - 1))
def test_what_would_change_it_does_change_it(nature, bits):
    table = segments.rule_table()

    for name, segment in segments.changes(nature=nature, conditions=bits):
        flipped = bits ^ 1 << CONDITIONS.index(name)
        assert SEGMENTS[table[nature, flipped]] == segment != SEGMENTS[table[nature, bits]]


def test_what_is_not_known_does_not_hold():
    unknown = home(yearly_kwh=float("nan"), capacity_kva=float("nan"), growth_beyond=float("nan"))

    assert named(unknown) == "HOME_SELF_SERVED"
    assert named(home(closed_bills=2)) == "NOT_YET_KNOWN"
    assert named(home(nature=terms.UNKNOWN_NATURE)) == "NOT_YET_KNOWN"


def test_a_home_that_feeds_in_more_than_it_takes_counts_as_hardly_using():
    assert named(home(yearly_kwh=-300.0)) == "EMPTY"


@pytest.mark.parametrize(
    "wrong",
    [{"nature": len(NATURES)}, {"late_bills": -1}, {"capacity_kva": -1.0}, {"yearly_kwh": np.inf}],
)
def test_refuses_what_cannot_be(wrong):
    with pytest.raises(terms.NotAccounts):
        named(home(**wrong))


@pytest.mark.parametrize(
    "wrong",
    [
        {"empty_leave_kwh": 1.0},
        {"late_leave_bills": 3},
        {"grows_leave": 0.9},
        {"much_leave_share": 1.2},
        {"large_leave_kwh": 1e9},
    ],
)
def test_refuses_limits_that_cross(wrong):
    with pytest.raises(terms.PolicyImpossible):
        terms.refuse(replace(POLICY, **wrong))
