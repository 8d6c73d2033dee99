"""Where kernels run: on the workers of a dask cluster, on this machine or on many.

Parts and results travel pickled, so whoever may speak to a cluster may run anything on it. Hence a
plain wire is taken on the loopback interface only; everywhere else scheduler, workers and this
process each prove by a certificate of one authority who they are.
"""

import ipaddress
import pickle
import platform
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from itertools import count, islice
from typing import Any, TypeVar
from urllib.parse import urlsplit

import numpy as np

from lamplighter.insight.spread.engines import Engine, NoWorkers, WorkerLost

Part = TypeVar("Part")
Result = TypeVar("Result")
GONE = "it went away in the middle"
Versions = Callable[[], Mapping[str, str]]


class ClusterNotInstalled(RuntimeError):
    """The package distributed is not installed here; it comes with the extra ``cluster``."""


class AddressWrong(ValueError):
    """A scheduler's address is not ``tcp://host:port`` or ``tls://host:port``."""


class WireOpen(ValueError):
    """Somebody else may read, or run, what is sent: no TLS beyond the loopback interface."""


class SchedulerUnreachable(RuntimeError):
    """No scheduler answers at the address, or it went away in the middle."""


class NobodyToWork(RuntimeError):
    """The scheduler answers, but for too long no worker has been there."""


class PartKillsWorkers(WorkerLost):
    """One part was under way each time several workers died, most likely for want of memory."""


