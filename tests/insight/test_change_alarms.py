"""Alarms and hits are counted as one would by hand, whatever the scores and the order of looks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.insight.change import examples
from lamplighter.insight.judge import alarms, learning, learnt, own, splicing

SEEDS = st.integers(0, 2**32 - 1)


def table_of(dice):
    """Return looks in a random order, at windows of six meters with and without a splice."""
    some = examples.looks()
    order = dice.permutation(len(some.day))
    each = ("meter", "case", "day", "splice", "since")
    return splicing.Table(
        names=some.names,
        columns=some.columns[:, order],
        meter_of_case=some.meter_of_case,
        splice_of_case=some.splice_of_case,
        **{name: getattr(some, name)[order] for name in each},
    )


def by_hand(table, score, threshold, meters):
    n = 0
    for case in np.flatnonzero(table.splice_of_case < 0):
        quiet_until = -1
        for day in range(splicing.WINDOW_DAYS):
            for look in np.flatnonzero((table.case == case) & (table.day == day)):
                loud = score[look] >= threshold and table.meter[look] in meters
                if loud and day >= quiet_until:
                    n, quiet_until = n + 1, day + alarms.DEAD_DAYS
    return n


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_alarms_are_those_one_counts_by_hand(seed):
    dice = np.random.default_rng(seed)
    table = table_of(dice)
    score, threshold = dice.normal(size=len(table.day)), dice.normal()
    meters = set(dice.permutation(40)[:20].tolist())
    chosen = np.isin(table.meter, sorted(meters))

    found = alarms.alarms(score=score, table=table, threshold=threshold, chosen=chosen)

    assert found == by_hand(table, score, threshold, meters)


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, per_year=st.floats(0.1, 8.0))
def test_no_lower_threshold_keeps_to_the_alarms_allowed(seed, per_year):
    dice = np.random.default_rng(seed)
    table = table_of(dice)
    score = dice.normal(size=len(table.day))
    everybody = np.ones(40, dtype=bool)

    limit = alarms.threshold_at(score=score, table=table, learns=everybody, per_year=per_year)

    watched = alarms.years(table=table, chosen=everybody)
    chosen = everybody[table.meter]
    at, below = (
        alarms.alarms(score=score, table=table, threshold=one, chosen=chosen) / watched
        for one in (limit, np.max(score[score < limit]))
    )
    assert at <= per_year
    assert below > per_year or at == below


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_a_splice_is_seen_where_one_of_its_looks_is_loud(seed):
    dice = np.random.default_rng(seed)
    table = table_of(dice)
    score = dice.normal(size=len(table.day))

    seen, delay, _off = alarms.hits(
        score=score, table=table, threshold=1.0, judged=np.ones(40, dtype=bool)
    )

    for place, case in enumerate(np.flatnonzero(table.splice_of_case >= 0)):
        looks = (table.case == case) & (score >= 1.0)
        assert seen[place] == looks.any()
        first = table.day[looks].min() - 200 + 1 if looks.any() else -1
        assert delay[place] == first


def test_judges_that_see_the_same_gain_nothing_and_meters_weigh_by_their_splices():
    table = examples.looks()
    apart = alarms.kept_apart(score=table.columns.mean(axis=0), table=table, fold=np.arange(40) % 2)
    assert apart.hit_rate > 0.9
    assert len(apart.seen) == 200
    assert sorted(set(apart.meter.tolist())) == list(range(40))

    none = own.gain(one=apart, other=apart, rng=np.random.default_rng(1))

    assert (none.share, none.low, none.high) == (0.0, 0.0, 0.0)


def test_nothing_is_learnt_where_no_window_has_a_splice():
    meters = splicing.Meters(
        days=np.datetime64("2025-01-01") + np.arange(400),
        energy_kwh=np.exp(np.random.default_rng(1).normal(1.0, 0.3, (12, 400))),
        hours=None,
    )
    policy = own.OwnPolicy(windows=1, splices=0, trees=3)

    with pytest.raises(own.NothingToLearn):
        own.learn(
            meters=meters, beside=examples.judge(), policy=policy, rng=np.random.default_rng(1)
        )


def test_a_judge_is_asked_by_the_names_of_traits_not_by_their_order():
    table = examples.looks()
    order = np.random.default_rng(1).permutation(len(table.names))
    turned = splicing.Table(
        names=tuple(table.names[n] for n in order),
        columns=table.columns[order],
        **{
            name: getattr(table, name)
            for name in splicing.Table.__dataclass_fields__
            if name not in ("names", "columns")
        },
    )
    judge = examples.judge()

    np.testing.assert_array_equal(
        learning.score_of(judge=judge, table=turned), learning.score_of(judge=judge, table=table)
    )
    fewer = splicing.Table(
        names=table.names[1:],
        columns=table.columns[1:],
        **{
            name: getattr(table, name)
            for name in splicing.Table.__dataclass_fields__
            if name not in ("names", "columns")
        },
    )
    with pytest.raises(learnt.WrongForest, match=f"asks about {table.names[0]}"):
        learning.score_of(judge=judge, table=fewer)
