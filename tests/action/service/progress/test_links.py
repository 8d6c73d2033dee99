"""A customer's own link: one order, for a time, and what may be said through it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from lamplighter.action.service import errors as service_errors
from lamplighter.action.service import services as service
from lamplighter.action.service.models import OrderEvent
from lamplighter.action.service.progress import errors, links, queries, services
from lamplighter.action.service.progress.links import Holder
from lamplighter.action.service.progress.models import CustomerAnswer, ProgressLink
from lamplighter.action.service.records import queries as records
from lamplighter.kernel import sealing
from lamplighter.ledger.models import Event
from lamplighter.policy import loader
from tests import factories as f
from tests.action.service import making as m

pytestmark = pytest.mark.django_db
POLICY = loader.load(name=links.NAME, on=f.TODAY)
NONCE = "n" * 32


def holder(order, *, minutes=1.0, nonce=NONCE, number=""):
    return Holder(
        number=number or order.number, nonce=nonce, now=m.later(minutes), rules=m.RULES,
        policy=POLICY,
    )  # fmt: skip


def given(order, station, *, minutes=0.0, nonce=NONCE, post="AGENT", key=""):
    asking = m.asking(order, station.viewer(post), minutes, key)
    return services.give_link(asking, nonce=nonce, policy=POLICY)


@pytest.fixture
def station():
    return m.make_station()


@pytest.fixture
def order(station):
    return m.open_one(station)


def asked(station, type_code="METER_TEST"):
    """Return an order whose step asks the customer whether it is done, and the minute."""
    order = m.open_one(station, type_code)
    return order, m.run(order, station.viewer("BRANCH"), until="CONFIRM")


def finished(station):
    """Return an order that is all done and waits for the customer's yes, and the minute."""
    order = m.open_one(station, "METER_TEST")
    minutes = m.run(order, station.viewer("BRANCH"), answers={"CONFIRM": "NO"})
    assert order.state == "CONFIRMING"
    return order, minutes


class TestTheLink:
    def test_shows_the_one_order_it_was_given_for(self, station, order):
        given(order, station)
        other = m.open_one(station)

        assert queries.progress(holder=holder(order)).number == order.number
        with pytest.raises(errors.LinkUnknown):
            queries.progress(holder=holder(other))
        with pytest.raises(errors.LinkUnknown):
            queries.progress(holder=holder(order, nonce="m" * 32))

    def test_only_the_hash_is_kept(self, station, order):
        given(order, station)

        link = ProgressLink.objects.get()
        assert NONCE not in str(vars(link))
        assert NONCE not in str(list(Event.objects.values_list("payload", flat=True)))

    def test_another_link_ends_the_one_before_and_the_same_is_one(self, station, order):
        first = given(order, station)
        assert given(order, station, minutes=5) == first
        given(order, station, minutes=6, nonce="second")

        with pytest.raises(errors.LinkUnknown):
            queries.progress(holder=holder(order, minutes=7))
        assert queries.progress(holder=holder(order, minutes=7, nonce="second"))
        with pytest.raises(service_errors.KeyReused):
            given(order, station, minutes=8)

    def test_is_taken_back_by_whoever_may_change_the_order(self, station, order):
        given(order, station)
        taking = m.asking(order, station.viewer(), 2)

        assert services.take_link_back(taking) == 1
        assert services.take_link_back(taking) == 0
        with pytest.raises(errors.LinkUnknown):
            queries.progress(holder=holder(order, minutes=3))

    def test_ends_after_the_days_of_the_policy(self, station, order):
        expires_at = given(order, station)
        last = (expires_at - m.NOON) / timedelta(minutes=1)

        assert expires_at == m.NOON + timedelta(days=POLICY.integer("link_days"))
        assert queries.progress(holder=holder(order, minutes=last - 1))
        with pytest.raises(errors.LinkUnknown):
            queries.progress(holder=holder(order, minutes=last))

    def test_ends_some_days_after_its_order(self, station, order):
        given(order, station)
        service.cancel(m.asking(order, station.viewer(), 3), reason="power is back")
        days = POLICY.integer("days_after_close")
        end = 3 + days * 24 * 60

        seen = queries.progress(holder=holder(order, minutes=end - 1))
        assert (seen.state, seen.may_rate, seen.is_asked) == ("CANCELLED", False, False)
        with pytest.raises(errors.LinkUnknown):
            queries.progress(holder=holder(order, minutes=end))
        with pytest.raises(service_errors.OrderIsClosed):
            given(order, station, minutes=end, nonce="late")

    def test_is_given_by_nobody_who_may_not_see_or_change(self, station, order):
        stranger = f.viewer_for(f.make_staff(station=m.make_station().unit, post="BRANCH"))

        with pytest.raises(service_errors.OrderUnknown):
            services.give_link(m.asking(order, stranger), nonce=NONCE, policy=POLICY)
        crew = m.asking(order, station.viewer("CREW"))
        with pytest.raises(service_errors.NotAllowed):
            services.give_link(crew, nonce=NONCE, policy=POLICY)
        assert not ProgressLink.objects.exists()

    def test_undoes_the_link_when_the_ledger_cannot_be_written(self, station, order, monkeypatch):
        def full_disk(*_args, **_kwargs):
            raise DatabaseError

        monkeypatch.setattr(services.ledger, "record", full_disk)

        with pytest.raises(DatabaseError):
            given(order, station)
        assert not ProgressLink.objects.exists()

    def test_is_opened_only_so_often_within_a_minute(self, station, order):
        given(order, station)
        most = POLICY.integer("visits_per_minute")
        for _ in range(most):
            services.visit(holder(order, minutes=0.5))

        with pytest.raises(errors.TooOften):
            services.visit(holder(order, minutes=0.6))
        services.visit(holder(order, minutes=1.7))
        with pytest.raises(errors.LinkUnknown):
            services.visit(holder(order, nonce="other"))

    def test_asks_few_questions(self, station, order, django_assert_max_num_queries):
        given(order, station)

        with django_assert_max_num_queries(6):
            queries.progress(holder=holder(order))


