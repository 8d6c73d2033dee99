"""The scorecard: features, learning as a whole, reasons."""

import json
from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.insight.arrears import (
    features,
    learning,
    measures,
    risk,
    scorecard,
    validation,
)
from lamplighter.policy import loader

RISK = loader.load(name="risk", on=date(2026, 11, 25))
POLICY = replace(
    loader.numbers_for(policy=RISK, shape=learning.FitPolicy),
    smoothing=10.0,
    tables_at_most=6,
    min_accounts_to_learn=500,
    min_unpaid_to_learn=50,
)
seeds = st.integers(min_value=0, max_value=2**32 - 1)


def random_months(seed: int, *, accounts: int = 300, months: int = 6) -> dict[str, np.ndarray]:
    dice = np.random.default_rng(seed)
    billed = dice.gamma(2.0, 60.0, (accounts, months))
    billed[dice.random(billed.shape) < 0.1] = np.nan
    weak = dice.random(accounts)
    paid = np.where(dice.random(billed.shape) < weak[:, None] * 0.7, 0.0, np.nan_to_num(billed))
    delay = np.where(paid > 0.0, 0.0, dice.integers(1, 4, billed.shape).astype(float))
    delay[np.isnan(billed)] = np.nan
    return {
        "billed_cny": billed,
        "paid_cny": paid,
        "delay_months": delay,
        "open_bill_cny": dice.gamma(2.0, 60.0, accounts),
        "size": np.where(dice.random(accounts) < 0.2, np.nan, 8.0),
        "method_code": dice.integers(-1, 5, accounts).astype(np.int8),
        "weak": weak,
    }


def table(seed: int, *, accounts: int = 300) -> features.Features:
    months = random_months(seed, accounts=accounts)
    months.pop("weak")
    return features.features(**months, recency=0.7)


def learnt(seed: int = 1) -> tuple[features.Features, np.ndarray, scorecard.Scorecard]:
    months = random_months(seed, accounts=2000)
    weak = months.pop("weak")
    known = features.features(**months, recency=0.7)
    outcome = np.random.default_rng(seed + 1).random(len(weak)) < 0.05 + 0.6 * weak**2
    return known, outcome, learning.fit(features=known, outcome=outcome, policy=POLICY)


def learnt_together() -> tuple[features.Features, np.ndarray, scorecard.Scorecard]:
    """Return what is learnt where lateness matters only with a large open bill."""
    months = random_months(4, accounts=3000)
    months.pop("weak")
    known = features.features(**months, recency=0.7)
    late = np.nan_to_num(months["delay_months"]) > 0.0
    both = (late[:, -1] | (late.sum(axis=1) >= 3)) & (months["open_bill_cny"] > 120.0)
    outcome = np.random.default_rng(5).random(len(both)) < np.where(both, 0.8, 0.1)
    return known, outcome, learning.fit(features=known, outcome=outcome, policy=POLICY)


def in_usual_bins(
    known: features.Features, card: scorecard.Scorecard, names: list[str]
) -> features.Features:
    """Return the features with some of them in their reference bins."""
    typical = known.values.copy()
    for feature in card.cards:
        if feature.name in names:
            bounds = (-np.inf, *feature.edges)
            is_missing = feature.reference == len(feature.edges) + 1
            value = np.nan if is_missing else bounds[feature.reference]
            typical[:, known.names.index(feature.name)] = value
    return replace(known, values=typical)


def bin_by_hand(value: float, edges: tuple[float, ...]) -> int:
    return len(edges) + 1 if value != value else sum(edge <= value for edge in edges)


def side_by_hand(known: features.Features, card: scorecard.Scorecard, name: str) -> list[float]:
    """Return the values that a side of a table looks at."""
    subscore = next((sub for sub in card.subscores if sub.name == name), None)
    if subscore is None:
        return known.values[:, known.names.index(name)].tolist()
    total = [0.0] * len(known.values)
    edges_of = {feature.name: feature.edges for feature in card.cards}
    for feature, points in zip(subscore.names, subscore.points, strict=True):
        column = known.values[:, known.names.index(feature)].tolist()
        for row, value in enumerate(column):
            total[row] += points[bin_by_hand(value, edges_of[feature])]
    return total


