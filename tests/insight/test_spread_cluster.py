"""The cluster engine on real processes: same, in order, and it says why not."""

import os
import pickle
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lamplighter.insight.spread import cluster, engines, running
from tests import certificates, clusters


def spectrum(seed: int, *, size: int) -> bytes:
    return np.fft.rfft(np.random.default_rng(seed).normal(size=size)).tobytes()


def refuse_seven(number: int) -> int:
    if number == 7:
        raise ValueError("张三 13800000000")
    return number


def leave(number: int) -> int:
    if number == 2:
        os._exit(1)
    return number


def same(part: Any) -> Any:
    return part


def tell_and_wait(part: Path | int) -> int:
    """Tell a pipe which process works on this, and wait to be killed; go on once it is gone."""
    if isinstance(part, int):
        return part
    if part.exists():
        part.write_text(str(os.getpid()))
        threading.Event().wait()
    return -1


def versions_of_test() -> Mapping[str, str]:
    return {"kernel": os.environ.get("VERSION_OF_A_TEST", "one")}


def shards(n_shards: int) -> Iterator[running.Shard[int]]:
    return (running.Shard(name=f"area-{number}", content=number) for number in range(n_shards))


def in_order(results: Iterator[running.Done[object]]) -> list[tuple[str, object]]:
    return [(done.name, done.content) for done in results]


def kill_who_tells(pipe: Path, *, whom: subprocess.Popen[str] | None = None) -> threading.Thread:
    """Start a thread that kills the process that tells its number, or another one instead."""
    os.mkfifo(pipe)

    def kill() -> None:
        told = int(pipe.read_text())
        pipe.unlink()
        os.kill(whom.pid if whom else told, signal.SIGKILL)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    return thread


@pytest.fixture(scope="module")
def two(tmp_path_factory: Any) -> Iterator[clusters.Cluster]:
    with clusters.running(tmp_path_factory.mktemp("two")) as started:
        yield started


def test_gives_the_same_bytes_in_the_same_order_as_this_process(two):
    found = [
        running.run(
            shards=shards(9), kernel=partial(spectrum, size=1000), merge=in_order, engine=engine
        )
        for engine in (engines.serial(), cluster.cluster(two.address))
    ]

    assert found[0] == found[1]
    assert [name for name, _ in found[0]] == [f"area-{number}" for number in range(9)]


def test_an_error_names_its_shard_and_keeps_personal_data_out_of_its_text(two):
    with pytest.raises(running.ShardFailed) as caught:
        running.run(
            shards=shards(10),
            kernel=refuse_seven,
            merge=in_order,
            engine=cluster.cluster(two.address),
        )

    assert (caught.value.shard, caught.value.kind) == ("area-7", "ValueError")
    assert caught.value.__cause__ is not None


def test_an_error_of_the_part_itself_is_never_taken_for_the_wires(two):
    with pytest.raises(FileNotFoundError):
        list(cluster.cluster(two.address).map_in_order(os.stat, ["/nowhere/at/all"]))


def test_reads_only_a_few_shards_ahead(two):
    clusters.wait_for(two, n_workers=2)
    read: list[int] = []

    def watched() -> Iterator[running.Shard[int]]:
        for number in range(20):
            read.append(number)
            yield running.Shard(name=str(number), content=number + 10)

    def slow_merge(results: Iterator[running.Done[int]]) -> list[int]:
        return [len(read) - place for place, _ in enumerate(results)]

    engine = cluster.cluster(two.address, ahead_per_thread=2)
    ahead = running.run(shards=watched(), kernel=refuse_seven, merge=slow_merge, engine=engine)

    assert max(ahead) <= 4


@pytest.mark.parametrize(
    "parts", [[], ["part-0", ("part-0", 1), (abs, -1), [abs, {"a": "part-1"}], None]]
)
def test_parts_come_back_as_they_went_whatever_they_look_like_to_dask(two, parts):
    assert list(cluster.cluster(two.address).map_in_order(same, parts)) == parts


def test_who_stops_reading_leaves_nothing_behind(two):
    engine = cluster.cluster(two.address)
    results = engine.map_in_order(same, range(50))

    assert next(iter(results)) == 0
    results.close()

    assert list(engine.map_in_order(same, range(3))) == [0, 1, 2]


