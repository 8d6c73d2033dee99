"""What is learnt from all accounts together, once a month."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from lamplighter.findings import area_outlooks
from lamplighter.findings import rules as night_rules
from lamplighter.findings.models import Learning
from lamplighter.findings.night import shard_tasks, worker
from lamplighter.findings.shard import learnt as kept_learning
from lamplighter.findings.shard import thinning
from lamplighter.findings.shard.facts import Floats
from lamplighter.findings.shard.learnt import Learnt
from lamplighter.insight.arrears import features as arrears_features
from lamplighter.insight.arrears import learning
from lamplighter.insight.spread import engines, running
from lamplighter.insight.value import value

if TYPE_CHECKING:  # pages import this; the kernels behind a lesson are the workers'
    from lamplighter.findings.shard.deciding import Lesson


def learnt_for(
    *,
    tasks: Sequence[shard_tasks.Task],
    rules: night_rules.Rules,
    engine: engines.Engine,
    on_progress: Callable[[str, int, int], None],
) -> Learnt:
    """Return what was learnt for the month of the tasks' night, learning it when nobody has yet.

    It is learnt from how things stood at the end of the month before: whichever night of a month
    comes first, and whatever was learnt for later ones, no night learns from its own future.
    """
    first = tasks[0]
    month_day = first.as_of.replace(day=1)
    versions = {"kernels": night_rules.KERNELS, "policies": rules.versions}
    kept = Learning.objects.filter(
        month_day=month_day, known_at__lte=first.known_at, **versions
    ).order_by("-known_at", "-id")
    # Nothing is learnt while something older is known: the newest stays the newest, so that a
    # night that was killed goes on with what it began with.
    newest = kept.first()
    if newest is not None:
        return kept_learning.from_dict(newest.content)
    learnt, areas = _look_back(tasks=tasks, rules=rules, engine=engine, on_progress=on_progress)
    Learning.objects.create(
        month_day=month_day,
        known_at=first.known_at,
        content=learnt.to_dict() | {"areas": areas},
        **versions,
    )
    return learnt


def learn(
    *,
    tasks: Sequence[shard_tasks.Task],
    rules: night_rules.Rules,
    engine: engines.Engine,
    on_progress: Callable[[str, int, int], None],
) -> Learnt:
    """Learn from how things stood at the end of the month before the tasks' night; keep nothing."""
    return _look_back(tasks=tasks, rules=rules, engine=engine, on_progress=on_progress)[0]


def _look_back(
    *,
    tasks: Sequence[shard_tasks.Task],
    rules: night_rules.Rules,
    engine: engines.Engine,
    on_progress: Callable[[str, int, int], None],
) -> tuple[Learnt, dict[str, object]]:
    """Return what is learnt of all accounts, and the outlook of each area."""
    month_day = tasks[0].as_of.replace(day=1)
    looks_back = [replace(task, as_of=month_day - timedelta(1), before_file=None) for task in tasks]

    def merge(lessons: "Iterator[running.Done[Lesson]]") -> tuple[Learnt, dict[str, object]]:
        rows = thinning.Thinned(most=rules.night.training_accounts_at_most)
        contributions, areas = [], []
        for done in lessons:
            lesson = done.content
            rows.add(features=lesson.features, outcome=lesson.was_unpaid)
            contributions.append(lesson.contribution_kwh)
            areas.append(lesson.areas)
        learnt = _learn(rows, contribution_kwh=np.concatenate(contributions), rules=rules)
        return learnt, area_outlooks.kept(parts=areas, policy=rules.growth)

    return running.run(
        shards=(running.Shard(name=str(task.shard), content=task) for task in looks_back),
        kernel=worker.learn,
        merge=merge,
        engine=engine,
        progress=lambda _name, n: on_progress("learn", n, len(tasks)),
    )


def _learn(rows: thinning.Thinned, *, contribution_kwh: Floats, rules: night_rules.Rules) -> Learnt:
    card = None
    try:
        card = learning.fit(
            features=arrears_features.Features(names=arrears_features.NAMES, values=rows.features),
            outcome=rows.outcome,
            policy=rules.fit,
        )
    except learning.TooFewToLearn:
        card = None  # the rule speaks alone; each finding says so (risk_is_rule_based)
    limits = value.limits_of(contribution_kwh=contribution_kwh, policy=rules.value)
    # Through its kept form: the night that learns and those after it use equal numbers.
    return kept_learning.from_dict(Learnt(card=card, limits=limits).to_dict())