def looked_up(
    known: features.Features, card: scorecard.Scorecard, table: scorecard.Table
) -> list[float]:
    """Return a table's points for each account, found one by one."""
    sides = [side_by_hand(known, card, name) for name in table.names]
    return [
        0.0
        if one != one or other != other
        else table.points[bin_by_hand(one, table.edges[0])][bin_by_hand(other, table.edges[1])]
        for one, other in zip(*sides, strict=True)
    ]


def logistic_odds(probability: np.ndarray) -> np.ndarray:
    return np.log(probability) - np.log1p(-probability)


BANDS = loader.numbers_for(policy=RISK, shape=risk.RiskPolicy)
LEARNT = learnt_together()


class TestFeatures:
    def test_a_hand_counts_the_same(self):
        months = random_months(3)
        months.pop("weak")
        found = features.features(**months, recency=0.7)
        column = {name: found.values[:, n] for n, name in enumerate(found.names)}

        for row in range(len(found.values)):
            delay, billed, paid = (
                [float(v) for v in months[name][row]]
                for name in ("delay_months", "billed_cny", "paid_cny")
            )
            known = [d for d in delay if d == d]
            late = sum(d > 0 for d in known)
            assert column["late_share"][row] == pytest.approx(
                late / len(known) if known else np.nan, nan_ok=True
            )
            due = [
                (b, p, 0.7 ** (5 - m)) for m, (b, p) in enumerate(zip(billed, paid, strict=True))
            ]
            due = [(b, p, w) for b, p, w in due if b > 0]
            share = (
                sum(min(p, 1.5 * b) * w for b, p, w in due) / sum(b * w for b, _, w in due)
                if due
                else np.nan
            )
            assert column["paid_share_weighted"][row] == pytest.approx(share, nan_ok=True)
            since = [5 - m for m, d in enumerate(delay) if d > 0]
            expected = min(since) if since else 6 if known else np.nan
            assert column["months_since_late"][row] == pytest.approx(expected, nan_ok=True)

    @pytest.mark.parametrize("is_credit_line", [False, True])
    @pytest.mark.parametrize(
        ("billed", "paid", "delay", "open_bill"),
        [
            (np.nan, np.nan, np.nan, np.nan),  # nothing is known
            (0.0, 0.0, 0.0, 0.0),  # a house that stands empty
            (-50.0, 0.0, 0.0, -50.0),  # credit notes alone
            (100.0, 1e9, -2.0, 100.0),  # far too much was paid
            (1e12, 0.0, 400.0, 1e12),
        ],
    )
    def test_odd_histories_give_numbers_or_say_that_nothing_is_known(
        self, billed, paid, delay, open_bill, is_credit_line
    ):
        for months in (1, 6):
            found = features.features(
                billed_cny=np.full((2, months), billed),
                paid_cny=np.full((2, months), paid),
                delay_months=np.full((2, months), delay),
                open_bill_cny=np.full(2, open_bill),
                size=np.array([0.0, 8.0]),
                method_code=np.array([-1, 3], dtype=np.int8),
                recency=0.7,
                is_credit_line=is_credit_line,
            )
            assert not np.isinf(found.values).any()
            if np.isnan(billed):
                size, method = found.names.index("size_log"), found.names.index("method")
                rest = np.delete(found.values, [size, method], axis=1)
                assert np.isnan(rest).all()

    @given(seed=seeds)
    @settings(max_examples=15, deadline=None)
    def test_a_part_of_the_accounts_gets_the_same_bytes(self, seed):
        months = random_months(seed)
        months.pop("weak")
        order = np.random.default_rng(seed).permutation(300)[:37]

        whole = features.features(**months, recency=0.7).values[order]
        part = features.features(**{n: v[order] for n, v in months.items()}, recency=0.7).values

        assert whole.tobytes() == part.tobytes()

    def test_nobody(self):
        assert table(1, accounts=0).values.shape == (0, len(features.NAMES))

    def test_refuses_other_shapes_and_negative_payments(self):
        months = random_months(1)
        months.pop("weak")

        with pytest.raises(features.NotMonths, match="299"):
            features.features(**months | {"size": np.zeros(299)}, recency=0.7)
        with pytest.raises(features.NegativeAmount, match="1800 negative"):
            features.features(**months | {"paid_cny": np.full((300, 6), -1.0)}, recency=0.7)


