"""Where an operator wants parts to run: options turned into an engine, or refused in words."""

from collections.abc import Sequence
from pathlib import Path

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from lamplighter.findings.night import versions
from lamplighter.insight.spread import cluster, engines
from lamplighter.storage import mirror

ENGINES = ("serial", "processes", "cluster")


def mirror_of(*, home: Path, store: str) -> mirror.Mirror | None:
    """Return the mirror of the home's files in the store that the settings name, if they do."""
    return mirror.mirror(folder=home, url=store) if store else None


def engine_of(
    *, name: str | None, workers: int, scheduler: str | None, files: Sequence[str]
) -> engines.Engine:
    """Return the engine that the options name.

    Raises
    ------
    CommandError
        The options do not fit each other.
    """
    if workers < 1:
        raise CommandError(_("--workers must be 1 or more"))
    chosen = name or ("cluster" if scheduler else "serial" if workers == 1 else "processes")
    if (chosen == "cluster") != (scheduler is not None):
        raise CommandError(_("--scheduler names the scheduler of --engine cluster: give both"))
    if chosen != "processes" and workers > 1:
        said = _("--workers is of --engine processes, not of %(engine)s")
        raise CommandError(said % {"engine": chosen})
    if chosen == "serial":
        return engines.serial()
    if scheduler is None:
        return engines.processes(workers)
    seal = None
    if files:
        authority, certificate, key = files
        seal = cluster.Seal(authority_file=authority, certificate_file=certificate, key_file=key)
    try:
        return cluster.cluster(scheduler, seal=seal, versions=versions.of_this_process)
    except (cluster.AddressWrong, cluster.WireOpen) as error:
        said = _("the scheduler cannot be used: %(error)s")
        raise CommandError(said % {"error": error}) from error
