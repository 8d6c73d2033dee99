"""The kept assessment of automated decisions: whole, and for every kind."""

from datetime import date, timedelta

import pytest

from lamplighter.findings.contests.models import ABOUT
from lamplighter.policy import assessments, loader

DAY = date(2026, 11, 25)


def test_every_automated_decision_is_assessed_in_every_part_and_both_languages():
    policy = loader.load(name=assessments.NAME, on=DAY)

    assert set(ABOUT) < set(assessments.KINDS)
    for kind in assessments.KINDS:
        for part in assessments.PARTS:
            text = policy.text(f"{kind}.{part}")
            assert len(text.zh) > 5
            assert len(text.en) > 10


def test_is_kept_for_at_least_three_years():
    assert loader.load(name=assessments.NAME, on=DAY).integer("kept_years") >= 3
    assert not assessments.in_force(on=DAY).is_out_of_date


def test_is_out_of_date_from_the_day_after():
    last = assessments.in_force(on=DAY).review_by

    assert not assessments.in_force(on=last).is_out_of_date
    assert assessments.in_force(on=last + timedelta(1)).is_out_of_date


def test_there_was_none_before_the_law():
    with pytest.raises(loader.PolicyUnknown):
        assessments.in_force(on=date(2020, 1, 1))
