"""How well the arrears scorecard ranks real accounts, beside its peers on the same folds.

30,000 card accounts (UCI "Default of credit card clients", CC BY 4.0). A card default is no utility
arrear: this checks the way of ranking, not the numbers of any station. Sex, education, marriage
and age are in the file and never read. Equal rows stand in one fold.

The learning's settings are those of the risk policy. They were chosen by cross-validation on 60 %
of the distinct accounts alone (``CHOSEN_ON``); the other 40 % were scored once, by the figures
below as ``apart``, after that; then again, once each, for the learning that holds large steps less
and for the subscores. The folds of the cross-validation over all accounts use other seeds. Beside a
calibration error stands what a perfect forecast with these chances would show on so many accounts:
chance alone, in the mean and in one sample of twenty.

    python -m benchmarks.quality.arrears path/to/credit_default.csv
"""

import csv
import hashlib
import json
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import real_files
from benchmarks.running import NoData
from lamplighter.insight.arrears import features as arrears_features
from lamplighter.insight.arrears import learning, measures, scorecard, validation

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Ranker = Callable[[Booleans], Floats]  # learns on the chosen rows, scores all

RULES = Path(__file__).parents[2] / "src/lamplighter/policy/rules/risk/2014-11-01.toml"
MONTHS = (6, 5, 4, 3, 2, 1)  # the file counts backwards from the newest
DELAYS = ("PAY_6", "PAY_5", "PAY_4", "PAY_3", "PAY_2", "PAY_0")
BAGGED = 6  # boosted models, each on a draw of the accounts, averaged
PERFECT_DRAWS = 200
FOLDS, SEEDS = 5, (20141101, 20141102, 20141103)
CHOSEN_ON = (77, 0.6)  # seed and share of the accounts that the settings were chosen on
CHOSEN_OF = (
    "34588b981e2333a5b24f09c43fa6b8db92906d4d4270630deefd8afddb915c8f"  # SHA-256 of these accounts
)


def policy() -> learning.FitPolicy:
    """Return the numbers that the station learns by."""
    rows = tomllib.loads(RULES.read_text(encoding="utf-8"))["rows"]
    return learning.FitPolicy(**{f.name: rows[f.name]["value"] for f in fields(learning.FitPolicy)})


def read(path: Path) -> dict[str, Floats]:
    """Return the file's columns that may be used, and the outcome as ``class``.

    Raises
    ------
    NoData
        The file is not there.
    real_files.Unfit
        It lacks a column, a number, or accounts of both kinds.
    """
    if not path.exists():
        raise NoData(f"{path.name}: set LAMPLIGHTER_REAL_DATA to the folder that holds it")
    wanted = ["LIMIT_BAL", *DELAYS, "class"]
    wanted += [f"{kind}_AMT{month}" for kind in ("BILL", "PAY") for month in MONTHS]
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        lacking = [name for name in wanted if name not in (reader.fieldnames or ())]
        if lacking:
            raise real_files.Unfit(
                f"{path.name} has no column {', '.join(lacking)}: name its columns as the set does"
            )
        rows = list(reader)
    columns = {name: np.array([_number(path, row, name) for row in rows]) for name in wanted}
    counts = [int(np.count_nonzero(columns["class"] == value)) for value in (0.0, 1.0)]
    if min(counts) < FOLDS or sum(counts) != len(rows):
        raise real_files.Unfit(
            f"{path.name}: class is 0 on {counts[0]} and 1 on {counts[1]} of {len(rows)} accounts; "
            f"each has to have one of the two, and {FOLDS} at least of both"
        )
    return columns


def _number(path: Path, row: dict[str, str], name: str) -> float:
    try:
        return float(row[name])
    except (TypeError, ValueError) as error:
        raise real_files.Unfit(
            f"{path.name}: {name} is {row[name]!r} where ID is {row.get('ID')}: no number"
        ) from error


def are_those_chosen_on(columns: dict[str, Floats]) -> bool:
    """Return whether these are the accounts that the settings were chosen on a part of."""
    rows = np.stack([columns[name] for name in sorted(columns)], axis=1)
    ordered = rows[np.lexsort(rows.T)].astype("<f8")
    return hashlib.sha256(ordered.tobytes()).hexdigest() == CHOSEN_OF