class TestWhatIsShown:
    def test_says_where_it_stands_until_when_and_nothing_of_who_asked(self, station):
        order = m.open_one(station, words="我叫王小明, 住南京路 5 号", phone="13800138000")
        given(order, station)
        m.run(order, station.viewer("BRANCH"), until="ARRIVE")

        seen = queries.progress(holder=holder(order, minutes=30))

        assert seen.steps[0].state == "DONE"
        assert "NOW" in {step.state for step in seen.steps}
        (arrival, *_) = seen.promises
        assert (arrival.outcome, arrival.due_at) == ("RUNNING", m.promise(order, "ARRIVAL").due_at)
        for secret in ("王小明", "南京路", "13800138000", "138****", station.account.number):
            assert secret not in str(seen)

    def test_what_comes_only_if_it_goes_wrong_is_not_told_ahead(self, station):
        order, minutes = asked(station)
        given(order, station, minutes=minutes)
        mine = holder(order, minutes=minutes + 1)
        again = "We find out and do it again"

        before = [step.words.en for step in queries.progress(holder=mine).steps]
        services.object_to(mine, words="it is still too fast", field_key=m.KEY)
        after = [step.words.en for step in queries.progress(holder=mine).steps]

        assert again not in before
        assert again in after

    def test_a_promise_we_broke_is_owned_though_nothing_swept(self, station, order):
        given(order, station)

        seen = queries.progress(holder=holder(order, minutes=600))

        assert seen.promises[0].outcome == "MISSED"

    def test_says_what_we_wait_for(self, station, order):
        given(order, station)
        minutes = m.run(order, station.viewer("BRANCH"), until="ARRIVE")
        crew = m.asking(order, station.viewer("BRANCH"), minutes + 1)
        service.wait(crew, reason="ACCESS", step_code="ARRIVE")

        seen = queries.progress(holder=holder(order, minutes=minutes + 2))

        assert seen.waits_for == "ACCESS"
        assert "let them in" in seen.waits_told.en
        assert "STANDING" in {promise.outcome for promise in seen.promises}


