"""The ledger: one chain, written with its change, in which no link can be altered unseen."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction

from lamplighter.ledger import chain, queries, services
from lamplighter.ledger.models import Event
from tests.factories import MORNING

pytestmark = pytest.mark.django_db


def record(name: str = "test.done", subject: str = "thing:1", minutes: int = 0, **payload) -> int:
    with transaction.atomic():
        return services.record(
            name, subject=subject, actor="test", at=MORNING + timedelta(minutes=minutes), **payload
        )


def fill() -> list[int]:
    return [record(minutes=n, number=n) for n in range(4)]


class TestRecord:
    def test_chains_each_event_to_the_one_before(self):
        fill()

        events = list(Event.objects.order_by("id"))
        assert events[0].previous_hash == chain.FIRST_HASH
        for before, after in pairwise(events):
            assert after.previous_hash == before.hash
        assert queries.first_broken_link() is None

    def test_leaves_nothing_when_its_change_is_undone(self):
        def change() -> None:
            with transaction.atomic():
                services.record("test.done", subject="thing:1", actor="test", at=MORNING)
                raise RuntimeError("the change itself failed")

        with pytest.raises(RuntimeError, match="the change"):
            change()

        assert not Event.objects.exists()

    @pytest.mark.django_db(transaction=True)
    def test_needs_the_transaction_of_its_change(self):
        with pytest.raises(services.NoTransaction, match=r"test\.done"):
            services.record("test.done", subject="thing:1", actor="test", at=MORNING)

        assert not Event.objects.exists()

    @pytest.mark.django_db(transaction=True)
    def test_stands_many_writers_at_once_in_one_chain(self):
        def write(writer: int) -> None:
            try:
                for n in range(8):
                    record(subject=f"writer:{writer}", number=n)
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(4)))

        assert Event.objects.count() == 32
        assert queries.first_broken_link() is None


class TestBrokenLink:
    @pytest.mark.parametrize(
        "change",
        [
            {"payload": {"number": 99}},
            {"actor": "somebody else"},
            {"subject": "thing:2"},
            {"name": "test.undone"},
            {"at": MORNING - timedelta(days=1)},
            {"hash": "f" * 64},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_is_found_where_an_event_was_altered(self, change):
        _, second, *_ = fill()

        Event.objects.filter(pk=second).update(**change)

        assert queries.first_broken_link() == second

    def test_is_found_where_an_event_was_taken_out(self):
        _, second, third, _ = fill()

        Event.objects.filter(pk=second).delete()

        assert queries.first_broken_link() == third

    def test_cannot_fork(self):
        first, *_ = fill()
        event = Event.objects.get(pk=first)
        fork = Event(
            name="test.fork",
            subject="thing:1",
            actor="test",
            at=MORNING,
            payload={},
            previous_hash=event.previous_hash,
            hash="a" * 64,
        )

        with pytest.raises(IntegrityError) as error, transaction.atomic():
            Event.objects.bulk_create([fork])

        assert services.violates(error.value, "event_chain_never_forks")
        assert not services.violates(error.value, "event_one_per_hash")


class TestReading:
    def test_tells_of_one_subject_newest_first(self):
        fill()
        record(subject="thing:2", minutes=9)

        told = queries.about(subject="thing:1", limit=2)

        assert [happening.payload for happening in told] == [{"number": 3}, {"number": 2}]
        assert told[0].at == MORNING + timedelta(minutes=3)
