"""Split, kernel, merge: the same on every engine, bounded, and honest about failures."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from lamplighter.insight.spread import engines, running

ENGINES = {"serial": engines.serial(), "processes": engines.processes(2)}


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


def pages_asked_anew(n_arrays: int) -> int:
    """The system's pages that arrays need which were there before and were freed."""
    faults = [0, 0]
    for turn in range(2):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        arrays = [np.ones(2**18) for _ in range(n_arrays)]
        faults[turn] = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
        del arrays
    return faults[1]


def shards(n_shards: int) -> Iterator[running.Shard[int]]:
    return (running.Shard(name=f"area-{number}", content=number) for number in range(n_shards))


def in_order(results: Iterator[running.Done[object]]) -> list[tuple[str, object]]:
    return [(done.name, done.content) for done in results]


def test_every_engine_gives_the_same_bytes_in_the_same_order():
    found = [
        running.run(
            shards=shards(9), kernel=partial(spectrum, size=1000), merge=in_order, engine=engine
        )
        for engine in ENGINES.values()
    ]

    assert found[0] == found[1]
    assert [name for name, _ in found[0]] == [f"area-{number}" for number in range(9)]


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES.keys())
class TestOnEveryEngine:
    def test_an_error_names_its_shard_and_keeps_personal_data_out_of_its_text(self, engine):
        with pytest.raises(running.ShardFailed) as caught:
            running.run(shards=shards(10), kernel=refuse_seven, merge=in_order, engine=engine)

        assert (caught.value.shard, caught.value.kind) == ("area-7", "ValueError")
        assert str(caught.value) == "shard area-7: ValueError"
        assert caught.value.__cause__ is not None

    def test_progress_is_told_in_order(self, engine):
        told: list[tuple[str, int]] = []

        running.run(
            shards=shards(5),
            kernel=refuse_seven,
            merge=in_order,
            engine=engine,
            progress=lambda name, number: told.append((name, number)),
        )

        assert told == [(f"area-{number}", number + 1) for number in range(5)]

    def test_reads_only_a_few_shards_ahead(self, engine):
        read: list[int] = []

        def watched() -> Iterator[running.Shard[int]]:
            for number in range(6, -1, -1):
                read.append(number)
                yield running.Shard(name=str(number), content=number + 10)

        def slow_merge(results: Iterator[running.Done[int]]) -> list[int]:
            return [len(read) - place for place, _ in enumerate(results)]

        ahead = running.run(shards=watched(), kernel=refuse_seven, merge=slow_merge, engine=engine)

        assert max(ahead) <= 5

    def test_nothing_to_do(self, engine):
        assert (
            running.run(shards=shards(0), kernel=refuse_seven, merge=in_order, engine=engine) == []
        )


def test_a_lost_worker_is_named():
    with pytest.raises(engines.WorkerLost):
        running.run(shards=shards(4), kernel=leave, merge=in_order, engine=engines.processes(1))


@pytest.mark.parametrize(("n_workers", "ahead"), [(0, 2), (2, 0)])
def test_refuses_no_workers(n_workers, ahead):
    with pytest.raises(engines.NoWorkers):
        engines.processes(n_workers, ahead_per_worker=ahead)


ORPHANING = """
import os, signal, sys
from functools import partial
from lamplighter.insight.spread import engines

def tell(folder, number):
    with open(os.path.join(folder, str(os.getpid())), "w"):
        return number

def begin(engine):
    next(engine.map_in_order(partial(tell, sys.argv[1]), range(40)))
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    if sys.argv[2] == "early":
        with engines.started(engines.processes(2), loads="json") as engine:
            begin(engine)
    begin(engines.processes(2))
"""


@pytest.mark.parametrize("begun", ["early", "late"])
def test_workers_end_when_the_process_that_started_them_is_killed(tmp_path, begun):
    driver, told = tmp_path / "driver.py", tmp_path / "told"
    driver.write_text(ORPHANING)
    told.mkdir()

    # Its output is inherited by the workers: reading it to the end waits for the last of them.
    done = subprocess.run(
        [sys.executable, str(driver), str(told), begun],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )

    assert done.returncode == -signal.SIGKILL
    workers = [int(file.name) for file in told.iterdir()]
    assert workers
    assert not [pid for pid in workers if Path(f"/proc/{pid}/cmdline").exists()
                and b"multiprocessing" in Path(f"/proc/{pid}/cmdline").read_bytes()]  # fmt: skip


def test_workers_that_began_early_serve_every_use_and_end_with_the_context():
    with engines.started(engines.processes(2), loads="json") as engine:
        first = set(engine.map_in_order(who_works, range(20)))
        dropped = engine.map_in_order(who_works, range(20))
        next(dropped)
        dropped.close()
        second = set(engine.map_in_order(who_works, range(20)))

    assert len(first | second) <= 2
    for pid in first | second:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_workers_use_memory_again_that_they_freed():
    (pages,) = engines.processes(1).map_in_order(pages_asked_anew, [16])

    assert pages < 100  # of 8,192


def test_workers_make_columns_into_arrays_without_pandas():
    (found,) = engines.processes(1).map_in_order(loads_pandas, [3])

    assert found == ([0, 1, 2], False)


def test_workers_find_loaded_what_was_named_and_the_environment_as_it_is_now(tmp_path, monkeypatch):
    for name in ("first", "second"):
        (tmp_path / f"{name}_to_load.py").write_text("import sqlite3\n")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setenv("SAID", name)
        with engines.started(engines.processes(1), loads=f"{name}_to_load") as engine:
            (found,) = engine.map_in_order(finds, [f"{name}_to_load"])
        assert found == (True, name)


def test_workers_that_cannot_be_got_ready_are_told_as_lost(tmp_path, monkeypatch):
    (tmp_path / "that_ends.py").write_text("import os\nos._exit(2)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    started = engines.started(engines.processes(1), loads="that_ends")

    with started as engine, pytest.raises(engines.WorkerLost):
        list(engine.map_in_order(abs, range(3)))


def finds(module: str) -> tuple[bool, str]:
    return module in sys.modules, os.environ["SAID"]


def loads_pandas(number: int) -> tuple[list[int], bool]:
    column = pa.table({"n": np.arange(number)})["n"].chunk(0)
    return column.to_numpy().tolist(), sys.modules.get("pandas") is not None


def who_works(_number: int) -> int:
    return os.getpid()
