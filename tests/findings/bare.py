"""A shard decided as a night's worker does it, and what that process then holds.

Apart from the tests: a worker imports this, and is to import no more for it than a night has it do.
"""

import gc
import os
import sys

from lamplighter.findings.night import worker
from lamplighter.findings.night.shard_tasks import Task
from lamplighter.findings.shard.learnt import Learnt
from lamplighter.insight.value import value

LONG_TO_LOAD = {"pandas", "pyarrow.compute", "scipy.linalg", "sklearn", "lightgbm", "django"}


def find(task: Task) -> tuple[int, set[str], int]:
    """Return the accounts decided, what was loaded for nothing, and how much is never let go."""
    learnt = Learnt(card=None, limits=value.Limits(high_kwh=2.0, medium_kwh=1.0))
    written = worker.find(task, learnt=learnt)
    return written.n_accounts, LONG_TO_LOAD & sys.modules.keys(), gc.get_freeze_count()


def pid_of(_number: int) -> int:
    """Return the process that works on a part."""
    return os.getpid()
