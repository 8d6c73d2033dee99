"""Topics beyond chance: the law by summing, the correction by hand, and what has no past."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.insight.demand import emerging, topics
from lamplighter.insight.demand.emerging import EmergingPolicy
from lamplighter.insight.demand.texts import Letters

NUMBERS = EmergingPolicy(
    false_share_allowed=0.05, texts_at_least=4, rise_at_least_ratio=2.0, weeks_at_least=3
)
PLAIN = Letters(simple={}, sounds={})


@given(st.integers(0, 40), st.floats(0.05, 30.0), st.integers(1, 20))
@settings(max_examples=150, deadline=None)
def test_the_tail_is_one_less_the_sum_below(count, mean, size):
    share = size / (size + mean)
    below = sum(comb(k + size - 1, k) * share**size * (1 - share) ** k for k in range(count))

    found = emerging.tail(count=count, mean=mean, size=float(size))

    assert found == pytest.approx(1.0 - below, abs=1e-9)


def test_the_tail_is_exact_where_it_is_tiny():
    found = emerging.tail(count=60, mean=1.0, size=1.0)

    assert found == pytest.approx(0.5**60, rel=1e-10)


@pytest.mark.parametrize(("mean", "size"), [(1000.0, 0.001), (20.0, 0.04), (0.5, 1e4)])
def test_the_tail_is_whole_where_it_is_long(mean, size):
    found = emerging.tail(count=1, mean=mean, size=size)

    assert found == pytest.approx(1.0 - (size / (size + mean)) ** size, rel=1e-9)


@given(st.lists(st.tuples(st.integers(0, 60), st.floats(0.0, 40.0), st.integers(1, 30))))
@settings(max_examples=150, deadline=None)
def test_many_tails_at_once_are_those_of_the_sums(laws):
    counts = np.array([count for count, _mean, _size in laws], np.int64)
    means = np.array([mean for _count, mean, _size in laws], np.float64)
    sizes = np.array([size for _count, _mean, size in laws], np.float64)

    found = emerging.tails(counts=counts, means=means, sizes=sizes)

    for place, (count, mean, size) in enumerate(laws):
        share = size / (size + mean)
        below = sum(comb(k + size - 1, k) * share**size * (1 - share) ** k for k in range(count))
        assert found[place] == pytest.approx(1.0 - below, abs=1e-9)


def test_a_law_that_is_none_is_refused_among_others():
    for means, sizes in (([1.0, -1.0], [1.0, 1.0]), ([1.0, 1.0], [1.0, 0.0])):
        with pytest.raises(emerging.CountsWrong):
            emerging.tails(counts=np.array([1, 1]), means=np.array(means), sizes=np.array(sizes))


def test_series_that_are_only_counted_weigh_as_those_without_a_request():
    rng = np.random.default_rng(11)
    counts = rng.poisson(3.0, (60, 20))
    counts[:, -1] = rng.poisson(6.0, 60) + NUMBERS.texts_at_least
    nothing = np.zeros((900, 20), np.int64)
    volumes = np.full_like(counts, 200)

    whole = emerging.rises(
        counts=np.vstack([counts, nothing]),
        volumes=np.vstack([volumes, nothing + 200]),
        policy=NUMBERS,
    )
    told = emerging.rises(counts=counts, volumes=volumes, policy=NUMBERS, n_others=900)
    alone = emerging.rises(counts=counts, volumes=volumes, policy=NUMBERS)

    assert told.is_emerging.tolist() == whole.is_emerging[:60].tolist()
    assert told.chance.tolist() == whole.chance[:60].tolist()
    assert told.spread == whole.spread
    assert told.is_emerging.sum() < alone.is_emerging.sum()  # they do count in the correction
    with pytest.raises(emerging.CountsWrong):
        emerging.rises(counts=counts, volumes=volumes, policy=NUMBERS, n_others=-1)


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30))
@settings(max_examples=150, deadline=None)
def test_discoveries_are_those_of_the_loop(chances):
    n = len(chances)
    limit = -1.0
    for rank, chance in enumerate(sorted(chances), start=1):
        if chance <= 0.1 * rank / n:
            limit = chance

    found = emerging.discoveries(chance=np.array(chances), allowed=0.1)

    assert found.tolist() == [chance <= limit for chance in chances]


def test_uneven_weeks_make_the_same_rise_less_telling():
    even = np.array([[20, 20, 20, 20, 20, 40]])
    uneven = np.array([[5, 38, 8, 36, 13, 40]])
    volumes = np.full(6, 200)

    calm, rough = (
        emerging.rises(counts=counts, volumes=volumes, policy=NUMBERS) for counts in (even, uneven)
    )

    assert calm.spread == 0.0
    assert rough.spread > 0.1
    assert calm.chance[0] < 0.001 < 0.05 < rough.chance[0]


def test_a_doubled_volume_is_no_topic():
    counts = np.array([[10, 10, 10, 10, 20], [5, 5, 5, 5, 10]])
    volumes = np.array([100, 100, 100, 100, 200])

    found = emerging.rises(counts=counts, volumes=volumes, policy=NUMBERS)

    assert not found.is_emerging.any()
    assert found.expected.tolist() == [20.0, 10.0]


@pytest.mark.parametrize(
    ("counts", "volumes", "error"),
    [
        (np.array([[1, 2]]), np.array([9, 9]), emerging.WeeksTooFew),
        (np.array([[1, 2, 3, -1]]), np.full(4, 9), emerging.CountsWrong),
        (np.array([[1, 2, 3, 10]]), np.full(4, 9), emerging.CountsWrong),
        (np.array([1, 2, 3, 4]), np.full(4, 9), emerging.CountsWrong),
        (np.array([[1, 2, 3, 4]]), np.full(5, 9), emerging.CountsWrong),
    ],
)
def test_refuses_what_cannot_be_compared(counts, volumes, error):
    with pytest.raises(error):
        emerging.rises(counts=counts, volumes=volumes, policy=NUMBERS)


def test_few_are_named_where_nothing_changed():
    rng = np.random.default_rng(5)
    named = 0
    for _ in range(200):
        volumes = rng.poisson(150, 20)
        share = rng.dirichlet(np.full(40, 0.5))
        counts = np.array([rng.multinomial(v, share) for v in volumes]).T
        found = emerging.rises(counts=counts, volumes=volumes, policy=NUMBERS)
        named += bool(found.is_emerging.any())

    assert named <= 16  # five in a hundred, and chance


class TestFind:
    def find(self, told, n_weeks=5, **changes):
        texts = [text for week in told for text in week]
        arguments = {
            "texts": texts,
            "types": ["T"] * len(texts),
            "places": [""] * len(texts),
            "weeks": np.repeat(np.arange(len(told)), [len(week) for week in told]),
            "n_weeks": n_weeks,
            "letters": PLAIN,
            "longest": 99,
            "policy": NUMBERS,
            "n_examples": 2,
        }
        return topics.find(**{**arguments, **changes})

    def test_names_what_is_new_and_shows_it(self):
        usual = ["电费多少", "家里没电", "移表", "开发票"] * 5
        told = [*([usual] * 4), [*usual, *["新表一换就报警"] * 7]]

        found = self.find(told)

        (topic,) = found.topics
        assert topic.kind == topics.TERM
        assert topic.name in "新表一换就报警"
        assert topic.count == 7
        assert {told[4][n - 80] for n in topic.examples} == {"新表一换就报警"}

    def test_names_the_place_where_it_rose(self):
        usual = ["电费多少", "家里没电", "移表", "开发票"] * 10
        told = [*([usual] * 4), [*usual, *["闸门发热"] * 6]]
        places = ["A" if n % 2 else "B" for n in range(len(usual) * 5)] + ["A"] * 6

        found = self.find(told, places=places)

        assert {topic.place for topic in found.topics} == {"", "A"}

    def test_nothing_is_said_of_nothing(self):
        assert self.find([[], [], [], [], []]).topics == ()

    def test_refuses_torn_streams(self):
        with pytest.raises(topics.StreamTorn):
            self.find([["a"]] * 5, types=["T"])
        with pytest.raises(topics.StreamTorn):
            self.find([["a"]] * 5, n_weeks=3)
