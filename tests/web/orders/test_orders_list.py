"""The list of orders: by slack, by filter, in pages that go on behind each other."""

import pytest
from django.urls import reverse

from lamplighter.action.service import services as service
from tests.action.service import making as m
from tests.web.orders.desk import Desk

pytestmark = pytest.mark.django_db


class TestTheList:
    def test_the_least_slack_comes_first_and_late_is_said(self, clock):
        desk = Desk()
        slow = m.open_one(desk.station, "METER_TEST")
        clock.at = m.later(100)

        page = desk.clients["AGENT"].get(reverse("orders:list")).context["page"]

        assert [line.number for line in page.lines] == [desk.order.number, slow.number]
        assert page.lines[0].slack.text == "10 min late"
        assert page.lines[0].slack.tone == "harm"
        assert page.summary == (
            "2 orders are in hand. 0 wait for their customers. 1 shown here is late."
        )

    def test_each_part_goes_on_behind_the_last_that_was_shown(self, monkeypatch):
        desk = Desk()
        numbers = {desk.order.number}
        numbers |= {m.open_one(desk.station).number for _ in range(4)}
        monkeypatch.setattr("lamplighter.web.orders.views.ROWS_A_PAGE", 2)
        url, seen = reverse("orders:list"), []

        while url:
            page = desk.clients["AGENT"].get(url).context["page"]
            seen += [line.number for line in page.lines]
            url = page.next_url

        assert len(seen) == 5
        assert set(seen) == numbers

    def test_filters_by_type_unit_owner_and_priority(self):
        desk = Desk()
        other = m.open_one(desk.station, "METER_TEST", priority="URGENT")
        client, url = desk.clients["BRANCH"], reverse("orders:list")

        def shown(**asked):
            return {line.number for line in client.get(url, asked).context["page"].lines}

        assert shown(type="METER_TEST") == {other.number}
        assert shown(priority="URGENT") == {other.number}
        assert shown(unit=desk.station.unit.pk) == {desk.order.number, other.number}
        assert shown(owner=desk.station.staff["AGENT"].pk) >= {desk.order.number}
        assert client.get(url, {"type": "TELEPORT"}).status_code == 404
        assert client.get(url, {"unit": "0"}).status_code == 404
        assert client.get(url, {"after": "soon"}).status_code == 404
        assert client.get(url, {"after": "_5", "tab": "waiting"}).status_code == 404
        assert client.get(url, {"tab": "gone"}).status_code == 404

    def test_what_waits_and_what_ended_stand_apart(self):
        desk = Desk()
        ended = m.open_one(desk.station)
        service.cancel(m.asking(ended, desk.station.viewer()), reason="power is back")
        client, url = desk.clients["AGENT"], reverse("orders:list")
        desk.run()

        shown = {
            tab: [line.number for line in client.get(url, {"tab": tab}).context["page"].lines]
            for tab in ("running", "waiting", "ended")
        }

        state = desk.order.state
        assert shown["running"] == []
        assert ended.number in shown["ended"]
        assert desk.order.number in shown["waiting" if state == "CONFIRMING" else "ended"]

    def test_my_steps_are_mine_alone(self):
        desk = Desk()
        url = reverse("orders:list")

        mine = desk.clients["AGENT"].get(url, {"tab": "mine"}).context["page"]
        crew = desk.clients["CREW"].get(url).context["page"]

        assert [line.number for line in mine.lines] == [desk.order.number]
        assert mine.lines[0].step == "Take the report"
        assert (crew.tab, crew.lines, crew.may_open) == ("mine", (), False)

    def test_a_file_holds_the_whole_list(self):
        answer = Desk().clients["AGENT"].get(reverse("orders:list"), {"as": "xlsx"})

        assert answer.status_code == 200
        assert "spreadsheet" in answer["content-type"]