def features_of(columns: dict[str, Floats]) -> arrears_features.Features:
    """Return the kernel's features; a month's payment settles the statement of the month before."""
    billed = np.column_stack([columns[f"BILL_AMT{month}"] for month in MONTHS])
    paid = np.column_stack([columns[f"PAY_AMT{month}"] for month in MONTHS])
    return arrears_features.features(
        billed_cny=billed[:, :-1],
        paid_cny=paid[:, 1:],
        delay_months=np.column_stack([columns[name] for name in DELAYS]),
        open_bill_cny=billed[:, -1],
        size=columns["LIMIT_BAL"],
        method_code=np.full(len(billed), -1, dtype=np.int8),
        recency=0.7,
        is_credit_line=True,
    )


def run(path: Path, *, seeds: int = len(SEEDS)) -> dict[str, Any]:
    """Cross-validate the scorecard and its peers on the same folds and return the figures.

    Raises
    ------
    NoData
        The file is not there.
    real_files.Unfit
        Nothing can be measured on it; most often a part of its accounts is too few to learn from.
    """
    try:
        return measure(path, seeds=SEEDS[:seeds])
    except learning.TooFewToLearn as error:
        raise real_files.Unfit(f"{path.name}: too few accounts to learn from: {error}") from error


def measure(path: Path, *, seeds: Sequence[int]) -> dict[str, Any]:
    """Return the figures of one file."""
    columns = read(path)
    chosen_on = are_those_chosen_on(columns)
    outcome = columns.pop("class") == 1.0
    raw = np.column_stack(list(columns.values()))
    groups = validation.groups_of_rows(values=raw)
    known = features_of(columns)
    rankers = _rankers(known, raw, outcome)
    folds = [
        validation.folds_of(groups=groups, outcome=outcome, folds=FOLDS, seed=seed)
        for seed in seeds
    ]
    result: dict[str, Any] = {
        "accounts": outcome.size,
        "groups": int(groups.max()) + 1,
        "share_unpaid": float(outcome.mean()),
        "folds": FOLDS,
        "seeds": list(seeds),
        "cross_validated": {
            name: _cross_validated(rank, outcome, folds if name in OURS else folds[:1])
            for name, rank in rankers.items()
        },
        "settings_were_chosen_on": (
            f"{CHOSEN_ON[1]:.0%} of these accounts, those that `apart` learns from"
            if chosen_on
            else "other accounts, or on some of these: not on this set as a whole"
        ),
        "apart": _apart(rankers["scorecard"], outcome, groups),
    }
    ours = result["cross_validated"]["scorecard"]["auc_by_seed"][0]
    boosted = max(
        found["auc_by_seed"][0]
        for name, found in result["cross_validated"].items()
        if "boosting on our features" in name
    )
    return result | {
        "boosted_best": boosted,
        "boosted_gain": boosted - ours,  # on the same deal of folds
        "readable": _readable(known, outcome),
    }


def values_differ(values: Floats) -> bool:
    """Return whether a feature has two values; a peer cannot take a column without."""
    known = values[~np.isnan(values)]
    return known.size > 0 and float(known.min()) < float(known.max())


OURS = ("scorecard", "cards alone")


def _rankers(known: arrears_features.Features, raw: Floats, outcome: Booleans) -> dict[str, Ranker]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    told = [n for n, values in enumerate(known.values.T) if values_differ(values)]
    own = known.values[:, told]
    directions = [arrears_features.DIRECTIONS[known.names[n]] for n in told]
    logistic = lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))  # noqa: E731
    return {
        "scorecard": _card(known, outcome, policy()),
        "cards alone": _card(known, outcome, _without_tables()),
        "logistic regression on the file": _peer(logistic, raw, outcome),
        "boosting on the file": _peer(_boosted(None), raw, outcome),
        "boosting on our features": _peer(_boosted(None), own, outcome),
        "monotone boosting on our features": _peer(_boosted(directions), own, outcome),
        "a bag of boosting on our features": _bag(own, outcome, None),
        "a bag of monotone boosting on our features": _bag(own, outcome, directions),
    }


def _without_tables() -> learning.FitPolicy:
    values = {f.name: getattr(policy(), f.name) for f in fields(learning.FitPolicy)}
    return learning.FitPolicy(**values | {"tables_at_most": 0})


def _boosted(directions: list[int] | None) -> Callable[[], Any]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return lambda: HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=120,
        max_leaf_nodes=8,
        min_samples_leaf=40,
        l2_regularization=5.0,
        monotonic_cst=directions,
        random_state=SEEDS[0],
    )


