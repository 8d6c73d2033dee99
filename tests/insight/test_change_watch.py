"""The learnt judge of habit changes: the same online and afterwards, and against slow ways."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.findings import judges
from lamplighter.insight.judge import blocks, hours, learnt, motion, screen, traits, trees, watch
from tests.insight import streets

EVERY = 3


@pytest.fixture(scope="module")
def street() -> streets.Street:
    made = streets.quiet(n_points=40, n_days=260, seed=3)
    streets.with_change(made, kind="TURNOVER", points=range(10), seed=1)
    made.energy_kwh[12, 30:40] = np.nan
    made.energy_kwh[13, :100] = np.nan
    return made


def said(found: watch.Watched) -> list[tuple[int, int, float, int]]:
    return list(
        zip(
            found.day.tolist(),
            found.point.tolist(),
            found.log_odds.tolist(),
            found.since.tolist(),
            strict=True,
        )
    )


def look(street: streets.Street, **more: object) -> watch.Watched:
    asked = {"judge": judges.of_changes(), **more}
    return watch.watch(energy_kwh=street.energy_kwh, days=street.days, **asked)


class TestWatch:
    def test_says_of_a_past_day_what_it_said_on_that_day(self, street):
        now = said(look(street))
        n_days = 200
        then = watch.watch(
            energy_kwh=street.energy_kwh[:, :n_days],
            days=street.days[:n_days],
            judge=judges.of_changes(),
        )

        assert said(then) == [row for row in now if row[0] < n_days]
        assert len(now) > len(then.day) > 0

    def test_a_night_may_ask_for_its_own_days_alone(self, street):
        wanted = np.zeros((len(street.days), len(street.energy_kwh)), dtype=bool)
        wanted[-30:] = True

        recent = said(look(street, wanted=wanted))

        assert recent == [row for row in said(look(street)) if row[0] >= len(street.days) - 30]

    def test_the_order_of_points_does_not_matter(self, street):
        order = np.random.default_rng(5).permutation(len(street.energy_kwh))
        turned = watch.watch(
            energy_kwh=street.energy_kwh[order], days=street.days, judge=judges.of_changes()
        )

        again = sorted((day, int(order[point]), since) for day, point, _, since in said(turned))
        assert again == sorted((day, point, since) for day, point, _, since in said(look(street)))

    def test_a_unit_of_energy_does_not_matter(self, street):
        as_wh = watch.watch(
            energy_kwh=1000.0 * street.energy_kwh, days=street.days, judge=judges.of_changes()
        )
        a, b = look(street), as_wh

        assert np.array_equal(a.day, b.day)
        assert np.array_equal(a.point, b.point)

    def test_what_everybody_does_is_nobodys_own_change(self, street):
        calm = streets.quiet(n_points=80, n_days=300, seed=9)
        before = np.mean(look(calm).log_odds > -1.0) if len(look(calm).day) else 0.0
        calm.energy_kwh[:, 200:] *= 0.55  # a lockdown

        found = look(calm)

        near = (found.day >= 200) & (found.day < 230) & (found.log_odds > -1.0)
        assert len(np.unique(found.point[near])) <= 4
        assert before < 0.5

    @pytest.mark.parametrize(
        "energy",
        [
            np.full((6, 200), np.nan),
            np.zeros((6, 200)),
            np.where(np.arange(200) == 150, 5.0, np.nan) * np.ones((6, 1)),
            np.where(np.arange(200) % 180 == 3, 5.0, np.nan) * np.ones((6, 1)),
            np.ones((6, 20)),
            np.ones((6, 0)),
            np.ones((0, 200)),
        ],
        ids=["missing", "zero", "one reading", "gaps", "short", "no days", "nobody"],
    )
    def test_says_nothing_where_there_is_nothing_to_say(self, energy):
        days = np.datetime64("2026-01-01") + np.arange(energy.shape[1])

        found = watch.watch(energy_kwh=energy, days=days, judge=judges.of_changes())

        assert not np.any(found.log_odds > -3.0)

    def test_feeding_in_and_a_neighbourhood_of_one_give_finite_answers(self):
        rng = np.random.default_rng(2)
        energy = rng.normal(-2.0, 3.0, (1, 300))
        days = np.datetime64("2026-01-01") + np.arange(300)

        found = watch.watch(energy_kwh=energy, days=days, judge=judges.of_changes())

        assert np.all(np.isfinite(found.log_odds))

    def test_later_glances_leave_cases_out_and_change_nothing_else(self, street):
        judge = judges.of_changes()
        first = replace(judge, glances=judge.glances[:1])

        some, more = said(look(street)), said(look(street, judge=first))

        assert 0 < len(some) < len(more)
        assert set(some) < set(more)

    def test_refuses_a_glance_at_other_traits(self, street):
        judge = judges.of_changes()
        odd = replace(judge.glances[1], forest=replace(judge.days, traits=judge.days.traits[::-1]))

        with pytest.raises(learnt.WrongForest, match="other traits"):
            look(street, judge=replace(judge, glances=(judge.glances[0], odd)))

    def test_refuses_a_judge_that_learnt_other_traits(self, street):
        judge = judges.of_changes()
        odd = learnt.Judge(every=EVERY, glances=judge.glances, days=judge.hours, hours=judge.hours)

        with pytest.raises(learnt.WrongForest):
            watch.watch(energy_kwh=street.energy_kwh, days=street.days, judge=odd)

    def test_sees_a_changed_day_by_its_hours(self):
        rng = np.random.default_rng(4)
        shape = rng.uniform(0.5, 1.5, (30, 1, 24)) * rng.uniform(0.8, 1.25, (30, 200, 24))
        shape[0, 150:] = np.roll(shape[0, 150:], 9, axis=1)
        shape /= shape.sum(axis=2, keepdims=True)
        energy = 10.0 * np.exp(rng.normal(0.0, 0.1, (30, 200)))
        days = np.datetime64("2026-01-01") + np.arange(200)

        found = watch.watch(
            energy_kwh=energy, days=days, judge=judges.of_changes(),
            shapes=shape * energy[:, :, None],
        )  # fmt: skip

        after = (found.point == 0) & (found.day >= 156) & (found.day < 164)
        others = (found.point != 0) & (found.day >= 100)
        assert found.log_odds[after].max() > np.quantile(found.log_odds[others], 0.99)


class TestTrees:
    @settings(deadline=None, max_examples=30)
    @given(seed=st.integers(0, 2**31), depth=st.integers(1, 6), n_trees=st.integers(1, 8))
    def test_scores_as_a_walk_from_question_to_question_does(self, seed, depth, n_trees):
        rng = np.random.default_rng(seed)
        forest = learnt.Forest(
            traits=("a", "b", "c"),
            intercept=0.5,
            column=rng.integers(0, 3, (n_trees, depth)),
            limit=rng.normal(size=(n_trees, depth)).astype(np.float32),
            leaf=rng.normal(size=(n_trees, 2**depth)).astype(np.float32),
        )
        cases = rng.normal(size=(3, 20)).astype(np.float32)
        cases[0, :3] = np.nan

        slow = []
        for case in cases.T:
            total = 0.5
            for column, limit, leaf in zip(forest.column, forest.limit, forest.leaf, strict=True):
                at = 0
                for of, than in zip(column, limit, strict=True):
                    at = 2 * at + int(case[of] > than)
                total += float(leaf[at])
            slow.append(total)

        assert np.allclose(trees.score(forest=forest, columns=cases), slow, atol=1e-4)
        shared = np.repeat(cases[2, :4], 20).reshape(4, 20)
        whole = np.stack([np.stack([*cases[:2], row]) for row in shared], axis=1)
        together = trees.score_rows(
            forest=forest, columns=np.repeat(cases[:2, None], 4, axis=1), shared=cases[2:, :4]
        )
        apart = [trees.score(forest=forest, columns=whole[:, row]) for row in range(4)]
        assert np.array_equal(together, apart)

    def test_grows_the_same_forest_from_the_same_chance(self):
        rng = np.random.default_rng(1)
        columns = rng.normal(size=(2, 500)).astype(np.float32)
        more = {
            "columns": columns, "outcome": columns[0] * columns[1] > 0.2, "traits": ("a", "b"),
            "weight": np.ones(500, dtype=np.float32), "n_trees": 30, "depth": 3, "rate": 0.3,
            "ridge": 1.0,
        }  # fmt: skip
        one = trees.grow(**more, rng=np.random.default_rng(7))
        two = trees.grow(**more, rng=np.random.default_rng(7))

        told = trees.score(forest=one, columns=columns) > 0.0
        assert np.array_equal(one.leaf, two.leaf)
        assert np.mean(told == more["outcome"]) > 0.85  # neither column alone tells it

    def test_refuses_what_does_not_fit(self):
        judge = judges.of_changes()
        glance = judge.glances[0].forest

        with pytest.raises(learnt.WrongForest):
            trees.score(forest=judge.days, columns=np.zeros((1, 3), dtype=np.float32))
        with pytest.raises(learnt.WrongForest):
            trees.score(
                forest=replace(glance, column=glance.column + 99),
                columns=np.zeros((len(glance.traits), 3), dtype=np.float32),
            )
        with pytest.raises(learnt.WrongForest):
            trees.grow(
                columns=np.zeros((1, 5), dtype=np.float32), outcome=np.zeros(5, dtype=bool),
                weight=np.ones(5, dtype=np.float32), traits=("a",), n_trees=1, depth=1,
                rate=0.1, rng=np.random.default_rng(1),
            )  # fmt: skip


class TestScreenAndTraits:
    def test_signs_are_those_of_a_slow_way(self, street):
        moved = motion.motion(energy_kwh=street.energy_kwh)
        day, point = 200, 20
        found = screen.screen(motion=moved, look=np.array([day]))
        own = moved.own[point].astype(np.float64)

        step = [abs(own[t] - own[t - 1]) for t in range(day + 1)[1:]]
        now, then = np.mean(step[-7:]), np.mean(step[-7 - 63 : -14])
        assert found.signs[screen.SIGNS.index("sign_step"), 0, point] == pytest.approx(
            np.log((now + 1e-3) / (np.mean(step[-14 - 56 : -14]) + 1e-3)), abs=1e-3
        )
        assert then > 0.0
        usual = [np.mean([own[t - 14 - 7 * k] for k in range(8)]) for t in range(day - 6, day + 1)]
        week = own[day - 6 : day + 1]
        assert found.signs[screen.SIGNS.index("sign_correlation"), 0, point] == pytest.approx(
            np.corrcoef(week, usual)[0, 1], abs=2e-2
        )

    def test_a_block_is_the_days_before_and_nothing_else(self, street):
        moved = motion.motion(energy_kwh=street.energy_kwh)
        day, point = np.array([100, 259]), np.array([3, 7])

        found = blocks.weeks(moved.own, day=day, point=point, n_weeks=12)

        for case in range(2):
            expected = moved.own[point[case], day[case] - 83 : day[case] + 1]
            assert np.array_equal(found[:, :, case].ravel(), expected)

    def test_the_weekend_is_found_whatever_day_a_week_ends_with(self):
        for last in range(7):
            weekday = (last + 1 + np.arange(196)) % 7
            own = np.where(
                (weekday >= 5) & (np.arange(196) >= 182), np.float32(1.0), np.float32(0.0)
            )

            found = traits.of_days(
                own=own[None], common=0.0 * own, day=np.array([195]), point=np.array([0]),
                weekday=weekday,
            )  # fmt: skip

            assert found["weekend_now"][0] == pytest.approx(5 / 7)
            assert found["sunday_moved"][0] == pytest.approx(0.0)

    def test_the_past_does_not_move_when_the_future_does(self, street):
        later = street.energy_kwh.copy()
        later[:, 230:] *= 3.0

        one, two = (motion.motion(energy_kwh=e) for e in (street.energy_kwh, later))

        known = np.arange(len(street.energy_kwh)) != 13  # its first weeks are missing
        assert np.array_equal(one.own[known, :230], two.own[known, :230])
        assert np.array_equal(one.common[:230], two.common[:230])


class TestHours:
    def test_days_of_23_hours_and_of_export_have_no_shape(self):
        slots = np.ones((6, 80, 24))
        slots[:, 30, 2] = np.nan  # the hour that spring skips
        slots[0, 40, 12] = -1.0

        found = hours.day_shapes(shapes=slots, n_days=80)

        assert not found.is_known[30].any()
        assert not found.is_known[40, 0]
        assert np.all(np.isfinite(found.root))

    def test_quarters_of_an_hour_are_added_up(self):
        rng = np.random.default_rng(1)
        quarters = rng.uniform(0.1, 1.0, (6, 80, 96))
        hourly = quarters.reshape(6, 80, 24, 4).sum(axis=3)

        one = hours.day_shapes(shapes=quarters, n_days=80)
        two = hours.day_shapes(shapes=hourly, n_days=80)

        assert np.allclose(one.root, two.root, atol=1e-6)

    @pytest.mark.parametrize("shape", [(6, 80), (6, 80, 25), (6, 80, 0), (6, 99, 24)])
    def test_refuses_what_is_no_shape(self, shape):
        with pytest.raises(hours.NoSuchShape):
            hours.day_shapes(shapes=np.ones(shape), n_days=80)


@pytest.fixture(scope="module")
def district() -> streets.Street:
    """More points than tell of neighbours, so that some are chosen."""
    made = streets.quiet(n_points=300, n_days=420, seed=21)
    streets.with_change(made, kind="TURNOVER", points=range(60), seed=2)
    made.energy_kwh[70:90, 100:130] = np.nan
    made.energy_kwh[90, :250] = np.nan
    return made


class TestNothingRestsOnALaterDay:
    def test_a_longer_span_says_the_same_to_the_bit(self, district):
        judge = judges.of_changes()
        now = said(watch.watch(energy_kwh=district.energy_kwh, days=district.days, judge=judge))
        for n_days in (380, 401):
            then = watch.watch(
                energy_kwh=district.energy_kwh[:, :n_days], days=district.days[:n_days], judge=judge
            )

            assert said(then) == [row for row in now if row[0] < n_days]
            assert len(then.day) > 500

    @pytest.mark.parametrize("n_asked", [1, 2, 3, 30])
    def test_the_last_days_alone_are_the_same_to_the_bit(self, district, n_asked):
        judge, n_days = judges.of_changes(), len(district.days)
        wanted = np.zeros((n_days, len(district.energy_kwh)), dtype=bool)
        wanted[-n_asked:] = True
        more = {"energy_kwh": district.energy_kwh, "days": district.days, "judge": judge}

        late, whole = watch.watch(**more, wanted=wanted), watch.watch(**more)

        assert said(late) == [row for row in said(whole) if row[0] >= n_days - n_asked]
        assert n_asked < 3 or len(late.day)

    @pytest.mark.parametrize("every", [1, 3, 7])
    @pytest.mark.parametrize("since", [0, 5, 60])
    def test_signs_are_the_same_from_whatever_look_on(self, district, every, since):
        moved = motion.motion(energy_kwh=district.energy_kwh)
        look = screen.looked_at(first=0, n_days=len(district.days), every=every)

        whole, late = (
            screen.screen(motion=moved, look=look),
            screen.screen(motion=moved, look=look, since=since),
        )

        assert np.array_equal(whole.signs[:, since:], late.signs)
        assert np.array_equal(whole.usual[:, since:], late.usual)
        assert np.array_equal(look[since:], late.look)
