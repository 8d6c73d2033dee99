"""A real dask cluster of processes on the loopback interface, for as long as a test needs it."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import distributed

from lamplighter.insight.spread import cluster, engines

ROOT = Path(__file__).parents[1]
LOCAL = ["--dashboard-address", "127.0.0.1:0"]


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A scheduler and its workers."""

    address: str
    scheduler: subprocess.Popen[str]
    workers: list[subprocess.Popen[str]]
    seal: cluster.Seal | None


@contextmanager
def running(
    folder: Path,
    *,
    n_workers: int = 2,
    allowed_failures: int = 3,
    seal: cluster.Seal | None = None,
    worker_environ: dict[str, str] | None = None,
) -> Iterator[Cluster]:
    """Run a scheduler and workers without nannies: a killed worker stays dead."""
    with ExitStack() as stack:
        environ = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(allowed_failures)}
        process, address = scheduler(stack, seal=seal, environ=environ)
        workers = [
            worker(stack, address=address, folder=folder, seal=seal, environ=worker_environ or {})
            for _ in range(n_workers)
        ]
        yield Cluster(address=address, scheduler=process, workers=workers, seal=seal)


def scheduler(
    stack: ExitStack,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    seal: cluster.Seal | None,
    environ: dict[str, str],
    before: Sequence[str] = (),
) -> tuple[subprocess.Popen[str], str]:
    """Run a scheduler until the stack ends, and return its process and address."""
    scheme = "tls" if seal else "tcp"
    process, line = _started(
        stack,
        [
            *("distributed.cli.dask_scheduler", "--protocol", scheme, "--host"),
            *(f"{scheme}://{host}", "--port", str(port), *LOCAL, *_files(seal)),
        ],
        environ=environ,
        before=before,
        says="Scheduler at:",
    )
    return process, line.split()[-1]


def worker(
    stack: ExitStack,
    *,
    address: str,
    host: str = "127.0.0.1",
    folder: Path,
    seal: cluster.Seal | None,
    environ: dict[str, str],
    before: Sequence[str] = (),
) -> subprocess.Popen[str]:
    """Run a worker of one thread until the stack ends."""
    return _started(
        stack,
        [
            *("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"),
            *("--protocol", "tls" if seal else "tcp", "--host", host, "--memory-limit", "0"),
            *("--local-directory", str(folder), *LOCAL, *_files(seal)),
        ],
        environ=environ,
        before=before,
        says="Registered to:",
    )[0]


def _files(seal: cluster.Seal | None) -> list[str]:
    if seal is None:
        return []
    names = ("--tls-ca-file", "--tls-cert", "--tls-key")
    values = (seal.authority_file, seal.certificate_file, seal.key_file)
    return [part for pair in zip(names, values, strict=True) for part in pair]


def _started(
    stack: ExitStack,
    command: Sequence[str],
    *,
    environ: dict[str, str],
    before: Sequence[str],
    says: str,
) -> tuple[subprocess.Popen[str], str]:
    """Start a process, end it with the test, and wait for a line it says when it is ready."""
    process = subprocess.Popen(
        [*before, sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}", **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    stack.callback(_ended, process)
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if says in line:
            reader = threading.Thread(target=_drained, args=(process.stderr,), daemon=True)
            reader.start()
            stack.callback(reader.join)
            stack.callback(process.kill)
            return process, line
    raise AssertionError("".join(said)[-3000:])


def _drained(pipe: IO[str]) -> None:
    for _ in pipe:
        pass


def _ended(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    assert process.stderr is not None
    process.stderr.close()


def wait_for(of: Cluster, *, n_workers: int) -> None:
    """Wait until so many workers have joined."""
    with distributed.Client(of.address, set_as_default=False) as client:
        client.wait_for_workers(n_workers, timeout=60)


@dataclass(frozen=True)
class Interrupted:
    """An engine whose worker of one shard tells its number through a pipe and waits for its end."""

    inner: engines.Engine
    pipe: Path
    shard: str
    when: str

    def map_in_order(self, task: Callable[[Any], Any], parts: Iterable[Any]) -> Iterator[Any]:
        return self.inner.map_in_order(
            partial(_interrupted, task=task, pipe=self.pipe, shard=self.shard, when=self.when),
            parts,
        )


def _interrupted(part: Any, *, task: Any, pipe: Path, shard: str, when: str) -> Any:
    is_deciding = isinstance(task.keywords["kernel"], partial)  # learning comes before
    is_meant = part.name == shard and is_deciding
    if is_meant and when == "before":
        _wait_for_the_end(pipe)
    done = task(part)
    if is_meant and when == "after":
        _wait_for_the_end(pipe)
    return done


def _wait_for_the_end(pipe: Path) -> None:
    if pipe.exists():
        pipe.write_text(str(os.getpid()))
        threading.Event().wait()
