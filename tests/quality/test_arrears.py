"""Floors of the scorecard: on real accounts where they are at hand, on drawn ones always."""

import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality import arrears
from lamplighter.insight.arrears import features, learning, measures, scorecard, validation

FOLDER = Path(
    os.environ.get("LAMPLIGHTER_REAL_DATA", Path(__file__).parents[3] / "shared/data/real")
)
FILE = FOLDER / "credit_default.csv"
SEED = 7  # no seed of the benchmark


@pytest.mark.skipif(not FILE.exists(), reason=f"the real data set {FILE.name} is not here")
def test_ranks_real_accounts_without_personal_traits():
    columns = arrears.read(FILE)
    assert not {"SEX", "EDUCATION", "MARRIAGE", "AGE"} & set(columns)
    outcome = columns.pop("class") == 1.0
    raw = np.column_stack(list(columns.values()))

    found = validation.cross_validate(
        features=arrears.features_of(columns),
        outcome=outcome,
        groups=validation.groups_of_rows(values=raw),
        folds=arrears.FOLDS,
        seed=SEED,
        policy=arrears.policy(),
    )

    assert 0.784 <= found.auc < 0.80  # above 0.80 something leaks
    assert found.ece <= 0.012


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
    known, outcome, chance = drawn(12_000)
    learns = np.arange(12_000) < 8_000

    card = learning.fit(
        features=known.rows(learns), outcome=outcome[learns], policy=arrears.policy()
    )

    said = scorecard.score(scorecard=card, features=known.rows(~learns)).probability
    came, best = outcome[~learns], chance[~learns]
    auc = measures.ranking_quality(score=said, outcome=came)
    assert auc > measures.ranking_quality(score=best, outcome=came) - 0.06
    assert measures.calibration_error(probability=said, outcome=came, bins=10) < 0.025
