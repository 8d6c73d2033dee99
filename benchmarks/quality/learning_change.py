"""Learn a judge of habit changes from spliced meters, and write the one that ships.

    python -m benchmarks.quality.learning_change FOLDER OUT.npz [PROCESSES]

FOLDER is that of the real data.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.quality import splices
from benchmarks.quality.splices import Table
from lamplighter.insight.change import learnt, screen, trees

Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

SEED = 20141101
N_FOLDS = 5
STARTS_A_PIECE = {False: 20, True: 7}  # by days, by hours
N_PIECES = {False: 3, True: 4}
N_SPLICES = 5  # beside each plain window
NOISE_MOST = 0.6  # of a day, log units, added to meters of every other window
GLANCE_SHARE = 0.12  # of plain looks that get a second one
GLANCE_TREES = 24
GLANCE_DEPTH = 4
PLAIN_MOST = 120_000
SPLICED_MOST = 120_000
FIRST_LEARNT_DAY = 4  # a look at fewer days of the new habit teaches little
SPLICED_WEIGHT = 0.3  # of all, against the plain looks
RAISED_SHARE = 0.04  # of plain looks the glance learns to send on
N_TREES = 500
DEPTH = 6
RATE = 0.08


def learn(
    table: Table, *, learns: Booleans, rng: np.random.Generator, n_trees: int = N_TREES
) -> learnt.Forest:
    """Learn a forest from the looks at some meters, plain against spliced."""
    ours = learns[table.meter]
    plain = np.flatnonzero(ours & (table.splice < 0))
    spliced = np.flatnonzero(
        ours & (table.splice >= 0) & (table.day - table.splice >= FIRST_LEARNT_DAY)
    )
    plain = rng.permutation(plain)[:PLAIN_MOST]
    spliced = rng.permutation(spliced)[:SPLICED_MOST]
    rows = np.concatenate([plain, spliced])
    outcome = np.arange(len(rows)) >= len(plain)
    weight = np.where(outcome, SPLICED_WEIGHT * len(plain) / max(len(spliced), 1), 1.0)
    return trees.grow(
        columns=table.columns[:, rows],
        outcome=outcome,
        weight=weight.astype(np.float32),
        traits=table.names,
        n_trees=n_trees,
        depth=DEPTH,
        rate=RATE,
        rng=rng,
    )


def glance_traits() -> tuple[str, ...]:
    """Return the names of what the first glance is told."""
    return (*screen.SIGNS, *(f"usual_{name}" for name in screen.SIGNS))


def learn_glance(
    table: Table, *, by: learnt.Forest, learns: Booleans, rng: np.random.Generator
) -> learnt.Forest:
    """Learn from the signs alone which looks the judge would raise."""
    rows = rng.permutation(np.flatnonzero(learns[table.meter]))[: 2 * PLAIN_MOST]
    said = trees.score(forest=by, columns=np.ascontiguousarray(table.columns[:, rows]))
    plain = table.splice[rows] < 0
    high = said >= np.quantile(said[plain], 1.0 - RAISED_SHARE)
    names = glance_traits()
    return trees.grow(
        columns=table.columns[[table.names.index(name) for name in names]][:, rows],
        outcome=high,
        weight=np.ones(len(rows), dtype=np.float32),
        traits=names,
        n_trees=GLANCE_TREES,
        depth=GLANCE_DEPTH,
        rate=0.35,
        rng=rng,
        asked=12,
    )


def glanced(
    table: Table, *, glance: learnt.Forest, score: npt.NDArray[np.floating], plain: Booleans
) -> npt.NDArray[np.floating]:
    """Return the score where the first glance lets a second one be, NEVER elsewhere."""
    names = [table.names.index(name) for name in glance.traits]
    said = trees.score(forest=glance, columns=table.columns[names])
    limit = np.quantile(said[plain & (table.splice < 0)], 1.0 - GLANCE_SHARE)
    return np.where(said >= limit, score, splices.NEVER)


def crossed(
    table: Table, *, fold: Integers, rng: np.random.Generator, n_trees: int = N_TREES
) -> npt.NDArray[np.float32]:
    """Return each look's score by a judge that never saw its meter, glance and all."""
    score = np.empty(len(table.meter), dtype=np.float32)
    has_hours = "root_step" in table.names  # every look at hours is a second one
    for one in np.unique(fold):
        forest = learn(table, learns=fold != one, rng=rng, n_trees=n_trees)
        apart = fold[table.meter] == one
        said = trees.score(forest=forest, columns=table.columns)
        if not has_hours:
            glance = learn_glance(table, by=forest, learns=fold != one, rng=rng)
            said = glanced(table, glance=glance, score=said, plain=~apart)
        score[apart] = said[apart]
    return score