def test_a_part_whose_worker_is_killed_is_done_by_another(tmp_path):
    pipe = tmp_path / "pipe"
    with clusters.running(tmp_path) as started:
        clusters.wait_for(started, n_workers=2)
        thread = kill_who_tells(pipe)
        engine = cluster.cluster(started.address)

        found = list(engine.map_in_order(tell_and_wait, [0, 1, pipe, 3, 4, 5]))
        thread.join()

        assert found == [0, 1, -1, 3, 4, 5]
        codes = sorted(str(worker.poll()) for worker in started.workers)
        assert codes == [str(-signal.SIGKILL), "None"]


def test_a_part_that_kills_every_worker_it_meets_is_named(tmp_path):
    with clusters.running(tmp_path, allowed_failures=1) as started:
        clusters.wait_for(started, n_workers=2)

        with pytest.raises(cluster.PartKillsWorkers, match="2 workers"):
            list(cluster.cluster(started.address).map_in_order(leave, [2]))


def test_a_scheduler_that_goes_away_in_the_middle_is_named(tmp_path):
    pipe = tmp_path / "pipe"
    with clusters.running(tmp_path, n_workers=1) as started:
        thread = kill_who_tells(pipe, whom=started.scheduler)
        engine = cluster.cluster(started.address, connect_s=2.0)

        with pytest.raises(cluster.SchedulerUnreachable, match="in the middle"):
            list(engine.map_in_order(tell_and_wait, [0, pipe]))
        thread.join()


def test_a_scheduler_that_nobody_runs_is_named():
    with pytest.raises(cluster.SchedulerUnreachable, match=r"127\.0\.0\.1:9 within 0\.5 s"):
        list(cluster.cluster("tcp://127.0.0.1:9", connect_s=0.5).map_in_order(same, [1]))


def test_a_cluster_without_workers_is_named(tmp_path):
    with (
        clusters.running(tmp_path, n_workers=0) as started,
        pytest.raises(cluster.NobodyToWork),
    ):
        list(cluster.cluster(started.address, idle_s=0.2).map_in_order(same, [1]))


def test_workers_of_another_version_are_refused_before_anything_is_sent(tmp_path):
    with clusters.running(
        tmp_path, n_workers=1, worker_environ={"VERSION_OF_A_TEST": "two"}
    ) as started:
        engine = cluster.cluster(started.address, versions=versions_of_test)

        with pytest.raises(cluster.VersionsDiffer, match="has kernel two, not one"):
            list(engine.map_in_order(same, iter_that_must_not_be_read()))


def iter_that_must_not_be_read() -> Iterator[int]:
    raise AssertionError
    yield 0


def test_a_worker_checks_the_version_again_before_each_part():
    sent = pickle.dumps(cluster._Sealed(same, 1, {"kernel": "two"}, versions_of_test))

    with pytest.raises(cluster.VersionsDiffer, match="this worker has kernel one, not two"):
        cluster._run(sent)


class TestTls:
    def test_works_for_members_and_refuses_everybody_else(self, tmp_path):
        ours, theirs = certificates.make(tmp_path / "a"), certificates.make(tmp_path / "b")
        with clusters.running(tmp_path, n_workers=1, seal=ours) as started:
            assert started.address.startswith("tls://")

            member = cluster.cluster(started.address, seal=ours)
            stranger = cluster.cluster(started.address, seal=theirs, connect_s=1.0)
            plain = cluster.cluster(started.address.replace("tls", "tcp"), connect_s=1.0)

            assert list(member.map_in_order(same, [1, 2])) == [1, 2]
            for engine in (stranger, plain):
                with pytest.raises(cluster.SchedulerUnreachable):
                    list(engine.map_in_order(same, [1]))

    @pytest.mark.parametrize("address", ["tcp://10.1.2.3:8786", "tcp://example.cn:8786"])
    def test_is_needed_beyond_this_machine(self, address):
        with pytest.raises(cluster.WireOpen, match="use tls"):
            cluster.cluster(address)

    def test_needs_its_files(self):
        with pytest.raises(cluster.WireOpen, match="certificate"):
            cluster.cluster("tls://10.1.2.3:8786")


@pytest.mark.parametrize("address", ["", "10.1.2.3:8786", "http://127.0.0.1:1", "tcp://127.0.0.1"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(cluster.AddressWrong):
        cluster.cluster(address)


def test_refuses_no_part_ahead():
    with pytest.raises(engines.NoWorkers):
        cluster.cluster("tcp://127.0.0.1:8786", ahead_per_thread=0)


@pytest.mark.parametrize(
    ("host", "is_public"),
    [("8.8.8.8", True), ("10.1.2.3", False), ("192.168.1.2", False), ("127.0.0.1", False)],
)
def test_knows_a_public_address(host, is_public):
    assert cluster._is_public(host) is is_public
