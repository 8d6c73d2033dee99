"""What the night finds on the twin's hard zone against what is true there.

The zone (2,100 customers, 1,096 days) is made anew, taken in through the importer, and one night is
run. The truth is read from the twin's own folder, which nothing of the product can see.

    python -m benchmarks.twin TRUTH_FOLDER      on the station that DATABASE_URL names
"""

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
import pyarrow.parquet as pq

from lamplighter.config import demo, postgres

ROOT = Path(__file__).parents[1]
WITHIN_DAYS = 14
YEAR = 365.25
STATED = (0.0, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0)  # ends of the bins of stated probabilities


def run() -> dict[str, Any]:
    """Make the zone where it is not there yet, and compare."""
    home = Path(os.environ.get("LAMPLIGHTER_HOME") or ROOT / ".lamp" / "bench")
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    subprocess.run(
        [sys.executable, "-m", "lamplighter.config.demo", "--small", "--no-serve"],
        env=environment | {"LAMPLIGHTER_HOME": str(home)},
        check=True,
        stdout=sys.stderr,
    )
    url = postgres.ensure_running(home=home / "zone")
    return {"seed": demo.SEED} | measure(url=url, truth=home / "zone" / "truth", n_days=demo.DAYS)


def measure(*, url: str, truth: Path, n_days: int) -> dict[str, Any]:
    """Compare the newest findings in a database with a truth folder."""
    with psycopg.connect(url) as connection:
        return {
            **_accounts(connection, pq.read_table(truth / "accounts.parquet").to_pylist()),
            "changes": _changes(
                connection, pq.read_table(truth / "changes.parquet").to_pylist(), n_days=n_days
            ),
        }


def _accounts(connection: Any, truth: list[dict[str, Any]]) -> dict[str, Any]:
    rows = connection.execute(
        "SELECT a.number, f.grade, f.cause, f.risk_probability, f.risk_band"
        " FROM findings_accountfinding f JOIN customers_account a ON a.id = f.account_id"
    ).fetchall()
    known = {row["account_number"]: row for row in truth}
    causes = Counter((known[number]["cause"], cause) for number, _, cause, _, _ in rows)
    late = {pair: n for pair, n in causes.items() if pair[0] not in ("NONE", "UNKNOWN")}
    stated = {pair: n for pair, n in late.items() if pair[1] not in ("", "UNKNOWN")}
    right = sum(n for (true, said), n in stated.items() if true == said)
    calm = sum(n for (true, _), n in causes.items() if true == "NONE")
    scored = [row for row in rows if row[3] is not None]
    is_late = np.array([known[row[0]]["cause"] != "NONE" for row in scored])
    return {
        "accounts": len(rows),
        "causes": {
            "late_accounts": sum(late.values()),
            "stated": sum(stated.values()),
            "stated_share": _share(sum(stated.values()), sum(late.values())),
            "stated_and_right_share": _share(right, sum(stated.values())),
            "good_payers_given_a_cause_share": _share(calm - causes["NONE", ""], calm),
            "table": _table(causes),
        },
        "grades": _table(Counter((known[n]["behaviour"], grade) for n, grade, *_ in rows)),
        "risk_bands": _table(Counter((known[row[0]]["behaviour"], row[4]) for row in rows)),
        "risk_auc_late_payers": round(_auc(np.array([row[3] for row in scored]), is_late), 3),
    }


def _changes(connection: Any, truth: list[dict[str, Any]], *, n_days: int) -> dict[str, Any]:
    found = connection.execute(
        "SELECT u.number, s.kind, s.changed_date, s.probability FROM findings_signal s"
        " JOIN metering_usagepoint u ON u.id = s.usage_point_id WHERE s.list = 'CHANGE'"
    ).fetchall()
    count = connection.execute("SELECT count(*) FROM metering_usagepoint").fetchone()
    alarms: dict[str, list[tuple[str, date]]] = defaultdict(list)
    for number, kind, day, _ in found:
        alarms[number].append((kind, day))
    when = moments(truth)
    n_true, n_seen, n_named = Counter(), Counter(), 0  # type: ignore[var-annotated]
    for change in truth:
        number, kind = change["usage_point_number"], change["kind"]
        near = [said for said, day in alarms[number] if is_near(day, [change["day"]])]
        n_true[kind] += 1
        n_seen[kind] += bool(near)
        n_named += kind in near
    is_true = np.array([is_near(day, when.get(number, ())) for number, _, day, _ in found])
    false = int(np.count_nonzero(~is_true))
    return {
        "seen_within_14_days": {k: f"{n_seen[k]} of {n_true[k]}" for k in sorted(n_true)},
        "recall_share": _share(sum(n_seen.values()), sum(n_true.values())),
        "recall_by_kind": {k: _share(n_seen[k], n_true[k]) for k in sorted(n_true)},
        "seen_and_named_right_share": _share(n_named, sum(n_seen.values())),
        "found": len(found),
        "false_alarms": false,
        "false_alarms_per_point_year": round(false / (count[0] * n_days / YEAR), 4),
        "calibration": calibration(np.array([row[3] for row in found]), is_true),
    }


def calibration(stated: npt.NDArray[np.float64], is_true: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Return how often changes stated with such a probability are true."""
    place = np.clip(np.searchsorted(STATED, stated, side="right") - 1, 0, len(STATED) - 2)
    table, error = {}, 0.0
    for number in np.unique(place).tolist():
        these = place == number
        said, true = float(stated[these].mean()), float(is_true[these].mean())
        error += abs(said - true) * np.count_nonzero(these) / len(stated)
        table[f"from {STATED[number]:g}"] = {
            "changes": int(np.count_nonzero(these)),
            "stated": round(said, 3),
            "true": round(true, 3),
        }
    return {"ece": round(error, 4), "by_stated_probability": table}


def moments(truth: list[dict[str, Any]]) -> dict[str, list[date]]:
    """Return the days on which the habit of each usage point changed, and changed back."""
    of_point: dict[str, list[date]] = defaultdict(list)
    for change in truth:
        of_point[change["usage_point_number"]] += [change["day"], change["until"]]
    return of_point


def is_near(day: date, those: Sequence[date]) -> bool:
    """Return whether a change of this day is one of those."""
    return any(abs((day - moment).days) <= WITHIN_DAYS for moment in those)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else float("nan")


def _table(pairs: "Counter[tuple[str, str]]") -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for (true, said), n in sorted(pairs.items()):
        table.setdefault(true, {})[said or "-"] = n
    return table


def _auc(probability: npt.NDArray[np.float64], outcome: npt.NDArray[np.bool_]) -> float:
    """Return how often a late payer has the higher probability than a good one; ties half."""
    bad, good = np.sort(probability[outcome]), np.sort(probability[~outcome])
    below = np.searchsorted(good, bad, side="left") + np.searchsorted(good, bad, side="right")
    return float(below.sum() / 2 / (len(bad) * len(good)))


if __name__ == "__main__":
    found = measure(url=os.environ["DATABASE_URL"], truth=Path(sys.argv[1]), n_days=demo.DAYS)
    print(json.dumps(found, ensure_ascii=False, indent=1))
