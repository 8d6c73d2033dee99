"""Sorting requests holds its quality on families kept apart, with a margin below the benchmark."""

import numpy as np
import pytest

from benchmarks.quality import demand, demand_streams
from lamplighter.findings.demand import reading


@pytest.fixture(scope="module")
def model():
    return demand.learned([e for e in reading.examples() if not demand.is_apart(e.family)])


@pytest.fixture(scope="module")
def apart():
    return [e for e in reading.examples() if demand.is_apart(e.family)]


def test_families_kept_apart(model, apart):
    found = demand.judged(model, [e.text for e in apart], [e.type for e in apart])

    assert found["top1"] >= 0.74
    assert found["top3"] >= 0.88
    assert found["macro_f1"] >= 0.72
    assert found["precision_when_answered"] >= 0.88
    assert found["coverage"] >= 0.65
    assert found["calibration_error"] <= 0.06


def test_slips_and_scripts_cost_little(model, apart):
    chances = demand.chances_of(model, [e.text for e in apart])
    best = np.array(model.types)[chances.argmax(axis=1)]
    is_right = best == np.array([e.type for e in apart])
    of_way = demand.shares_by([e.way for e in apart], is_right)

    for way in ("HOMOPHONES", "SLIPS", "TRADITIONAL"):
        assert of_way[way]["top1"] >= of_way["PLAIN"]["top1"] - 0.06


def test_texts_of_another_style(model):
    found = demand.hard_figures(model)

    assert found["n_texts"] >= 200
    assert found["top1"] >= 0.62
    assert found["top3"] >= 0.78
    assert found["precision_when_answered"] >= 0.84
    assert found["foreign_set_aside"] >= 0.65


def test_a_planted_topic_is_found_and_quiet_weeks_stay_quiet():
    examples = reading.examples()
    quiet = [
        demand_streams.stream(examples=examples, rng=np.random.default_rng([81, n]), n_planted=0)
        for n in range(4)
    ]
    loud = [
        demand_streams.stream(examples=examples, rng=np.random.default_rng([82, n]), n_planted=12)
        for n in range(2)
    ]

    assert sum(bool(found.topics) for found in quiet) <= 1
    assert all(demand_streams.is_planted(found) for found in loud)
