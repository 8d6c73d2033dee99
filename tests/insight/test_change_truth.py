"""Changes on streets with known truth: what is found, how it is named, how sure it says it is."""

from collections import Counter

import numpy as np
import pytest

from lamplighter.findings import judges
from lamplighter.insight.change import detect, lists
from lamplighter.insight.change.terms import Changes, Kind
from tests.insight import numbers, streets

KINDS = ("SURGE", "DROP", "VACANCY", "RETURN", "APPLIANCE", "TURNOVER")
LEAST_FOUND = {
    "SURGE": 0.95, "DROP": 0.93, "VACANCY": 0.97, "RETURN": 0.97, "APPLIANCE": 0.8, "TURNOVER": 0.6,
}  # fmt: skip
NEAR_DAYS = 21
N_EACH = 40


@pytest.fixture(scope="module")
def street() -> streets.Street:
    street = streets.quiet(n_points=500, n_days=1035, seed=11, n_groups=5)
    for number, kind in enumerate(KINDS):
        begin = number * N_EACH
        streets.with_change(street, kind=kind, points=range(begin, begin + N_EACH), seed=number)
    return street


@pytest.fixture(scope="module")
def found(street) -> Changes:
    return detect.find_changes(
        adjusted=numbers.adjusted(street), policy=numbers.CHANGE, judge=judges.of_changes()
    )


def matches(street: streets.Street, found: Changes) -> list[tuple[int, str, int] | None]:
    """Return for each change its truth: days off, true kind, number of the truth."""
    day = (found.day - street.days[0]).astype(int)
    out: list[tuple[int, str, int] | None] = []
    for point, at in zip(found.point, day, strict=True):
        near = [
            (int(at) - true_at, kind, number)
            for number, (true_point, true_at, kind) in enumerate(street.truth)
            if true_point == point and abs(true_at - at) <= NEAR_DAYS
        ]
        out.append(min(near, key=lambda match: abs(match[0])) if near else None)
    return out


@pytest.mark.parametrize("kind", KINDS)
def test_finds_most_changes_of_each_kind(street, found, kind):
    total = sum(true == kind for _, _, true in street.truth)
    hit = {match[2] for match in matches(street, found) if match and match[1] == kind}

    assert len(hit) / total >= LEAST_FOUND[kind]


def test_names_most_changes_as_they_were_made(street, found):
    named = Counter(
        (match[1], str(kind))
        for match, kind in zip(matches(street, found), found.kind, strict=True)
        if match
    )

    right = sum(count for (true, said), count in named.items() if true == said)
    assert right / named.total() >= 0.9


def test_dates_most_changes_of_level_to_within_two_days(street, found):
    off = [abs(match[0]) for match in matches(street, found) if match and match[1] != "TURNOVER"]

    assert np.mean(np.array(off) <= 2) >= 0.85


def test_raises_few_false_alarms(street, found):
    false = sum(match is None for match in matches(street, found))
    meter_years = street.energy_kwh.size / 365.25

    assert false / meter_years < 0.12


def test_probability_is_about_the_share_that_is_real(street, found):
    real = np.array([match is not None for match in matches(street, found)])

    assert abs(np.mean(found.probability) - np.mean(real)) < 0.08
    sure = found.probability > 0.9
    assert np.mean(real[sure]) > 0.85
    assert np.all((found.probability > 0.0) & (found.probability < 1.0))


def test_sizes_are_true_and_their_interval_mostly_holds_the_truth():
    street = streets.quiet(n_points=200, n_days=600, seed=5)
    added = 6.0
    at = 250 + 4 * np.arange(60)  # not all at once: that would be common, not their own
    for point in range(60):
        street.energy_kwh[point, at[point] :] += added

    found = detect.find_changes(
        adjusted=numbers.adjusted(street), policy=numbers.CHANGE, judge=judges.of_changes()
    )

    true_day = street.days[at[np.minimum(found.point, 59)]]
    close = (found.point < 60) & (np.abs((found.day - true_day).astype(int)) <= 5)
    assert np.count_nonzero(close) >= 40  # 6 kWh are little for the largest of these homes
    inside = (found.size_low_kwh[close] <= added) & (added <= found.size_high_kwh[close])
    assert np.mean(inside) >= 0.65
    assert abs(np.median(found.size_kwh[close]) - added) < 0.5


def test_a_change_that_went_away_does_not_stand_and_one_that_lasts_does():
    street = streets.quiet(n_points=60, n_days=500, seed=6)
    street.energy_kwh[0, 300:350] *= 3.0
    street.energy_kwh[1, 300:] *= 3.0

    found = detect.find_changes(
        adjusted=numbers.adjusted(street), policy=numbers.CHANGE, judge=judges.of_changes()
    )

    first = {int(point): place for place, point in reversed(list(enumerate(found.point)))}
    assert found.standing[first[0]] < 0.1
    assert found.standing[first[1]] > 0.9


def test_only_a_young_and_standing_change_is_recent():
    street = streets.quiet(n_points=60, n_days=500, seed=7)
    street.energy_kwh[0, 490:] *= 3.0
    street.energy_kwh[1, 300:] *= 3.0

    found = detect.find_changes(
        adjusted=numbers.adjusted(street), policy=numbers.CHANGE, judge=judges.of_changes()
    )

    assert set(found.point[found.is_recent]) == {0}
    assert found.kind[found.is_recent].tolist() == [Kind.SURGE]


class TestTwoLists:
    def test_a_steady_high_user_is_high_and_never_a_jump(self):
        street = streets.quiet(n_points=100, n_days=400, seed=8)
        street.energy_kwh[3] *= 12.0

        adjusted = numbers.adjusted(street)

        assert lists.high_use(adjusted=adjusted, policy=numbers.HIGH).is_high[3]
        assert not lists.sudden_jumps(adjusted=adjusted, policy=numbers.JUMP).is_jump[3]

    def test_a_jump_need_not_be_high(self):
        street = streets.quiet(n_points=100, n_days=400, seed=9)
        small = int(np.argsort(np.median(street.energy_kwh, axis=1))[10])
        street.energy_kwh[small, -7:] *= 2.6

        adjusted = numbers.adjusted(street)
        jumps = lists.sudden_jumps(adjusted=adjusted, policy=numbers.JUMP)

        assert jumps.is_jump[small]
        assert jumps.rank[small] == 0
        assert not lists.high_use(adjusted=adjusted, policy=numbers.HIGH).is_high[small]

    def test_a_heat_wave_makes_no_jumps(self):
        street = streets.quiet(n_points=200, n_days=400, seed=10)
        street.energy_kwh[:, -7:] *= 1.8

        jumps = lists.sudden_jumps(adjusted=numbers.adjusted(street), policy=numbers.JUMP)

        assert np.mean(jumps.is_jump) < 0.02

    def test_ranks_count_from_zero_without_gaps(self):
        street = streets.quiet(n_points=100, n_days=400, seed=12)
        street.energy_kwh[:9, -7:] *= np.linspace(3.0, 6.0, 9)[:, None]

        jumps = lists.sudden_jumps(adjusted=numbers.adjusted(street), policy=numbers.JUMP)

        listed = np.sort(jumps.rank[jumps.is_jump])
        assert len(listed) >= 8
        np.testing.assert_array_equal(listed, np.arange(len(listed)))
        assert np.all(jumps.rank[~jumps.is_jump] == -1)
