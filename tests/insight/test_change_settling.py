"""What is said of shifts within the settled days stays as it is while days are added."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.findings import judges
from lamplighter.insight.change import detect, evidence, scoring, settling, shifting
from lamplighter.insight.change.terms import Changes
from lamplighter.insight.habits import neighbours
from lamplighter.insight.habits import settling as habits
from tests.insight import numbers, streets

SETTLED, N_DAYS = 392, 420
YOUNG, MOVED_IN, EMPTY = 1, 2, 0
JUDGE = judges.of_changes()


def street(seed: int) -> streets.Street:
    """Return a street with changes, gaps, an empty home, new ones and one that feeds in."""
    made = streets.quiet(n_points=60, n_days=N_DAYS, seed=seed, n_groups=4)
    for number, kind in enumerate(("SURGE", "DROP", "RETURN", "TURNOVER")):
        streets.with_change(made, kind=kind, points=range(10 + number, 60, 8), seed=seed + number)
    energy = made.energy_kwh
    energy[np.random.default_rng(seed).random(energy.shape) < 0.02] = np.nan
    energy[EMPTY] = 0.0
    energy[YOUNG, : SETTLED - 10] = np.nan
    energy[MOVED_IN, : SETTLED - 60] = np.nan  # settled days, but no whole window of them
    energy[3] *= -1.0
    energy[4, 300:] *= 1e-3
    energy[5, SETTLED - 30 :] *= 3.0
    return made


def adjusted(made: streets.Street, n_days: int) -> neighbours.Adjusted:
    settled = habits.settle(
        energy_kwh=made.energy_kwh[:, :SETTLED], group=made.group, policy=numbers.NEIGHBOURS
    )
    return neighbours.take_out_common(
        energy_kwh=made.energy_kwh[:, :n_days],
        days=made.days[:n_days],
        group=made.group,
        policy=numbers.NEIGHBOURS,
        settled=settled,
    )


def settle(of: neighbours.Adjusted, *, is_judged: bool = True) -> settling.Settled:
    return settling.settle(adjusted=of, policy=numbers.CHANGE, is_judged=is_judged)


def changes(
    of: neighbours.Adjusted, settled: settling.Settled | None = None, *, judge: bool = True
) -> Changes:
    return detect.find_changes(
        adjusted=of, policy=numbers.CHANGE, judge=JUDGE if judge else None, settled=settled
    )


def same(found: object, expected: object) -> None:
    for name in expected.__dataclass_fields__:
        mine, theirs = getattr(found, name), getattr(expected, name)
        if hasattr(theirs, "__dataclass_fields__"):
            same(mine, theirs)
        else:
            np.testing.assert_array_equal(mine, theirs, err_msg=name)


@given(
    seed=st.integers(0, 10_000), n_days=st.integers(SETTLED + 1, N_DAYS - 1), judge=st.booleans()
)
@settings(max_examples=8, deadline=None)
def test_what_was_said_on_an_earlier_day_is_said_again_to_the_bit(seed, n_days, judge):
    made = street(seed)
    whole = adjusted(made, N_DAYS)

    kept = settle(adjusted(made, n_days), is_judged=judge)

    same(kept, settle(whole, is_judged=judge))
    found = changes(whole, kept, judge=judge)
    same(found, changes(whole, judge=judge))
    assert len(found) > 10


@pytest.mark.parametrize("n_days", [SETTLED + 1, SETTLED + 14, N_DAYS])
@pytest.mark.parametrize("is_judged", [True, False])
def test_later_days_score_as_in_a_span_of_all_days(n_days, is_judged):
    """In one piece, and with sums that run from the first day, instead of in two."""
    of = adjusted(street(3), n_days)
    settled = settle(of, is_judged=is_judged)
    grid = shifting.grid_of(days=of.days, policy=numbers.CHANGE, is_judged=is_judged)
    shifts = shifting.shifts_of(
        of.adjusted_kwh, typical_kwh=settling.typical(of), grid=grid, policy=numbers.CHANGE,
        noise=settled.own.noise,
    )  # fmt: skip
    peers = scoring.beside_peers(shifts, own=settled.own, policy=numbers.CHANGE)

    expected = scoring.highest(
        shifts, own=settled.own, peers=peers, grid=grid, policy=numbers.CHANGE
    )
    asked = {"adjusted": of, "policy": numbers.CHANGE, "is_judged": is_judged}
    found = settling.go_on(settled=settled, **asked).whole()

    known = settled.own.is_known()
    assert known.sum() == 57  # the others are empty, young, or moved in not long ago
    splits = np.flatnonzero(of.days.astype(int) % 3 == 0)
    n_firm = splits[splits <= SETTLED - 56][-1] + 1  # the longest window ends with settled days
    level, habit = (of[known, :n_firm] for of in expected)
    high = (np.abs(level) >= 1.0) | (habit >= 1.0)
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine[known, n_firm:], theirs[known, n_firm:], rtol=2e-3)
        firm = np.where(high, theirs[known, :n_firm], np.nan)
        np.testing.assert_array_equal(mine[known, :n_firm], firm)
    assert high.sum() > 50


def test_points_without_settled_shifts_go_by_all_of_their_days_and_tell_nobody():
    made = street(4)
    made.energy_kwh[MOVED_IN, -12:] *= 6.0
    of = adjusted(made, N_DAYS)
    calm = street(4)
    calm.energy_kwh[YOUNG] = np.nan

    found = evidence.weigh(adjusted=of, policy=numbers.CHANGE)
    without = evidence.weigh(adjusted=adjusted(calm, N_DAYS), policy=numbers.CHANGE)
    (level, _), (level_without, _) = (of.scores.whole() for of in (found, without))

    assert int(np.nanargmax(level[MOVED_IN])) in range(N_DAYS - 16, N_DAYS - 7)
    assert np.nanmax(level[MOVED_IN]) > 1.0
    assert np.isfinite(level[YOUNG]).any()
    assert np.isnan(level[EMPTY]).all()
    others = np.delete(np.arange(60), [YOUNG, MOVED_IN])
    firm = slice(0, SETTLED - 58)
    np.testing.assert_array_equal(level[others, firm], level_without[others, firm])


def test_where_settled_days_know_few_points_all_days_tell():
    made = street(5)
    made.energy_kwh[:40, : SETTLED - 50] = np.nan
    of = adjusted(made, N_DAYS)

    assert of.n_settled == SETTLED
    same(changes(of), changes(replace(of, n_settled=N_DAYS)))


def test_settled_days_find_nearly_what_all_days_find():
    of = adjusted(street(6), N_DAYS)

    by_settled, by_all = (
        set(zip(found.point.tolist(), found.day.tolist(), strict=True))
        for found in (changes(of), changes(replace(of, n_settled=N_DAYS)))
    )

    assert len(by_settled & by_all) >= 0.9 * max(len(by_settled), len(by_all))


@pytest.mark.parametrize("how", ["days", "points"])
def test_refuses_what_is_settled_of_others(how):
    of = adjusted(street(7), N_DAYS)
    kept = settle(of)
    other = replace(of, n_settled=SETTLED - 1) if how == "days" else of.rows(np.arange(50))

    with pytest.raises(settling.OtherDays):
        changes(other, kept)
