"""Learn a judge of habit changes from spliced meters, and write the one that ships.

    python -m benchmarks.quality.learning_change FOLDER OUT.npz [PROCESSES]

FOLDER is that of the real data. With the judge change the fingerprints of what he was learnt from:
write them with ``python -m benchmarks.quality.learnt_from FOLDER``.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.quality import splices
from lamplighter.findings import judges
from lamplighter.insight.judge import alarms, learning, learnt, splicing, trees
from lamplighter.insight.judge.splicing import Meters, Table

Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

SEED = 20141101
N_FOLDS = 5
STARTS_A_PIECE = {False: 20, True: 7}  # by days, by hours
N_PIECES = {False: 3, True: 4}
N_SPLICES = 5  # beside each plain window
NOISE_MOST = 0.6  # of a day, log units, added to meters of every other window


class NothingSeen(ValueError):
    """No splice was seen, so that nothing can be said of delays and dates."""


def judged(score: npt.NDArray[np.floating], *, table: Table, fold: Integers) -> dict[str, Any]:
    """Return hits and false alarms of each fold at the threshold of the other folds' meters."""
    return figures(alarms.kept_apart(score=score, table=table, fold=fold))


def figures(found: alarms.Apart) -> dict[str, Any]:
    """Return hits, false alarms, delays and dates as figures of a page."""
    hit, days, missed = found.seen, found.delay, np.abs(found.off[found.seen])
    if not hit.any():
        raise NothingSeen(f"none of {len(hit)} splices is seen: too few meters or windows")
    of_fold = [hit[found.fold == one] for one in np.unique(found.fold)]
    return {
        "hit_rate": round(found.hit_rate, 3),
        "hit_rate_by_fold": [round(float(part.mean()), 3) for part in of_fold],
        "false_alarms_per_meter_year": round(found.false_a_year, 3),
        "splices": len(hit),
        "seen_by_day_7_share": round(float(np.mean(hit & (days <= 7))), 3),
        "seen_by_day_10_share": round(float(np.mean(hit & (days <= 10))), 3),
        "median_delay_days": float(np.median(days[hit])),
        "date_median_error_days": float(np.median(missed)),
        "date_within_3_days_share": round(float(np.mean(missed <= 3)), 3),
        "date_within_7_days_share": round(float(np.mean(missed <= 7)), 3),
    }


def provenance(folder: Path, *, tables: tuple[Table, ...]) -> str:
    """Return what a judge was learnt from: which files, how many of their meters, how many splices.

    Names and counts as the folder had them; whose readings they are only its keeper knows.
    """
    told = []
    for table in tables:
        file = splices.file_of(folder, "hourly" if splicing.has_hours(table=table) else "daily")
        n_meters = len(np.unique(table.meter_of_case))
        n_splices = int(np.count_nonzero(table.splice_of_case >= 0))
        told.append(f"{n_splices} splices of {n_meters} meters of {file.name}")
    return (
        f"benchmarks.quality.learning_change, seed {SEED}: {', '.join(told)}; "
        f"every other window with up to {NOISE_MOST:g} log units of noise a day"
    )


def _folds(meters: Meters) -> Integers:
    return np.random.default_rng(SEED).permutation(len(meters.energy_kwh)) % N_FOLDS


def _piece(what: tuple[Path, bool, int]) -> Table:
    folder, hourly, number = what
    meters = splices.read(folder, hourly=hourly)
    return splicing.tabulate(
        meters=meters,
        fold=_folds(meters),
        n_starts=STARTS_A_PIECE[hourly],
        n_splices=N_SPLICES,
        rng=np.random.default_rng((SEED, int(hourly), number)),
        noise=NOISE_MOST,
    )


def _stated(folder: Path, table: Table) -> tuple[float, float]:
    fold = _folds(splices.read(folder, hourly=splicing.has_hours(table=table)))
    score = learning.crossed(table=table, fold=fold, rng=np.random.default_rng((SEED, 12)))
    return learning.stated(score=score, table=table)


def _everybody(table: Table) -> Booleans:
    return np.ones(int(table.meter.max()) + 1, dtype=bool)


def _hours(table: Table) -> learnt.Forest:
    rng = np.random.default_rng((SEED, 11))
    return learning.learn(table=table, learns=_everybody(table), rng=rng)


def _days(table: Table) -> tuple[learnt.Forest, tuple[learnt.Glance, ...]]:
    rng, everybody = np.random.default_rng((SEED, 10)), _everybody(table)
    days = learning.learn(table=table, learns=everybody, rng=rng)
    said = trees.score(forest=days, columns=table.columns)
    glances = learning.learn_glances(table=table, said=said, learns=everybody, rng=rng)
    return days, glances


def ship(folder: Path, *, workers: int) -> dict[str, npt.NDArray[np.generic]]:
    """Learn the judge that ships: by day and by hour, some meters made as noisy as homes.

    His log odds are made true by judges of other meters, learnt and asked in turn. The same
    however many processes share the work.
    """
    pieces = [(folder, hourly, n) for hourly in (False, True) for n in range(N_PIECES[hourly])]
    with ProcessPoolExecutor(workers) as pool:
        tables = list(pool.map(_piece, pieces))
        daily = splicing.joined(tables=tables[: N_PIECES[False]])
        by_hour = splicing.joined(tables=tables[N_PIECES[False] :])
        of_hours, of_days = pool.submit(_hours, by_hour), pool.submit(_days, daily)
        true = [pool.submit(_stated, folder, table) for table in (daily, by_hour)]
        days, glances = of_days.result()
        told = [one.result() for one in true]
    (in_days, by_days), (in_hours, by_hours) = told
    days = learning.stating(forest=days, intercept=in_days, slope=by_days)
    hours = learning.stating(forest=of_hours.result(), intercept=in_hours, slope=by_hours)
    judge = learnt.Judge(every=splicing.EVERY, glances=glances, days=days, hours=hours)
    return {
        **judges.to_arrays(judge),
        "stated": np.array(told, dtype=np.float64),  # of days, of hours: intercept and slope
        "provenance": np.array(provenance(folder, tables=(daily, by_hour))),
    }


if __name__ == "__main__":
    learnt_now = ship(Path(sys.argv[1]), workers=int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    np.savez_compressed(sys.argv[2], **learnt_now)  # type: ignore[arg-type]
