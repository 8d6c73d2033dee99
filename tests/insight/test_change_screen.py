"""The compiled movements, signs and dates against slow ways."""

import numpy as np
import pytest

from lamplighter.insight.judge import blocks, motion, screen
from tests.insight import streets

EVERY = 3


@pytest.fixture(scope="module")
def street() -> streets.Street:
    made = streets.quiet(n_points=20, n_days=330, seed=4)
    streets.with_change(made, kind="TURNOVER", points=range(5), seed=1)
    made.energy_kwh[7, 90:99] = np.nan
    made.energy_kwh[8, :5] = np.nan
    made.energy_kwh[9, 40:150] = np.nan
    return made


@pytest.fixture(scope="module")
def moved(street) -> motion.Motion:
    return motion.motion(energy_kwh=street.energy_kwh)


def usual(own: np.ndarray, day: int, lag: int) -> float:
    days = [day - lag - 7 * week for week in range(8)]
    return float(np.mean([own[at] for at in days if at >= 0]))


class SlowSigns:
    """Figures of single days, as their words say."""

    def __init__(self, own: np.ndarray) -> None:
        self.own = own.astype(np.float64)
        n_days = len(own)
        self.new = np.array([own[d] - usual(own, d, 14) if d >= 14 else 0 for d in range(n_days)])
        self.late = np.array([own[d] - usual(own, d, 7) if d >= 7 else 0 for d in range(n_days)])
        self.pair = np.zeros(n_days)
        self.pair[7:] = (self.new[7:] + self.late[:-7]) / 2
        self.week = self.own - self.new

    def ended(self, values: np.ndarray, day: int, width: int = 7) -> np.ndarray:
        return values[day + 1 - width : day + 1]

    def statistics(self, day: int) -> dict[str, float]:
        new, late = self.ended(self.new, day), self.ended(self.late, day - 7)
        return {
            "level": new.mean() ** 2,
            "both": ((new.mean() + late.mean()) / 2) ** 2,
            "spread": (new**2).mean(),
            "pattern": new.var(),
            "shape": self.ended(self.pair, day).var(),
        }

    def at(self, looks: np.ndarray, number: int) -> dict[str, float]:
        day = looks[number]
        now = self.statistics(day)
        past = [self.statistics(d) for d in looks[: max(number - 4, 0)][-(112 // EVERY) :]]

        def drawn(name: str, prior: float) -> float:
            weight = 9.0 / EVERY
            total = sum(one[name] for one in past) + weight * prior
            return float(total / (len(past) + weight))

        spread = drawn("spread", (self.ended(self.new, day - 14, 56) ** 2).mean())
        pair = drawn("shape", (self.ended(self.pair, day - 14, 56) ** 2).mean())
        found = {
            "sign_level_7": np.sqrt(now["level"] / (drawn("level", spread) + 1e-5)),
            "sign_level_14": np.sqrt(now["both"] / (drawn("both", spread) + 1e-5)),
            "sign_spread": np.log((now["spread"] + 1e-5) / (spread + 1e-5)),
            "sign_pattern": np.log((now["pattern"] + 1e-5) / (drawn("pattern", spread) + 1e-5)),
            "sign_pattern_pair": np.log((now["shape"] + 1e-5) / (pair + 1e-5)),
        }
        for name, lag in (("sign_step", 1), ("sign_week_step", 7), ("sign_two_week_step", 14)):
            step = np.abs(self.own[lag:] - self.own[:-lag])
            last, before = self.ended(step, day - lag), self.ended(step, day - lag - 14, 56)
            found[name] = np.log((last.mean() + 1e-3) / (before.mean() + 1e-3))
        week, then = self.ended(self.own, day), self.ended(self.week, day)
        found["sign_correlation"] = np.mean((week - week.mean()) * (then - then.mean())) / np.sqrt(
            week.var() * then.var() + 1e-7
        )
        found["sign_size"] = np.log((week.var() + 1e-4) / (then.var() + 1e-4))
        return found


def test_signs_are_what_their_words_say(moved):
    looks = screen.looked_at(first=0, n_days=330, every=EVERY)
    found = screen.screen(motion=moved, look=looks)

    for point in (0, 7, 11):
        slow = SlowSigns(moved.own[point])
        for number in (0, 3, 30, len(looks) - 1):
            expected = slow.at(looks, number)
            for place, name in enumerate(screen.SIGNS):
                assert found.signs[place, number, point] == pytest.approx(
                    expected[name], rel=2e-3, abs=2e-3
                ), (name, number, point)


def test_usual_is_the_median_of_those_that_tell(street):
    tells = np.arange(20) % 2 == 0
    moved = motion.motion(energy_kwh=street.energy_kwh, tells=tells)
    looks = screen.looked_at(first=0, n_days=330, every=EVERY)

    found = screen.screen(motion=moved, look=looks)

    np.testing.assert_allclose(found.usual, np.median(found.signs[:, :, tells], axis=2), rtol=1e-6)


@pytest.mark.parametrize("look", [[83, 86], [300, 330]])
def test_refuses_days_with_too_little_before_them(moved, look):
    with pytest.raises(IndexError):
        screen.screen(motion=moved, look=np.array(look))


def test_movements_are_those_of_a_slow_way(street, moved):
    energy = street.energy_kwh
    scale = [np.median(row[:84][row[:84] > 0]) for row in energy]
    log = np.arcsinh(energy / (0.2 * np.array(scale)[:, None])) - np.arcsinh(5.0)
    common = np.zeros(330)
    for day in range(330):
        apart = []
        for row in log:
            before = row[max(day - 56, 0) : day]
            base = np.nanmean(before) if np.count_nonzero(~np.isnan(before)) >= 28 else np.nan
            apart.append(row[day] - (np.nanmedian(row[:56]) if day < 56 else base))
        common[day] = np.nanmedian(apart) + (common[day - 56 : day].mean() if day >= 56 else 0.0)
    own = log - common
    for row in own:
        for day in np.flatnonzero(np.isnan(row)):
            row[day] = row[day - 7] if day >= 7 else 0.0

    np.testing.assert_allclose(moved.common, common, atol=1e-5)
    np.testing.assert_allclose(moved.own, own, atol=1e-4)
    there = ~np.isnan(energy)
    assert np.array_equal(moved.measured[:, 1:], np.cumsum(there, axis=1))


def test_the_chosen_neighbours_are_spread_evenly_by_size():
    street = streets.quiet(n_points=400, n_days=100, seed=6)

    peers = motion.motion(energy_kwh=street.energy_kwh).peers

    assert len(np.unique(peers)) == motion.PEERS_MOST
    rank = np.argsort(np.argsort(street.energy_kwh[:, :84].mean(axis=1)))
    assert np.max(np.diff(np.sort(rank[peers]))) <= 4


def test_the_date_is_the_best_of_all_days(moved):
    day = np.repeat(np.arange(100, 330, 9), 20)
    point = np.tile(np.arange(20), len(day) // 20)

    found = blocks.since(moved.own, day=day, point=point)

    for case, said in enumerate(found):
        last = moved.own[point[case], day[case] - 83 : day[case] + 1].astype(np.float64)
        week = last[:63].reshape(9, 7).mean(axis=0)
        away = (last - np.tile(week, 12)) ** 2
        old = away[:63].mean() + 1e-4
        new = max(away[-5:].mean(), 1.5 * old)
        gain = 0.5 * (away[-21:] * (1 / old - 1 / new) - np.log(new / old))
        by_day = [gain[at:].sum() for at in range(19)]
        assert by_day[said - day[case] + 20] == pytest.approx(max(by_day), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("case", [(330, 0), (100, 20), (-1, 0), (82, 0)])
def test_refuses_cases_outside(moved, case):
    day, point = (np.array([one]) for one in case)
    with pytest.raises(IndexError):
        blocks.since(moved.own, day=day, point=point)
