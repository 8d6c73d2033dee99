"""Nights that keep what settled days say of shifts find what nights from nothing find."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from lamplighter.findings.shard import deciding, known, results
from lamplighter.findings.shard.facts import Points, ShardFacts
from tests.findings import making as m
from tests.insight import streets

N_POINTS, N_SETTLED, ANCHOR = 40, 392, 28
MADE = streets.quiet(n_points=N_POINTS + 1, n_days=480, seed=11, n_groups=1)
streets.with_change(MADE, kind="SURGE", points=range(0, N_POINTS, 4), seed=1)
streets.with_change(MADE, kind="TURNOVER", points=range(2, N_POINTS, 4), seed=2)
MADE.energy_kwh[5, : N_SETTLED + ANCHOR - 20] = np.nan  # young, then settled
MADE.energy_kwh[7] = 0.0


def night(energy: np.ndarray, n_days: int, *, n_points: int = N_POINTS) -> ShardFacts:
    """Return a shard as known on one of the street's days; its history begins as a night's does."""
    begin = (n_days - N_SETTLED) // ANCHOR * ANCHOR
    ids = np.arange(n_points, dtype=np.int64)
    made = m.shard(1, n_accounts=n_points)
    days = np.datetime64("2025-01-06") + np.arange(begin, n_days)
    return replace(
        made,
        points=Points(
            point_id=ids,
            account_id=made.accounts.account_id,
            energy_kwh=energy[:n_points, begin:n_days],
            days=days,
            n_settled=N_SETTLED,
            shaped=np.empty(0, np.int64),
            shapes=np.empty((0, 0, 24)),
        ),
    )


def decide(facts: ShardFacts, folder: Path | None) -> deciding.Decided:
    before = known.read(folder=folder, shard=3)
    found = deciding.decide(facts=facts, rules=m.RULES, learnt=m.NOTHING_LEARNT, known=before)
    if folder is not None:
        known.write(folder=folder, shard=3, known=found.known, before=before)
    return found


def test_every_night_finds_what_it_finds_from_nothing(tmp_path):
    energy = MADE.energy_kwh.astype(np.float32)
    late = energy.copy()
    late[9, 410] = 3.0
    corrected = late.copy()
    corrected[12, 200] = np.nan
    nights = [
        ("the first", night(energy, 400), True),
        ("a day more", night(energy, 401), False),
        ("the same again", night(energy, 401), False),
        ("a late reading", night(late, 415), False),
        ("a settled day corrected", night(corrected, 416), True),
        ("as before", night(corrected, 419), False),
        ("four weeks are over", night(corrected, 420), True),
        ("a new point", night(corrected, 421, n_points=N_POINTS + 1), True),
        ("a past night once more", night(corrected, 416), True),
    ]
    file, n_changes = tmp_path / "0000003-shifts.arrays", set()

    for name, facts, is_asked in nights:
        had = file.read_bytes() if file.exists() else b""
        found, expected = decide(facts, tmp_path), decide(facts, None)

        assert (file.read_bytes() != had) == is_asked, name
        for field in fields(expected.usage.changes):
            one, two = (getattr(of.usage.changes, field.name) for of in (found, expected))
            assert one.tobytes() == two.tobytes(), (name, field.name)
        one, two = (results.signals_table(decided=of, rules=m.RULES) for of in (found, expected))
        assert one.equals(two), name
        n_changes.add(len(expected.usage.changes))
    assert min(n_changes) > 10


def test_a_file_of_another_form_says_nothing(tmp_path):
    facts = night(MADE.energy_kwh.astype(np.float32), 400)
    decide(facts, tmp_path)
    kept = known.read(folder=tmp_path, shard=3).of_shifts
    assert kept is not None

    file = tmp_path / "0000003-shifts.arrays"
    file.write_bytes(file.read_bytes()[:-1])

    assert known.read(folder=tmp_path, shard=3).of_shifts is None
    decide(facts, tmp_path)
    again = known.read(folder=tmp_path, shard=3).of_shifts
    assert again is not None
    assert again.name == kept.name
    np.testing.assert_array_equal(again.shifts.level, kept.shifts.level)
