"""Learn a judge of habit changes from spliced meters, and write the one that ships.

    python -m benchmarks.quality.learning_change FOLDER OUT.npz [PROCESSES]

FOLDER is that of the real data.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.quality import splices
from benchmarks.quality.splices import Table
from lamplighter.insight.arrears import logistic
from lamplighter.insight.change import following, learnt, process, screen, trees

Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

SEED = 20141101
N_FOLDS = 5
STARTS_A_PIECE = {False: 20, True: 7}  # by days, by hours
N_PIECES = {False: 3, True: 4}
N_SPLICES = 5  # beside each plain window
NOISE_MOST = 0.6  # of a day, log units, added to meters of every other window
GLANCES = (  # each at what the one before let pass
    {"share": 0.18, "n_trees": 24, "depth": 4, "rate": 0.35, "asked": 12},
    {"share": 0.09, "n_trees": 120, "depth": 6, "rate": 0.12, "asked": 14},
    {"share": 0.045, "n_trees": 80, "depth": 6, "rate": 0.2, "asked": 14},
)  # share: of plain looks that get a closer one
PLAIN_MOST = 120_000
SPLICED_MOST = 120_000
FIRST_LEARNT_DAY = 4  # a look at fewer days of the new habit teaches little
SPLICED_WEIGHT = 0.3  # of all, against the plain looks
RAISED_SHARE = 0.04  # of plain looks the glances learn to let pass
N_TREES = {False: 900, True: 1200}  # by days, by hours
DEPTH = 6
RATE = 0.08
STATED_FROM = 0.0  # scores below this are no alarm: how true they are is not asked
STATED_RIDGE = 1e-6


def learn(
    table: Table, *, learns: Booleans, rng: np.random.Generator, n_trees: int | None = None
) -> learnt.Forest:
    """Learn a forest from the looks at some meters, plain against spliced."""
    n_trees = n_trees or N_TREES[splices.has_hours(table)]
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


def glance_traits() -> tuple[tuple[str, ...], ...]:
    """Return the names of what each glance is told: signs, and at last the control group too."""
    signs = (*screen.SIGNS, *(f"usual_{name}" for name in screen.SIGNS))
    ones = np.ones((1, process.DAYS), dtype=np.float32)
    zero = np.zeros(1, dtype=np.int64)
    control = following.of_days(
        own=ones, common=ones[0], day=zero + process.DAYS - 1, point=zero, peers=zero,
        apart=zero[:, None],
    )  # fmt: skip
    return signs, signs, (*signs, *control)


def learn_glances(
    table: Table, *, said: npt.NDArray[np.floating], learns: Booleans, rng: np.random.Generator
) -> tuple[learnt.Glance, ...]:
    """Learn from a part of the traits which looks the judge, who said this, would raise."""
    ours = learns[table.meter]
    plain = ours & (table.splice < 0)
    high = said >= np.quantile(said[plain], 1.0 - RAISED_SHARE)
    let_pass, glances = ours, []
    for names, told in zip(glance_traits(), GLANCES, strict=True):
        rows = rng.permutation(np.flatnonzero(let_pass))[: 2 * PLAIN_MOST]
        columns = table.columns[[table.names.index(name) for name in names]]
        forest = trees.grow(
            columns=columns[:, rows],
            outcome=high[rows],
            weight=np.ones(len(rows), dtype=np.float32),
            traits=names,
            n_trees=int(told["n_trees"]),
            depth=int(told["depth"]),
            rate=told["rate"],
            rng=rng,
            asked=int(told["asked"]),
        )
        score = np.where(let_pass, trees.score(forest=forest, columns=columns), splices.NEVER)
        limit = float(np.quantile(score[plain], 1.0 - told["share"]))
        glances.append(learnt.Glance(forest=forest, limit=limit))
        let_pass = ours & (score >= limit)
    return tuple(glances)


def passed(table: Table, *, glances: tuple[learnt.Glance, ...]) -> Booleans:
    """Return which looks all glances let pass."""
    let_pass = np.ones(len(table.meter), dtype=bool)
    for glance in glances:
        columns = table.columns[[table.names.index(name) for name in glance.forest.traits]]
        let_pass &= trees.score(forest=glance.forest, columns=columns) >= glance.limit
    return let_pass


def crossed(
    table: Table, *, fold: Integers, rng: np.random.Generator, n_trees: int | None = None
) -> npt.NDArray[np.float32]:
    """Return each look's score by a judge that never saw its meter, glances and all."""
    score = np.empty(len(table.meter), dtype=np.float32)
    for one in np.unique(fold):
        forest = learn(table, learns=fold != one, rng=rng, n_trees=n_trees)
        apart = fold[table.meter] == one
        said = trees.score(forest=forest, columns=table.columns)
        if not splices.has_hours(table):  # every look at hours is a closer one
            glances = learn_glances(table, said=said, learns=fold != one, rng=rng)
            said = np.where(passed(table, glances=glances), said, splices.NEVER)
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


