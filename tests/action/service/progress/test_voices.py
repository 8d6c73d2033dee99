"""What a customer's word sets going, and the staff's answer to it."""

import pytest

from lamplighter.action.service import errors as service_errors
from lamplighter.action.service import services as service
from lamplighter.action.service.models import OrderEvent, ServiceOrder
from lamplighter.action.service.progress import errors, replying, services, voices
from lamplighter.action.service.progress.models import CustomerAnswer
from lamplighter.kernel import sealing
from lamplighter.ledger.models import Event
from tests import factories as f
from tests.action.service import making as m
from tests.action.service.progress import test_links as links
from tests.action.service.test_races import at_once

LATER = 60 * 24


def held(order, *, minutes):
    return links.holder(order, minutes=minutes, nonce=order.number)


def closed(station):
    """Return an order whose customer said yes and holds a link, and the minute."""
    order, minutes = links.finished(station)
    links.given(order, station, minutes=minutes, nonce=order.number)
    services.confirm(held(order, minutes=minutes + 1))
    order.refresh_from_db()
    return order, minutes + 1


def object_to(order, minutes, words="又停电了", key=""):
    holder = held(order, minutes=minutes)
    services.object_to(holder, words=words, field_key=m.KEY, request_key=key)


def listener(station, post="SUPERVISOR", minutes=LATER):
    return voices.Listener(
        viewer=station.viewer(post), rules=m.RULES, policy=links.POLICY, now=m.later(minutes),
        field_key=m.KEY,
    )  # fmt: skip


def reply(order, station, minutes, *, post="SUPERVISOR", again=False, key="", viewer=None, **said):
    answer = CustomerAnswer.objects.filter(order=order).order_by("-pk").first()
    wanted = {"answer_id": answer.pk, "words": "今天再派人去看", "begins_again": again, **said}
    replying.reply(
        m.asking(order, viewer or station.viewer(post), minutes, key),
        said=replying.Reply(**wanted), policy=links.POLICY, field_key=m.KEY,
    )  # fmt: skip


@pytest.mark.django_db
class TestWhatItSetsGoing:
    def test_an_objection_to_a_closed_order_opens_a_complaint_and_the_order_stays_closed(self):
        station = m.make_station()
        order, minutes = closed(station)

        object_to(order, minutes + 10, key="k")
        object_to(order, minutes + 10, key="k")

        order.refresh_from_db()
        assert order.state == "CLOSED"
        answer = CustomerAnswer.objects.get(kind="OBJECTED")
        opened = answer.follow_up
        assert (opened.type_code, opened.account_id) == ("COMPLAINT", order.account_id)
        assert sealing.unseal(bytes(opened.words_sealed), m.KEY) == "又停电了"
        assert OrderEvent.objects.get(order=opened, kind="OPENED").actor == "customer"
        assert Event.objects.filter(name="service.order.objected").count() == 1
        assert ServiceOrder.objects.filter(type_code="COMPLAINT").count() == 1

    def test_further_objections_stand_with_the_complaint_that_is_open(self):
        station = m.make_station()
        order, minutes = closed(station)

        object_to(order, minutes + 10)
        object_to(order, minutes + 20, "还是没电")
        complaint = ServiceOrder.objects.get(type_code="COMPLAINT")
        head = station.viewer("BRANCH")
        service.cancel(m.asking(complaint, head, 30), reason="客户撤回")
        object_to(order, minutes + 60, "又没电了")

        opened = CustomerAnswer.objects.filter(kind="OBJECTED").order_by("pk")
        first, second, third = [answer.follow_up_id for answer in opened]
        assert first == second != third

    @pytest.mark.parametrize(("stars", "n_visits"), [(1, 1), (2, 1), (3, 0), (5, 0)])
    def test_a_low_rating_opens_a_return_visit(self, stars, n_visits):
        station = m.make_station()
        order, minutes = closed(station)
        holder = held(order, minutes=minutes + 5)

        services.rate(holder, stars=stars, words="太慢", field_key=m.KEY)

        assert ServiceOrder.objects.filter(type_code="RETURN_VISIT").count() == n_visits

    def test_who_was_visited_within_the_quiet_days_is_left_in_peace(self):
        station = m.make_station()
        for minute in (5, 6):
            order, minutes = closed(station)
            holder = held(order, minutes=minutes + minute)
            services.rate(holder, stars=1, words="", field_key=m.KEY)

        assert ServiceOrder.objects.filter(type_code="RETURN_VISIT").count() == 1

    def test_nothing_is_kept_where_the_complaint_cannot_be_opened(self, monkeypatch):
        station = m.make_station()
        order, minutes = closed(station)

        def refused(**_asked):
            raise service_errors.ChangedMeanwhile

        monkeypatch.setattr(services.following.service, "open_order", refused)
        with pytest.raises(service_errors.ChangedMeanwhile):
            object_to(order, minutes + 10)

        assert not CustomerAnswer.objects.filter(kind="OBJECTED").exists()
        assert not OrderEvent.objects.filter(kind="OBJECTED").exists()


