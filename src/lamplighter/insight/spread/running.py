"""Split → kernel → merge, the same on every engine."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from lamplighter.insight.spread.engines import Engine

Input = TypeVar("Input")
Output = TypeVar("Output")
Merged = TypeVar("Merged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard(Generic[Input]):
    """One part of the work, and the name it is known by in progress and errors."""

    name: str
    content: Input


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[Output]):
    """The result of one shard."""

    name: str
    content: Output


class ShardFailed(RuntimeError):
    """A kernel failed on a shard; the name says which, the cause says why.

    The text names the kind of error only: its own text may hold a customer's data.
    """

    def __init__(self, shard: str, kind: str) -> None:
        super().__init__(shard, kind)
        self.shard = shard
        self.kind = kind

    def __str__(self) -> str:
        return f"shard {self.shard}: {self.kind}"


# What a kernel or its reading of a shard is known to raise. Anything else, a slip in the code
# itself, passes as it is: a broad except belongs to the doors.
KERNEL_ERRORS = (ArithmeticError, LookupError, MemoryError, OSError, RuntimeError, ValueError)

Progress = Callable[[str, int], None]  # shard just done, number done


def run(
    *,
    shards: Iterable[Shard[Input]],
    kernel: Callable[[Input], Output],
    merge: Callable[[Iterator[Done[Output]]], Merged],
    engine: Engine,
    progress: Progress | None = None,
) -> Merged:
    """Run a kernel on every shard and merge the results, in the shards' order.

    Shards are read only as the engine takes them, and results are handed to *merge* one by one:
    neither the input nor the output is ever held as a whole here. The same shards give the same
    results on every engine.

    Parameters
    ----------
    shards : Iterable[Shard]
        The split; read lazily. A shard's content may be data, or only say where they are.
    kernel : Callable
        From a shard's content to its result; picklable for engines with processes.
    merge : Callable
        From the stream of results to what is returned.
    engine : Engine
        Where the kernel runs.
    progress : Callable, optional
        Called with the shard's name and the number done, in order, in this process.

    Returns
    -------
    Merged
        What *merge* returns.

    Raises
    ------
    ShardFailed
        The kernel raised one of ``KERNEL_ERRORS`` on a shard; shards after it may have run for
        nothing. Any other error passes as it is.
    engines.WorkerLost
        A worker process ended without an answer.

    Examples
    --------
    >>> from lamplighter.insight.spread import engines
    >>> run(
    ...     shards=(Shard(name=name, content=number) for name, number in [("a", -1), ("b", -2)]),
    ...     kernel=abs,
    ...     merge=lambda results: {done.name: done.content for done in results},
    ...     engine=engines.serial(),
    ... )
    {'a': 1, 'b': 2}
    """
    task = partial(_run_one, kernel=kernel)
    return merge(_told(engine.map_in_order(task, shards), progress=progress))


def _run_one(shard: Shard[Input], *, kernel: Callable[[Input], Output]) -> Done[Output]:
    try:
        return Done(name=shard.name, content=kernel(shard.content))
    except KERNEL_ERRORS as error:
        raise ShardFailed(shard.name, type(error).__name__) from error


def _told(results: Iterator[Done[Output]], *, progress: Progress | None) -> Iterator[Done[Output]]:
    for number, done in enumerate(results, start=1):
        if progress is not None:
            progress(done.name, number)
        yield done