class VersionsDiffer(RuntimeError):
    """Workers would not give the bytes that this process gives; the text says what differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The files of TLS in PEM form: the authority all sides trust, our certificate and its key."""

    authority_file: str
    certificate_file: str
    key_file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cluster:
    scheduler: str
    seal: Seal | None
    versions: Versions
    ahead_per_thread: int
    connect_s: float
    idle_s: float

    def map_in_order(
        self, task: Callable[[Part], Result], parts: Iterable[Part]
    ) -> Iterator[Result]:
        with _connected(self) as client:
            agreed = dict(self.versions())
            _agree(client, versions=self.versions, agreed=agreed, within_s=self.connect_s)
            waiting, numbers = iter(parts), count()
            under_way: deque[Any] = deque()
            try:
                while True:
                    room = _n_threads(client) * self.ahead_per_thread - len(under_way)
                    # The newest part is waited for even when no worker is left to count on.
                    for part in islice(waiting, max(room, 0 if under_way else 1)):
                        name = f"part-{next(numbers)}-{id(client):x}"
                        sealed = pickle.dumps(_Sealed(task, part, agreed, self.versions))
                        under_way.append(client.submit(_run, sealed, key=name, pure=False))
                    if not under_way:
                        return
                    yield _answer(under_way.popleft(), client=client, idle_s=self.idle_s)
            finally:
                _drop(client, under_way)


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A part with its task. It travels as bytes that only a worker opens, not the scheduler."""

    task: Callable[[Any], Any]
    part: Any
    agreed: dict[str, str]
    versions: Versions


def cluster(
    scheduler: str,
    *,
    seal: Seal | None = None,
    versions: Versions | None = None,
    ahead_per_thread: int = 3,
    connect_s: float = 20.0,
    idle_s: float = 120.0,
) -> Engine:
    """Return the engine that runs parts on the workers of a dask.distributed scheduler.

    A part whose worker dies is given to another one, as often as the scheduler's setting
    ``distributed.scheduler.allowed-failures`` says (three times unless changed); parts must
    therefore be pure, or write whole files that come out the same. Workers may join and leave at
    any time. Results come in the parts' order whatever finishes first.

    Parameters
    ----------
    scheduler : str
        ``tls://host:port``; ``tcp://host:port`` on the loopback interface.
    seal : Seal, optional
        Needed for ``tls``.
    versions : Callable, optional
        Names and versions of what the results depend on; run here and on every worker, which must
        answer alike. A function of a module. Default: ``basic_versions``.
    ahead_per_thread : int
        Parts sent out at a time for each thread of a worker; bounds memory. [part]
    connect_s : float
        How long to look for the scheduler. [s]
    idle_s : float
        How long to do without any worker before giving up. [s]

    Returns
    -------
    Engine
        It connects when parts are asked for, and leaves when its results are read or dropped.

    Raises
    ------
    AddressWrong
        The address does not read as one.
    WireOpen
        ``tcp`` beyond this machine, or ``tls`` without its files.
    NoWorkers
        No part ahead.

    While it runs, the engine raises ``ClusterNotInstalled``, ``SchedulerUnreachable``,
    ``NobodyToWork``, ``VersionsDiffer``, ``WireOpen`` (a worker listens on a public address) and
    ``PartKillsWorkers``.

    Examples
    --------
    >>> engine = cluster("tcp://127.0.0.1:8786")
    >>> cluster("tcp://10.0.0.5:8786")
    Traceback (most recent call last):
    ...
    lamplighter.insight.spread.cluster.WireOpen: tcp://10.0.0.5:8786: use tls:// beyond this machine
    """
    try:
        parts = urlsplit(scheduler)
        is_address = parts.scheme in {"tcp", "tls"} and bool(parts.hostname) and bool(parts.port)
    except ValueError:
        is_address = False
    if not is_address:
        raise AddressWrong(f"{scheduler!r}: write tls://host:port")
    if parts.scheme == "tcp" and not _is_loopback(parts.hostname or ""):
        raise WireOpen(f"{scheduler}: use tls:// beyond this machine")
    if parts.scheme == "tls" and seal is None:
        raise WireOpen(f"{scheduler}: name the authority's, the certificate's and the key's file")
    if ahead_per_thread < 1:
        raise NoWorkers(f"{ahead_per_thread} ahead")
    return _Cluster(
        scheduler=scheduler,
        seal=seal,
        versions=versions or basic_versions,
        ahead_per_thread=ahead_per_thread,
        connect_s=connect_s,
        idle_s=idle_s,
    )


@cache
def basic_versions() -> dict[str, str]:
    """Return what floating-point results depend on besides our own code.

    Parameters
    ----------

    Returns
    -------
    dict
        Python, numpy, distributed, and the instructions of this processor that numpy chooses its
        loops by: another set may round otherwise.

    Raises
    ------

    Examples
    --------
    >>> sorted(basic_versions())
    ['distributed', 'instructions', 'numpy', 'python']
    """
    found: Any = np.show_config(mode="dicts")
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "instructions": " ".join(sorted(found["SIMD Extensions"].get("found", []))),
        "distributed": metadata.version("distributed"),
    }


def _run(content: bytes) -> Any:
    sealed: _Sealed = pickle.loads(content)  # noqa: S301 - from a member of the cluster, see above
    _refuse_difference(sealed.agreed, {"this worker": dict(sealed.versions())})
    return sealed.task(sealed.part)


@contextmanager
def _connected(of: _Cluster) -> Iterator[Any]:
    distributed = _library()
    security = None
    if of.seal is not None:
        security = distributed.Security(
            tls_ca_file=of.seal.authority_file,
            tls_client_cert=of.seal.certificate_file,
            tls_client_key=of.seal.key_file,
            require_encryption=True,
        )
    try:
        client = distributed.Client(
            of.scheduler, security=security, timeout=of.connect_s, set_as_default=False
        )
    except OSError as error:  # time-outs and refused certificates among them
        raise SchedulerUnreachable(f"{of.scheduler} within {of.connect_s:g} s") from error
    try:
        _refuse_public(client)
        try:
            client.wait_for_workers(1, timeout=of.idle_s)
        except TimeoutError as error:
            raise NobodyToWork(f"{of.scheduler}: no worker within {of.idle_s:g} s") from error
        yield client
    finally:
        client.close(timeout=of.connect_s)


def _library() -> Any:
    try:
        import distributed  # an extra: not everybody has it, and it takes seconds
    except ImportError as error:
        raise ClusterNotInstalled("install lamplighter[cluster]") from error
    return distributed


def _refuse_public(client: Any) -> None:
    """Refuse workers that the whole internet may speak to."""
    for address in client.scheduler_info(n_workers=-1)["workers"]:
        if _is_public(urlsplit(address).hostname or ""):
            raise WireOpen(f"the worker {address} listens on a public address")


def _agree(client: Any, *, versions: Versions, agreed: dict[str, str], within_s: float) -> None:
    """Refuse workers of other versions before anything is sent.

    A worker that is busy with something else, or joins later, looks for itself before each part.
    """
    asked = {
        worker: client.submit(versions, workers=[worker], pure=False)
        for worker in client.nthreads()
    }
    _wait(client, asked.values(), within_s=within_s)
    told = {}
    for worker, future in asked.items():
        if not future.done():
            continue
        if future.status == "error":
            error = future.exception()
            raise VersionsDiffer(f"{worker}: {type(error).__name__}: {error}") from error
        told[worker] = dict(future.result())
    _refuse_difference(agreed, told)


def _refuse_difference(agreed: Mapping[str, str], told: Mapping[str, Mapping[str, str]]) -> None:
    differ = [
        f"{worker} has {name} {theirs.get(name, 'unknown')}, not {agreed.get(name, 'unknown')}"
        for worker, theirs in told.items()
        for name in sorted(agreed.keys() | theirs.keys())
        if agreed.get(name) != theirs.get(name)
    ]
    if differ:
        raise VersionsDiffer("; ".join(differ))


def _n_threads(client: Any) -> int:
    try:
        return sum(client.nthreads().values())
    except OSError as error:
        raise SchedulerUnreachable(GONE) from error


def _answer(future: Any, *, client: Any, idle_s: float) -> Any:
    has_failed = False
    try:
        while True:
            if not _wait(client, [future], within_s=idle_s):
                if not _n_threads(client):
                    raise NobodyToWork(f"all workers left, and none came within {idle_s:g} s")
                continue
            has_failed = future.status == "error"
            try:
                return future.result(timeout=idle_s)
            except TimeoutError:
                if has_failed:  # the part's own
                    raise
                # Its worker died with the result: it is under way again, and waited for again.
    except _library().KilledWorker as error:
        raise PartKillsWorkers(f"{error.allowed_failures + 1} workers, one by one") from error
    except CancelledError as error:
        raise SchedulerUnreachable(GONE) from error
    except OSError as error:
        if has_failed:  # the part's own error
            raise
        raise SchedulerUnreachable(GONE) from error


def _wait(client: Any, futures: Iterable[Any], *, within_s: float) -> bool:
    """Tell whether all are done, well or badly, within a time."""
    try:
        with client.as_current():
            _library().wait(list(futures), timeout=within_s)
    except TimeoutError:
        return False
    return True


def _drop(client: Any, under_way: Iterable[Any]) -> None:
    """Take back what nobody waits for any more, where there is still somebody to tell."""
    left = list(under_way)
    if left and client.status == "running":
        try:
            client.cancel(left, force=True)
        except (OSError, CancelledError):
            return


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return False
