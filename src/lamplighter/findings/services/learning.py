"""What is learnt from all accounts together, once a month."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from lamplighter.findings import rules as night_rules
from lamplighter.findings import worker
from lamplighter.findings.deciding import Lesson
from lamplighter.findings.learnt import Learnt
from lamplighter.findings.models import Learning
from lamplighter.insight.arrears import features as arrears_features
from lamplighter.insight.arrears import learning, scorecard
from lamplighter.insight.spread import engines, running
from lamplighter.insight.value import value


def learnt_for(
    *,
    tasks: Sequence[worker.Task],
    rules: night_rules.Rules,
    engine: engines.Engine,
    on_progress: Callable[[str, int, int], None],
) -> Learnt:
    """Return what was learnt for the month of the tasks' night, learning it when nobody has yet."""
    first = tasks[0]
    month_day = first.as_of.replace(day=1)
    versions = {"kernels": night_rules.KERNELS, "policies": rules.versions}
    kept = Learning.objects.filter(
        month_day=month_day, known_at__lte=first.known_at, **versions
    ).order_by("known_at", "id")
    earliest = kept.first()
    if earliest is not None:
        return _from_dict(earliest.content)

    def merge(lessons: Iterator[running.Done[Lesson]]) -> Learnt:
        return _learn([done.content for done in lessons], rules=rules)

    learnt = running.run(
        shards=(running.Shard(name=str(task.shard), content=task) for task in tasks),
        kernel=worker.learn,
        merge=merge,
        engine=engine,
        progress=lambda _name, n: on_progress("learn", n, len(tasks)),
    )
    Learning.objects.create(
        month_day=month_day, known_at=first.known_at, content=_to_dict(learnt), **versions
    )
    return learnt


def _learn(lessons: Sequence[Lesson], *, rules: night_rules.Rules) -> Learnt:
    table = np.concatenate([lesson.features for lesson in lessons])
    unpaid = np.concatenate([lesson.was_unpaid for lesson in lessons])
    step = -(-len(table) // rules.night.training_accounts_at_most) if len(table) else 1
    table, unpaid = table[::step], unpaid[::step]
    card = None
    try:
        card = learning.fit(
            features=arrears_features.Features(names=arrears_features.NAMES, values=table),
            outcome=unpaid,
            policy=rules.fit,
        )
    except learning.TooFewToLearn:
        card = None  # the rule speaks alone; each finding says so (risk_is_rule_based)
    limits = value.limits_of(
        contribution_kwh=np.concatenate([lesson.contribution_kwh for lesson in lessons]),
        policy=rules.value,
    )
    # Through its kept form: the night that learns and those after it use equal numbers.
    return _from_dict(_to_dict(Learnt(card=card, limits=limits)))


def _to_dict(learnt: Learnt) -> dict[str, object]:
    card = None if learnt.card is None else scorecard.to_dict(scorecard=learnt.card)
    limits = {"high_kwh": learnt.limits.high_kwh, "medium_kwh": learnt.limits.medium_kwh}
    return {"card": card, "limits": limits}


def _from_dict(content: dict[str, object]) -> Learnt:
    card, limits = content["card"], content["limits"]
    if not isinstance(limits, dict):
        raise TypeError("limits")
    kept = scorecard.from_dict(kept=card) if isinstance(card, dict) else None
    return Learnt(card=kept, limits=value.Limits(**limits))
