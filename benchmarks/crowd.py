"""Many people at once in front of the real server, on the loopback, each with a session.

One process asks for all of them over connections that stay open. A question is a list of raw
requests that take turns, so that whatever else runs on the machine slows all of them alike.
"""

import asyncio
import contextlib
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

DURATIONS = re.compile(rb"wall;dur=([\d.]+), own;dur=([\d.]+)", re.IGNORECASE)
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
WAIT_SECONDS = 120


class NotAnswered(RuntimeError):
    """The server did not come up, or an answer was not what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, whole, and what its answer has to contain."""

    name: str
    content: bytes
    expected: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How long one answer took: in the server, of its processor time there, and for who asked."""

    name: str
    server_ms: float
    processor_ms: float
    waited_ms: float


@contextlib.contextmanager
def server(*, application: str, workers: int, threads: int) -> Iterator[int]:
    """Serve an application as ``./lamp run`` does, and give its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", str(workers), "--blocking-threads", str(threads)),
        # a worker that is told to stop while it starts forgets it
        *("--workers-kill-timeout", "5", "--no-ws", "--log-level", "warning", application),
    ]
    process = subprocess.Popen(command, env=os.environ)
    try:
        _await(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()


def _await(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(WAIT_SECONDS * 5):
        if process.poll() is not None:
            raise NotAnswered(f"the server ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    raise NotAnswered(f"no server after {WAIT_SECONDS} s")


def ask(*, port: int, turns: Sequence[Sequence[Asked]], pause_seconds: float) -> list[Answered]:
    """Let every person ask their requests one after the other, and return all answers.

    Parameters
    ----------
    port
        Of the server.
    turns
        For each person, what they ask; each on a connection of their own.
    pause_seconds
        How long a person thinks between an answer and the next question.

    Raises
    ------
    NotAnswered
        An answer did not contain what it had to.
    """

    async def everybody() -> list[list[Answered]]:
        return await asyncio.gather(
            *(
                _person(port, asked, pause_seconds, place / len(turns))
                for place, asked in enumerate(turns)
            )
        )

    return [one for person in asyncio.run(everybody()) for one in person]


async def _person(
    port: int, asked: Sequence[Asked], pause_seconds: float, phase: float
) -> list[Answered]:
    await asyncio.sleep(pause_seconds * phase)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found = []
    for one in asked:
        began = time.perf_counter()
        writer.write(one.content)
        head = await reader.readuntil(b"\r\n\r\n")
        length, durations = LENGTH.search(head), DURATIONS.search(head)
        if length is None or durations is None:
            raise NotAnswered(f"{one.name}: {head[:200]!r}")
        body = await reader.readexactly(int(length[1]))
        if one.expected not in body:
            raise NotAnswered(f"{one.name}: {head[:80]!r} {body[:200]!r}")
        found.append(
            Answered(
                name=one.name,
                server_ms=float(durations[1]),
                processor_ms=float(durations[2]),
                waited_ms=(time.perf_counter() - began) * 1000,
            )
        )
        if pause_seconds:
            await asyncio.sleep(pause_seconds)
    writer.close()
    return found


def medians(answers: Sequence[Answered]) -> dict[str, dict[str, Any]]:
    """Return the medians by name of request."""
    by_name: dict[str, list[Answered]] = {}
    for one in answers:
        by_name.setdefault(one.name, []).append(one)
    return {
        name: {
            "requests": len(found),
            **{
                key: round(statistics.median(getattr(one, key) for one in found), 2)
                for key in ("server_ms", "processor_ms", "waited_ms")
            },
            "server_p95_ms": round(
                statistics.quantiles([one.server_ms for one in found], n=20)[-1], 2
            ),
        }
        for name, found in by_name.items()
    }
