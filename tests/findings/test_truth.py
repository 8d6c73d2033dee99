"""The night against the truth of a generated zone, with room for another draw of chance."""

import pytest

from benchmarks import twin
from lamplighter.config import demo


@pytest.fixture(scope="module")
def found(zone):
    url, truth = zone
    return twin.measure(url=url, truth=truth, n_days=demo.DAYS)


def test_a_stated_cause_is_nearly_always_right_and_most_are_stated(found):
    causes = found["causes"]

    assert causes["stated_and_right_share"] >= 0.97
    assert causes["stated_share"] >= 0.75
    assert causes["table"]["WILFUL"] == {"UNKNOWN": causes["late_accounts"] // 100}


def test_people_who_pay_well_are_left_alone(found):
    good, bands = found["grades"]["GOOD"], found["risk_bands"]["GOOD"]

    assert found["causes"]["good_payers_given_a_cause_share"] <= 0.01
    assert (good.get("A", 0) + good.get("B", 0)) / sum(good.values()) >= 0.98
    assert bands["LOW"] / sum(bands.values()) >= 0.97


def test_late_payers_are_graded_and_ranked_as_such(found):
    monthly = found["grades"]["MONTHLY"]

    assert monthly["C"] / sum(monthly.values()) >= 0.97
    assert found["risk_auc_late_payers"] >= 0.95


def test_changes_are_seen_within_two_weeks_and_few_are_imagined(found):
    changes = found["changes"]

    assert min(changes["recall_by_kind"][kind] for kind in ("VACANCY", "RETURN")) >= 0.9
    assert min(changes["recall_by_kind"][kind] for kind in ("SURGE", "DROP")) >= 0.65
    assert changes["recall_share"] >= 0.6
    assert changes["seen_and_named_right_share"] >= 0.7
    assert changes["false_alarms_per_point_year"] <= 0.04
    assert changes["calibration"]["ece"] <= 0.08
