"""Streams of requests made from the examples: unchanged ones, and ones with a planted topic."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from lamplighter.findings.demand import learnt, letters, reading
from lamplighter.insight.demand import topics

ON = date(2026, 11, 26)
N_WEEKS = 27  # half a year of past, and the newest
REQUESTS_A_WEEK = 150
PLACES = ("A1", "A2", "A3")
PLANTED = ("换表后闸门老响", "新表一换就报警", "自从换了新表夜里嘀嘀叫", "换了新表以后开关发热")


def stream(
    *, examples: Sequence[reading.Example], rng: np.random.Generator, n_planted: int
) -> topics.Named:
    """Draw a stream whose mix stays as it is, with bursts of volume, and test its newest week.

    The mix of types is uneven; weeks differ by half in volume, and each type's share by a tenth.
    """
    types = sorted({example.type for example in examples})
    of_type = {
        kind: [example.text for example in examples if example.type == kind] for kind in types
    }
    mix = rng.dirichlet(np.full(len(types), 0.7))
    texts: list[str] = []
    kinds: list[str] = []
    weeks: list[int] = []
    for week in range(N_WEEKS):
        share = mix * rng.gamma(100.0, 0.01, len(types))
        volume = int(rng.poisson(REQUESTS_A_WEEK * rng.uniform(0.7, 1.4)))
        for number in rng.choice(len(types), size=volume, p=share / share.sum()):
            among = of_type[types[number]]
            texts.append(among[int(rng.integers(len(among)))])
            kinds.append(types[number])
            weeks.append(week)
    for _ in range(n_planted):
        texts.append(PLANTED[int(rng.integers(len(PLANTED)))])
        kinds.append("METER_FAULT")
        weeks.append(N_WEEKS - 1)
    _numbers, policy, _rows = learnt.numbers_on(day=ON)
    return topics.find(
        texts=texts,
        types=kinds,
        places=[str(place) for place in rng.choice(PLACES, len(texts))],
        weeks=np.array(weeks),
        n_weeks=N_WEEKS,
        letters=letters.letters(),
        longest=2000,
        policy=policy,
        n_examples=3,
    )


def is_planted(found: topics.Named) -> bool:
    """Tell whether a topic of the planted texts was named."""
    terms = [(topic.name, *topic.also) for topic in found.topics if topic.kind == topics.TERM]
    return any("新表" in term or "换表" in term for names in terms for term in names)


def figures(*, examples: Sequence[reading.Example], n_streams: int) -> dict[str, Any]:
    """Return false topics a week without change, and how often planted ones are found."""
    quiet = [
        stream(examples=examples, rng=np.random.default_rng([71, n]), n_planted=0)
        for n in range(n_streams)
    ]
    out: dict[str, Any] = {
        "n_streams": n_streams,
        "requests_a_week": REQUESTS_A_WEEK,
        "false_topics_a_week": float(np.mean([len(found.topics) for found in quiet])),
        "weeks_with_a_false_topic": float(np.mean([bool(found.topics) for found in quiet])),
        "series_tested_a_week": float(np.mean([found.n_tested for found in quiet])),
    }
    for n_planted in (6, 10, 15):
        found = [
            stream(examples=examples, rng=np.random.default_rng([72, n]), n_planted=n_planted)
            for n in range(n_streams)
        ]
        out[f"found_when_{n_planted}_planted"] = float(np.mean([is_planted(one) for one in found]))
    return out
