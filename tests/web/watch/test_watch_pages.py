"""The supervisor's desk: what falls due, what is late, whom to urge, and what was kept."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lamplighter.action.service import services as service
from lamplighter.action.service.models import (
    Absence,
    Incident,
    OrderEvent,
    OrderStep,
    ServiceFailure,
)
from lamplighter.ledger.models import Event
from tests.action.service import making as m
from tests.web.watch.desk import WATCH, Desk, go_up, join_two

pytestmark = pytest.mark.django_db
MOST_QUERIES = {
    "": 15,
    "escalated/": 8,
    "kept/?type=FAULT_REPAIR": 9,
    "people/": 11,
    "failures/": 9,
    "incidents/": 6,
    "chases/": 6,
}


class TestAhead:
    def test_each_promise_that_falls_due_stands_in_its_units_lane(self, desk):
        due_at = m.promise(desk.order, "ARRIVAL").due_at

        (lane,) = desk.page().lanes

        assert lane.unit == desk.station.unit.name
        (mark, *_) = lane.marks
        assert mark.since_at <= due_at < mark.until_at
        listed = desk.client.get(mark.url).context["page"]
        assert listed.title == desk.station.unit.name
        assert (listed.lines[0][0], listed.lines[0][3]) == (desk.order.number, due_at)
        assert sum(one.n for one in lane.marks) == lane.n

    def test_late_soon_and_silent_stand_apart(self, desk, clock):
        soon = m.open_one(desk.station, now=m.later(85), asked_at=m.later(85))
        silent = m.open_one(desk.station, "METER_TEST")
        OrderStep.objects.filter(order=silent, state="READY").update(n_reassigned=3)
        clock.at = m.later(100)

        page = desk.page()

        assert [line.number for line in page.late] == [desk.order.number]
        assert soon.number in {line.number for line in page.soon}
        assert [line.number for line in page.silent] == [silent.number]
        assert page.summary.startswith("1 order is late.")

    def test_a_long_list_leaves_the_next_one_in_sight(self, desk, clock):
        for _ in range(11):
            m.open_one(desk.station)
        clock.at = m.later(100)

        text = desk.client.get(WATCH).content.decode()
        late = text[text.index(">Late <") :]
        first, rest = late.split('<details class="watch-rest">')

        assert first.count('class="row-link"') == 10
        assert "<summary>2 more</summary>" in rest
        assert rest.count('class="row-link"') == 2

    @pytest.mark.parametrize(("hours", "who"), [(0.1, "Station head"), (30, "Branch")])
    def test_it_says_how_far_up_it_went(self, clock, hours, who):
        clock.at = m.later(90 + 60 * hours)
        desk = Desk()
        go_up(clock.at)

        (line,) = desk.page().late

        assert who.lower() in line.goes_to.lower()
        assert desk.page().n_mine == 1

    def test_urging_is_on_the_order_and_in_the_ledger_once(self, desk, clock):
        clock.at = m.later(100)
        url = reverse("watch:chase", args=[desk.order.number])
        sent = {"reason": "an old woman is alone there", "page_key": "k"}

        answers = [desk.client.post(url, sent) for _ in range(2)]
        short = desk.client.post(url, {"reason": ""})

        assert [answer.status_code for answer in answers] == [302, 302]
        assert OrderEvent.objects.get(kind="CHASED").reason == sent["reason"]
        assert Event.objects.filter(name="service.order.chased").count() == 1
        assert short.status_code == 422
        assert "say why" in short.context["page"].fault
        assert short.content.decode().count("<details open>") == 1
        assert "<details open>" not in desk.client.get(WATCH).content.decode()

    def test_nothing_to_watch_says_so(self, stranger):
        page = stranger.get(WATCH).context["page"]

        assert (page.lanes, page.late, page.soon, page.silent) == ((), (), (), ())
        assert page.summary.startswith("Nothing is late")

    @pytest.mark.parametrize("moment", ["", "soon", "2026-11-25T04:00:00", "9" * 99])
    def test_a_wrong_moment_is_no_page(self, desk, moment):
        asked = {"unit": desk.station.unit.pk, "since": moment, "until": moment}

        assert desk.client.get(reverse("watch:due"), asked).status_code == 404
        assert desk.client.get(reverse("watch:due"), {"unit": "x"}).status_code == 404


class TestKept:
    def test_late_and_still_open_counts_as_missed_and_each_number_leads_to_its_orders(
        self, desk, clock
    ):
        kept = m.open_one(desk.station)
        m.run(kept, desk.station.viewer("BRANCH"), every=1)
        clock.at = m.later(60 * 10)
        service.sweep(now=clock.at, rules=m.RULES, actor="test")

        page = desk.page("kept/")

        (row,) = page.tables[0].rows
        assert row.kept_ratio == row.n_kept / (row.n_kept + row.n_missed)
        assert row.n_missed >= 1
        for n, url in ((row.n_kept, row.kept_url), (row.n_missed, row.missed_url)):
            assert len(desk.client.get(url).context["page"].lines) == n
        missed = desk.client.get(row.missed_url).context["page"]
        assert {line.number for line in missed.lines} == {desk.order.number}
        assert [unit.name for unit in page.tables[1].rows] == [desk.station.unit.name]

    def test_steps_of_a_type(self, desk, clock):
        clock.at = m.later(100)

        page = desk.page("kept/", type="FAULT_REPAIR")

        steps = page.tables[0]
        assert "By step" in steps.title
        for row in steps.rows:
            for n, url in ((row.n_missed, row.missed_url), (row.n_running, row.running_url)):
                assert len(desk.client.get(url).context["page"].lines) == n
        assert sum(row.n_missed for row in steps.rows) > 0

    def test_a_file_holds_the_tables(self, desk):
        answer = desk.client.get(reverse("watch:kept"), {"as": "xlsx"})

        assert "spreadsheet" in answer["content-type"]

    @pytest.mark.parametrize(
        "asked",
        [{"days": "8"}, {"days": "x"}, {"type": "TELEPORT"}, {"all": "yes"}],
    )
    def test_no_other_span_or_type(self, desk, asked):
        assert desk.client.get(reverse("watch:kept"), asked).status_code == 404

    @pytest.mark.parametrize(
        "asked",
        [
            {"by": "colour", "outcome": "KEPT"},
            {"by": "type", "outcome": "LOST"},
            {"by": "type", "outcome": "KEPT", "group": "TELEPORT"},
            {"by": "unit", "outcome": "KEPT", "group": "\x00"},
        ],
    )
    def test_no_other_cell(self, desk, asked):
        assert desk.client.get(reverse("watch:orders"), asked).status_code == 404


class TestPeople:
    def test_shows_who_has_how_much_and_who_is_away(self, desk, clock):
        agent = desk.station.staff["AGENT"]
        Absence.objects.create(
            staff=agent, begins_at=m.NOON, ends_at=m.later(600), recorded_at=m.NOON,
            recorded_by="x",
        )  # fmt: skip
        clock.at = m.later(200)

        first, *others = desk.page("people/").people

        assert (first.number, first.n_open, first.n_late) == (agent.number, 1, 1)
        assert first.away_until == m.later(600)
        assert {one.number for one in others} <= {s.number for s in desk.station.staff.values()}

    def test_an_absence_recorded_twice_is_one(self, desk):
        agent = desk.station.staff["AGENT"]
        sent = {"staff": agent.pk, "first": "2026-12-01", "last": "2026-12-02"}

        answers = [desk.client.post(reverse("watch:away"), sent) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [302, 302]
        absence = Absence.objects.get()
        assert absence.ends_at - absence.begins_at == timedelta(days=2)

    @pytest.mark.parametrize(
        "changed",
        [
            {"first": "2026-12-03"}, {"first": "soon"}, {"last": "9999-12-31"}, {"staff": "x"},
            {"last": "2099-01-01"}, {"staff": "999999"},
        ],
    )  # fmt: skip
    def test_a_wrong_absence_is_told(self, desk, changed):
        agent = desk.station.staff["AGENT"]
        sent = {"staff": agent.pk, "first": "2026-12-01", "last": "2026-12-02", **changed}

        answer = desk.client.post(reverse("watch:away"), sent)

        assert answer.status_code == 422
        assert answer.context["page"].fault
        assert not Absence.objects.exists()


PATHS = [
    "",
    "kept/",
    "people/",
    "failures/",
    "due/?unit=1",
    "kept/orders/",
    "escalated/",
    "incidents/",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("post", ["AGENT", "CREW", "MANAGER"])
def test_only_those_who_watch_sit_here(post, path):
    assert Desk(post=post).client.get(WATCH + path).status_code == 403


@pytest.mark.parametrize(
    "path", ["", "kept/", "people/", "failures/", "escalated/", "incidents/", "chases/"]
)
def test_another_district_sees_nothing(desk, stranger, clock, path):
    clock.at = m.later(500)
    go_up(clock.at)
    service.note_failure(
        m.asking(desk.order, desk.station.viewer("SUPERVISOR"), 1), level="ERROR",
        content="nobody came", method="",
    )  # fmt: skip

    join_two(desk)
    service.chase(m.asking(desk.order, desk.station.viewer(), 2), reason="called again")

    text = stranger.get(WATCH + path).content.decode()

    assert desk.order.number not in text
    assert desk.station.staff["AGENT"].name not in text
    assert desk.station.unit.name not in text
    urged = stranger.post(reverse("watch:chase", args=[desk.order.number]), {"reason": "mine now"})
    noted = stranger.post(
        reverse("watch:note"), {"number": desk.order.number, "level": "ERROR", "reason": "no"}
    )
    place = {"number": desk.order.number, "level": 1}
    taken = stranger.post(reverse("watch:take", kwargs=place), {"reason": "mine now"})
    assert (urged.status_code, noted.status_code, taken.status_code) == (404, 422, 404)
    failure = ServiceFailure.objects.get()
    weighed = stranger.post(
        reverse("watch:weigh", args=[desk.order.number, failure.pk]), {"remedy": "trained"}
    )
    incident = Incident.objects.get()
    ended = stranger.post(
        reverse("watch:close_incident", args=[incident.number]),
        {"cause": "a fuse", "restored": "2026-11-25T12:10"},
    )
    assert (weighed.status_code, ended.status_code) == (404, 422)
    assert Incident.objects.get().closed_at is None


@pytest.mark.parametrize("path", sorted(MOST_QUERIES))
def test_the_pages_ask_few_questions(desk, clock, path):
    for _ in range(4):
        m.open_one(desk.station)
    clock.at = m.later(100)
    go_up(clock.at)
    desk.client.get(WATCH + path)

    with CaptureQueriesContext(connection) as asked:
        desk.client.get(WATCH + path)

    assert len(asked) <= MOST_QUERIES[path], [query["sql"][:90] for query in asked]


@pytest.mark.parametrize(
    "path", ["", "kept/?type=FAULT_REPAIR", "people/", "failures/", "escalated/"]
)
def test_the_desk_speaks_chinese(clock, path):
    desk = Desk(language="zh-hans")
    clock.at = m.later(100)
    go_up(clock.at)

    text = desk.client.get(WATCH + path).content.decode()

    assert "督导台" in text
    assert "⚠" not in text
