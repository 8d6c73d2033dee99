"""Why a long command did not finish: a sentence for the operator, then what the failure says."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as told

from lamplighter.findings.night import copies
from lamplighter.findings.services import judging, night, replaying
from lamplighter.insight.judge import own
from lamplighter.insight.spread import cluster, engines, running
from lamplighter.policy import loader
from lamplighter.storage import mirror

OF_ENGINES: dict[type[Exception], str] = {
    engines.WorkerLost: told("a worker ended without an answer, most likely for want of memory"),
    cluster.ClusterNotInstalled: told("what speaks to a cluster is not installed here"),
    cluster.SchedulerUnreachable: told("the scheduler does not answer"),
    cluster.NobodyToWork: told("the scheduler answers, but no worker is there"),
    cluster.VersionsDiffer: told("workers are of another version"),
    cluster.WireOpen: told("others could read or run what is sent: TLS is needed"),
    mirror.StoreUnreachable: told("the object store does not answer, or refuses"),
    mirror.NotInStore: told("a file is neither here nor in the object store"),
    copies.ResultsDiffer: told("the files that came are not those that the worker wrote"),
}
WHY: dict[type[Exception], str] = OF_ENGINES | {
    running.ShardFailed: told("a part of the station areas failed"),
    night.NightAlreadyRunning: told("another process is at work on a night"),
    night.NothingToFind: told("there is no account yet"),
    replaying.ReplayAlreadyRunning: told("another process is at work on this replay"),
    loader.PolicyUnknown: told("there are no such rules in force"),
    judging.TooFewMeters: told("too few meters are whole for long enough"),
    own.NothingToLearn: told("the meters do not tell enough"),
}
OF_A_NIGHT: tuple[type[Exception], ...] = (
    *OF_ENGINES,
    running.ShardFailed,
    night.NightAlreadyRunning,
    night.NothingToFind,
    loader.PolicyUnknown,
)


def why(error: Exception) -> str:
    """Return why, in the language spoken; the failure's own words are English.

    Raises
    ------
    KeyError
        It is none of these failures.
    """
    (kind,) = [kind for kind in type(error).__mro__ if kind in WHY][:1] or [type(error)]
    return f"{_(WHY[kind])} ({type(error).__name__}: {error})"