def judged(score: npt.NDArray[np.floating], *, table: Table, fold: Integers) -> dict[str, Any]:
    """Return hits and false alarms of each fold at the threshold of the other folds' meters."""
    seen, delay, off, false, watched, by_fold = [], [], [], 0, 0.0, []
    for one in np.unique(fold):
        learns = fold != one
        limit = splices.threshold_at(score, table=table, learns=learns, per_year=1.0)
        false += splices.alarms(score, table=table, threshold=limit, chosen=~learns[table.meter])
        watched += splices.years(table, ~learns)
        found = splices.hits(score, table=table, threshold=limit, judged=~learns)
        by_fold.append(float(found[0].mean()))
        for into, what in zip((seen, delay, off), found, strict=True):
            into.append(what)
    hit, days, error = (np.concatenate(part) for part in (seen, delay, off))
    missed = np.abs(error[hit])
    return {
        "hit_rate": round(float(hit.mean()), 3),
        "hit_rate_by_fold": [round(value, 3) for value in by_fold],
        "false_alarms_per_meter_year": round(false / watched, 3),
        "splices": len(hit),
        "seen_by_day_7_share": round(float(np.mean(hit & (days <= 7))), 3),
        "seen_by_day_10_share": round(float(np.mean(hit & (days <= 10))), 3),
        "median_delay_days": float(np.median(days[hit])),
        "date_median_error_days": float(np.median(missed)),
        "date_within_3_days_share": round(float(np.mean(missed <= 3)), 3),
        "date_within_7_days_share": round(float(np.mean(missed <= 7)), 3),
    }


def _piece(what: tuple[Path, bool, int]) -> Table:
    folder, hourly, number = what
    meters = splices.read(folder, hourly=hourly)
    fold = np.random.default_rng(SEED).permutation(len(meters.energy_kwh)) % N_FOLDS
    return splices.tabulate(
        meters,
        fold=fold,
        n_starts=STARTS_A_PIECE[hourly],
        n_splices=N_SPLICES,
        rng=np.random.default_rng((SEED, int(hourly), number)),
        noise=NOISE_MOST,
    )


def _everybody(table: Table) -> Booleans:
    return np.ones(int(table.meter.max()) + 1, dtype=bool)


def _hours(table: Table) -> learnt.Forest:
    return learn(table, learns=_everybody(table), rng=np.random.default_rng((SEED, 11)))


def _days(table: Table) -> tuple[learnt.Forest, learnt.Forest, float]:
    rng = np.random.default_rng((SEED, 10))
    days = learn(table, learns=_everybody(table), rng=rng)
    glance = learn_glance(table, by=days, learns=_everybody(table), rng=rng)
    asked = table.columns[[table.names.index(name) for name in glance.traits]]
    said = trees.score(forest=glance, columns=asked)
    return days, glance, float(np.quantile(said[table.splice < 0], 1.0 - GLANCE_SHARE))


def ship(folder: Path, *, workers: int) -> dict[str, npt.NDArray[np.generic]]:
    """Learn the judge that ships: by day and by hour, some meters made as noisy as homes.

    The same however many processes share the work.
    """
    pieces = [(folder, hourly, n) for hourly in (False, True) for n in range(N_PIECES[hourly])]
    with ProcessPoolExecutor(workers) as pool:
        tables = list(pool.map(_piece, pieces))
        daily = splices.joined(tables[: N_PIECES[False]])
        by_hour = splices.joined(tables[N_PIECES[False] :])
        of_hours = pool.submit(_hours, by_hour)
        days, glance, limit = pool.submit(_days, daily).result()
        hours = of_hours.result()
    found: dict[str, npt.NDArray[np.generic]] = {
        "every": np.array(splices.EVERY),
        "limit": np.array(limit, dtype=np.float32),
        "provenance": np.array(
            f"benchmarks.quality.learning_change, seed {SEED}: "
            f"{int(np.count_nonzero(daily.splice_of_case >= 0))} daily and "
            f"{int(np.count_nonzero(by_hour.splice_of_case >= 0))} hourly splices of the "
            "Cambridge Estates Building Energy Archive (MIT), half of them with added noise"
        ),
    }
    for name, forest in (("glance", glance), ("days", days), ("hours", hours)):
        found |= {
            f"{name}_traits": np.array(forest.traits),
            f"{name}_intercept": np.array(forest.intercept, dtype=np.float32),
            f"{name}_column": forest.column.astype(np.int16),
            f"{name}_limit": forest.limit,
            f"{name}_leaf": forest.leaf,
        }
    return found


if __name__ == "__main__":
    learnt_now = ship(Path(sys.argv[1]), workers=int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    np.savez_compressed(sys.argv[2], **learnt_now)  # type: ignore[arg-type]