def _card(
    known: arrears_features.Features, outcome: Booleans, numbers: learning.FitPolicy
) -> Ranker:
    def rank(learns: Booleans) -> Floats:
        card = learning.fit(features=known.rows(learns), outcome=outcome[learns], policy=numbers)
        return scorecard.score(scorecard=card, features=known).probability

    return rank


def _peer(make: Callable[[], Any], table: Floats, outcome: Booleans) -> Ranker:
    def rank(learns: Booleans) -> Floats:
        model = make().fit(table[learns], outcome[learns])
        probability: Floats = model.predict_proba(table)[:, 1]
        return probability

    return rank


def _bag(table: Floats, outcome: Booleans, directions: list[int] | None) -> Ranker:
    """Return the strongest peer seen: slow boosted models on draws with replacement, averaged."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    def rank(learns: Booleans) -> Floats:
        rows, said = np.flatnonzero(learns), np.zeros(outcome.size)
        for number in range(BAGGED):
            drawn = np.random.default_rng(SEEDS[0] + number).choice(rows, rows.size)
            model = HistGradientBoostingClassifier(
                learning_rate=0.03,
                max_iter=250,
                max_leaf_nodes=12,
                min_samples_leaf=40,
                l2_regularization=5.0,
                max_features=0.3,
                monotonic_cst=directions,
                random_state=number,
            )
            said += model.fit(table[drawn], outcome[drawn]).predict_proba(table)[:, 1]
        return said / BAGGED

    return rank


def _cross_validated(
    rank: Ranker, outcome: Booleans, deals: Sequence[npt.NDArray[np.int64]]
) -> dict[str, Any]:
    started = time.process_time()
    by_seed, spread, ece, brier = [], [], [], []
    for fold in deals:
        probability = np.empty(outcome.size)
        fold_auc = []
        for number in range(FOLDS):
            held = fold == number
            probability[held] = rank(~held)[held]
            fold_auc.append(
                measures.ranking_quality(score=probability[held], outcome=outcome[held])
            )
        by_seed.append(float(np.mean(fold_auc)))
        spread.append(float(np.std(fold_auc)))
        ece.append(_ece(probability, outcome))
        brier.append(measures.squared_error(probability=probability, outcome=outcome))
    return {
        "auc": float(np.mean(by_seed)),
        "auc_by_seed": by_seed,
        "auc_spread_of_folds": float(np.mean(spread)),
        "ece": float(np.max(ece)),
        "brier": float(np.mean(brier)),
        "cpu_seconds_a_fold": (time.process_time() - started) / FOLDS / len(deals),
    }


def _apart(
    rank: Ranker, outcome: Booleans, groups: npt.NDArray[np.int64]
) -> dict[str, float | int]:
    """Learn on the accounts that the settings were chosen on, and score the others."""
    seed, share = CHOSEN_ON
    learns = (np.random.default_rng(seed).random(int(groups.max()) + 1) < share)[groups]
    probability = rank(learns)[~learns]
    return {
        "learnt_on": int(learns.sum()),
        "scored": int((~learns).sum()),
        "auc": measures.ranking_quality(score=probability, outcome=outcome[~learns]),
        "ece": _ece(probability, outcome[~learns]),
    } | _perfect(probability)


def _perfect(probability: Floats) -> dict[str, float]:
    """Return the calibration error of outcomes that are drawn from the chances themselves."""
    dice = np.random.default_rng(SEEDS[0])
    drawn = [
        _ece(probability, dice.random(probability.size) < probability) for _ in range(PERFECT_DRAWS)
    ]
    return {
        "ece_perfect_mean": float(np.mean(drawn)),
        "ece_perfect_one_in_twenty": float(np.quantile(drawn, 0.95)),
    }


def _readable(known: arrears_features.Features, outcome: Booleans) -> dict[str, Any]:
    """Return how much there is to read, and the tables' names, learnt on all accounts."""
    card = learning.fit(features=known, outcome=outcome, policy=policy())
    points = [len(c.points) for c in card.cards]
    return {
        "cards": len(card.cards),
        "card_points": sum(points),
        "subscores": [subscore.name for subscore in card.subscores],
        "tables": len(card.tables),
        "table_points": sum(len(row) for table in card.tables for row in table.points),
        "table_names": [" × ".join(table.names) for table in card.tables],
    }


def _ece(probability: Floats, outcome: Booleans) -> float:
    return measures.calibration_error(
        probability=probability, outcome=outcome, bins=validation.ECE_BINS
    )


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1])), ensure_ascii=False, indent=1))