def stated(score: npt.NDArray[np.floating], *, table: Table) -> tuple[float, float]:
    """Return intercept and slope of the log odds of an alarm over its score.

    The odds that another household came in, were it one a meter-year: alarms of plain windows
    count by the meter-year, those after a splice by the splice.
    """
    highest, is_splice = splices.highest(score, table=table)
    asked = highest >= STATED_FROM
    fit = logistic.fit(
        columns=highest[asked, None].astype(np.float64),
        outcome=is_splice[asked],
        ridge=STATED_RIDGE,
    )
    everybody = np.ones(int(table.meter_of_case.max()) + 1, dtype=bool)
    n_splices = np.count_nonzero(table.splice_of_case >= 0)
    mixture = np.log(splices.years(table, everybody) / n_splices)
    return fit.intercept + float(mixture), float(fit.slopes[0])


def stating(forest: learnt.Forest, *, intercept: float, slope: float) -> learnt.Forest:
    """Return the forest whose score is ``intercept + slope * score``."""
    return replace(
        forest,
        intercept=intercept + slope * forest.intercept,
        leaf=(slope * forest.leaf).astype(np.float32),
    )


def _folds(meters: splices.Meters) -> Integers:
    return np.random.default_rng(SEED).permutation(len(meters.energy_kwh)) % N_FOLDS


def _piece(what: tuple[Path, bool, int]) -> Table:
    folder, hourly, number = what
    meters = splices.read(folder, hourly=hourly)
    return splices.tabulate(
        meters,
        fold=_folds(meters),
        n_starts=STARTS_A_PIECE[hourly],
        n_splices=N_SPLICES,
        rng=np.random.default_rng((SEED, int(hourly), number)),
        noise=NOISE_MOST,
    )


def _stated(folder: Path, table: Table) -> tuple[float, float]:
    fold = _folds(splices.read(folder, hourly=splices.has_hours(table)))
    score = crossed(table, fold=fold, rng=np.random.default_rng((SEED, 12)))
    return stated(score, table=table)


def _everybody(table: Table) -> Booleans:
    return np.ones(int(table.meter.max()) + 1, dtype=bool)


def _hours(table: Table) -> learnt.Forest:
    return learn(table, learns=_everybody(table), rng=np.random.default_rng((SEED, 11)))


def _days(table: Table) -> tuple[learnt.Forest, tuple[learnt.Glance, ...]]:
    rng, everybody = np.random.default_rng((SEED, 10)), _everybody(table)
    days = learn(table, learns=everybody, rng=rng)
    said = trees.score(forest=days, columns=table.columns)
    return days, learn_glances(table, said=said, learns=everybody, rng=rng)


def ship(folder: Path, *, workers: int) -> dict[str, npt.NDArray[np.generic]]:
    """Learn the judge that ships: by day and by hour, some meters made as noisy as homes.

    His log odds are made true by judges of other meters, learnt and asked in turn. The same
    however many processes share the work.
    """
    pieces = [(folder, hourly, n) for hourly in (False, True) for n in range(N_PIECES[hourly])]
    with ProcessPoolExecutor(workers) as pool:
        tables = list(pool.map(_piece, pieces))
        daily = splices.joined(tables[: N_PIECES[False]])
        by_hour = splices.joined(tables[N_PIECES[False] :])
        of_hours, of_days = pool.submit(_hours, by_hour), pool.submit(_days, daily)
        true = [pool.submit(_stated, folder, table) for table in (daily, by_hour)]
        days, glances = of_days.result()
        told = [one.result() for one in true]
    (in_days, by_days), (in_hours, by_hours) = told
    days = stating(days, intercept=in_days, slope=by_days)
    hours = stating(of_hours.result(), intercept=in_hours, slope=by_hours)
    found: dict[str, npt.NDArray[np.generic]] = {
        "every": np.array(splices.EVERY),
        "limits": np.array([glance.limit for glance in glances], dtype=np.float32),
        "stated": np.array(told, dtype=np.float64),  # of days, of hours: intercept and slope
        "provenance": np.array(
            f"benchmarks.quality.learning_change, seed {SEED}: "
            f"{int(np.count_nonzero(daily.splice_of_case >= 0))} daily and "
            f"{int(np.count_nonzero(by_hour.splice_of_case >= 0))} hourly splices of the "
            "Cambridge Estates Building Energy Archive (MIT), half of them with added noise"
        ),
    }
    of_glances = {f"glance_{n}": one.forest for n, one in enumerate(glances, start=1)}
    for name, forest in {**of_glances, "days": days, "hours": hours}.items():
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
