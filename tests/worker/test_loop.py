"""The worker: each job by one worker at a time, and again when one was killed."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import connection

from lamplighter.worker import jobs, loop, services
from lamplighter.worker.setting import Setting
from tests.action.service import making as m

HOUR = timedelta(hours=1)


def setting(now):
    return Setting(
        zone=m.ZONE,
        demo_today=None,
        demo_ahead=None,
        field_key=m.KEY,
        lake_folder=None,
        attachments_folder=None,
        night=None,
        limits=None,
        clock=lambda: now,
    )


def job(run=lambda _: None, name="one"):
    return jobs.Job(name=name, lease=HOUR, run=run, due_after=lambda _, after: after + HOUR)


@pytest.mark.django_db
class TestLoop:
    def start(self, *made):
        loop.start(jobs=made, setting=setting(m.NOON))
        loop.start(jobs=made, setting=setting(m.later(1)))  # known already: nothing moves

    def test_a_job_is_done_when_due_and_not_before(self):
        one = job()
        self.start(one)

        done = [
            loop.once(jobs=[one], setting=setting(m.later(minutes)), holder="a")
            for minutes in (0, 59, 60, 61, 119, 120)
        ]

        assert done == [[], [], ["one"], [], [], ["one"]]

    def test_a_job_that_fails_is_told_by_its_kind_and_stops_no_other(self, caplog):
        def fail(_):
            raise ValueError("王小明 13800000000")

        both = job(fail, "bad"), job(name="good")
        self.start(*both)

        assert loop.once(jobs=both, setting=setting(m.later(60)), holder="a") == ["bad", "good"]

        bad, good = services.standings()
        assert (bad.failure, bad.done_at, bad.next_at) == ("ValueError", None, m.later(120))
        assert (good.failure, good.done_at) == ("", m.later(60))
        assert "ValueError" in caplog.text
        assert "王小明" not in caplog.text

    def test_a_job_whose_worker_was_killed_is_done_by_another_when_the_lease_is_over(self):
        one = job()
        self.start(one)
        assert services.take(name="one", holder="a", now=m.later(60), until_at=m.later(120))

        early = loop.once(jobs=[one], setting=setting(m.later(119)), holder="b")
        late = loop.once(jobs=[one], setting=setting(m.later(120)), holder="b")

        assert (early, late) == ([], ["one"])
        assert not services.give_back(
            name="one", holder="a", now=m.later(121), next_at=m.later(121)
        )
        assert services.standings()[0].next_at == m.later(180)

    def test_the_command_does_what_is_due_and_lists_it(self, capsys):
        call_command("worker", once=True)
        call_command("worker", list=True)

        assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()[1:]] == [
            "compact",
            "deliver",
            "erase",
            "night",
            "sweep",
        ]


def test_upkeep_is_due_at_its_hour_of_the_local_day():
    night = datetime(2026, 11, 25, 18, 59, tzinfo=UTC)  # 02:59 in Shanghai

    first = jobs.next_upkeep(setting(night), night)

    assert first == datetime(2026, 11, 25, 19, tzinfo=UTC)
    assert jobs.next_upkeep(setting(first), first) == first + timedelta(days=1)


@pytest.mark.django_db
def test_the_sweep_and_the_deliveries_of_the_worker_do_their_work():
    station = m.make_station()
    order = m.open_one(station)
    late = setting(m.later(91))

    jobs.sweep(late)
    jobs.deliver(late)

    assert m.promise(order, "ARRIVAL").missed_at == m.later(90)


@pytest.mark.django_db
def test_a_demo_of_last_year_is_not_all_overdue():
    station = m.make_station()
    order = m.open_one(station)
    later = m.NOON + timedelta(days=400)  # noon too

    jobs.sweep(dataclasses.replace(setting(later), demo_today=m.f.TODAY))

    assert m.promise(order, "ARRIVAL").missed_at is None


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_takes_a_job():
    services.know(name="one", first_at=m.NOON)
    gate = Barrier(4)

    def take(holder):
        gate.wait(timeout=30)
        try:
            return services.take(name="one", holder=holder, now=m.NOON, until_at=m.later(5))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, "abcd"))

    assert sorted(taken) == [False, False, False, True]
