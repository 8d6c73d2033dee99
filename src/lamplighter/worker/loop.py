"""The loop: take what is due, do it, give it back; until it is told to stop."""

import logging
from collections.abc import Callable, Sequence
from threading import Event

from django.db import InterfaceError, OperationalError, close_old_connections

from lamplighter.worker import services
from lamplighter.worker.jobs import Job
from lamplighter.worker.setting import Setting

LOG = logging.getLogger(__name__)
SECONDS_BETWEEN = 1.0
SECONDS_WITHOUT_DATABASE = 5.0


def start(*, jobs: Sequence[Job], setting: Setting) -> None:
    """Write down the jobs that are not known yet."""
    for job in jobs:
        now = setting.clock()
        services.know(name=job.name, first_at=job.due_after(setting, now))


def once(*, jobs: Sequence[Job], setting: Setting, holder: str) -> list[str]:
    """Do each job that is due and that nobody else is at; return their names.

    A job that fails is told to the log by its kind and tried again when it is due next; the others
    go on.
    """
    done = []
    for job in jobs:
        now = setting.clock()
        if not services.take(name=job.name, holder=holder, now=now, until_at=now + job.lease):
            continue
        failure = _failure_of(job.run, setting)
        if failure:
            LOG.error("job %s failed: %s", job.name, failure)
        now = setting.clock()
        services.give_back(
            name=job.name,
            holder=holder,
            now=now,
            next_at=job.due_after(setting, now),
            failure=failure,
        )
        done.append(job.name)
    return done


def run(*, jobs: Sequence[Job], setting: Setting, holder: str, stop: Event) -> None:
    """Do what is due until *stop* is set; a database that is away is waited for."""
    while not stop.is_set():
        try:
            close_old_connections()
            once(jobs=jobs, setting=setting, holder=holder)
            stop.wait(SECONDS_BETWEEN)
        except (OperationalError, InterfaceError) as error:
            LOG.error("no database: %s", type(error).__name__)
            stop.wait(SECONDS_WITHOUT_DATABASE)


def _failure_of(work: Callable[[Setting], None], setting: Setting) -> str:
    """Do a job and return the kind of its failure; its text may hold what no log may."""
    try:
        work(setting)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 # the door: one failing job stops no other
        return type(error).__name__[:80]
    return ""