class TestScorecard:
    def test_ranks_and_is_calibrated_on_accounts_it_has_not_seen(self):
        known, outcome, _ = learnt()
        found = validation.cross_validate(
            features=known,
            outcome=outcome,
            groups=np.arange(len(outcome)),
            folds=4,
            seed=1,
            policy=POLICY,
        )

        # Nobody can rank better than the exact posterior under the way the months were drawn.
        delay = random_months(1, accounts=2000)["delay_months"]
        known_months, late = (~np.isnan(delay)).sum(axis=1), (delay > 0).sum(axis=1)
        weak = (np.arange(400) + 0.5) / 400
        likelihood = (0.7 * weak) ** late[:, None] * (1 - 0.7 * weak) ** (known_months - late)[
            :, None
        ]
        posterior = (likelihood * (0.05 + 0.6 * weak**2)).sum(axis=1) / likelihood.sum(axis=1)
        best = measures.ranking_quality(score=posterior, outcome=outcome)
        assert best - 0.04 < found.auc < best + 0.01
        assert found.ece < 0.05

    def test_a_large_step_that_many_vouch_for_comes_out_whole(self):
        late = np.repeat([0.0, 1.0], [4000, 1000])
        unpaid = np.concatenate([np.arange(4000) % 10 == 0, np.arange(1000) % 10 < 7])
        known = features.Features(names=("late_share",), values=late[:, None])

        card = learning.fit(features=known, outcome=unpaid, policy=replace(POLICY, smoothing=200.0))

        said = scorecard.score(scorecard=card, features=known).probability
        assert said[-1] == pytest.approx(0.7, abs=0.02)  # held in full, it was 0.43

    def test_points_add_up_and_the_reference_bin_takes_exactly_its_points_away(self):
        known, _, card = LEARNT
        said = scorecard.score(scorecard=card, features=known)

        by_hand = card.base + said.contributions.sum(axis=1) + said.joint.sum(axis=1)
        assert said.log_odds == pytest.approx(by_hand, abs=1e-12)
        assert card.tables
        assert card.subscores
        for number, feature in enumerate(card.cards):
            without = in_usual_bins(known, card, [feature.name])
            moved = scorecard.score(scorecard=card, features=without).log_odds
            told = said.contributions[:, number].copy()
            for n, table in enumerate(card.tables):
                told += said.joint[:, n] - looked_up(without, card, table)
            assert said.log_odds - moved == pytest.approx(told, abs=1e-9)

    def test_a_table_is_looked_up_as_a_hand_does_with_either_side_and_without(self):
        known, _, card = LEARNT
        said = scorecard.score(scorecard=card, features=known)
        of_subscore = {sub.name: sub.names for sub in card.subscores}

        for n, table in enumerate(card.tables):
            assert said.joint[:, n].tolist() == looked_up(known, card, table)
            for side, name in enumerate(table.names):
                without = in_usual_bins(known, card, list(of_subscore.get(name, (name,))))
                other = of_subscore.get(table.names[1 - side], (table.names[1 - side],))
                if not {*of_subscore.get(name, (name,))} & {*other}:
                    by_hand = looked_up(without, card, table)
                    told = said.joint_without[:, n, side]
                    is_known = ~np.isnan(side_by_hand(known, card, name))
                    assert told[is_known].tolist() == np.array(by_hand)[is_known].tolist()

    def test_no_card_and_no_table_runs_against_a_direction(self):
        _, _, card = LEARNT

        for feature in card.cards:
            steps = np.diff(feature.points[:-1]) * features.DIRECTIONS[feature.name]
            if features.DIRECTIONS[feature.name] != features.FREE:
                assert steps.min(initial=0.0) >= 0.0, feature.name
        direction_of_side = features.DIRECTIONS | {s.name: features.RISES for s in card.subscores}
        for subscore in card.subscores:
            for name, points in zip(subscore.names, subscore.points, strict=True):
                steps = np.diff(points[:-1]) * features.DIRECTIONS[name]
                assert features.DIRECTIONS[name] == features.FREE or steps.min(initial=0.0) >= 0.0
        for table in card.tables:
            for axis, name in enumerate(table.names):
                steps = np.diff(np.array(table.points), axis=axis) * direction_of_side[name]
                assert steps.min(initial=0.0) >= -2e-6, table.names  # six digits are kept

    @given(seed=seeds)
    @settings(max_examples=20, deadline=None)
    def test_worse_facts_never_lower_the_score(self, seed):
        known, _, card = LEARNT
        dice = np.random.default_rng(seed)
        name = str(dice.choice([n for n in card.names if features.DIRECTIONS[n]]))
        worse = known.values.copy()
        column = known.names.index(name)
        worse[:, column] += features.DIRECTIONS[name] * dice.gamma(1.0, 1.0, len(worse))

        before = scorecard.score(scorecard=card, features=known).log_odds
        after = scorecard.score(scorecard=card, features=replace(known, values=worse)).log_odds

        assert np.all(after - before >= -1e-5)

    @pytest.mark.parametrize("reason", risk.REASONS)
    def test_taking_a_reason_away_moves_the_score_as_said(self, reason):
        known, _, card = LEARNT
        names = [name for name in card.names if risk.REASON_OF[name] == reason]
        said = risk.learned(
            scores=scorecard.score(scorecard=card, features=known), scorecard=card, policy=BANDS
        )

        without = scorecard.score(scorecard=card, features=in_usual_bins(known, card, names))

        before = logistic_odds(said.probability)
        told = said.reasons[:, risk.REASONS.index(reason)]
        assert before - without.log_odds == pytest.approx(told, abs=1e-6)
        assert said.base_log_odds + said.reasons.sum(axis=1) == pytest.approx(before, abs=1e-6)

    def test_the_order_of_accounts_does_not_matter(self):
        known, outcome, card = learnt()
        order = np.random.default_rng(9).permutation(len(outcome))

        again = learning.fit(features=known.rows(order), outcome=outcome[order], policy=POLICY)

        assert again.names == card.names
        for one, other in zip(again.cards, card.cards, strict=True):
            assert one.points == pytest.approx(other.points, abs=2e-6)
        assert learning.fit(features=known, outcome=outcome, policy=POLICY) == card

    def test_is_kept_as_json(self):
        _, _, card = LEARNT

        kept = json.loads(json.dumps(scorecard.to_dict(scorecard=card), allow_nan=False))

        assert scorecard.from_dict(kept=kept) == card
        kept["cards"][0]["points"].pop()
        with pytest.raises(scorecard.NotAScorecard, match=card.names[0]):
            scorecard.from_dict(kept=kept)
        kept = scorecard.to_dict(scorecard=card)
        kept["subscores"][0]["points"][0].pop()
        with pytest.raises(scorecard.NotAScorecard, match=card.subscores[0].name):
            scorecard.from_dict(kept=kept)

    def test_calibration_mends_a_card_that_exaggerates(self):
        known, outcome, card = LEARNT
        loud = replace(
            card,
            base=card.base * 3,
            cards=tuple(replace(c, points=tuple(3 * p for p in c.points)) for c in card.cards),
            tables=tuple(
                replace(t, points=tuple(tuple(3 * p for p in row) for row in t.points))
                for t in card.tables
            ),
        )
        said = scorecard.score(scorecard=loud, features=known)

        calm = learning.calibrate(scorecard=loud, log_odds=said.log_odds, outcome=outcome)

        after = scorecard.score(scorecard=calm, features=known)
        assert measures.calibration_error(
            probability=after.probability, outcome=outcome, bins=10
        ) < measures.calibration_error(probability=said.probability, outcome=outcome, bins=10)
        assert measures.ranking_quality(score=after.log_odds, outcome=outcome) == pytest.approx(
            measures.ranking_quality(score=said.log_odds, outcome=outcome), abs=1e-3
        )
        with pytest.raises(learning.TooFewToLearn, match="stretch"):
            learning.calibrate(scorecard=loud, log_odds=-said.log_odds, outcome=outcome)

    def test_refuses_too_little_to_learn_from_and_other_features(self):
        known, outcome, card = learnt()

        with pytest.raises(learning.TooFewToLearn, match="100 accounts"):
            learning.fit(features=known.rows(np.arange(100)), outcome=outcome[:100], policy=POLICY)
        with pytest.raises(learning.TooFewToLearn, match="0 unpaid"):
            learning.fit(features=known, outcome=np.zeros_like(outcome), policy=POLICY)
        with pytest.raises(scorecard.OtherFeatures, match=card.names[0]):
            scorecard.score(
                scorecard=card, features=features.Features(names=(), values=np.empty((1, 0)))
            )


def test_policy_field_names_are_row_keys():
    assert loader.numbers_for(policy=RISK, shape=learning.FitPolicy)
    assert {field.name for field in fields(learning.FitPolicy)} <= {row.key for row in RISK.rows}
