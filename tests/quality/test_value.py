"""What comes in until the month's end is foreseen better than last month's, in the twin."""

import pytest

from benchmarks.quality import twin_bills, value
from lamplighter.town.plan import Size


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    town = twin_bills.make(folder=tmp_path_factory.mktemp("town"), size=Size.TINY, days=1096)
    return value.recovered(town)


def test_the_band_of_recovery_covers(figures):
    assert 0.72 <= figures["coverage"] <= 0.9


def test_the_band_is_nearer_than_last_month(figures):
    assert figures["error"] < figures["last_month_error"]
