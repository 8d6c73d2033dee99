"""The workers of the night: ready from its hour on, so that it begins at once when it may."""

import os
from contextlib import ExitStack

from lamplighter.findings.services import night
from lamplighter.insight.spread import engines

MOST_USUAL = 4


def usual_size() -> int:
    """Return how many processes a night has on this machine, unless another number is asked for."""
    return min(os.cpu_count() or 1, MOST_USUAL)


def crew_of(n_workers: int) -> "Crew":
    """Return a crew of so many processes; of one: this process itself."""
    return Crew(engines.processes(n_workers) if n_workers > 1 else engines.serial())


class Crew:
    """Processes that have loaded all a night needs, kept from night's hour until its work is done.

    Loading takes them about a second. Whoever waits for the last readings of a day has that time.
    """

    def __init__(self, engine: engines.Engine) -> None:
        self._engine = engine
        self._kept = ExitStack()
        self._ready: engines.Engine | None = None

    def ready(self) -> engines.Engine:
        """Return the engine with its processes loaded; at once if they are."""
        if self._ready is None:
            started = self._kept.enter_context(engines.started(self._engine, loads=night.LOADS))
            try:
                engines.wait_until_loaded(started)
            except engines.WorkerLost:
                self.dismiss()
                raise
            self._ready = started
        return self._ready

    def dismiss(self) -> None:
        """End the processes, if there are any."""
        self._ready = None
        self._kept.close()
