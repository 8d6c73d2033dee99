"""The night across three hosts that share no files, one of them cut off in the middle.

The hosts are network namespaces of this machine joined by a bridge. ``a`` has PostgreSQL (by its
socket, not on the network), the object store, the scheduler and the command that runs the night;
``b`` and ``c`` have a worker each, an empty home of their own, and no way to the database. TLS with
certificates of one authority lies on all of dask's wires. In the middle the link of ``c`` goes
down. The result files must have the bytes of the serial night.

    python -m benchmarks.speed.hosts HOME      the same on any home of a demo

It needs root and iproute2, and says so otherwise. Nothing outside the namespaces is touched.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.speed import one_night, stations
from tests import certificates, clusters, objectstores

NET = "10.77.0"
HOSTS = {"a": f"{NET}.1", "b": f"{NET}.2", "c": f"{NET}.3"}
SCHEDULER = f"tls://{HOSTS['a']}:8786"
# A cable that is cut says nothing: these say after how long a silent worker is taken for dead.
PATIENCE = {
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "15s",
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "20s",
}
SECRETS = ("DATABASE_URL", "LAMPLIGHTER_SECRET_KEY", "LAMPLIGHTER_FIELD_KEY")


def run(home: Path | None = None) -> dict[str, Any]:
    """Measure the night on this host alone, across three, and across three with one cut off."""
    missing = _missing()
    if missing:
        return {"skipped": missing}
    known_at = datetime.now(UTC).isoformat()
    with ExitStack() as stack:
        environ = stack.enter_context(stations.copy_of(home or stations.station(), name="hosts"))
        place = Path(environ["LAMPLIGHTER_HOME"])
        stack.enter_context(_network())
        files = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        seal = certificates.make(files / "tls")
        store = stack.enter_context(objectstores.running(host=HOSTS["a"], before=_on("a")))
        nights = {}
        for name, cuts in (("first", ""), ("serial", ""), ("hosts", ""), ("one cut off", "c")):
            wish = one_night.Wish(
                known_at=known_at,
                folder=str(place / name.replace(" ", "-")),
                engine=SCHEDULER if name in ("hosts", "one cut off") else "serial",
                breaks=f"ip -n {_name(cuts)} link set eth0 down" if cuts else "",
                store=store if name in ("hosts", "one cut off") else "",
                seal=(seal.authority_file, seal.certificate_file, seal.key_file),
            )
            with _dask(place, files, environ, seal) if wish.store else ExitStack():
                nights[name] = one_night.measured(
                    wish, environ=environ | PATIENCE, before=_on("a") if wish.store else ()
                )
    serial = nights["serial"]
    return {
        "accounts": serial["accounts"],
        "shards": serial["shards"],
        "sha256": serial["sha256"],
        "hosts": HOSTS,
        "nights": {
            name: {
                "seconds": round(night["seconds"], 1),
                "same_bytes": night["sha256"] == serial["sha256"],
            }
            for name, night in nights.items()
        },
        "all_bytes_same": all(night["sha256"] == serial["sha256"] for night in nights.values()),
    }


def _missing() -> str:
    if os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "network namespaces need iproute2"
    tried = subprocess.run(["unshare", "--net", "--mount", "true"], check=False)
    return "" if tried.returncode == 0 else "this kernel gives no network namespace"


def _name(host: str) -> str:
    return f"lamp-{os.getpid()}-{host}"


def _on(host: str) -> tuple[str, ...]:
    return ("ip", "netns", "exec", _name(host))


@contextmanager
def _network() -> Iterator[None]:
    """Make the hosts and the bridge between them, in a namespace of its own; take all away."""
    switch = _name("sw")
    names = [switch, *(_name(host) for host in HOSTS)]
    try:
        for name in names:
            _ip("netns", "add", name)
            _ip("-n", name, "link", "set", "lo", "up")
        _ip("-n", switch, "link", "add", "br0", "type", "bridge")
        _ip("-n", switch, "link", "set", "br0", "up")
        for host, address in HOSTS.items():
            port = f"port-{host}"
            _ip(
                "-n",
                switch,
                "link",
                "add",
                port,
                "type",
                "veth",
                "peer",
                "eth0",
                "netns",
                _name(host),
            )
            _ip("-n", switch, "link", "set", port, "master", "br0", "up")
            _ip("-n", _name(host), "address", "add", f"{address}/24", "dev", "eth0")
            _ip("-n", _name(host), "link", "set", "eth0", "up")
        yield
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], check=False, stderr=subprocess.DEVNULL)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


@contextmanager
def _dask(place: Path, files: Path, environ: dict[str, str], seal: Any) -> Iterator[None]:
    """Run the scheduler on ``a`` and a worker each on ``b`` and ``c``, whose homes are empty."""
    bare = dict.fromkeys(SECRETS, "")
    for host in ("b", "c"):
        _ip("-n", _name(host), "link", "set", "eth0", "up")
    with ExitStack() as stack:
        clusters.scheduler(
            stack, host=HOSTS["a"], port=8786, seal=seal, before=_on("a"), environ=PATIENCE
        )
        for host in ("b", "c"):
            # A mount of its own hides every file of the station from this worker.
            hidden = f'mount -t tmpfs none "{place}" && exec "$0" "$@"'
            clusters.worker(
                stack,
                address=SCHEDULER,
                host=HOSTS[host],
                folder=files,
                seal=seal,
                before=(*_on(host), "/bin/sh", "-c", hidden),
                environ=environ | PATIENCE | bare,
            )
        yield


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]) if sys.argv[1:] else None), indent=1))
