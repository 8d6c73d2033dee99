"""Risk: the start by rule, the scorecard's word, bands and reasons."""

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.insight.arrears import features, logistic, risk, scorecard
from lamplighter.policy import loader

RULES = loader.load(name="risk", on=date(2026, 11, 25))
POLICY = loader.numbers_for(policy=RULES, shape=risk.RiskPolicy)


def accounts(seed: int, n: int = 200) -> dict[str, np.ndarray]:
    dice = np.random.default_rng(seed)
    billed = dice.integers(0, 30, n)
    return {
        "method_code": dice.integers(-1, 5, n).astype(np.int8),
        "months_billed": billed,
        "months_late": (billed * dice.random(n)).astype(np.int64),
        "is_overdue": dice.random(n) < 0.3,
    }


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_the_start_is_what_a_hand_computes_and_its_reasons_add_up(seed):
    given_accounts = accounts(seed)

    found = risk.start(**given_accounts, policy=POLICY)

    for row in range(200):
        method = int(given_accounts["method_code"][row])
        prior = POLICY.start_probability[method if method >= 0 else 5]
        late, billed = (int(given_accounts[n][row]) for n in ("months_late", "months_billed"))
        weight = POLICY.start_weight_months
        chance = (weight * prior + late) / (weight + billed)
        odds = chance / (1 - chance)
        odds *= POLICY.start_overdue_odds if given_accounts["is_overdue"][row] else 1.0
        assert found.probability[row] == pytest.approx(odds / (1 + odds))
    total = found.base_log_odds + found.reasons.sum(axis=1)
    assert found.probability == pytest.approx(logistic.probability_of(log_odds=total))
    assert set(found.basis.tolist()) == {risk.START}


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_more_late_months_and_overdue_bills_never_lower_the_risk(seed):
    now = accounts(seed)
    later = now | {
        "months_late": np.minimum(now["months_late"] + 1, now["months_billed"]),
        "is_overdue": np.ones(200, dtype=bool),
    }

    before = risk.start(**now, policy=POLICY).probability
    after = risk.start(**later, policy=POLICY).probability

    assert np.all(after >= before)


def test_bands_are_the_policys():
    found = risk.start(**accounts(4), policy=POLICY)

    for chance, band in zip(found.probability, found.band, strict=True):
        expected = "HIGH" if chance >= 0.5 else "MEDIUM" if chance >= 0.2 else "LOW"
        assert risk.BANDS[band] == expected


def test_a_card_speaks_where_there_is_history_and_its_reasons_add_up():
    known = features.Features(
        names=("late_share", "method"), values=np.array([[0.9, 1.0], [0.0, 4.0], [np.nan, 0.0]])
    )
    card = scorecard.Scorecard(
        cards=(
            scorecard.Card(
                name="late_share",
                edges=(0.5,),
                points=(0.0, 2.0, 0.5),
                accounts=(8, 1, 1),
                reference=0,
            ),
            scorecard.Card(
                name="method",
                edges=(2.0,),
                points=(0.0, 0.25, 0.0),
                accounts=(8, 2, 0),
                reference=0,
            ),
        ),
        tables=(),
        base=-1.5,
        trained_accounts=10,
        trained_share=0.2,
    )
    scores = scorecard.score(scorecard=card, features=known)
    by_card = risk.learned(scores=scores, scorecard=card, policy=POLICY)
    months = np.array([24, 24, 2])
    by_rule = risk.start(
        method_code=np.array([1, 4, 0], dtype=np.int8),
        months_billed=months,
        months_late=np.array([20, 0, 0]),
        is_overdue=np.zeros(3, dtype=bool),
        policy=POLICY,
    )

    both = risk.assess(by_rule=by_rule, by_card=by_card, months_billed=months, policy=POLICY)

    assert [risk.BASES[basis] for basis in both.basis] == ["LEARNED", "LEARNED", "START"]
    assert both.probability[:2] == pytest.approx(scores.probability[:2])
    assert both.probability[2] == by_rule.probability[2]
    assert by_card.base_log_odds + by_card.reasons.sum(axis=1) == pytest.approx(scores.log_odds)
    assert [risk.REASONS[n] for n in by_card.strongest(reasons=2)[0] if n >= 0] == ["ARREARS_COUNT"]


def test_every_feature_has_a_reason_and_every_reason_its_words():
    assert set(risk.REASON_OF) == set(features.NAMES)
    assert set(risk.REASON_OF.values()) == set(risk.REASONS)
    for reason in risk.REASONS:
        assert RULES.text(f"reason.{reason}").zh


def test_the_order_of_accounts_does_not_matter_and_nobody_is_fine():
    all_accounts = accounts(6)
    order = np.random.default_rng(6).permutation(200)[:31]

    whole = risk.start(**all_accounts, policy=POLICY)
    part = risk.start(**{n: v[order] for n, v in all_accounts.items()}, policy=POLICY)

    for field in fields(whole):
        assert getattr(whole, field.name)[order].tobytes() == getattr(part, field.name).tobytes()
    assert risk.start(**accounts(1, n=0), policy=POLICY).probability.shape == (0,)


def test_refuses_impossible_accounts_and_policies():
    good = accounts(1)

    with pytest.raises(risk.NotAccounts, match="counts"):
        risk.start(**good | {"months_late": good["months_billed"] + 1}, policy=POLICY)
    with pytest.raises(risk.NotAccounts, match="200 methods"):
        risk.start(**good | {"method_code": np.full(200, 5, dtype=np.int8)}, policy=POLICY)
    with pytest.raises(risk.NotAccounts):
        risk.start(**good | {"is_overdue": np.zeros(3, dtype=bool)}, policy=POLICY)
    for change in (
        {"medium_from": 0.9},
        {"start_probability": (0.1,)},
        {"start_overdue_odds": 0.5},
    ):
        with pytest.raises(risk.PolicyImpossible):
            risk.start(**good, policy=replace(POLICY, **change))
