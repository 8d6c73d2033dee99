"""What is taken out of a day stays as it is while days are added."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.insight.habits import neighbours, profile, settling
from tests.insight import numbers, streets

SETTLED = 392
YOUNG = (1, 2)


def street(seed: int) -> streets.Street:
    """Return a street with gaps, an empty home, new ones, one that feeds in and a slip of unit."""
    made = streets.quiet(n_points=60, n_days=420, seed=seed, n_groups=4)
    energy = made.energy_kwh
    energy[np.random.default_rng(seed).random(energy.shape) < 0.02] = np.nan
    energy[0] = 0.0
    energy[1, : SETTLED - 10] = np.nan
    energy[2, : SETTLED + 5] = np.nan
    energy[3] *= -1.0
    energy[4, 40] *= 1e5
    energy[5, 401] *= 1e5
    return made


def settled(made: streets.Street) -> settling.Settled:
    return settling.settle(
        energy_kwh=made.energy_kwh[:, :SETTLED], group=made.group, policy=numbers.NEIGHBOURS
    )


def taken(
    made: streets.Street, n_days: int, of: settling.Settled | None = None
) -> neighbours.Adjusted:
    return neighbours.take_out_common(
        energy_kwh=made.energy_kwh[:, :n_days],
        days=made.days[:n_days],
        group=made.group,
        policy=numbers.NEIGHBOURS,
        settled=of,
    )


@given(seed=st.integers(0, 10_000), n_days=st.integers(SETTLED, 419))
@settings(max_examples=8, deadline=None)
def test_a_longer_span_leaves_what_was_taken_out_to_the_bit(seed, n_days):
    made = street(seed)
    first = settled(made)

    short, whole = taken(made, n_days, first), taken(made, 420, first)

    old = np.flatnonzero(~whole.is_young)
    assert set(YOUNG) <= set(np.flatnonzero(whole.is_young).tolist())
    for found, then in (
        (short.adjusted_kwh[old], whole.adjusted_kwh[old, :n_days]),
        (short.log_factor, whole.log_factor[:, :n_days]),
        (short.response[old], whole.response[old]),
        (short.typical_kwh[old], whole.typical_kwh[old]),
    ):
        np.testing.assert_array_equal(found, then)


def test_settled_days_tell_nearly_what_all_days_tell():
    made = street(7)

    by_settled, by_all = taken(made, 420, settled(made)), taken(made, 420)

    known = by_all.adjusted_kwh != 0.0
    apart = np.abs(np.log(by_settled.adjusted_kwh[known] / by_all.adjusted_kwh[known]))
    assert np.nanquantile(apart, 0.99) < 0.05
    np.testing.assert_array_equal(by_settled.state, by_all.state)


def test_young_points_go_by_all_of_their_days():
    made = street(8)
    whole = taken(made, 420, settled(made))

    found = np.nanmedian(whole.adjusted_kwh[1])

    assert whole.typical_kwh[1] == pytest.approx(found, rel=0.05)
    assert whole.response[1] > 0.0


def test_where_most_points_are_young_no_day_is_settled():
    made = street(9)
    made.energy_kwh[:40, : SETTLED - 20] = np.nan

    found, expected = taken(made, 420, settled(made)), taken(made, 420)

    assert found.n_settled == 420
    np.testing.assert_array_equal(found.adjusted_kwh, expected.adjusted_kwh)


def test_usual_days_are_plain_medians_of_the_settled_days_and_of_all_days_of_the_young():
    made = street(10)
    whole = taken(made, 420, settled(made))
    weekday = (made.days.astype(int) + 3) % 7
    first = profile.usual_days(adjusted=taken(made, SETTLED, settled(made)), policy=numbers.PROFILE)

    found = profile.profile(adjusted=whole, policy=numbers.PROFILE, usual=first)
    asked = profile.profile(adjusted=whole, policy=numbers.PROFILE)

    for point, end in ((7, SETTLED), (1, 420)):
        for day in range(7):
            some = whole.adjusted_kwh[point, :end][weekday[:end] == day]
            n_days = np.count_nonzero(~np.isnan(some))
            assert asked.weekday_days[point, day] == n_days
            if n_days >= numbers.PROFILE.weekday_days_min:
                median = profile.usual_days(adjusted=whole, policy=numbers.PROFILE).weekday_kwh
                assert median[point, day] == np.nanmedian(some.astype(np.float64))
    for name in profile.Profiles.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(found, name), getattr(asked, name), err_msg=name)
