"""An order as a whole through its pages, and everything that may be done with it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lamplighter.action.service.models import OrderEvent, OrderStep, ServiceFailure, ServiceOrder
from lamplighter.ledger.models import Event
from lamplighter.policy.processes import codes
from tests import factories as f
from tests.action.service import making as m
from tests.web.orders.desk import Desk
from tests.web.signing_in import client_of

pytestmark = pytest.mark.django_db
MOST_QUERIES_OF_THE_LIST = 9
MOST_QUERIES_OF_ONE = 23


class TestOneOrder:
    def test_shows_promise_steps_picture_and_every_minute(self, clock):
        desk = Desk()
        clock.at = m.later(30)

        answer = desk.clients["AGENT"].get(desk.url)

        page, text = answer.context["page"], answer.content.decode()
        arrival = page.clocks[0]
        assert (arrival.used, arrival.left) == ("30 min", "1 h")
        assert [(row.length, row.kind) for row in arrival.rows] == [("30 min", "counted")]
        assert arrival.slack.text == "1 h left"
        assert "1 h left" in page.summary
        (card,) = page.open_cards
        assert card.title == "Take the report"
        assert "{" not in card.script.replace("{reason}", "")
        assert (card.may_do, card.may_begin) == (True, True)
        assert 'class="process-step process-step-ready"' in text
        assert "家里没电了" not in text
        assert "⚠" not in text

    def test_all_of_a_repair_is_done_through_the_page_until_the_customer_says_yes(self, clock):
        desk = Desk()
        for minute in range(1, 40):
            clock.at = m.later(minute)
            page = desk.page("BRANCH")
            if not page.open_cards:
                break
            card = page.open_cards[0]
            answer = desk.act(
                "complete", post="BRANCH", key=page.forms.page_key, step=card.code,
                answer=card.answers[0][0],
            )  # fmt: skip
            assert answer.status_code == 302, answer.context["page"].forms.fault
        if desk.page().forms.is_confirming:
            assert desk.act("confirm", key="k").status_code == 302
        desk.order.refresh_from_db()

        assert desk.order.state == "CLOSED"
        page = desk.page()
        assert page.head.confirmed_at is not None
        assert {clock.outcome for clock in page.clocks if clock.is_outward} <= {"KEPT", "LAPSED"}
        assert not page.open_cards

    def test_the_same_form_twice_does_it_once_and_a_second_person_is_told(self, clock):
        desk = Desk()
        clock.at = m.later(1)
        first = desk.act("complete", key="k", step="TAKE", answer="NEW")
        again = desk.act("complete", key="k", step="TAKE", answer="NEW")

        late = desk.act("complete", post="SUPERVISOR", key="z", step="TAKE", answer="NEW")

        assert (first.status_code, again.status_code, late.status_code) == (302, 302, 422)
        assert "done already" in late.context["page"].forms.fault
        assert OrderEvent.objects.filter(kind="COMPLETED").count() == 1

    def test_begin_hand_over_wait_and_go_on(self, clock):
        desk = Desk("FAULT_REPAIR")
        desk.act("begin", key="a", step="TAKE")
        assert desk.page().open_cards[0].state == "BEGUN"
        m.run(desk.order, desk.station.viewer("BRANCH"), until="ARRIVE")
        clock.at = m.later(60)
        card = desk.page("CREW").open_cards[0]
        other = f.make_staff(station=desk.station.unit, post="CREW")

        waited = desk.act("wait", post="CREW", key="b", step="ARRIVE", waits_for="ACCESS")
        assert card.code == "ARRIVE"
        assert waited.status_code == 302
        standing = desk.page("AGENT")
        assert "let us in" in standing.head.waits_for
        assert standing.head.slack is None
        clock.at = m.later(80)
        assert desk.act("go-on", post="AGENT", key="c").status_code == 302
        over = desk.act("hand-over", post="CREW", key="d", step="ARRIVE", staff=other.pk)
        assert over.status_code == 302
        assert OrderStep.objects.get(order=desk.order, code="ARRIVE").owner == other
        kinds = [row.kind for row in desk.page().clocks[0].rows]
        assert kinds == ["counted", "waiting"]

    def test_give_back_chase_priority_type_join_and_cancel(self, clock):
        desk = Desk()
        clock.at = m.later(1)
        desk.act("complete", key="a", step="TAKE", answer="NEW")
        other = m.open_one(desk.station)
        clock.at = m.later(2)

        back = desk.act("return", post="SUPERVISOR", key="b", step="DISPATCH", to="TAKE",
                        reason="the place is wrong")  # fmt: skip
        answers = [
            back,
            desk.act("chase", key="c", reason="an old woman is alone there"),
            desk.act("priority", key="d", priority="EMERGENCY"),
            desk.act("join", key="e", **{"with": other.number}),
            desk.act("type", key="f", type="VOLTAGE_COMPLAINT"),
            desk.act("cancel", key="g", reason="power is back"),
        ]

        assert [answer.status_code for answer in answers] == [302] * 6
        desk.order.refresh_from_db()
        assert (desk.order.state, desk.order.type_code) == ("CANCELLED", "VOLTAGE_COMPLAINT")
        page = desk.page()
        titles = [entry.title for entry in page.entries]
        assert titles[0] == "Order withdrawn"
        assert any(title.startswith("Sent back") for title in titles)
        assert page.head.joined == ((other.number, reverse("orders:order", args=[other.number])),)
        texts = [entry.text for entry in page.entries]
        assert "an old woman is alone there" in texts

    def test_a_finished_order_is_opened_again_on_the_same_clock(self, clock):
        desk = Desk("METER_TEST")
        minutes = desk.run(answers={})
        if desk.order.state != "CONFIRMING":
            pytest.skip("this process asks the customer in a step of its own")
        clock.at = m.later(minutes + 5)
        step = desk.page().forms.reopen_to[-1][0]

        short = desk.act("reopen", key="a", step=step, reason="")
        opened = desk.act("reopen", key="b", step=step, reason="it is still dark")

        assert (short.status_code, opened.status_code) == (422, 302)
        desk.order.refresh_from_db()
        assert desk.order.state == "OPEN"

    def test_a_failure_is_noted_at_its_level_with_four_losses(self):
        desk = Desk()
        said = {"level": "OBSTACLE", "reason": "nobody came", "method": "return visit",
                "economic_cny": "120.50", "reputation": "2"}  # fmt: skip

        assert desk.act("failure", post="AGENT", **said).status_code == 403
        assert desk.act("failure", post="SUPERVISOR", key="a", **said).status_code == 302
        wrong = desk.act("failure", post="SUPERVISOR", key="b", **{**said, "honour": "7"})

        failure = ServiceFailure.objects.get()
        assert (failure.level, str(failure.economic_cny), failure.reputation) == (
            "OBSTACLE",
            "120.50",
            2,
        )
        assert wrong.status_code == 422
        assert "from 0 to 3" in wrong.context["page"].forms.fault
        assert desk.page().failures[0].content == "nobody came"

    @pytest.mark.parametrize(
        ("action", "sent", "said"),
        [
            ("cancel", {"reason": ""}, "say why"),
            ("complete", {"step": "TAKE", "answer": "MAYBE"}, "how the step ended"),
            ("complete", {"step": "NOWHERE"}, "no such step"),
            ("return", {"step": "TAKE", "to": "TAKE", "reason": "wrong"}, "nothing can go back"),
            ("hand-over", {"step": "TAKE", "staff": "nobody"}, "choose a colleague"),
            ("wait", {"step": "TAKE", "waits_for": "TEA"}, "may not be paused"),
            ("go-on", {}, "does not wait"),
            ("confirm", {}, "nothing to confirm"),
            ("join", {"with": "I-nowhere"}, "no such open order"),
            ("priority", {"priority": "NOW"}, "no such priority"),
            ("type", {"type": "TELEPORT"}, "no such type"),
        ],
    )
    def test_a_refusal_is_told_in_words_and_changes_nothing(self, action, sent, said):
        desk = Desk()

        answer = desk.act(action, post="BRANCH", **sent)

        assert answer.status_code == 422
        assert said in answer.context["page"].forms.fault.lower()
        assert OrderEvent.objects.filter(order=desk.order).count() == 1

    def test_words_are_shown_for_a_reason_that_is_kept(self):
        desk = Desk(words="我叫王小明<script>alert(1)</script>")
        url = reverse("orders:words", args=[desk.order.number])
        agent = desk.clients["AGENT"]

        without = agent.post(url, {"reason": ""})
        shown = agent.post(url, {"reason": "he calls again"}, headers={"hx-request": "true"})

        assert without.status_code == 422
        text = shown.content.decode()
        assert "王小明" in text
        assert "<script>alert" not in text
        event = Event.objects.get(name="service.order.words_read")
        assert event.payload["reason"] == "he calls again"
        assert "王小明" not in str(event.payload)
        assert desk.clients["CREW"].post(url, {"reason": "curious"}).status_code == 403

    @pytest.mark.parametrize("action", ["begin", "complete", "cancel", "confirm"])
    def test_another_district_sees_and_changes_nothing(self, action):
        desk, there = Desk(), m.make_station()
        stranger = client_of(f.make_staff(station=there.unit, post="BRANCH"))
        url = reverse("orders:act", args=[desk.order.number, action])

        assert stranger.get(desk.url).status_code == 404
        sent = {"step": "TAKE", "reason": "mine now", "answer": "NEW"}
        assert stranger.post(url, sent).status_code == 404
        listed = stranger.get(reverse("orders:list"))
        assert desk.order.number not in listed.content.decode()
        words = reverse("orders:words", args=[desk.order.number])
        assert stranger.post(words, {"reason": "curious"}).status_code == 404
        assert OrderEvent.objects.filter(order=desk.order).count() == 1

    def test_a_get_changes_nothing_and_unknown_acts_are_no_pages(self):
        desk = Desk()
        url = reverse("orders:act", args=[desk.order.number, "cancel"])

        assert desk.clients["AGENT"].get(url).status_code == 405
        assert desk.act("explode").status_code == 404

    @pytest.mark.parametrize("text", ["😀" * 1000, "'; DROP TABLE x; --\x00", "<b>bold</b>"])
    def test_any_reason_is_kept_as_text(self, text):
        desk = Desk()

        assert desk.act("cancel", reason=text).status_code == 302
        assert "<b>bold" not in desk.clients["AGENT"].get(desk.url).content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("type_code", sorted(codes.TYPES))
def test_an_order_of_each_type_is_shown_in_both_languages(type_code, language):
    cases = {"VOLTAGE": "LV", "HV_SOURCES": "HV_SINGLE", "CUSTOMER_KIND": "RESIDENT"}
    desk = Desk(type_code, language=language, cases=cases)

    answer = desk.clients["BRANCH"].get(desk.url)

    assert answer.status_code == 200
    assert "⚠" not in answer.content.decode()
    assert answer.context["page"].open_cards


def test_the_pages_ask_few_questions(clock):
    desk = Desk()
    for _ in range(6):
        m.open_one(desk.station)
    clock.at = m.later(10)
    desk.page()

    with CaptureQueriesContext(connection) as listed:
        desk.clients["AGENT"].get(reverse("orders:list"))
    with CaptureQueriesContext(connection) as one:
        desk.page()

    assert len(listed) <= MOST_QUERIES_OF_THE_LIST, [q["sql"][:90] for q in listed]
    assert len(one) <= MOST_QUERIES_OF_ONE, [q["sql"][:90] for q in one]


def test_what_is_late_is_loud_though_nothing_swept_yet(clock):
    desk = Desk()
    clock.at = m.NOON + timedelta(hours=9)

    assert desk.page().head.slack.tone == "harm"
    assert ServiceOrder.objects.get().closed_at is None


def test_the_customer_is_given_a_link_from_the_order():
    desk = Desk()

    assert (
        reverse("progress:give", args=[desk.order.number])
        in desk.clients["AGENT"].get(desk.url).content.decode()
    )
    assert "progress/give" not in desk.clients["CREW"].get(desk.url).content.decode()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-hans", ["客户", "系统", "系统计时"]),
        ("en", ["the customer", "the system", "the clock"]),
    ],
)
def test_whoever_did_it_is_named_in_the_readers_words(language, said):
    desk = Desk()
    for actor in ("clock", "lamplighter:worker", "customer"):
        OrderEvent.objects.create(
            order=desk.order, kind="COMPLETED", step_code="TAKE", actor=actor, at=m.later(1),
            detail={}, is_outward=False,
        )  # fmt: skip

    page = desk.clients["AGENT"].get(desk.url, headers={"accept-language": language})
    told = [entry.who for entry in page.context["page"].entries]

    assert told[:3] == said


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_nobody_is_given_a_link_to_what_we_began(language):
    ours = {"channel": "INSIDE", "account_number": "", "phone": ""}
    desk = Desk("QUALITY_ASSESSMENT", language=language, **ours)
    desk.run()

    answer = desk.clients["AGENT"].get(desk.url)

    text = answer.content.decode()
    assert answer.context["page"].head.is_ours
    assert "progress/give" not in text
    assert {"en": "none: we began it", "zh-hans": "无（本单位发起）"}[language] in text
    assert "without the customer" not in text
    assert "客户未答复" not in text


@pytest.mark.parametrize(
    ("type_code", "is_told"),
    [
        *(("FAULT_REPAIR", True), ("NEW_LV_RESIDENT", True), ("COMPLAINT", True)),
        *(("MARKET_SURVEY", False), ("REGULAR_VISIT", False), ("PUBLICITY", False)),
        *(("RELEASE_TARIFF", False), ("QUALITY_ASSESSMENT", False)),
    ],
)
def test_only_who_asked_is_told_that_an_order_was_opened_and_withdrawn(type_code, is_told):
    desk = Desk(type_code)
    desk.act("cancel", reason="entered twice by mistake", key="k")

    told = {entry.title: entry.is_outward for entry in desk.page().entries}

    assert told == {"Opened": is_told, "Order withdrawn": is_told}
