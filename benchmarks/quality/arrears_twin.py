"""Out of time in the twin: learn on the bills up to a month, foresee those of the months after.

python -m benchmarks.quality.arrears_twin
"""

import json
import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.quality import twin_accounts
from lamplighter.findings import rules as night_rules
from lamplighter.findings.shard import deciding, inputs, standing
from lamplighter.findings.shard.facts import ShardFacts
from lamplighter.insight.arrears import features, learning, measures, scorecard

SEEDS = (201, 202)
LEARNT_AT = date(2026, 3, 31)  # the lesson looks back from here
ECE_BINS = 10


def run() -> dict[str, Any]:
    """Learn once a seed, and measure month by month."""
    result: dict[str, Any] = {"learnt_at": LEARNT_AT.isoformat(), "seeds": {}}
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            station = twin_accounts.make(folder=Path(folder), seed=seed)
        result["seeds"][str(seed)] = measure(station.facts)
    return result


def measure(facts: ShardFacts) -> dict[str, Any]:
    """Return what a card learnt at the day says of every later bill, when it was issued."""
    rules = night_rules.rules_on(day=facts.as_of)
    then = replace(facts, as_of=LEARNT_AT)
    lesson = deciding.lesson(facts=then, rules=rules)
    card = learning.fit(
        features=features.Features(names=features.NAMES, values=lesson.features),
        outcome=lesson.was_unpaid,
        policy=replace(rules.fit, min_accounts_to_learn=500, min_unpaid_to_learn=50),
    )
    months, said, came = [], [], []
    for issued in _later_bills(facts):
        probability, unpaid = foreseen(facts=facts, issued=issued, card=card, rules=rules)
        said.append(probability)
        came.append(unpaid)
        day = np.datetime64(issued, "D")
        months.append({"issued": str(day)} | _quality(probability, unpaid))
    aucs = [month["auc"] for month in months]
    return {
        "learnt_bills": len(lesson.was_unpaid),
        "cards": len(card.cards),
        "tables": len(card.tables),
        "bills": int(sum(len(c) for c in came)),
        "all": _quality(np.concatenate(said), np.concatenate(came)),
        "auc_least_month": min(aucs),
        "auc_most_month": max(aucs),
        "months": months,
    }


def foreseen(
    *, facts: ShardFacts, issued: int, card: scorecard.Scorecard, rules: night_rules.Rules
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return the chance of each bill issued on a day, as known then, and whether it was unpaid."""
    now = standing.standing(facts=facts, day=facts.as_of_day)
    chosen = np.flatnonzero((now.issued_day == issued) & (now.amount_fen > 0) & now.is_closed)
    at_issue = standing.standing(facts=facts, day=issued)
    waiting = np.isfinite(standing.newest_open_bill(of=at_issue))[now.account[chosen]]
    chosen = chosen[waiting]
    known = inputs.risk_features(facts=facts, of=at_issue, rules=rules)
    scores = scorecard.score(scorecard=card, features=known.rows(now.account[chosen]))
    return scores.probability, now.paid_by_due_fen[chosen] < now.amount_fen[chosen]


def _later_bills(facts: ShardFacts) -> list[int]:
    after = (LEARNT_AT + timedelta(1) - date(1970, 1, 1)).days
    bills = facts.bills
    closed = (bills.issued_day >= after) & (bills.due_day <= facts.as_of_day)
    issued: list[int] = np.unique(bills.issued_day[closed]).tolist()
    return issued


def _quality(
    probability: npt.NDArray[np.float64], unpaid: npt.NDArray[np.bool_]
) -> dict[str, float]:
    return {
        "share_unpaid": round(float(unpaid.mean()), 4),
        "auc": round(measures.ranking_quality(score=probability, outcome=unpaid), 4),
        "ece": round(
            measures.calibration_error(probability=probability, outcome=unpaid, bins=ECE_BINS), 4
        ),
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))
