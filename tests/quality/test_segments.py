"""Segments stay steady in a small town of the twin, and two limits are what keeps them so."""

import pytest

from benchmarks.quality import segments as measured
from benchmarks.quality import twin_bills
from lamplighter.town.plan import Size


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    town = twin_bills.make(folder=tmp_path_factory.mktemp("town"), size=Size.TINY, days=1096)
    return measured.measure(town)


def test_nearly_everybody_keeps_the_segment_from_month_to_month(figures):
    assert figures["kept_from_month_to_month_share"] >= 0.97


def test_two_limits_take_back_fewer_moves_than_one(figures):
    held = figures["moved_and_back_within_three_months_share"]

    assert held <= 0.14
    assert held <= 0.7 * figures["moved_and_back_with_one_limit_share"]


def test_redrawn_bills_give_the_same_segment(figures):
    assert figures["bootstrap"]["agreement_share"] >= 0.93


def test_everybody_is_counted_once(figures):
    assert sum(figures["sizes"].values()) == figures["accounts"]
