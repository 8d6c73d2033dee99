"""Causes of arrears: Bayes by hand, abstaining, and who can never be called wilful."""

from dataclasses import fields, replace
from datetime import date
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.insight.causes import causes, evidence
from lamplighter.insight.causes.causes import CAUSES, CausePolicy
from lamplighter.insight.causes.evidence import EVIDENCES, SightingPolicy, Sightings
from lamplighter.policy import loader

RULES = loader.load(name="causes", on=date(2026, 11, 25))
POLICY = loader.numbers_for(policy=RULES, shape=CausePolicy)
LIMITS = loader.numbers_for(policy=RULES, shape=SightingPolicy)
seeds = st.integers(min_value=0, max_value=2**32 - 1)
SHARES = evidence.SHARES
FLOATS = (*SHARES, "days_late", "usage_of_own_past", "festival_use")


def random_sightings(seed: int, n: int = 150) -> Sightings:
    dice = np.random.default_rng(seed)
    columns: dict[str, np.ndarray] = {}
    for field in fields(Sightings):
        if field.name.startswith(("has_", "in_")):
            columns[field.name] = dice.random(n) < (0.8 if field.name == "in_arrears" else 0.3)
        elif field.name in FLOATS:
            columns[field.name] = dice.random(n) * (40.0 if field.name == "days_late" else 1.0)
            columns[field.name][dice.random(n) < 0.3] = np.nan
        else:
            columns[field.name] = dice.integers(0, 6, n)
    return Sightings(**columns)


def one(**changes: object) -> Sightings:
    plain: dict[str, object] = {field.name: 0 for field in fields(Sightings)}
    plain |= {n: False for n in plain if n.startswith(("has_", "in_"))}
    plain |= dict.fromkeys(FLOATS, np.nan)
    plain |= {"in_arrears": True, "usage_of_own_past": 1.0}
    return Sightings(**{name: np.array([value]) for name, value in (plain | changes).items()})


def found(sightings: Sightings, policy: CausePolicy = POLICY) -> causes.Causes:
    return causes.causes(sightings=sightings, sighting_policy=LIMITS, policy=policy)


UNFUNDED = {
    "has_bank_debit": True,
    "debits_insufficient": 6,
    "paid_otherwise_share": 0.9,
    "late_paid_share": 1.0,
    "days_late": 9.0,
    "partial_share": 0.0,
}
WILFUL = {
    "late_paid_share": 0.0,
    "days_late": 90.0,
    "unanswered_reminders": 9,
    "partial_share": 0.0,
    "paid_otherwise_share": 0.0,
}


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        (UNFUNDED, "UNFUNDED_DEBIT"),
        (UNFUNDED | {"debits_paid": 5, "days_late": 3.0}, "SHORT_BALANCE"),
        (
            {
                "has_family_away": True,
                "usage_of_own_past": 0.2,
                "return_paid_share": 0.8,
                "late_paid_share": 0.9,
                "days_late": 40.0,
            },
            "ABSENT_FAMILY",
        ),
        (  # nobody told of the family: the payments from elsewhere and the full house do
            {
                "paid_from_afar_share": 0.4,
                "festival_use": 1.8,
                "late_paid_share": 0.9,
                "days_late": 18.0,
                "return_paid_share": 0.2,
            },
            "ABSENT_FAMILY",
        ),
        ({"has_open_dispute": True, "late_paid_share": 0.2, "days_late": 40.0}, "DISPUTE"),
        ({"has_hardship": True, "partial_share": 0.6, "days_late": 20.0}, "HARDSHIP"),
        (WILFUL | {"remedies_tried": 5}, "UNKNOWN"),
        ({}, "UNKNOWN"),
    ],
)
def test_names_the_cause_that_the_evidence_shows(changes, cause):
    assert CAUSES[found(one(**changes)).cause[0]] == cause


def test_wilful_can_be_named_only_after_every_remedy():
    sure = replace(POLICY, prior=(0.02, 0.02, 0.02, 0.02, 0.02, 0.88, 0.02))

    tried = found(one(**WILFUL, remedies_tried=3), sure)
    untried = found(one(**WILFUL, remedies_tried=2), sure)

    assert CAUSES[tried.cause[0]] == "WILFUL"
    assert untried.probability[0, causes.WILFUL] == 0.0
    assert untried.cause[0] != causes.WILFUL


@given(seed=seeds)
@settings(max_examples=50, deadline=None)
def test_wilful_and_unfunded_are_impossible_without_their_conditions(seed):
    sightings = random_sightings(seed)

    said = found(sightings, replace(POLICY, abstain_below=0.01, min_known_evidence=0))

    too_few = (sightings.remedies_tried < 3) & sightings.in_arrears
    assert np.all(said.probability[too_few, causes.WILFUL] == 0.0)
    assert np.all(said.cause[too_few] != causes.WILFUL)
    no_debit = ~sightings.has_bank_debit & sightings.in_arrears
    assert np.all(said.probability[no_debit, causes.UNFUNDED] == 0.0)