@pytest.mark.django_db
class TestAnswering:
    def test_an_objection_waits_until_it_is_answered_and_the_customer_reads_it(self):
        station = m.make_station()
        order, minutes = closed(station)
        object_to(order, minutes + 10)
        (waiting,) = voices.unanswered(listener=listener(station), limit=9)

        for _ in range(2):
            reply(order, station, minutes + 30, key="k")

        assert (waiting.number, waiting.words) == (order.number, "又停电了")
        assert voices.unanswered(listener=listener(station), limit=9) == []
        told = voices.replies(holder=held(order, minutes=minutes + 40), field_key=m.KEY)
        assert told == [(m.later(minutes + 30), "今天再派人去看")]
        assert Event.objects.filter(name="service.order.answered").count() == 1
        assert "今天再派人" not in str(list(Event.objects.values_list("payload", flat=True)))
        with pytest.raises(errors.RepliedAlready):
            reply(order, station, minutes + 31)

    def test_the_work_begins_again_with_the_answer_or_neither_happens(self):
        station = m.make_station()
        order, minutes = links.finished(station)
        links.given(order, station, minutes=minutes, nonce=order.number)
        holder = held(order, minutes=minutes + 1)
        services.rate(holder, stars=1, words="没修好", field_key=m.KEY)

        with pytest.raises(service_errors.ReasonMissing):
            reply(order, station, minutes + 5, again=True, words=" ")
        assert CustomerAnswer.objects.get().replied_at is None
        reply(order, station, minutes + 5, again=True)

        order.refresh_from_db()
        assert order.state == "OPEN"
        assert CustomerAnswer.objects.get().replied_at == m.later(minutes + 5)

    def test_a_closed_order_does_not_begin_again_and_the_answer_is_not_kept(self):
        station = m.make_station()
        order, minutes = closed(station)
        object_to(order, minutes + 10)

        with pytest.raises(service_errors.OrderIsClosed):
            reply(order, station, minutes + 20, again=True)

        assert CustomerAnswer.objects.get(kind="OBJECTED").replied_at is None

    def test_words_are_for_those_who_may_read_them(self):
        station = m.make_station()
        order, minutes = closed(station)
        object_to(order, minutes + 10)

        (seen,) = voices.unanswered(listener=listener(station, "AGENT"), limit=9)

        assert (seen.number, seen.words) == (order.number, "")
        with pytest.raises(service_errors.NotAllowed):
            reply(order, station, minutes + 20, post="CREW")

    def test_answers_are_erased_with_the_words(self):
        station = m.make_station()
        order, minutes = closed(station)
        object_to(order, minutes + 10)
        reply(order, station, minutes + 20)
        answer = CustomerAnswer.objects.get(kind="OBJECTED")

        services.erase_expired(today=answer.words_expire_date, now=m.NOON, actor="test")

        answer.refresh_from_db()
        assert (answer.words_sealed, answer.reply_sealed) == (None, None)
        assert answer.replied_at is not None

    def test_another_district_neither_reads_nor_answers(self):
        station, other = m.make_station(), m.make_station()
        order, minutes = closed(station)
        object_to(order, minutes + 10)
        stranger = listener(other, "BRANCH")

        assert voices.unanswered(listener=stranger, limit=9) == []
        for by in (voices.TYPE, voices.UNIT, voices.MONTH):
            assert not voices.rated_by(listener=stranger, by=by, since=m.NOON, type_code="")
        with pytest.raises(service_errors.OrderUnknown):
            reply(order, station, minutes + 20, viewer=other.viewer("BRANCH"))


@pytest.mark.django_db
def test_ratings_are_counted_by_type_unit_and_month_and_the_lowest_stand_first():
    station = m.make_station()
    for stars in (5, 1, 4, 3):
        order, minutes = closed(station)
        holder = held(order, minutes=minutes + stars)
        services.rate(holder, stars=stars, words="", field_key=m.KEY)
    asked = {"listener": listener(station), "since": m.NOON, "type_code": "METER_TEST"}

    for by, group in (("TYPE", "METER_TEST"), ("UNIT", station.unit.name), ("MONTH", "2026-11")):
        (row,) = voices.rated_by(**asked, by=by)
        assert (row.group, row.n, row.n_good, row.n_low) == (group, 4, 2, 1)
        assert (row.mean_stars, row.good_ratio) == (3.25, 0.5)
    assert [voice.stars for voice in voices.ratings(**asked, limit=9)] == [1, 3, 4, 5]
    assert voices.ratings(**asked | {"type_code": "COMPLAINT"}, limit=9) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_who_answer_at_once_one_counts():
    station = m.make_station()
    f.make_staff(station=station.unit, post="SUPERVISOR")
    order, minutes = closed(station)
    object_to(order, minutes + 10)

    found = at_once(
        lambda: reply(order, station, minutes + 20),
        lambda: reply(order, station, minutes + 20, post="STATION_HEAD"),
    )

    assert sorted(type(one).__name__ for one in found) == ["NoneType", "RepliedAlready"]
