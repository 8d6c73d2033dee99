"""What a replay's nights learn from: what a night kept, else learnt again for the replay alone."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from lamplighter.findings import rules as night_rules
from lamplighter.findings.models import Learning
from lamplighter.findings.night import moment, shard_tasks
from lamplighter.findings.services import learning
from lamplighter.findings.shard import learnt as kept_learning
from lamplighter.findings.shard.learnt import Learnt
from lamplighter.insight.spread import engines

# Only these bear on what is learnt; a candidate for another policy learns nothing of its own.
POLICIES = ("night", "risk", "value")
KERNELS = ("arrears", "value", "inputs")


def learnt_for(
    *,
    tasks: Sequence[shard_tasks.Task],
    known_at: datetime,
    folder: Path,
    engine: engines.Engine,
    on_progress: Callable[[str, int, int], None],
) -> Learnt:
    """Return what was learnt for the month of the tasks' night, as known at a moment.

    Nothing is written where nights look: what has to be learnt anew lies in the replay's folder.
    """
    month_day = tasks[0].as_of.replace(day=1)
    pinned = tasks[0].moment
    own = None if pinned is None else moment.judge_in(folder=pinned)
    rules = night_rules.rules_on(day=tasks[0].rules_day, instead=tasks[0].instead, own=own)
    kept = Learning.objects.filter(month_day=month_day, known_at__lte=known_at)
    ordered = kept.order_by("-known_at", "-id")
    same = ordered.filter(kernels=night_rules.KERNELS, policies=rules.versions)
    alike = ordered.filter(kernels__contains=_kernels(), policies__contains=_policies(rules))
    for found in (same.first(), alike.first()):
        if found is not None:
            return kept_learning.from_dict(found.content)
    file = folder / f"learnt-{_key(rules=rules, known_at=known_at)}-{month_day:%Y-%m}.json"
    if not file.exists():
        learnt = learning.learn(tasks=tasks, rules=rules, engine=engine, on_progress=on_progress)
        part = file.with_suffix(".part")
        part.write_text(json.dumps(learnt.to_dict()), encoding="ascii")
        part.replace(file)
    return kept_learning.from_dict(json.loads(file.read_text(encoding="ascii")))


def _kernels() -> dict[str, str]:
    return {name: night_rules.KERNELS[name] for name in KERNELS}


def _policies(rules: night_rules.Rules) -> dict[str, str]:
    return {name: rules.versions[name] for name in POLICIES}


def _key(*, rules: night_rules.Rules, known_at: datetime) -> str:
    text = json.dumps([_kernels(), _policies(rules), known_at.isoformat()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
