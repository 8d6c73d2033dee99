"""What the causes of arrears are worth on the twin's truth, also where its people differ.

The rules and the twin were written beside each other, so the twin is also drawn with other seeds,
shares, debits and habits of paying, and with channels recorded wrongly. The likelihoods of absent
families and of debits were mended on zones of the seeds ``MENDED_ON``, of the same kinds; every
figure below is from other seeds.

    python -m benchmarks.quality.cause
"""

import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality import twin_accounts
from lamplighter.findings import rules as night_rules
from lamplighter.findings.shard import deciding, inputs, standing
from lamplighter.findings.shard.facts import ShardFacts
from lamplighter.insight.causes import causes
from lamplighter.town.plan import Paying, Plan, Size, plan_of

MENDED_ON = (5, 6, 7, 8, 20141101)
NO_CAUSE = "NONE"  # of the truth: pays well
NOT_ASKED = "-"
ALL_CAUSES = {
    "UNFUNDED_DEBIT": 0.30,
    "SHORT_BALANCE": 0.20,
    "ABSENT_FAMILY": 0.18,
    "UNKNOWN": 0.12,
    "DISPUTE": 0.08,
    "HARDSHIP": 0.10,
    "WILFUL": 0.02,
}
BINS = 5  # of the reliability table, from 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A zone whose people differ from the plan."""

    seed: int
    plan: Plan
    wrong_channel_share: float = 0.0  # payments whose channel is recorded at random


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was said of each account of a zone, and what is true."""

    true: tuple[str, ...]
    said: tuple[str, ...]  # NOT_ASKED: no pattern of arrears
    found: causes.Causes


def variants() -> dict[str, Variant]:
    """Return the zones that are judged."""
    zone = plan_of(size=Size.ZONE)
    mixed = replace(zone, zone_causes=replace(zone.zone_causes, shares=ALL_CAUSES))
    usual = Paying()
    return {
        "as planned": Variant(seed=101, plan=zone),
        "as planned, another seed": Variant(seed=102, plan=zone),
        "every cause": Variant(seed=103, plan=mixed),
        "every cause, another seed": Variant(seed=104, plan=mixed),
        "debits fail more often": Variant(
            seed=105, plan=_paying(mixed, short_attempts=(0.2, 0.3, 0.5))
        ),
        "the late pay sooner": Variant(
            seed=106,
            plan=_paying(
                mixed,
                in_window=_scaled(usual.in_window, 1.5),
                late_days=_scaled(usual.late_days, 0.5, highest=1e9),
            ),
        ),
        "the late pay later": Variant(
            seed=107, plan=_paying(mixed, late_days=_scaled(usual.late_days, 1.8, highest=1e9))
        ),
        "trouble in fewer months, good payers slip": Variant(
            seed=108,
            plan=_paying(mixed, trouble=_scaled(usual.trouble, 0.6), slip_share=0.03),
        ),
        "channels recorded wrongly": Variant(seed=109, plan=mixed, wrong_channel_share=0.15),
    }


def _paying(plan: Plan, **changed: Any) -> Plan:
    return replace(plan, paying=replace(plan.paying, **changed))


def _scaled(shares: Mapping[str, float], by: float, *, highest: float = 0.98) -> dict[str, float]:
    return {name: min(highest, value * by) for name, value in shares.items()}


def run() -> dict[str, Any]:
    """Judge the causes in every variant."""
    result: dict[str, Any] = {"mended_on_seeds": list(MENDED_ON), "variants": {}}
    all_judged = []
    for name, variant in variants().items():
        with tempfile.TemporaryDirectory() as folder:
            station = twin_accounts.make(folder=Path(folder), seed=variant.seed, plan=variant.plan)
        judged = judge(station, wrong_channel_share=variant.wrong_channel_share, seed=variant.seed)
        all_judged.append(judged)
        result["variants"][name] = {"seed": variant.seed} | figures(judged)
    return result | {"reliability": reliability(all_judged)}


def judge(
    station: twin_accounts.Station, *, wrong_channel_share: float = 0.0, seed: int = 0
) -> Judged:
    """Name the causes as the night does."""
    facts = _with_wrong_channels(station.facts, wrong_channel_share, seed)
    rules = night_rules.rules_on(day=facts.as_of)
    seen = deciding.sightings(
        facts=facts, of=standing.standing(facts=facts, day=facts.as_of_day), rules=rules
    )
    found = causes.causes(sightings=seen, sighting_policy=rules.sightings, policy=rules.causes)
    names = (*causes.CAUSES, NOT_ASKED)  # the last also serves −1
    return Judged(
        true=station.true_cause,
        said=tuple(names[code] for code in found.cause.tolist()),
        found=found,
    )


def _with_wrong_channels(facts: ShardFacts, share: float, seed: int) -> ShardFacts:
    dice = np.random.default_rng(seed)
    wrong = dice.random(len(facts.payments.method)) < share
    drawn = dice.integers(0, inputs.BY_HAND[-1] + 1, len(wrong))
    method = np.where(wrong, drawn, facts.payments.method)
    return replace(facts, payments=replace(facts.payments, method=method))


def figures(judged: Judged) -> dict[str, Any]:
    """Return per cause how often it was stated, and rightly; and the whole table."""
    pairs = Counter(zip(judged.true, judged.said, strict=True))
    late = {pair: n for pair, n in pairs.items() if pair[0] != NO_CAUSE and pair[1] != NOT_ASKED}
    stated = {pair: n for pair, n in late.items() if pair[1] != "UNKNOWN"}
    right = sum(n for (true, said), n in stated.items() if true == said)
    knowable = sum(n for (true, _), n in late.items() if true != "UNKNOWN")
    by_cause = {}
    for cause in sorted({true for true, _ in late}):
        own = sum(n for (true, _), n in late.items() if true == cause)
        named = sum(n for (true, _), n in stated.items() if true == cause)
        by_cause[cause] = {
            "late": own,
            "stated_share": _share(named, own),
            "right_of_stated": _share(stated.get((cause, cause), 0), named),
        }
    return {
        "late": sum(late.values()),
        "stated_share": _share(sum(stated.values()), knowable),
        "right_of_stated": _share(right, sum(stated.values())),
        "called_wilful": sum(n for (_, said), n in pairs.items() if said == "WILFUL"),
        "good_payers_given_a_cause": sum(
            n for (true, said), n in pairs.items() if true == NO_CAUSE and said != NOT_ASKED
        ),
        "by_cause": by_cause,
        "table": _table(pairs),
    }


def reliability(all_judged: list[Judged]) -> list[dict[str, Any]]:
    """Return how often the likeliest cause was true, by the chance that was given to it."""
    said, came = [], []
    for judged in all_judged:
        asked = np.flatnonzero(judged.found.best >= 0)
        best = judged.found.best[asked]
        said += judged.found.probability[asked, best].tolist()
        came += [
            judged.true[row] == causes.CAUSES[code]
            for row, code in zip(asked.tolist(), best.tolist(), strict=True)
        ]
    chance, true = np.array(said), np.array(came)
    place = np.minimum((chance * BINS).astype(int), BINS - 1)
    return [
        {
            "said_from": n / BINS,
            "accounts": int((place == n).sum()),
            "said": round(float(chance[place == n].mean()), 3),
            "came_true": round(float(true[place == n].mean()), 3),
        }
        for n in range(BINS)
        if (place == n).any()
    ]


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _table(pairs: "Counter[tuple[str, str]]") -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for (true, said), n in sorted(pairs.items()):
        table.setdefault(true, {})[said] = n
    return table


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))
