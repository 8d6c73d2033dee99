"""The parts that a scorecard is learnt with, and the measures it is judged by."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from lamplighter.insight.arrears import (
    binning,
    compiled,
    features,
    increments,
    logistic,
    measures,
    stepping,
)

seeds = st.integers(min_value=0, max_value=2**32 - 1)


class TestMeasures:
    @given(seed=seeds)
    @settings(max_examples=30, deadline=None)
    def test_agree_with_scikit_learn_and_with_a_loop(self, seed):
        dice = np.random.default_rng(seed)
        said = dice.random(200).round(1)  # many ties
        came = dice.random(200) < said * 0.8 + 0.1

        assert measures.ranking_quality(score=said, outcome=came) == pytest.approx(
            roc_auc_score(came, said)
        )
        assert measures.squared_error(probability=said, outcome=came) == pytest.approx(
            brier_score_loss(came, said)
        )
        by_hand = 0.0
        for low in range(10):
            here = [i for i in range(200) if min(int(said[i] * 10), 9) == low]
            if here:
                gap = np.mean([came[i] for i in here]) - np.mean([said[i] for i in here])
                by_hand += abs(gap) * len(here) / 200
        assert measures.calibration_error(probability=said, outcome=came, bins=10) == pytest.approx(
            by_hand
        )

    def test_refuse(self):
        yes = np.ones(2, dtype=bool)

        with pytest.raises(measures.OneOutcomeOnly, match="2 of 2"):
            measures.ranking_quality(score=np.zeros(2), outcome=yes)
        with pytest.raises(measures.NotPaired, match="NaN"):
            measures.ranking_quality(score=np.array([np.nan, 1.0]), outcome=yes)
        with pytest.raises(measures.NotAProbability, match="1 of 2"):
            measures.squared_error(probability=np.array([0.5, 1.5]), outcome=yes)
        with pytest.raises(measures.NotPaired):
            measures.calibration_error(probability=np.empty(0), outcome=yes[:0], bins=10)


class TestPartsOfLearning:
    def test_newton_agrees_with_scikit_learn(self):
        dice = np.random.default_rng(5)
        columns = dice.normal(size=(400, 3))
        came = dice.random(400) < logistic.probability_of(log_odds=columns @ [1.0, -2.0, 0.0])

        ours = logistic.fit(columns=columns, outcome=came, ridge=2.0)
        theirs = LogisticRegression(C=0.5, tol=1e-10, max_iter=2000).fit(columns, came)

        assert ours.slopes == pytest.approx(theirs.coef_[0], abs=1e-4)
        assert ours.intercept == pytest.approx(theirs.intercept_[0], abs=1e-4)

    @given(
        values=st.lists(st.sampled_from([0.0, 1.0, 2.0, 7.5, np.nan]), max_size=60),
        bins=st.integers(1, 8),
    )
    def test_every_value_has_its_bin(self, values, bins):
        column = np.array(values, dtype=np.float64)
        edges = binning.edges_of(values=column, bins=bins)
        places = binning.places_of(values=column, edges=edges)

        for value, place in zip(values, places.tolist(), strict=True):
            expected = len(edges) + 1 if value != value else sum(edge <= value for edge in edges)
            assert place == expected

    @given(seed=seeds)
    @settings(max_examples=20, deadline=None)
    def test_compiled_sums_have_the_bytes_of_numpy(self, seed):
        dice = np.random.default_rng(seed)
        one, other = dice.integers(0, 5, 300), dice.integers(0, 7, 300)
        weight = dice.normal(size=300)

        ours = compiled.crossed(one.astype(np.int16), other.astype(np.int16), (5, 7), weight)

        theirs = np.bincount(one * 7 + other, weights=weight, minlength=35)
        assert ours.tobytes() == theirs.tobytes()

    def test_steps_held_less_agree_with_scikit_learn(self):
        dice = np.random.default_rng(6)
        bins = dice.integers(0, 3, 3000)
        came = dice.random(3000) < np.array([0.1, 0.15, 0.7])[bins]
        term = increments.of_feature(places=bins, bins=3, direction=features.FREE)
        first = stepping.fit(terms=[term], outcome=came, smoothing=200.0)

        again = stepping.fit(terms=[term], outcome=came, smoothing=200.0, start=first)

        # A penalty per step is one penalty on columns that were scaled before.
        held = 200.0 / (1.0 + np.square(first.steps[0] / stepping.LARGE_STEP))
        columns = np.column_stack([bins >= 1, bins >= 2, np.zeros(3000)]) / np.sqrt(held)
        peer = LogisticRegression(C=1.0, tol=1e-10, max_iter=2000).fit(columns, came)
        assert again.steps[0] == pytest.approx(peer.coef_[0] / np.sqrt(held), abs=1e-3)
        assert again.base == pytest.approx(peer.intercept_[0], abs=1e-3)

    @pytest.mark.parametrize("seed", [66, 114, 116])
    def test_a_loss_that_is_flat_to_its_last_digit_is_at_rest(self, seed):
        dice = np.random.default_rng(seed)
        once = dice.uniform(0.0, 6.0, 3000)
        came = dice.random(3000) < logistic.probability_of(log_odds=1.1 * once - 3.0)
        columns, outcome = np.repeat(once, 4)[:, None], np.repeat(came, 4)

        fit = logistic.fit(columns=columns, outcome=outcome, ridge=1e-6)

        said = logistic.probability_of(log_odds=fit.intercept + columns @ fit.slopes)
        assert said.mean() == pytest.approx(outcome.mean(), abs=1e-7)

    def test_refuse(self):
        with pytest.raises(binning.NoBins, match="0 bins"):
            binning.edges_of(values=np.zeros(3), bins=0)
        with pytest.raises(binning.NoBins, match="rise"):
            binning.places_of(values=np.zeros(3), edges=np.array([2.0, 1.0]))
        with pytest.raises(logistic.NotATable):
            logistic.fit(columns=np.ones((2, 1)), outcome=np.ones(2, dtype=bool), ridge=1.0)
