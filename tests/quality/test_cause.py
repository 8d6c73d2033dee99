"""Floors of the causes of arrears on a drawn zone, made in seconds: a fixed seed, a margin."""

import pytest

from benchmarks.quality import cause, twin_accounts

SEED, DAYS = 31, 480  # no seed of the benchmark


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    variant = cause.variants()["every cause"]
    folder = tmp_path_factory.mktemp("zone")
    return twin_accounts.make(folder=folder, seed=SEED, plan=variant.plan, days=DAYS)


@pytest.fixture(scope="module")
def found(station):
    return cause.figures(cause.judge(station))


def test_what_is_stated_is_right(found):
    assert found["right_of_stated"] >= 0.94
    assert found["stated_share"] >= 0.6
    assert found["good_payers_given_a_cause"] <= 5


@pytest.mark.parametrize(
    ("name", "floor"),
    [("UNFUNDED_DEBIT", 0.75), ("SHORT_BALANCE", 0.8), ("ABSENT_FAMILY", 0.5)],
)
def test_the_common_causes_are_mostly_stated(found, name, floor):
    own = found["by_cause"][name]

    assert own["stated_share"] >= floor
    assert own["right_of_stated"] >= 0.95


def test_nobody_is_called_wilful_while_no_remedy_is_on_record(station, found):
    assert not station.facts.accounts.remedies_tried.any()
    assert found["called_wilful"] == 0
    assert found["by_cause"]["WILFUL"]["late"] > 0


def test_wrong_channels_cost_statements_not_truth(station):
    wrong = cause.figures(cause.judge(station, wrong_channel_share=0.15, seed=SEED))

    assert wrong["right_of_stated"] >= 0.9
    assert wrong["called_wilful"] == 0
