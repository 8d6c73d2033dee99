"""What the judge said before saves asking him, and never changes a bit of what he says."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.findings import judges
from lamplighter.insight.judge import keeping, screen, watch
from tests.insight.streets import DAY

N_DAYS, N_POINTS, N_NEW = 330, 24, 40
JUDGE = judges.of_changes()
DAYS = np.datetime64("2025-01-06") + np.arange(N_DAYS)
POINTS = np.arange(N_POINTS)


def street(seed):
    rng = np.random.default_rng(seed)
    season = 1.0 + 0.4 * np.sin(np.arange(N_DAYS) / 58.0)
    energy = rng.gamma(6.0, 1.5, size=(N_POINTS, N_DAYS)) * season
    for point in range(0, N_POINTS, 3):
        energy[point, rng.integers(120, N_DAYS - 5) :] *= rng.uniform(0.2, 3.0)
    energy[rng.random(energy.shape) < 0.01] = np.nan
    energy[-1, :200] = 0.0  # moves in late
    return energy


def curves(seed, n_shape_days=112):
    rng = np.random.default_rng(seed)
    shapes = rng.gamma(2.0, 0.2, size=(N_POINTS, n_shape_days, 24))
    shapes[N_POINTS // 2 :] = np.nan
    return shapes


def ask(energy, n_days=N_DAYS, **more):
    return keeping.watch_on(
        energy_kwh=energy[:, :n_days], days=DAYS[:n_days], judge=JUDGE, points=POINTS, **more
    )


def same(found, expected):
    for name in watch.Watched.__dataclass_fields__:
        mine, theirs = getattr(found.said, name), getattr(expected.said, name)
        assert mine.tobytes() == theirs.astype(mine.dtype).tobytes(), name
    assert found.name == expected.name
    assert np.array_equal(found.marks, expected.marks[: len(found.marks)])


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 20),
    kept_days=st.integers(60, N_DAYS),
    corrected=st.lists(
        st.tuples(st.integers(0, N_POINTS - 1), st.integers(0, N_DAYS - 1)), max_size=2
    ),
)
def test_with_what_was_kept_the_same_is_said_whatever_was_corrected_since(
    seed, kept_days, corrected
):
    energy = street(seed)
    kept = ask(energy, kept_days)
    later = energy.copy()
    for point, day in corrected:
        later[point, day] = 3.0 if np.isnan(later[point, day]) else np.nan

    same(ask(later, kept=kept), ask(later))


def test_says_something_at_all():
    assert len(ask(street(1)).said.day) > 20


@pytest.mark.parametrize("n_kept", [N_DAYS - 1, N_DAYS - 30])
def test_days_with_shapes_are_asked_anew(n_kept):
    energy = street(3)
    kept = ask(energy, n_kept, shapes=curves(4)[:, :112])

    same(ask(energy, shapes=curves(5), kept=kept), ask(energy, shapes=curves(5)))


def test_of_days_that_read_the_same_nothing_is_asked_anew():
    energy = street(2)
    kept = ask(energy, N_DAYS - N_NEW)
    marked = replace(kept.said, log_odds=np.full_like(kept.said.log_odds, 99.0))

    found = ask(energy, kept=replace(kept, said=marked)).said

    assert len(marked.day)
    assert np.array_equal(found.log_odds == 99.0, found.day < N_DAYS - N_NEW)


def test_a_night_without_a_look_takes_all_as_it_was_kept_unless_a_day_was_corrected():
    energy = street(2)
    first = int(DAYS[0].astype(np.int64))
    look = screen.looked_at(first=first, n_days=N_DAYS, every=JUDGE.every)
    n_kept, n_next = int(look[-2]) + 1, int(look[-1]) + 1
    kept = ask(energy, n_kept)
    corrected = energy.copy()
    corrected[3, 100] = 77.0

    for n_days in range(n_kept + 1, n_next):
        assert ask(energy, n_days, kept=kept) is kept
        same(kept, ask(energy, n_days))
        same(ask(corrected, n_days, kept=kept), ask(corrected, n_days))
        assert ask(corrected, n_days, kept=kept) is not kept
    same(ask(energy, n_next, kept=kept), ask(energy, n_next))
    assert len(ask(energy, n_next, kept=kept).marks) == n_next


def test_settled_days_that_have_a_name_are_told_apart_by_it():
    energy, n_settled = street(3), 300
    look = screen.looked_at(first=int(DAYS[0].astype(int)), n_days=N_DAYS, every=JUDGE.every)
    end = int(look[-1]) + 2  # no look is due on the second of these days
    one, other = (keeping.SettledDays(n_days=n_settled, name=name) for name in ("one", "other"))
    kept = ask(energy, n_days=end - 1, settled=one)
    later = energy.copy()
    later[2, n_settled + 4] *= 2.0

    assert ask(energy, n_days=end, settled=one, kept=kept) is kept
    for found in (
        ask(energy, n_days=end, settled=other, kept=kept),
        ask(energy, n_days=end, kept=kept),
        ask(later, n_days=end, settled=one, kept=kept),
    ):
        assert found is not kept
    same(ask(energy, n_days=end, settled=other, kept=kept), ask(energy, n_days=end))


def test_in_a_newcomers_first_weeks_nothing_is_taken_unseen():
    energy = street(2)
    energy[-1, : N_DAYS - 20] = 0.0
    kept = ask(energy, N_DAYS - 1)

    assert kept.seen == ""
    same(ask(energy, kept=kept), ask(energy))


@pytest.mark.parametrize("change", ["points", "judge", "first"])
def test_what_was_said_of_others_by_another_or_of_another_span_is_not_used(change):
    energy = street(6)
    kept = ask(energy, N_DAYS - 1)
    asked = {"energy_kwh": energy, "days": DAYS, "judge": JUDGE, "points": POINTS}
    if change == "points":
        asked["points"] = POINTS + 1
    elif change == "judge":
        last = replace(JUDGE.glances[-1], limit=JUDGE.glances[-1].limit + 0.5)
        asked["judge"] = replace(JUDGE, glances=(*JUDGE.glances[:-1], last))
    else:
        asked["days"] = DAYS + 7 * DAY

    found = keeping.watch_on(**asked, kept=kept)

    same(found, keeping.watch_on(**asked))
    assert (found.name, found.first) != (kept.name, kept.first)
