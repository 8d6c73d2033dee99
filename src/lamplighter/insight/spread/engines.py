"""Where kernels run: in this process, or in several."""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from multiprocessing import connection
from typing import Protocol, TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")


class NoWorkers(ValueError):
    """An engine was asked for without a worker."""


class WorkerLost(RuntimeError):
    """A worker process ended without an answer, most likely for want of memory."""


class Engine(Protocol):
    """All that the spread asks of an engine."""

    def map_in_order(
        self, task: Callable[[Part], Result], parts: Iterable[Part]
    ) -> Iterator[Result]:
        """Yield the task's result for each part, in the parts' order, reading ahead boundedly."""
        ...


@dataclass(frozen=True, slots=True)
class _Serial:
    def map_in_order(
        self, task: Callable[[Part], Result], parts: Iterable[Part]
    ) -> Iterator[Result]:
        return map(task, parts)


@dataclass(frozen=True, slots=True)
class _Processes:
    n_workers: int
    n_ahead: int

    def map_in_order(
        self, task: Callable[[Part], Result], parts: Iterable[Part]
    ) -> Iterator[Result]:
        # A fresh interpreter per worker: threads and locks of this process are not copied.
        context = multiprocessing.get_context("spawn")
        waiting = iter(parts)
        pool = ProcessPoolExecutor(
            max_workers=self.n_workers, mp_context=context, initializer=_end_with_parent
        )
        under_way: deque[Future[Result]] = deque()
        try:
            under_way.extend(pool.submit(task, part) for part in islice(waiting, self.n_ahead))
            while under_way:
                result = under_way.popleft().result()
                under_way.extend(pool.submit(task, part) for part in islice(waiting, 1))
                yield result
        except BrokenProcessPool as error:
            raise WorkerLost(f"one of {self.n_workers}") from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _end_with_parent() -> None:
    """Let this worker end when the process that started it is killed: nobody asks it any more."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def serial() -> Engine:
    """Return the engine that runs every part in this process, one after the other.

    Parameters
    ----------

    Returns
    -------
    Engine
        It holds one part at a time.

    Raises
    ------

    Examples
    --------
    >>> list(serial().map_in_order(abs, [-1, -2]))
    [1, 2]
    """
    return _Serial()


def processes(n_workers: int, *, ahead_per_worker: int = 2) -> Engine:
    """Return the engine that runs parts in several processes of this machine.

    Tasks, parts and results travel pickled: a task is a function of a module, or a
    ``functools.partial`` of one. Results come in the parts' order whatever finishes first.

    Parameters
    ----------
    n_workers : int
        Processes. [process]
    ahead_per_worker : int
        Parts sent out at a time for each process; bounds memory. [part]

    Returns
    -------
    Engine
        A new pool for each use, closed when its results are read or dropped.

    Raises
    ------
    NoWorkers
        No process, or no part ahead.

    Examples
    --------
    >>> processes(2)
    _Processes(n_workers=2, n_ahead=4)
    """
    if n_workers < 1 or ahead_per_worker < 1:
        raise NoWorkers(f"{n_workers} workers, {ahead_per_worker} ahead")
    return _Processes(n_workers, n_workers * ahead_per_worker)