class TestWhatIsSaid:
    def test_yes_closes_the_order_once(self, station):
        order, minutes = finished(station)
        given(order, station, minutes=minutes)
        mine = holder(order, minutes=minutes + 1)

        services.confirm(mine, request_key="k")
        services.confirm(mine, request_key="k")
        with pytest.raises(service_errors.OrderIsClosed):
            services.confirm(mine, request_key="another")

        order.refresh_from_db()
        assert (order.state, order.confirmed_at) == ("CLOSED", mine.now)
        event = OrderEvent.objects.get(order=order, kind="CONFIRMED")
        assert event.actor == services.CUSTOMER
        assert Event.objects.filter(name="service.order.confirmed").count() == 1

    def test_yes_ends_the_step_that_asks(self, station):
        order, minutes = asked(station)
        given(order, station, minutes=minutes)
        mine = holder(order, minutes=minutes + 1)
        before = queries.progress(holder=mine)

        services.confirm(mine, request_key="k")
        services.confirm(mine, request_key="k")

        order.refresh_from_db()
        assert before.is_asked
        step = m.step(order, "CONFIRM")
        assert (step.state, step.answer) == ("DONE", "YES")
        after = queries.progress(holder=mine)
        assert (after.is_asked, after.may_rate) == (False, True)
        m.run(order, station.viewer("BRANCH"), every=minutes + 10)
        assert (order.state, order.confirmed_at) == ("CLOSED", mine.now)

    def test_no_ends_the_step_that_asks_and_work_goes_on(self, station):
        order, minutes = asked(station)
        given(order, station, minutes=minutes)

        services.object_to(
            holder(order, minutes=minutes + 1), words="it is still too fast", field_key=m.KEY
        )

        order.refresh_from_db()
        assert m.step(order, "CONFIRM").answer == "NO"
        assert order.state == "OPEN"
        again = order.steps.get(state="READY")
        found = records.of_order(
            viewer=f.viewer_for(again.owner), rules=m.RULES, number=order.number, field_key=m.KEY
        )
        assert found[1, "CONFIRM"].values == {"SAID": "it is still too fast"}

    def test_a_return_visit_asks_by_telephone(self, station):
        order = m.open_one(station, "RETURN_VISIT")
        given(order, station)

        assert not queries.progress(holder=holder(order)).is_asked

    def test_no_opens_the_last_step_of_ours_again_on_the_same_clock(self, station):
        order, minutes = finished(station)
        given(order, station, minutes=minutes)
        mine = holder(order, minutes=minutes + 1)

        with pytest.raises(service_errors.ReasonMissing):
            services.object_to(mine, words=" ", field_key=m.KEY)
        services.object_to(mine, words="表还是走得快, 王小明", field_key=m.KEY, request_key="k")

        order.refresh_from_db()
        assert order.state == "OPEN"
        assert order.steps.filter(state__in=["READY", "BEGUN"], owner__isnull=False).exists()
        answer = CustomerAnswer.objects.get()
        assert sealing.unseal(bytes(answer.words_sealed), m.KEY) == "表还是走得快, 王小明"
        assert "王小明" not in str(list(Event.objects.values_list("payload", flat=True)))
        assert "王小明" not in OrderEvent.objects.filter(kind="REOPENED").get().reason

    def test_an_order_at_work_is_neither_confirmed_nor_rated(self, station, order):
        given(order, station)

        with pytest.raises(service_errors.OrderIsOpen):
            services.confirm(holder(order))
        with pytest.raises(service_errors.OrderIsOpen):
            services.object_to(holder(order), words="slow", field_key=m.KEY)
        with pytest.raises(service_errors.OrderIsOpen):
            services.rate(holder(order), stars=1, words="", field_key=m.KEY)
        assert not CustomerAnswer.objects.exists()

    def test_is_rated_once(self, station):
        order, minutes = finished(station)
        given(order, station, minutes=minutes)
        mine = holder(order, minutes=minutes + 1)

        services.rate(mine, stars=5, words="很好😀\x00", field_key=m.KEY, request_key="k")
        services.rate(mine, stars=5, words="很好😀\x00", field_key=m.KEY, request_key="k")
        with pytest.raises(errors.AlreadyRated):
            services.rate(mine, stars=1, words="", field_key=m.KEY, request_key="z")
        for stars in (0, 6, -1):
            with pytest.raises(errors.StarsImpossible):
                services.rate(mine, stars=stars, words="", field_key=m.KEY)

        seen = queries.progress(holder=mine)
        assert (seen.stars, seen.may_rate) == (5, False)
        assert CustomerAnswer.objects.count() == 1

    def test_words_go_when_their_time_is_over(self, station):
        order, minutes = finished(station)
        given(order, station, minutes=minutes)
        services.rate(holder(order, minutes=minutes + 1), stars=2, words="慢", field_key=m.KEY)
        day = CustomerAnswer.objects.get().words_expire_date

        early = services.erase_expired(today=day - timedelta(1), now=m.NOON, actor="test")
        first = services.erase_expired(today=day, now=m.NOON, actor="test")
        again = services.erase_expired(today=day, now=m.NOON, actor="test")

        assert (early, first, again) == (0, 1, 0)
        answer = CustomerAnswer.objects.get()
        assert (answer.words_sealed, answer.stars) == (None, 2)


class TestWhatTheDatabaseHolds:
    @pytest.mark.parametrize(
        ("constraint", "values"),
        [
            ("customer_answer_kind_known", {"kind": "LOVED"}),
            ("customer_answer_stars_when_rated", {"stars": 6}),
            ("customer_answer_stars_when_rated", {"kind": "CONFIRMED"}),
            ("customer_answer_words_expire", {"words_sealed": b"x"}),
        ],
    )
    def test_an_answer_is_whole(self, constraint, values, order):
        right = {"kind": "RATED", "stars": 5, "words_sealed": None, "words_expire_date": None}
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            CustomerAnswer.objects.create(order=order, at=m.NOON, request_key="", **right | values)

    @pytest.mark.parametrize(
        ("constraint", "values"),
        [
            ("progress_link_ends_after_it_begins", {"expires_at": m.NOON}),
            ("progress_link_one_live", {}),
        ],
    )
    def test_a_link_is_whole(self, constraint, values, station, order):
        given(order, station)
        right = {"expires_at": m.later(9), "nonce_sha256": "b", "revoked_at": None}
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            ProgressLink.objects.create(
                order=order, issued_at=m.NOON, issued_by="x", window_at=m.NOON, n_visits=0,
                **right | values,
            )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_of_two_who_rate_at_once_one_counts():
    station = m.make_station()
    order, minutes = finished(station)
    given(order, station, minutes=minutes)

    def rate(stars):
        try:
            services.rate(
                holder(order, minutes=minutes + 1), stars=stars, words="", field_key=m.KEY
            )
        except errors.AlreadyRated:
            return "refused"
        finally:
            connection.close()
        return "kept"

    with ThreadPoolExecutor(2) as both:
        said = sorted(both.map(rate, [1, 5]))

    assert said == ["kept", "refused"]
    assert CustomerAnswer.objects.count() == 1
