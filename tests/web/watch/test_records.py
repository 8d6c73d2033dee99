"""What was escalated, what failed and what many reported: on record, and answered from the desk."""

import pytest
from django.urls import reverse

from lamplighter.action.service import services as service
from lamplighter.action.service.models import Incident, ServiceFailure
from lamplighter.web.desk import beside_unit
from tests.action.outages import making as o
from tests.action.service import making as m
from tests.web.watch.desk import WATCH, go_up, join_two

pytestmark = pytest.mark.django_db


class TestGoneUp:
    def test_it_waits_for_a_word_is_taken_and_taken_care_of(self, desk, clock):
        clock.at = m.later(82)
        go_up(clock.at)
        (row,) = desk.page("escalated/").waiting
        assert row.is_mine

        clock.at = m.later(90)
        sent = {"reason": "a second crew <b>", "page_key": "k"}
        answers = [desk.client.post(row.take_url, sent) for _ in range(2)]
        (taken,) = desk.page("escalated/").waiting
        clock.at = m.later(100)
        done = desk.client.post(taken.settle_url, {"reason": "they are there", "page_key": "l"})

        assert [answer.status_code for answer in [*answers, done]] == [302] * 3
        page = desk.page("escalated/", state="OVER")
        assert page.waiting == ()
        (over,) = page.rows
        assert over.taken.endswith("a second crew <b>")
        assert (over.settled, over.raised_at) == ("they are there", m.later(82))
        assert "within 8 min" in page.summary
        assert "a second crew <b>" not in desk.client.get(f"{WATCH}escalated/").content.decode()

    def test_a_refusal_is_told_and_the_words_stay(self, desk, clock):
        clock.at = m.later(82)
        go_up(clock.at)
        (row,) = desk.page("escalated/").waiting

        short = desk.client.post(row.take_url, {"reason": ""})
        early = desk.client.post(row.settle_url, {"reason": "all is well"})
        nowhere = desk.client.post(row.take_url.replace("/1/", "/3/"), {"reason": "mine now"})

        statuses = (short.status_code, early.status_code, nowhere.status_code)
        assert statuses == (422, 422, 404)
        assert "take it in hand first" in early.context["page"].fault

    def test_a_file_and_a_wrong_filter(self, desk, clock):
        clock.at = m.later(82)
        go_up(clock.at)

        file = desk.client.get(f"{WATCH}escalated/", {"as": "xlsx"})

        assert "spreadsheet" in file["content-type"]
        assert desk.client.get(f"{WATCH}escalated/", {"state": "LOST"}).status_code == 404


class TestChases:
    def test_how_often_why_and_how_soon_something_moved(self, desk, clock):
        for minute in (1, 2):
            asking = m.asking(desk.order, desk.station.viewer(), minute)
            service.chase(asking, reason=f"called again <{minute}>")
        clock.at = m.later(10)
        first, second = sorted(desk.page("chases/").rows, key=lambda row: row.place)
        before = desk.page("chases/").summary
        service.begin_step(m.asking(desk.order, desk.station.viewer(), 12), step_code="TAKE")
        clock.at = m.later(20)
        service.chase(m.asking(desk.order, desk.station.viewer(), 15), reason="and again")

        page = desk.page("chases/")

        assert (first.place, second.place) == (1, 2)
        assert first.by == desk.station.staff["AGENT"].name
        assert before == "2 chases, 2 without an answer."
        assert [row.answered_at for row in page.rows] == [None, m.later(12), m.later(12)]
        assert page.rows[0].place == 1
        assert "<2>" not in desk.client.get(f"{WATCH}chases/").content.decode()

    @pytest.mark.parametrize(
        ("reason", "shown"),
        [
            ("2611250000752", "By chase order 2611250000752"),
            ("2611250000752 he waits", "By chase order 2611250000752: he waits"),
            ("11250000752 is not one", "11250000752 is not one"),
        ],
    )
    def test_a_chase_by_another_order_names_it(self, desk, reason, shown):
        service.chase(m.asking(desk.order, desk.station.viewer(), 2), reason=reason)

        (row,) = desk.page("chases/").rows
        order = desk.client.get(f"/orders/{desk.order.number}/").context["page"]
        assert row.reason == shown
        assert shown in [entry.text for entry in order.entries]


