"""How well the arrears scorecard ranks real accounts, against two peers in the same run.

30,000 card accounts (UCI "Default of credit card clients", CC BY 4.0). A card default is no utility
arrear: this checks the way of ranking, not the numbers of any station. Sex, education, marriage
and age are in the file and never read.

    python benchmarks/arrears_card.py path/to/credit_default.csv
"""

import csv
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lamplighter.insight.arrears import features as arrears_features
from lamplighter.insight.arrears import learning, measures, validation

Floats = npt.NDArray[np.float64]

MONTHS = (6, 5, 4, 3, 2, 1)  # the file counts backwards from the newest
DELAYS = ("PAY_6", "PAY_5", "PAY_4", "PAY_3", "PAY_2", "PAY_0")
FOLDS, SEED = 5, 20141101
POLICY = learning.FitPolicy(
    bins_at_most=20,
    sweeps=40,
    step_share=0.3,
    ridge=10.0,
    min_accounts_to_learn=2000,
    min_unpaid_to_learn=200,
)


def read(path: Path) -> dict[str, Floats]:
    """Return the file's columns that may be used, and the outcome as ``class``."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = ["LIMIT_BAL", *DELAYS, "class"]
    wanted += [f"{kind}_AMT{month}" for kind in ("BILL", "PAY") for month in MONTHS]
    return {name: np.array([float(row[name]) for row in rows]) for name in wanted}


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
    )


def run(path: Path) -> dict[str, Any]:
    """Cross-validate the scorecard and its peers on the same folds and return the figures."""
    columns = read(path)
    outcome = columns.pop("class") == 1.0
    raw = np.column_stack(list(columns.values()))
    groups = validation.groups_of_rows(values=raw)
    started = time.perf_counter()
    ours = validation.cross_validate(
        features=features_of(columns),
        outcome=outcome,
        groups=groups,
        folds=FOLDS,
        seed=SEED,
        policy=POLICY,
    )
    result: dict[str, Any] = {
        "accounts": outcome.size,
        "groups": int(groups.max()) + 1,
        "scorecard": {
            "auc": ours.auc,
            "auc_spread": ours.auc_spread,
            "ece": ours.ece,
            "brier": ours.brier,
            "seconds": time.perf_counter() - started,
        },
    }
    for name, make in peers().items():
        result[name] = _peer(make, raw, outcome, ours.fold)
    return result


def peers() -> dict[str, Callable[[], Any]]:
    """Return makers of the models to compare with, on the file's own columns."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return {
        "logistic regression": lambda: make_pipeline(
            StandardScaler(), LogisticRegression(max_iter=500)
        ),
        "gradient boosting": lambda: HistGradientBoostingClassifier(
            learning_rate=0.04, max_iter=250, min_samples_leaf=40, random_state=SEED
        ),
    }


def _peer(
    make: Callable[[], Any],
    raw: Floats,
    outcome: npt.NDArray[np.bool_],
    fold: npt.NDArray[np.int64],
) -> dict[str, float]:
    started = time.perf_counter()
    probability = np.empty(outcome.size)
    fold_auc = []
    for number in range(FOLDS):
        held = fold == number
        model = make().fit(raw[~held], outcome[~held])
        probability[held] = model.predict_proba(raw[held])[:, 1]
        fold_auc.append(measures.ranking_quality(score=probability[held], outcome=outcome[held]))
    return {
        "auc": float(np.mean(fold_auc)),
        "auc_spread": float(np.std(fold_auc)),
        "ece": measures.calibration_error(
            probability=probability, outcome=outcome, bins=validation.ECE_BINS
        ),
        "brier": measures.squared_error(probability=probability, outcome=outcome),
        "seconds": time.perf_counter() - started,
    }


def main() -> None:
    result = run(Path(sys.argv[1]))
    print(f"{result['accounts']:,} accounts, {result['groups']:,} distinct, {FOLDS} folds")
    for name, found in result.items():
        if isinstance(found, dict):
            print(
                f"{name:22} AUC {found['auc']:.4f} ± {found['auc_spread']:.4f}"
                f"  ECE {found['ece']:.4f}  Brier {found['brier']:.4f}  {found['seconds']:.1f} s"
            )


if __name__ == "__main__":
    main()
