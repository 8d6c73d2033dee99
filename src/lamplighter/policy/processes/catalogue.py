"""Which processes there are, and which version of each is in force."""

from datetime import date
from functools import cache
from pathlib import Path

from lamplighter.policy.processes import codes, reading
from lamplighter.policy.processes.shapes import Process

FILES = Path(__file__).parents[1] / "process_files"


class ProcessUnknown(LookupError):
    """There is no process of this code, none in force on this day, or no such version."""


def in_force(*, code: str, on: date) -> Process:
    """Return the version of a process that new orders of a day begin with.

    >>> in_force(code="FAULT_REPAIR", on=date(2026, 11, 27)).title.zh
    '故障报修'

    Raises
    ------
    ProcessUnknown
        There is none, or its first version begins later.
    tables.ProcessFileWrong
        A file of it cannot be used.
    """
    found = [process for process in versions(code=code) if process.valid_from <= on]
    if not found:
        raise ProcessUnknown(f"{code} on {on}")
    return found[-1]


def by_version(*, version: str) -> Process:
    """Return the version that an order began with, like ``FAULT_REPAIR/2014-11-01``.

    Raises
    ------
    ProcessUnknown
        There is no such version.
    tables.ProcessFileWrong
        A file of it cannot be used.
    """
    for process in versions(code=version.partition("/")[0]):
        if process.version == version:
            return process
    raise ProcessUnknown(version)


@cache
def versions(*, code: str) -> tuple[Process, ...]:
    """Return all versions of a process, oldest first.

    Raises
    ------
    ProcessUnknown
        There is none of this code.
    tables.ProcessFileWrong
        A file of it cannot be used.
    """
    files = sorted((FILES / code).glob("*.toml")) if code in codes.TYPES else []
    if not files:
        raise ProcessUnknown(code)
    return tuple(reading.read_file(file) for file in files)


def every(*, on: date) -> tuple[Process, ...]:
    """Return all processes in force on a day, in the order of the twelve functions.

    Raises
    ------
    ProcessUnknown
        A type has no process on this day.
    tables.ProcessFileWrong
        A file cannot be used.
    """
    return tuple(in_force(code=code, on=on) for code in codes.TYPES)


def for_request(*, request: str, on: date) -> tuple[Process, ...]:
    """Return the processes that a type of request may begin.

    Raises
    ------
    ProcessUnknown
        A type has no process on this day.
    tables.ProcessFileWrong
        A file cannot be used.
    """
    return tuple(process for process in every(on=on) if request in process.requests)
