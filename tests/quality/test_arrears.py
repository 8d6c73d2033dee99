"""Floors of the scorecard: on real accounts where they are at hand, on drawn ones always.

The floors of the real accounts were set on those at hand. Parts of the set are kept back: on other
accounts, or fewer, they are as much wider as chance alone asks for.
"""

import numpy as np
import pytest

from benchmarks.quality import arrears
from lamplighter.insight.arrears import features, learning, measures, scorecard, validation

SEED = 7  # no seed of the benchmark
AT_HAND = 30_000  # accounts
FEWEST = 2_500  # of which four fifths are enough to learn from


def chance(auc, outcome):
    """The standard error of an AUC (Hanley & McNeil, 1982)."""
    n_bad, n_good = np.count_nonzero(outcome), np.count_nonzero(~outcome)
    bad, good = auc / (2.0 - auc), 2.0 * auc**2 / (1.0 + auc)
    spread = auc * (1.0 - auc) + (n_bad - 1) * (bad - auc**2) + (n_good - 1) * (good - auc**2)
    return np.sqrt(spread / (n_bad * n_good))


def test_ranks_real_accounts_without_personal_traits(real_file):
    columns = arrears.read(real_file("credit_default.csv"))
    at_hand = arrears.are_those_chosen_on(columns)
    assert not {"SEX", "EDUCATION", "MARRIAGE", "AGE"} & set(columns)
    outcome = columns.pop("class") == 1.0
    if len(outcome) < FEWEST:
        pytest.skip(f"{len(outcome)} accounts: {FEWEST} are needed to learn from four fifths")
    raw = np.column_stack(list(columns.values()))

    found = validation.cross_validate(
        features=arrears.features_of(columns),
        outcome=outcome,
        groups=validation.groups_of_rows(values=raw),
        folds=arrears.FOLDS,
        seed=SEED,
        policy=arrears.policy(),
    )

    by_chance = 0.0 if at_hand else 3.0 * chance(0.787, outcome)
    print(f"AUC {found.auc:.4f}, by chance {by_chance:.4f}; calibration error {found.ece:.4f}")
    assert 0.784 - by_chance <= found.auc < 0.80 + by_chance  # above 0.80 something leaks
    assert found.ece <= 0.012 * max(1.0, np.sqrt(AT_HAND / len(outcome)))


def drawn(n: int) -> tuple[features.Features, np.ndarray, np.ndarray]:
    """Accounts whose chance is known: lateness counts more where the open bill is large."""
    dice = np.random.default_rng(SEED)
    billed = dice.gamma(3.0, 40.0, (n, 12))
    weak = dice.beta(0.6, 2.5, n)
    late = dice.random(billed.shape) < weak[:, None]
    delay = late * dice.gamma(1.5, 0.5, billed.shape)
    open_bill = billed.mean(axis=1) * dice.lognormal(0.0, 0.5, n)
    jump = np.log(open_bill) - np.log(billed.mean(axis=1))
    chance = 1.0 / (1.0 + np.exp(3.0 - 6.0 * weak - 2.0 * np.maximum(jump, 0.0) * (weak > 0.3)))
    known = features.features(
        billed_cny=billed,
        paid_cny=np.where(late, 0.0, billed),
        delay_months=delay,
        open_bill_cny=open_bill,
        size=np.full(n, 8.0),
        method_code=dice.integers(0, 5, n).astype(np.int8),
        recency=0.7,
    )
    return known, dice.random(n) < chance, chance


def test_comes_near_the_best_that_can_be_known_and_states_true_chances():
    known, outcome, truth = drawn(12_000)
    learns = np.arange(12_000) < 8_000

    card = learning.fit(
        features=known.rows(learns), outcome=outcome[learns], policy=arrears.policy()
    )

    said = scorecard.score(scorecard=card, features=known.rows(~learns)).probability
    came, best = outcome[~learns], truth[~learns]
    auc = measures.ranking_quality(score=said, outcome=came)
    assert auc > measures.ranking_quality(score=best, outcome=came) - 0.06
    assert measures.calibration_error(probability=said, outcome=came, bins=10) < 0.025
