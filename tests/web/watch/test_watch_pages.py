"""The supervisor's desk: what falls due, what is late, whom to urge, and what was kept."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lamplighter.action.service import services as service
from lamplighter.action.service.escalations import ladder
from lamplighter.action.service.escalations import services as escalations
from lamplighter.action.service.models import Absence, OrderEvent, OrderStep, ServiceFailure
from lamplighter.ledger.models import Event
from tests import factories as f
from tests.action.service import making as m
from tests.web.signing_in import client_of

pytestmark = pytest.mark.django_db
WATCH = "/watch/"
MOST_QUERIES = {
    "": 15,
    "escalated/": 8,
    "kept/?type=FAULT_REPAIR": 9,
    "people/": 11,
    "failures/": 6,
}


class Clock:
    """The moment at the desk; tests move it."""

    at = m.NOON


@pytest.fixture(autouse=True)
def clock(settings, monkeypatch):
    settings.DEMO_TODAY = None
    settings.FIELD_KEY = m.KEY
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.at)
    return clock


def go_up(now):
    levels = ladder.in_force(on=f.TODAY, rules=m.RULES)
    return escalations.escalate(now=now, rules=m.RULES, ladder=levels, actor="test")


class Desk:
    """One station with a supervisor, and one fault that was just reported."""

    def __init__(self, *, language="en", post="SUPERVISOR"):
        self.station = m.make_station()
        self.order = m.open_one(self.station)
        self.client = client_of(self.station.staff[post], language=language)

    def page(self, path="", **asked):
        return self.client.get(WATCH + path, asked).context["page"]


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def stranger():
    return client_of(f.make_staff(station=m.make_station().unit, post="SUPERVISOR"))


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

    def test_nothing_to_watch_says_so(self, stranger):
        page = stranger.get(WATCH).context["page"]

        assert (page.lanes, page.late, page.soon, page.silent) == ((), (), (), ())
        assert page.summary.startswith("Nothing is late")

    @pytest.mark.parametrize("moment", ["", "soon", "2026-11-25T04:00:00", "9" * 99])
    def test_a_wrong_moment_is_no_page(self, desk, moment):
        asked = {"unit": desk.station.unit.pk, "since": moment, "until": moment}

        assert desk.client.get(reverse("watch:due"), asked).status_code == 404
        assert desk.client.get(reverse("watch:due"), {"unit": "x"}).status_code == 404


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

    def test_a_megabyte_of_emoji_is_cut_not_lost(self, desk):
        sent = {"number": desk.order.number, "level": "ERROR", "reason": "😀" * 250_000}

        assert desk.client.post(reverse("watch:note"), sent).status_code == 302
        assert ServiceFailure.objects.get().content.startswith("😀")


PATHS = ["", "kept/", "people/", "failures/", "due/?unit=1", "kept/orders/", "escalated/"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("post", ["AGENT", "CREW", "MANAGER"])
def test_only_those_who_watch_sit_here(post, path):
    assert Desk(post=post).client.get(WATCH + path).status_code == 403


@pytest.mark.parametrize("path", ["", "kept/", "people/", "failures/", "escalated/"])
def test_another_district_sees_nothing(desk, stranger, clock, path):
    clock.at = m.later(500)
    go_up(clock.at)
    service.note_failure(
        m.asking(desk.order, desk.station.viewer("SUPERVISOR"), 1), level="ERROR",
        content="nobody came", method="",
    )  # fmt: skip

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
    assert ServiceFailure.objects.count() == 1


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
