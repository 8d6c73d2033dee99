"""Any sequence of deliveries: the lake says what a dictionary would."""

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamplighter.facts.metering import services
from lamplighter.facts.metering.lake import Series
from tests.facts.metering.deliveries import (
    NOVEMBER,
    counts,
    deliver,
    make_points,
    matrix,
    moment,
)

pytestmark = pytest.mark.django_db
FIRST = date(2026, 11, 1)
READING = st.tuples(st.integers(0, 3), st.integers(0, 4), st.sampled_from([0.0, 1.5, 2.0, 7.125]))
STEP = st.one_of(st.lists(READING, max_size=12), st.just("compact"))


@pytest.fixture
def points():
    return make_points(4)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEP, min_size=1, max_size=6))
def test_the_lake_is_a_dictionary_of_newest_versions(points, steps):
    with TemporaryDirectory() as folder:
        lake = Path(folder)
        known: dict[tuple[int, int], float] = {}
        history = []
        for number, step in enumerate(steps, start=1):
            if step == "compact":
                rules = services.terms.terms_on(day=FIRST)
                assert rules.compact_from_files > 1
                compact_all(lake, number)
            else:
                take_in(lake, step, known, number)
            history.append((number, dict(known)))
        for number, then in history:
            found = matrix(lake, points, known_at=moment(number)).energy_kwh
            np.testing.assert_array_equal(found, as_matrix(then))
        forget()


def take_in(lake, rows, known, number):
    """Deliver rows and hold the counts to the dictionary's."""
    said: dict[tuple[int, int], float] = {}
    refused = 0
    for point, day, kwh in rows:
        refused += said.setdefault((point, day), kwh) != kwh
    new = {key: kwh for key, kwh in said.items() if known.get(key) != kwh}
    landed = deliver(
        lake,
        "daily_reading",
        [(f"P{point:03}", FIRST + timedelta(day), kwh) for point, day, kwh in rows],
        now=moment(number),
    )
    assert counts(landed) == (len(new), len(rows) - len(new) - refused, refused)
    known.update(new)


def compact_all(lake, number):
    with pytest.MonkeyPatch.context() as patch:
        rules = services.terms.terms_on(day=FIRST)
        patch.setattr(
            services.terms,
            "terms_on",
            lambda *, day: type(rules)(**{**as_dict(rules), "compact_from_files": 1}),
        )
        services.compact(lake_folder=lake, series=Series.DAILY, actor="test", now=moment(number))


def as_dict(rules):
    return {name: getattr(rules, name) for name in type(rules).__dataclass_fields__}


def as_matrix(known):
    expected = np.full((4, NOVEMBER.n_days), np.nan)
    for (point, day), kwh in known.items():
        expected[point, day] = kwh
    return expected


def forget():
    from lamplighter.facts.metering.models import LakeCommit

    LakeCommit.objects.all().delete()
