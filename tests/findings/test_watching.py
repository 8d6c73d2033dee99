"""What is kept of the judge and what is asked anew are together what he says of everything."""

import numpy as np

from lamplighter.findings import judges
from lamplighter.findings.shard import watching
from lamplighter.findings.shard.facts import Points
from lamplighter.insight.judge import watch
from tests.insight import streets

N_POINTS, N_DAYS, SHAPES_FROM = 60, 240, 120
SHAPED = np.delete(np.arange(5, 30), 7)


def days_of(street: streets.Street, shapes: np.ndarray, n_days: int) -> Points:
    """Return a street as known on one of its days, with the shapes of the last days."""
    return Points(
        point_id=np.arange(N_POINTS),
        account_id=np.arange(N_POINTS),
        energy_kwh=street.energy_kwh[:, :n_days],
        days=street.days[:n_days],
        n_settled=n_days,
        shaped=SHAPED,
        shapes=shapes[SHAPED, SHAPES_FROM:n_days],
    )


def test_nights_that_keep_words_hear_what_is_said_of_everything_at_once():
    street = streets.quiet(n_points=N_POINTS, n_days=N_DAYS, seed=5, n_groups=2)
    streets.with_change(street, kind="TURNOVER", points=range(0, 60, 3), seed=1)
    dice = np.random.default_rng(3)
    shapes = np.full((N_POINTS, N_DAYS, 24), np.nan, np.float32)
    part = dice.dirichlet(np.full(24, 20.0), (N_POINTS, N_DAYS))[SHAPED]
    shapes[SHAPED] = street.energy_kwh[SHAPED, :, None] * part
    judge = judges.of_changes()
    by_days = by_hours = None
    asked_anew = 0

    for n_days in range(N_DAYS - 6, N_DAYS + 1):
        if n_days == N_DAYS - 1:
            shapes[7, 200] = shapes[7, 201]  # a correction
        points = days_of(street, shapes, n_days)
        found = watching.watched(
            points=points, energy_kwh=points.energy_kwh, judge=judge, by_days=by_days,
            by_hours=by_hours,
        )  # fmt: skip
        asked_anew += found.by_hours is not by_hours
        by_days, by_hours = found.by_days, found.by_hours
        about = {"energy_kwh": points.energy_kwh, "days": points.days, "judge": judge}
        expected = watch.watch(shapes=shapes[:, SHAPES_FROM:n_days], **about)

        assert len(expected.day) != len(watch.watch(**about).day)  # the hours had a say
        for name in watch.Watched.__dataclass_fields__:
            np.testing.assert_array_equal(getattr(found.said, name), getattr(expected, name), name)
    assert asked_anew < 6  # he looks every third day
