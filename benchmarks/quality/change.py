"""The spliced tenant change: hits at one false alarm per meter-year, on meters never learnt from.

Every look of the kernel, as in service: nothing said of a day uses a later one. The meters are
dealt into five parts. A judge learnt from four of them scores the fifth, whose threshold is set
on the unspliced windows of the other four, each scored by the judge that never saw it. The judge
that ships scores the same looks: on meters it was not learnt from, this is how well it travels.
Whether it was is told by their days (``learnt_from``). What files or meters do not suffice for is
left out, and said.
Neighbours never are the two meters that a window shows: they would betray the splice.

    python -m benchmarks.quality.change FOLDER      with cambridge_*.parquet, or files like them
"""

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import goals
from benchmarks.quality import change_peers, homes, learning_change, learnt_from, splices
from benchmarks.running import NoData
from lamplighter.findings import judges
from lamplighter.insight.judge import alarms, learning, learnt, own, splicing
from lamplighter.insight.judge.splicing import Meters, Table
from lamplighter.policy import loader

SEEDS = (20141101, 7)
N_STARTS = {False: 50, True: 24}
N_SPLICES = 5
PEER_STARTS = 6
EVERY_HOME = 10_000  # more than there are
POLICY_DAY = date(2026, 11, 28)
HOMES_STARTS = {False: 12, True: 3}
TOO_FEW = (
    NoData,
    splicing.NoWindow,
    own.NothingToLearn,
    learnt.WrongForest,
    learning_change.NothingSeen,
)
BINS = np.array([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0])


def run(folder: Path, *, windows: int = 0, seeds: int = len(SEEDS)) -> dict[str, Any]:
    """Return hits, false alarms, dates and delays: of daily totals, and with hours.

    Fewer windows of all meters than usual, or one seed, give a quick and less sure answer.

    Raises
    ------
    NoData
        Nothing in the folder suffices for any part.
    """

    def of_meters(*, hourly: bool) -> dict[str, Any]:
        meters = splices.read(folder, hourly=hourly)
        return measure(meters, seeds=SEEDS[:seeds], n_starts=windows)

    parts = {
        "daily": or_left_out(lambda: of_meters(hourly=False)),
        "hourly": or_left_out(lambda: of_meters(hourly=True)),
        "homes_stand_in": or_left_out(lambda: stand_in(folder)),
    }
    if all(goals.LEFT_OUT in part for part in parts.values()):
        raise NoData("; ".join(f"{name}: {part[goals.LEFT_OUT]}" for name, part in parts.items()))
    return {
        "definition": "spliced tenant change, hit within 14 days, one false alarm a meter-year",
        "seeds": SEEDS[:seeds],
        **parts,
    }