class TestFailures:
    def test_one_is_noted_with_four_losses_and_listed(self, desk):
        sent = {"number": desk.order.number, "level": "OBSTACLE", "reason": "nobody came <b>",
                "economic_cny": "120.50", "reputation": "2", "page_key": "k"}  # fmt: skip

        answers = [desk.client.post(reverse("watch:note"), sent) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [302, 302]
        (row,) = desk.page("failures/").rows
        assert (row.content, row.tone) == ("nobody came <b>", "warn")
        losses = (row.economic_cny, row.political, row.reputation, row.honour)
        assert losses == ("120.50", 0, 2, 0)
        assert "nobody came <b>" not in desk.client.get(f"{WATCH}failures/").content.decode()

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"number": "S-nowhere"}, "no such order"),
            ({"level": "JOKE"}, "level"),
            ({"political": "9"}, "0 to 3"),
            ({"economic_cny": "NaN"}, "0 to 3"),
            ({"reason": ""}, "say why"),
        ],
    )
    def test_a_wrong_one_is_told_and_not_kept(self, desk, changed, said):
        sent = {"number": desk.order.number, "level": "ERROR", "reason": "nobody came"}

        answer = desk.client.post(reverse("watch:note"), {**sent, **changed})

        assert answer.status_code == 422
        assert said in answer.context["page"].fault
        assert not ServiceFailure.objects.exists()

    def test_what_the_clock_found_is_weighed_by_a_person(self, desk, clock):
        clock.at = m.later(200)
        service.sweep(now=clock.at, rules=m.RULES, actor="test")
        graver, lighter = desk.page("failures/", weighed="0").rows
        assert (graver.has_grown, lighter.has_grown) == (False, True)
        assert "On site later than twice" in graver.content

        sent = {"economic_cny": "80", "reputation": "1", "remedy": "a night crew <b>",
                "page_key": "k"}  # fmt: skip
        answers = [desk.client.post(graver.weigh_url, sent) for _ in range(2)]
        short = desk.client.post(graver.weigh_url, {"economic_cny": "80"})

        assert [answer.status_code for answer in answers] == [302, 302]
        assert short.status_code == 422
        page = desk.page("failures/", weighed="1", level="OBSTACLE")
        (row,) = page.rows
        assert (row.remedy, row.economic_cny, row.reputation) == ("a night crew <b>", "80.00", 1)
        assert [count.n_by_level for count in page.tables[0].rows] == [(0, 1, 0)]
        file = desk.client.get(f"{WATCH}failures/", {"as": "xlsx"})
        assert "spreadsheet" in file["content-type"]

    @pytest.mark.parametrize("asked", [{"level": "JOKE"}, {"weighed": "2"}, {"type": "TELEPORT"}])
    def test_no_other_filter(self, desk, asked):
        assert desk.client.get(f"{WATCH}failures/", asked).status_code == 404

    def test_a_megabyte_of_emoji_is_refused_and_given_back(self, desk):
        sent = {"number": desk.order.number, "level": "ERROR", "reason": "😀" * 250_000}

        refused = desk.client.post(reverse("watch:note"), sent)

        assert refused.status_code == 422
        assert "250000 characters" in refused.context["page"].fault
        assert sent["reason"] in refused.content.decode()
        assert not ServiceFailure.objects.exists()


class TestFaultsOfMany:
    def test_one_is_ended_by_hand_with_cause_and_time(self, desk, clock):
        join_two(desk)
        clock.at = m.later(40)
        (row,) = desk.page("incidents/").open
        assert (row.n_open, row.n_orders) == (2, 2)

        sent = {"cause": "a fuse <b>", "restored": "2026-11-25T12:30"}
        ended = desk.client.post(row.close_url, sent)
        again = desk.client.post(row.close_url, sent)

        assert (ended.status_code, again.status_code) == (302, 422)
        page = desk.page("incidents/")
        assert page.open == ()
        (over,) = page.ended
        assert (over.cause, over.restored_at) == ("a fuse <b>", m.later(30))

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"cause": ""}, "the cause"),
            ({"restored": "2026-11-25T13:30"}, "not later than now"),
            ({"restored": "2026-11-25T11:00"}, "after the first report"),
            ({"restored": "soon"}, "when supply was back"),
        ],
    )
    def test_a_wrong_end_is_told(self, desk, clock, changed, said):
        join_two(desk)
        clock.at = m.later(40)
        (row,) = desk.page("incidents/").open

        sent = {"cause": "a fuse", "restored": "2026-11-25T12:30", **changed}
        answer = desk.client.post(row.close_url, sent)

        assert answer.status_code == 422
        assert said in answer.context["page"].fault
        assert Incident.objects.get().closed_at is None

    def test_that_of_a_planned_outage_is_none_before_it_begins(self, desk):
        outage = o.record(desk.station, o.draft(desk.station))

        assert outage.incident.closed_at is None
        assert desk.page("incidents/").open == ()

    def test_a_station_reads_the_area_alone_and_another_unit_beside_it(self, desk):
        join_two(desk)
        (row,) = desk.page("incidents/").open
        viewer, area = desk.station.viewer(), desk.station.area.name

        assert row.where == area
        assert beside_unit(area, unit="Station X", viewer=viewer) == f"{area} · Station X"
