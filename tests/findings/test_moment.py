"""A night sees one moment: what the database says then, and nothing that commits later."""

from datetime import timedelta

import pytest

from lamplighter.facts.billing.models import Bill
from lamplighter.findings import rules as night_rules
from lamplighter.findings.night import gathering, moment, shard_tasks
from lamplighter.findings.services import moments
from lamplighter.insight.spread import engines
from tests.findings import bare
from tests.stations import CORRECTED, DAY_BEFORE, KNOWN, KNOWN_LATER, RECEIVED
from tests.town.making import LAST_DAY


def correct_a_bill(station, *, now):
    bill = Bill.objects.filter(issued_date__lt=LAST_DAY - timedelta(40)).order_by("pk").first()
    table = "电费账单.parquet"
    place = station.column(table, "账单编号").index(bill.number)
    values = {"应收电费(分)": int(bill.amount_cny * 100) + 51_234}
    station.correct(table, "bill", row=place, now=now, **values)


def correct_a_reading(station, *, now):
    station.correct(
        "日冻结电量_2026.parquet", "daily_reading", row=40_000, now=now, **{"日电量(Wh)": 99_000}
    )


@pytest.mark.parametrize("as_of", [LAST_DAY, DAY_BEFORE - timedelta(40)])
def test_a_shard_from_the_moment_is_a_shard_from_the_database(station, as_of):
    correct_a_bill(station, now=CORRECTED)
    correct_a_reading(station, now=CORRECTED)
    rules = night_rules.rules_on(day=LAST_DAY)
    for known_at in (KNOWN, KNOWN_LATER):
        folder = station.folder / f"moment-{known_at.hour}"
        where = {"known_at": known_at, "lake_folder": station.places.lake_folder}
        moments.keep(folder=folder, on=as_of, zone="Asia/Shanghai", before_file=None, **where)
        for shard in moment.moment_in(folder=folder).shards():
            task = shard_tasks.Task(
                shard=shard,
                as_of=as_of,
                rules_day=LAST_DAY,
                before_file=None,
                results_folder=station.folder,
                zone="Asia/Shanghai",
                **where,
            )
            asked = gathering.gather(task=task, rules=rules)
            kept = moment.gather(
                folder=folder,
                shard=shard,
                as_of=as_of,
                history_days=rules.night.history_days,
            )
            assert len(kept.bills.account_id) > 0
            assert kept.sha256() == asked.sha256()


@pytest.mark.parametrize("workers", [1, 2])
def test_what_commits_while_a_night_runs_is_in_none_of_its_shards(station, usual, workers):
    """Its `recorded_at` is before what the night knows: only the commit comes too late."""

    def meanwhile(what, n_done, n_all):
        if what == "find" and n_done == 2:
            correct_a_bill(station, now=RECEIVED + timedelta(minutes=1))
            correct_a_reading(station, now=RECEIVED + timedelta(minutes=1))

    engine = engines.serial() if workers == 1 else engines.processes(workers)
    night_id = station.run(on_progress=meanwhile, engine=engine)

    assert station.files(night_id) == usual
    again = station.run(known_at=KNOWN + timedelta(minutes=1))
    assert station.hashes(again) != station.hashes(night_id)


class Stopped(RuntimeError):
    pass


def test_a_night_that_goes_on_sees_what_it_began_with(station, usual):
    def stop(what, n_done, n_all):
        if what == "find" and n_done == 2:
            raise Stopped

    with pytest.raises(Stopped):
        station.run(on_progress=stop)
    correct_a_bill(station, now=RECEIVED + timedelta(minutes=1))
    station.run(as_of=DAY_BEFORE - timedelta(1), known_at=KNOWN_LATER)  # brings the books further

    assert station.files(station.run()) == usual


def test_a_finished_night_leaves_no_moment_behind(station):
    station.run()

    assert not list(station.places.results_folder.glob("*/moment*"))


def test_a_worker_loads_nothing_that_a_shard_in_files_does_not_need(station):
    folder = station.folder / "moment"
    where = {"known_at": KNOWN, "lake_folder": station.places.lake_folder}
    moments.keep(folder=folder, on=LAST_DAY, zone="Asia/Shanghai", before_file=None, **where)
    shard = moment.moment_in(folder=folder).shards()[0]
    task = shard_tasks.Task(
        shard=shard,
        as_of=LAST_DAY,
        rules_day=LAST_DAY,
        before_file=None,
        results_folder=station.folder,
        zone="Asia/Shanghai",
        moment=folder,
        **where,
    )

    with engines.started(engines.processes(1), loads="lamplighter.findings.night.loaded") as engine:
        ((n_accounts, for_nothing, n_frozen),) = engine.map_in_order(bare.find, [task])

    assert n_accounts > 0
    assert for_nothing == set()
    assert n_frozen > 0  # what was loaded before it was forked