def or_left_out(part: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of a part, or why there are none."""
    try:
        return part()
    except TOO_FEW as error:
        return {goals.LEFT_OUT: str(error)}


def stand_in(folder: Path) -> dict[str, Any]:
    """Return the figures of homes, and how many there are to stand in for."""
    given = homes.given(folder)

    def of(*, hourly: bool) -> Meters:
        return homes.read(folder, hourly=hourly, seed=SEEDS[0])

    return {
        "homes": len(given.kwh),
        "weeks": given.kwh.shape[1],
        "homes_without_every_week_left_out": given.n_left_out,
        "daily": or_left_out(lambda: travel(of(hourly=False)) | of_a_station(folder)),
        "hourly": or_left_out(lambda: travel(of(hourly=True))),
    }


def travel(meters: Meters) -> dict[str, Any]:
    """Return how the judge that ships does on meters of another kind."""
    rng = np.random.default_rng(SEEDS[0])
    fold = rng.permutation(len(meters.energy_kwh)) % learning_change.N_FOLDS
    n_starts = HOMES_STARTS[meters.hours is not None]
    table = splicing.tabulate(meters=meters, fold=fold, n_starts=n_starts, n_splices=1, rng=rng)
    return learnt_from.said_of(meters) | {"judge_that_ships": shipped(table, fold=fold)}


def of_a_station(folder: Path) -> dict[str, Any]:
    """Return how a station of such homes does by its own judge: learnt on half, asked of the other.

    The product's own way, by its own numbers, on every home there is.
    """
    meters = homes.read(folder, hourly=False, seed=SEEDS[0], n_homes=EVERY_HOME)
    policy = loader.load(name=judges.KEY, on=POLICY_DAY)
    found = own.learn(
        meters=meters,
        beside=judges.of_changes(),
        policy=loader.numbers_for(policy=policy, shape=own.OwnPolicy),
        rng=np.random.default_rng(SEEDS[0]),
    )
    return {
        "station_own_judge": learning_change.figures(found.own),
        "ships_on_the_same": learning_change.figures(found.beside),
    }


def measure(meters: Meters, *, seeds: tuple[int, ...] = SEEDS, n_starts: int = 0) -> dict[str, Any]:
    """Return the figures of one set of meters; the spread is over seeds."""
    hourly = meters.hours is not None
    by_seed = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        fold = rng.permutation(len(meters.energy_kwh)) % learning_change.N_FOLDS
        table = splicing.tabulate(
            meters=meters,
            fold=fold,
            n_starts=n_starts or N_STARTS[hourly],
            n_splices=N_SPLICES,
            rng=rng,
        )
        apart = learning.crossed(table=table, fold=fold, rng=rng)
        plain = table.meter_of_case[table.splice_of_case < 0]
        by_seed.append(
            {
                "windows": {"plain": len(plain), "meters_shown": len(np.unique(plain))},
                "learnt_on_other_meters": learning_change.judged(apart, table=table, fold=fold),
                "judge_that_ships": shipped(table, fold=fold),
                "calibration": calibration(apart, table=table),
            }
        )
    rates = [one["learnt_on_other_meters"]["hit_rate"] for one in by_seed]
    return {
        "meters": len(meters.energy_kwh),
        "first_day": meters.days[0],
        "last_day": meters.days[-1],
        **learnt_from.said_of(meters),
        "hit_rate": round(float(np.mean(rates)), 3),
        "hit_rate_spread_over_seeds": round(float(np.ptp(rates)), 3),
        "by_seed": by_seed,
        "peers": change_peers.compare(meters, seed=seeds[0], n_starts=PEER_STARTS),
    }


def shipped(table: Table, *, fold: npt.NDArray[np.int64]) -> dict[str, Any]:
    """Score the same looks by the judge that ships; its threshold is set on the other folds."""
    said = learning.score_of(judge=judges.of_changes(), table=table)
    return learning_change.judged(said, table=table, fold=fold)


def calibration(score: npt.NDArray[np.floating], *, table: Table) -> dict[str, Any]:
    """Return how the stated probabilities compare with shares, at as many plain as spliced looks.

    Log odds were learnt at another mixture; they are moved to an even one.
    """
    late = table.day - table.splice >= learning.FIRST_LEARNT_DAY
    used = (score > alarms.NEVER) & ((table.splice < 0) | late)
    outcome = table.splice[used] >= 0
    odds = score[used] - np.log(learning.SPLICED_WEIGHT)
    weight = np.where(outcome, 1.0 / max(outcome.sum(), 1), 1.0 / max((~outcome).sum(), 1))
    if not splicing.has_hours(table=table):  # the glance has sent on more of one kind
        weight = np.where(
            outcome,
            1.0 / np.count_nonzero((table.splice >= 0) & late),
            1.0 / np.count_nonzero(table.splice < 0),
        )
    weight /= weight.sum()
    stated = 1.0 / (1.0 + np.exp(-odds))
    place = np.clip(np.searchsorted(BINS, stated, side="right") - 1, 0, len(BINS) - 2)
    mass = np.bincount(place, weight, len(BINS) - 1)
    said = np.bincount(place, weight * stated, len(BINS) - 1) / np.maximum(mass, 1e-12)
    true = np.bincount(place, weight * outcome, len(BINS) - 1) / np.maximum(mass, 1e-12)
    return {
        "ece": round(float(np.sum(mass * np.abs(said - true))), 4),
        "stated": [round(float(value), 3) for value in said],
        "true": [round(float(value), 3) for value in true],
        "share_of_looks": [round(float(value), 3) for value in mass],
    }


def main() -> None:
    """Print the result as JSON."""
    json.dump(run(Path(sys.argv[1])), sys.stdout, indent=1, default=str)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
