"""The day's choice against every possible day, and its promises."""

import time
from collections import Counter
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.action.worklist import bounds
from lamplighter.action.worklist.choice import choose, greedy
from lamplighter.action.worklist.options import Limits, Option, minutes_of

options_of_a_door = st.lists(
    st.tuples(st.booleans(), st.integers(1, 60), st.integers(1, 5_000)), min_size=1, max_size=2
)


@st.composite
def days(draw):
    options = []
    for door in range(draw(st.integers(0, 6))):
        area, customer = draw(st.integers(0, 2)), draw(st.integers(0, 4))
        for n, (is_visit, minutes, fen) in enumerate(draw(options_of_a_door)):
            options.append(
                Option(
                    door=door,
                    customer=customer,
                    area=area,
                    remedy=f"R{n}",
                    is_visit=is_visit,
                    minutes=minutes,
                    benefit_fen=fen,
                )
            )
    limits = Limits(
        minutes=draw(st.integers(0, 150)),
        travel_minutes=draw(st.integers(0, 30)),
        visits_most=draw(st.integers(0, 3)),
        contacts_left={customer: draw(st.integers(0, 2)) for customer in range(3)},
        areas_on_the_way=frozenset(draw(st.sets(st.integers(0, 2), max_size=1))),
    )
    return options, limits


def allowed(options, limits):
    doors = Counter(o.door for o in options)
    contacts = Counter(o.customer for o in options)
    return (
        all(n == 1 for n in doors.values())
        and all(n <= limits.contacts_left.get(c, 1) for c, n in contacts.items())
        and sum(o.is_visit for o in options) <= limits.visits_most
        and minutes_of(options=options, limits=limits) <= limits.minutes
    )


def best_by_hand(options, limits):
    doors = {}
    for option in options:
        doors.setdefault(option.door, [None]).append(option)
    best = 0
    for picks in product(*doors.values()):
        day = [o for o in picks if o is not None]
        if allowed(day, limits):
            best = max(best, sum(o.benefit_fen for o in day))
    return best


@given(days())
@settings(max_examples=120, deadline=None)
def test_is_worth_as_much_as_the_best_of_all_days_and_breaks_no_limit(case):
    options, limits = case

    chosen = choose(options=options, limits=limits, effort=5.0)

    assert allowed(chosen.options, limits)
    assert chosen.benefit_fen == best_by_hand(options, limits)
    assert chosen.minutes == minutes_of(options=chosen.options, limits=limits)
    assert chosen.is_proved_optimal


@given(days(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_does_not_depend_on_the_order_of_the_options(case, random):
    options, limits = case
    shuffled = list(options)
    random.shuffle(shuffled)

    assert choose(options=options, limits=limits, effort=5.0) == choose(
        options=shuffled, limits=limits, effort=5.0
    )


@given(days())
@settings(max_examples=80, deadline=None)
def test_thinning_out_never_drops_an_option_of_a_better_day(case):
    options, limits = case
    if not options:
        return
    floor = greedy(options=options, limits=limits).benefit_fen

    keeps = bounds.possible(options=options, limits=limits, floor_fen=floor)

    kept = [o for o, is_kept in zip(options, keeps, strict=True) if is_kept]
    assert max(best_by_hand(kept, limits), floor) == best_by_hand(options, limits)


def hard_zone(n_doors=2_100, n_areas=8):
    rng = np.random.default_rng(20)
    options = []
    for door in range(n_doors):
        stake = rng.lognormal(4.5, 1.0)
        for n in range(rng.integers(1, 4)):
            is_visit = bool(rng.random() < 0.5)
            options.append(
                Option(
                    door=door,
                    customer=door,
                    area=door % n_areas,
                    remedy=f"R{n}",
                    is_visit=is_visit,
                    minutes=int(rng.integers(15, 40) if is_visit else rng.integers(5, 12)),
                    benefit_fen=int(stake * rng.random() * 100) + 1,
                )
            )
    return options


def test_a_zone_of_2100_doors_is_solved_in_time_better_than_greedy_and_always_the_same():
    options = hard_zone()
    limits = Limits(minutes=420, travel_minutes=20, visits_most=12, contacts_left={})
    choose(options=options[:10], limits=limits, effort=1.0)  # the solver's import is not counted

    started = time.perf_counter()
    chosen = choose(options=options, limits=limits, effort=1.0)
    seconds = time.perf_counter() - started

    assert seconds < 2.0
    assert allowed(chosen.options, limits)
    assert chosen.benefit_fen >= greedy(options=options, limits=limits).benefit_fen
    again = choose(options=list(reversed(options)), limits=limits, effort=1.0)
    assert repr(again).encode() == repr(chosen).encode()