@given(seed=seeds)
@settings(max_examples=50, deadline=None)
def test_no_policy_and_no_evidence_make_anybody_wilful_before_the_remedies(seed):
    dice = np.random.default_rng(seed)
    rows = {name: tuple(dice.uniform(0.001, 0.999, len(CAUSES))) for name in EVIDENCES}
    prior = dice.dirichlet(np.full(len(CAUSES), 0.3)).clip(1e-6)
    anything = replace(
        POLICY,
        **rows | {"dispute_open": POLICY.dispute_open},
        prior=tuple(prior / prior.sum()),
        abstain_below=0.01,
        min_known_evidence=0,
        min_remedies_for_wilful=int(dice.integers(1, 5)),
    )
    sightings = random_sightings(seed)

    said = found(sightings, anything)

    untried = sightings.remedies_tried < anything.min_remedies_for_wilful
    assert np.all(said.cause[untried] != causes.WILFUL)
    assert np.all(said.best[untried] != causes.WILFUL)
    assert np.all(np.nan_to_num(said.probability[untried, causes.WILFUL]) == 0.0)


@given(seed=seeds)
@settings(max_examples=25, deadline=None)
def test_a_hand_computes_the_same_probabilities_and_reasons_add_up(seed):
    sightings = random_sightings(seed, n=40)
    seen = evidence.evidence(sightings=sightings, policy=LIMITS)

    said = found(sightings)

    for row in np.flatnonzero(sightings.in_arrears):
        weight = []
        for number in range(len(CAUSES)):
            total = log(POLICY.prior[number])
            for column, name in enumerate(EVIDENCES):
                e, chance = float(seen[row, column]), getattr(POLICY, name)[number]
                if e == e:
                    total += e * log(chance) + (1 - e) * log(1 - chance)
            weight.append(np.exp(total))
        if sightings.remedies_tried[row] < 3:
            weight[causes.WILFUL] = 0.0
        if not sightings.has_bank_debit[row]:
            weight[causes.UNFUNDED] = 0.0
        assert said.probability[row] == pytest.approx(np.array(weight) / sum(weight))
        best, rival = said.best[row], said.rival[row]
        gap = log(said.probability[row, best] / said.probability[row, rival])
        assert said.prior_log_odds[row] + said.reasons[row].sum() == pytest.approx(gap)


@given(seed=seeds)
@settings(max_examples=25, deadline=None)
def test_abstains_below_the_threshold_and_is_silent_without_arrears(seed):
    sightings = random_sightings(seed)

    said = found(sightings)

    named = said.cause[(said.cause >= 0) & (said.cause != causes.UNKNOWN)]
    chance = said.probability[(said.cause >= 0) & (said.cause != causes.UNKNOWN)]
    assert np.all(chance[np.arange(len(named)), named] >= POLICY.abstain_below)
    assert np.all(said.cause[~sightings.in_arrears] == causes.NO_CAUSE)
    assert np.isnan(said.probability[~sightings.in_arrears]).all()


@given(seed=seeds)
@settings(max_examples=25, deadline=None)
def test_a_dispute_changes_nothing_between_the_other_causes(seed):
    sightings = random_sightings(seed)
    nobody = np.zeros(len(sightings), dtype=bool)
    others = [n for n in range(len(CAUSES)) if n != causes.DISPUTE]

    quiet = found(replace(sightings, has_open_dispute=nobody)).probability
    asked = found(replace(sightings, has_open_dispute=~nobody)).probability

    rows = sightings.in_arrears
    assert np.all(asked[rows, causes.DISPUTE] > quiet[rows, causes.DISPUTE])
    share = [p[rows][:, others] / p[rows][:, others].sum(axis=1)[:, None] for p in (quiet, asked)]
    assert share[0] == pytest.approx(share[1])


@given(seed=seeds)
@settings(max_examples=15, deadline=None)
def test_the_order_and_company_of_accounts_do_not_matter(seed):
    sightings = random_sightings(seed)
    order = np.random.default_rng(seed).permutation(len(sightings))[:41]

    whole, part = found(sightings), found(sightings.rows(order))

    for field in fields(whole):
        assert getattr(whole, field.name)[order].tobytes() == getattr(part, field.name).tobytes()


def test_nobody():
    assert found(random_sightings(1, n=0)).probability.shape == (0, len(CAUSES))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"debits_paid": np.array([-1])}, evidence.ImpossibleSighting),
        ({"late_paid_share": np.array([1.5])}, evidence.ImpossibleSighting),
        ({"remedies_tried": np.array([np.nan])}, evidence.NotSightings),
    ],
)
def test_refuses_what_cannot_be_seen(change, error):
    with pytest.raises(error, match=next(iter(change))):
        found(replace(one(), **change))


def test_refuses_arrays_of_other_accounts():
    with pytest.raises(evidence.NotSightings, match=r"\(2,\)"):
        found(replace(one(), days_late=np.zeros(2)))


@pytest.mark.parametrize(
    "change",
    [
        {"prior": (0.5, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1)},
        {"hardship": (0.1, 0.1)},
        {"hardship": (1.0,) * 7},
        {"dispute_open": (0.01, 0.01, 0.01, 0.9, 0.01, 0.3, 0.01)},
        {"min_remedies_for_wilful": 0},
    ],
)
def test_refuses_an_unfair_policy(change):
    with pytest.raises(causes.PolicyImpossible):
        found(one(), replace(POLICY, **change))


def test_every_evidence_and_cause_has_its_words():
    for name in EVIDENCES:
        assert RULES.text(f"sentence.{name}").zh
    for cause in CAUSES:
        assert RULES.text(f"cause.{cause}").en
