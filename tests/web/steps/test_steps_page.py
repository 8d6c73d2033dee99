"""A person's own steps: the nearest limit first, what waits apart, all done from the row."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lamplighter.action.service import services as service
from lamplighter.action.service.models import OrderEvent, OrderStep
from tests import factories as f
from tests.action.service import making as m
from tests.web.filled import form
from tests.web.signing_in import client_of

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
MINE = "/steps/"


@pytest.fixture(autouse=True)
def clock(clock, settings):
    settings.DEMO_TODAY = f.TODAY
    return clock


class Desk:
    """One station with everybody at their desks, and one fault that an agent has to take."""

    def __init__(self, *, language="en", **changed):
        self.station = m.make_station()
        self.order = m.open_one(self.station, **changed)
        self.clients = {
            post: client_of(person, language=language)
            for post, person in self.station.staff.items()
        }

    def page(self, post="AGENT"):
        return self.clients[post].get(MINE).context["page"]

    def act(self, action, *, post="AGENT", key="", number="", **sent):
        url = reverse("steps:act", args=[number or self.order.number, action])
        if action == "complete":
            sent = form(self.order, sent["step"]) | sent
        return self.clients[post].post(url, {"page_key": key, **sent})

    def until(self, code):
        """Do all steps before one; return the minute."""
        return m.run(self.order, self.station.viewer("BRANCH"), until=code)


class TestWhatIsShown:
    def test_only_my_own_steps_are_on_my_desk(self):
        desk = Desk()

        shown = {post: desk.page(post) for post in desk.clients}

        assert [row.number for row in shown.pop("AGENT").running] == [desk.order.number]
        assert all(page.is_empty for page in shown.values())

    def test_a_manager_and_a_crew_see_what_was_given_to_them(self):
        desk = Desk()
        desk.until("ARRIVE")
        other = m.open_one(desk.station, "METER_TEST")
        manager = OrderStep.objects.filter(order=other, state="READY")
        manager.update(owner=desk.station.staff["MANAGER"], assigned_at=m.NOON)

        (crew,) = desk.page("CREW").running
        (own,) = desk.page("MANAGER").running

        assert (crew.number, crew.code) == (desk.order.number, "ARRIVE")
        assert own.number == other.number

    def test_what_was_chased_comes_before_all_until_something_moves(self, clock):
        desk = Desk()
        other = m.open_one(desk.station, asked_at=m.later(-30))
        for minute in (1, 2):
            asking = m.asking(desk.order, desk.station.viewer("SUPERVISOR"), minute)
            service.chase(asking, reason="a baby is cold")

        page = desk.page()

        (row,) = page.chased
        assert (row.number, row.chased) == (desk.order.number, "Chased 2 times: a baby is cold")
        assert other.number in {row.number for row in (*page.late, *page.running)}
        assert page.summary.startswith("2 steps are yours")
        clock.at = m.later(3)
        desk.act("begin", step="TAKE")
        assert desk.page().chased == ()

    def test_late_comes_first_and_says_so(self, clock):
        desk = Desk()
        m.open_one(desk.station, "METER_TEST")
        clock.at = m.later(200)

        page = desk.page()

        assert [row.number for row in page.late] == [desk.order.number]
        assert page.late[0].slack.tone == "harm"
        assert "late" in page.late[0].promise_slack.text
        assert "1 is late." in page.summary

    def test_the_limit_of_the_step_stands_beside_the_promise_to_the_customer(self):
        desk = Desk()
        step = m.step(desk.order, "TAKE")

        (row,) = desk.page().running

        assert row.end_by_at == step.end_by_at
        assert row.inner_by_at == step.inner_by_at
        assert row.promised_at == m.promise(desk.order, "ARRIVAL").due_at
        assert row.promised_at > row.end_by_at

    def test_an_empty_desk_says_what_comes(self):
        answer = Desk().clients["CREW"].get(MINE)

        assert answer.context["page"].is_empty
        assert "Nothing waits for you" in answer.content.decode()

    def test_another_district_sees_nothing(self):
        desk = Desk()
        there = m.make_station()
        stranger = client_of(f.make_staff(station=there.unit, post="BRANCH"))

        assert desk.order.number not in stranger.get(MINE).content.decode()
        url = reverse("steps:act", args=[desk.order.number, "complete"])
        sent = {"step": "TAKE", "answer": "NEW"}
        assert stranger.post(url, sent).status_code == 404
        assert OrderEvent.objects.filter(order=desk.order).count() == 1

    def test_more_steps_ask_no_more_questions(self):
        desk = Desk()
        desk.page()

        with CaptureQueriesContext(connection) as one:
            desk.page()
        for _ in range(8):
            m.open_one(desk.station)
        with CaptureQueriesContext(connection) as nine:
            desk.page()

        assert len(one) == len(nine) <= MOST_QUERIES, [q["sql"][:90] for q in nine]

    def test_a_desk_that_overflows_says_so(self, monkeypatch):
        desk = Desk()
        m.open_one(desk.station)
        monkeypatch.setattr("lamplighter.web.steps.views.STEPS_SHOWN", 1)

        page = desk.page()

        assert page.is_cut
        assert len(page.running) == 1


class TestWhatIsDone:
    def test_begin_and_complete_from_the_row(self, clock):
        desk = Desk()
        clock.at = m.later(1)

        begun = desk.act("begin", key="a", step="TAKE")
        done = desk.act("complete", key="b", step="TAKE", answer="NEW")

        assert (begun.status_code, begun["location"]) == (302, MINE)
        assert (done.status_code, done["location"]) == (302, MINE)
        assert m.step(desk.order, "TAKE").state == "DONE"

    def test_give_back_with_a_reason_and_hand_over_inside(self, clock):
        desk = Desk()
        minutes = desk.until("ARRIVE")
        clock.at = m.later(minutes + 1)
        other = f.make_staff(station=desk.station.unit, post="CREW")
        (row,) = desk.page("CREW").running
        assert (str(other.pk), f"{other.name} · {other.number}") in row.colleagues
        assert str(desk.station.staff["CREW"].pk) not in dict(row.colleagues)
        told = OrderEvent.objects.filter(is_outward=True).count()

        over = desk.act("hand-over", post="CREW", key="a", step="ARRIVE", staff=other.pk)

        assert over.status_code == 302
        assert m.step(desk.order, "ARRIVE").owner == other
        assert OrderEvent.objects.filter(is_outward=True).count() == told
        assert desk.page("CREW").is_empty
        there = client_of(other)
        (row,) = there.get(MINE).context["page"].running
        url = reverse("steps:act", args=[desk.order.number, "return"])
        sent = {"step": "ARRIVE", "to": row.return_to[0][0]}
        assert there.post(url, {**sent, "reason": ""}).status_code == 422
        assert there.post(url, {**sent, "reason": "the place is wrong"}).status_code == 302
        assert m.step(desk.order, row.return_to[0][0]).state == "READY"

    def test_what_waits_stands_apart_and_goes_on(self, clock):
        desk = Desk()
        minutes = desk.until("ARRIVE")
        clock.at = m.later(minutes + 1)
        assert "ACCESS" in dict(desk.page("CREW").running[0].wait_for)

        waited = desk.act("wait", post="CREW", key="a", step="ARRIVE", waits_for="ACCESS")
        page = desk.page("CREW")
        agent = desk.page("AGENT")
        clock.at = m.later(minutes + 30)
        gone_on = desk.act("go-on", post="CREW", key="b")

        assert (waited.status_code, gone_on.status_code) == (302, 302)
        assert not page.running
        assert "let us in" in page.waiting[0].waits_for
        # The agent answers to the customer, and sees that it waits though no step is theirs.
        assert [order.number for order in agent.others_waiting] == [desk.order.number]
        assert desk.page("CREW").running

    def test_sent_twice_it_is_done_once(self, clock):
        desk = Desk()
        clock.at = m.later(1)

        answers = [desk.act("complete", key="k", step="TAKE", answer="NEW") for _ in range(2)]

        assert [answer.status_code for answer in answers] == [302, 302]
        assert OrderEvent.objects.filter(kind="COMPLETED").count() == 1

    def test_nobody_does_another_persons_step(self):
        desk = Desk()

        answer = desk.act("complete", post="CREW", step="TAKE", answer="NEW")

        assert answer.status_code in {403, 404}
        assert m.step(desk.order, "TAKE").state == "READY"

    @pytest.mark.parametrize(
        ("action", "sent", "said"),
        [
            ("complete", {"step": "TAKE", "answer": "MAYBE"}, "how the step ended"),
            ("complete", {"step": "NOWHERE"}, "no such step"),
            ("hand-over", {"step": "TAKE", "staff": "9" * 400}, "choose a colleague"),
            ("wait", {"step": "TAKE", "waits_for": "TEA"}, "may not be paused"),
            ("go-on", {}, "does not wait"),
        ],
    )
    def test_a_refusal_is_told_in_words_beside_the_row(self, action, sent, said):
        desk = Desk()

        answer = desk.act(action, **sent)

        assert answer.status_code == 422
        assert said in answer.context["page"].fault.lower()
        assert OrderEvent.objects.filter(order=desk.order).count() == 1

    @pytest.mark.parametrize(
        "reason", ["😀" * 1000, "'; DROP TABLE x; --\x00", "<script>alert(1)</script>"]
    )
    def test_any_reason_is_kept_as_text(self, reason, clock):
        desk = Desk()
        minutes = desk.until("ARRIVE")
        clock.at = m.later(minutes + 1)
        (row,) = desk.page("CREW").running
        sent = {"step": "ARRIVE", "to": row.return_to[0][0], "reason": reason}

        answer = desk.act("return", post="CREW", key="k", **sent)
        wrong = desk.act("return", post="CREW", key="z", **{**sent, "to": "NOWHERE"})

        assert answer.status_code == 302
        assert "<script>alert" not in wrong.content.decode()

    def test_a_reason_too_long_to_keep_is_refused_and_given_back(self, clock):
        desk = Desk()
        minutes = desk.until("ARRIVE")
        clock.at = m.later(minutes + 1)
        (row,) = desk.page("CREW").running
        reason = "断线在树上" * 201

        refused = desk.act(
            "return", post="CREW", key="k", step="ARRIVE", to=row.return_to[0][0], reason=reason
        )

        assert refused.status_code == 422
        assert "1005 characters" in refused.context["page"].fault
        assert reason in refused.content.decode()
        assert not OrderEvent.objects.filter(order=desk.order, kind="RETURNED").exists()

    def test_a_get_changes_nothing_and_unknown_acts_are_no_pages(self):
        desk = Desk()
        url = reverse("steps:act", args=[desk.order.number, "complete"])

        assert desk.clients["AGENT"].get(url).status_code == 405
        assert desk.act("cancel").status_code == 404


@pytest.mark.parametrize("type_code", ["FAULT_REPAIR", "NEW_LV_RESIDENT", "COMPLAINT"])
def test_the_desk_speaks_both_languages(type_code):
    cases = {"VOLTAGE": "LV", "CUSTOMER_KIND": "RESIDENT"}
    desk = Desk(language="zh-hans", type_code=type_code, cases=cases)
    owners = OrderStep.objects.filter(order=desk.order, state="READY", owner__isnull=False)
    posts = {person.pk: post for post, person in desk.station.staff.items()}
    post = posts[owners.get().owner_id]

    answer = desk.clients[post].get(MINE)

    text = answer.content.decode()
    assert "我的环节" in text
    assert "接手" in text
    assert "⚠" not in text


def test_a_closed_order_leaves_every_desk():
    desk = Desk()

    service.cancel(m.asking(desk.order, desk.station.viewer()), reason="power is back")

    assert all(desk.page(post).is_empty for post in desk.clients)
