"""Where kernels run: in this process, or in several."""

import ctypes
import mmap
import multiprocessing
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from itertools import islice
from multiprocessing import connection, forkserver
from multiprocessing.context import BaseContext
from typing import Protocol, TypeVar

MALLOC_TRIM_THRESHOLD, MALLOC_MMAP_MAX = -1, -4  # malloc.h of the GNU C library
LARGE_PAGE_BYTES, LARGE_PAGES_BYTES = 2**21, 2**29
NAP_SECONDS = 0.05  # longer than it takes to fork the next worker

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
        with self.pool(multiprocessing.get_context("spawn")) as pool:
            yield from _Started(pool, self).map_in_order(task, parts)

    @contextmanager
    def pool(self, context: BaseContext) -> Iterator[ProcessPoolExecutor]:
        pool = ProcessPoolExecutor(
            max_workers=self.n_workers, mp_context=context, initializer=_begin
        )
        try:
            yield pool
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True, slots=True)
class _Started:
    pool: ProcessPoolExecutor
    of: _Processes

    def map_in_order(
        self, task: Callable[[Part], Result], parts: Iterable[Part]
    ) -> Iterator[Result]:
        waiting = iter(parts)
        under_way: deque[Future[Result]] = deque()
        try:
            for part in islice(waiting, self.of.n_ahead):
                under_way.append(self._submit(task, part))
            while under_way:
                result = under_way.popleft().result()
                under_way.extend(self._submit(task, part) for part in islice(waiting, 1))
                yield result
        except BrokenProcessPool as error:
            raise WorkerLost(f"one of {self.of.n_workers}") from error
        finally:
            for future in under_way:
                future.cancel()

    def wait_until_loaded(self) -> None:
        naps = [NAP_SECONDS] * self.of.n_workers  # one each: whoever naps takes no other's
        deque(self.map_in_order(time.sleep, naps), maxlen=0)

    def _submit(self, task: Callable[[Part], Result], part: Part) -> Future[Result]:
        try:
            return self.pool.submit(task, part)
        except (ConnectionError, EOFError) as error:  # nobody is there to fork it from
            raise WorkerLost(f"one of {self.of.n_workers}") from error


def _begin() -> None:
    """Get a worker process ready for shard after shard."""
    _end_with_parent()
    keep_freed_memory()
    without_pandas()


def keep_freed_memory() -> None:
    """Let this process use memory it has freed again, rather than give it back and ask anew.

    Each shard needs arrays as large as the last one's; every fresh page of theirs costs the system
    a fault and a wipe. And let its pages be large where the system has such for who asks: days
    read across points lie on another page each, which a processor must look up. Only the GNU C
    library can be told so.
    """
    library = ctypes.CDLL(None)
    told = getattr(library, "mallopt", None)
    if told is not None:
        told(MALLOC_MMAP_MAX, 0)
        told(MALLOC_TRIM_THRESHOLD, 2**31 - 1)
        _ask_for_large_pages(library)


def _ask_for_large_pages(library: ctypes.CDLL) -> None:
    """Mark the heap's next part: taken once and freed, it stays the heap's, and empty."""
    library.malloc.argtypes, library.malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
    library.free.argtypes = [ctypes.c_void_p]
    library.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    advice = getattr(mmap, "MADV_HUGEPAGE", None)
    place = library.malloc(LARGE_PAGES_BYTES) if advice is not None else None
    if place is not None:
        begin = -(-place // LARGE_PAGE_BYTES) * LARGE_PAGE_BYTES
        library.madvise(begin, LARGE_PAGES_BYTES - LARGE_PAGE_BYTES, advice)  # a wish, no more
        library.free(place)


def without_pandas() -> None:
    """Let a worker process find no pandas. Where there is one pyarrow loads it, for half a second
    of processor time, to make columns into arrays that are none of its own.
    """
    if not any(isinstance(finder, _WithoutPandas) for finder in sys.meta_path):
        sys.meta_path.insert(0, _WithoutPandas())


class _WithoutPandas(MetaPathFinder):
    def find_spec(self, fullname: str, *_where: object) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname, name=fullname)


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


@contextmanager
def started(engine: Engine, *, loads: str) -> Iterator[Engine]:
    """Give an engine whose processes are got ready now, while the caller still prepares their work.

    What a worker imports and loads costs it seconds. So one process that does nothing else loads
    it, in an interpreter of its own, and the workers are forked from that one: it has neither
    threads of the caller's nor connections. The same workers then serve every use of the engine
    until the end.

    Parameters
    ----------
    engine : Engine
        Any.
    loads : str
        A module. Importing it loads all that workers need.

    Returns
    -------
    Engine
        The same, at work; its processes end with the context.

    Raises
    ------
    WorkerLost
        When it is used: the process that workers are forked from ended while it loaded.

    Examples
    --------
    >>> with started(serial(), loads="json") as engine:
    ...     list(engine.map_in_order(abs, [-1, -2]))
    [1, 2]
    """
    if not isinstance(engine, _Processes):
        yield engine
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([loads])
    forkserver.ensure_running()
    finder = _WithoutPandas()  # nor does the caller need it for what it does meanwhile
    sys.meta_path.insert(0, finder)
    try:
        with engine.pool(context) as pool:
            yield _Started(pool, engine)
    finally:
        sys.meta_path.remove(finder)
        # Else it would stay as long as this process, in the surroundings it was started in.
        forkserver._forkserver._stop()  # type: ignore[attr-defined] # no public way ends it


def wait_until_loaded(engine: Engine) -> None:
    """Wait until all processes of an engine that was ``started`` are there and have loaded.

    Parameters
    ----------
    engine : Engine
        Any; one without processes of its own is ready as it is.

    Returns
    -------

    Raises
    ------
    WorkerLost
        The process that workers are forked from ended while it loaded.

    Examples
    --------
    >>> wait_until_loaded(serial())
    """
    if isinstance(engine, _Started):
        engine.wait_until_loaded()
