"""The night on worker processes of a cluster, one of them killed in the middle: same bytes."""

import os
import signal
import subprocess
import threading
from contextlib import ExitStack
from dataclasses import replace

import psycopg
import pytest
from django.db import connection

from lamplighter.findings.models import ShardDone
from lamplighter.findings.night import versions, worker
from lamplighter.insight.spread import cluster
from lamplighter.storage import mirror
from tests import clusters, objectstores


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_killed_in_the_middle_changes_no_byte(station, usual, tmp_path, when):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    killed = []

    def kill() -> None:
        killed.append(int(pipe.read_text()))
        pipe.unlink()
        os.kill(killed[0], signal.SIGKILL)

    with clusters.running(tmp_path) as started:
        clusters.wait_for(started, n_workers=2)
        thread = threading.Thread(target=kill, daemon=True)
        thread.start()
        engine = cluster.cluster(started.address, versions=versions.of_this_process)

        night_id = station.run(engine=clusters.Interrupted(engine, pipe, "3", when))
        thread.join()

        ended = [worker.pid for worker in started.workers if worker.poll() == -signal.SIGKILL]
        assert ended == killed
    assert station.files(night_id) == usual
    assert ShardDone.objects.filter(night=night_id).count() == 6


def test_a_process_whose_session_the_server_ended_begins_another(station):
    connection.ensure_connection()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    worker._set_up()

    assert station.run() > 0


def test_a_host_without_any_file_of_the_station_decides_from_an_object_store(
    station, usual, tmp_path
):
    """The second host is a process that finds another, empty folder at the station's path."""
    hidden = f'mount -t tmpfs none "{station.folder}" && exec "$0" "$@"'
    elsewhere = ("unshare", "--mount", "/bin/sh", "-c", hidden)
    tried = subprocess.run([*elsewhere, "true"], check=False, capture_output=True)
    if tried.returncode != 0:
        pytest.skip("a mount of one's own needs root")
    other = tmp_path.with_name(f"{tmp_path.name}-other")
    other.mkdir()
    bare = {"DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": ""}
    with objectstores.running() as url, ExitStack() as stack:
        _, address = clusters.scheduler(stack, seal=None, environ={})
        clusters.worker(
            stack, address=address, folder=other, seal=None, before=elsewhere, environ=bare
        )
        places = replace(station.places, mirror=mirror.mirror(folder=station.folder, url=url))

        night_id = station.run(
            engine=cluster.cluster(address, versions=versions.of_this_process), places=places
        )

    assert station.files(night_id) == usual
    assert ShardDone.objects.filter(night=night_id).count() == 6
