"""Outages through their pages: seen where they touch, written by those who may, told in words."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lamplighter.action.outages.models import Outage, OutageChange
from lamplighter.facts.customers.models import Identity
from lamplighter.facts.network.models import Area, Feeder
from lamplighter.web.outages import forms
from tests import factories as f
from tests.action.outages import making as o
from tests.action.service import making as m
from tests.web.signing_in import client_of

pytestmark = pytest.mark.django_db
BOARD, NEW = "/outages/", "/outages/new/"
MOST_QUERIES = {"": 9, "?when=coming": 9, "{number}/": 25, "new/": 9}


@pytest.fixture(autouse=True)
def _noon(settings, monkeypatch):
    settings.DEMO_TODAY = None
    settings.FIELD_KEY = m.KEY
    monkeypatch.setattr(timezone, "now", lambda: m.NOON)


class Desk:
    """A station with its people, signed in as one of them."""

    def __init__(self, *, post="SUPERVISOR", language="en"):
        self.station = m.make_station()
        self.client = client_of(self.station.staff[post], language=language)

    def page(self, path="", status=200):
        answer = self.client.get(BOARD + path)
        assert answer.status_code == status
        return answer.context["page"]

    def sent(self, **changed):
        values = {
            "request_key": "form-1",
            "kind": "PLANNED",
            "cause": "MAINTENANCE",
            "begins_at": forms.local(m.NOON + 8 * o.DAY),
            "expected_end_at": forms.local(m.NOON + 8 * o.DAY + 3 * o.HOUR),
            "areas": [str(self.station.area.pk)],
            "feeder": "",
            "notice_exception": "",
        }
        return values | changed

    def record(self, **changed):
        return self.client.post(NEW, self.sent(**changed))

    def write(self, outage, what, **sent):
        return self.client.post(f"{BOARD}{outage.number}/{what}/", {"request_key": "w-1", **sent})


@pytest.fixture
def desk():
    return Desk()


class TestReading:
    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_the_board_tells_now_coming_and_past_apart_with_a_picture(self, language):
        desk = Desk(language=language)
        running = o.record(desk.station, o.fault(desk.station, expected_end_at=None))
        coming = o.record(desk.station, o.draft(desk.station))

        now, later, past = (desk.page(f"?when={when}") for when in ("now", "coming", "past"))

        assert [row.number for row in now.rows] == [running.number]
        assert [row.number for row in later.rows] == [coming.number]
        assert past.rows == ()
        assert [tab.count for tab in now.tabs] == [1, 1, 0]
        assert [lane.name for lane in now.picture.lanes] == [desk.station.area.name]
        assert past.picture is None
        assert "⚠" not in desk.client.get(BOARD).content.decode()

    @pytest.mark.parametrize("post", ["SUPERVISOR", "AGENT", "MANAGER"])
    def test_one_outage_shows_areas_changes_and_who_is_told_in_person_masked(self, post):
        desk = Desk(post=post)
        f.make_flag(account=desk.station.account, kind="LIFE_SUPPORT")
        Identity.objects.filter(customer=desk.station.account.customer).update(name="王小明")
        outage = o.record(desk.station, o.fault(desk.station))

        answer = desk.client.get(f"{BOARD}{outage.number}/")

        page, text = answer.context["page"], answer.content.decode()
        assert [(one.name, one.phone_masked) for one in page.special] == [("王*明", "138****0000")]
        assert "王小明" not in text
        assert "⚠" not in text
        assert (page.n_accounts, len(page.changes)) == (1, 1)
        assert set(page.forms) == ({"change", "call_off", "end"} if post == "SUPERVISOR" else set())

    def test_a_crew_sees_the_outage_but_nobody_to_be_told(self):
        desk = Desk(post="CREW")
        f.make_flag(account=desk.station.account, kind="LIFE_SUPPORT")
        outage = o.record(desk.station, o.fault(desk.station))

        page = desk.page(f"{outage.number}/")

        assert (page.sees_special, page.special) == (False, ())

    @pytest.mark.parametrize("path", MOST_QUERIES)
    def test_the_number_of_queries_does_not_grow(self, desk, path):
        outage = o.record(desk.station, o.fault(desk.station))
        for _ in range(3):
            more = f.make_area(station=desk.station.unit)
            o.record(desk.station, o.draft(desk.station, area_ids=[desk.station.area.pk, more.pk]))

        with CaptureQueriesContext(connection) as asked:
            desk.client.get(BOARD + path.format(number=outage.number))

        assert len(asked) <= MOST_QUERIES[path]

    def test_the_list_is_exported(self, desk):
        o.record(desk.station, o.fault(desk.station))

        answer = desk.client.get(f"{BOARD}?as=xlsx")

        assert answer["Content-Disposition"] == 'attachment; filename="outages.xlsx"'

    @pytest.mark.parametrize("post", ["SUPERVISOR", "AGENT", "MANAGER", "BRANCH"])
    def test_another_district_sees_nothing(self, post):
        other = m.make_station()
        outage = o.record(other, o.fault(other))
        stranger = Desk(post=post)

        for when in ("now", "coming", "past"):
            assert stranger.page(f"?when={when}").rows == ()
        assert stranger.client.get(f"{BOARD}{outage.number}/").status_code == 404
        if post in {"SUPERVISOR", "BRANCH"}:
            assert stranger.write(outage, "end", ended_at=forms.local(m.NOON)).status_code == 404
        assert OutageChange.objects.count() == 1


class TestWriting:
    def test_it_is_recorded_once_by_a_form_sent_twice(self, desk):
        first, second = desk.record(), desk.record()

        outage = Outage.objects.get()
        assert first.status_code == second.status_code == 302
        assert first["Location"] == second["Location"] == f"{BOARD}{outage.number}/"
        assert outage.begins_at == m.NOON + 8 * o.DAY

    def test_a_whole_line_is_chosen(self, desk):
        feeder = Feeder.objects.create(code="10-9", name="西关线", station=desk.station.unit)
        Area.objects.filter(pk=desk.station.area.pk).update(feeder=feeder)

        assert desk.record(areas=[], feeder="10-9").status_code == 302
        assert Outage.objects.get().feeder == feeder

    @pytest.mark.parametrize(
        ("changed", "field", "said"),
        [
            ({"begins_at": forms.local(m.NOON + o.DAY)}, "notice_exception", "168 hours ahead"),
            ({"areas": []}, "areas", "at least one area"),
            ({"areas": ["0"]}, "areas", "not one of the available"),
            ({"expected_end_at": ""}, "expected_end_at", "a plan needs an end"),
            ({"kind": "UNPLANNED"}, "expected_end_at", "a fault must have begun"),
            ({"begins_at": "tomorrow"}, "begins_at", "valid date"),
            ({"cause": "<script>"}, "cause", "valid choice"),
        ],
    )
    def test_what_cannot_be_comes_back_in_words(self, desk, changed, field, said):
        answer = desk.record(**changed)

        assert answer.status_code == 422
        assert said in " ".join(answer.context["page"].form.errors[field])
        assert not Outage.objects.exists()

    def test_too_short_a_notice_is_taken_with_a_reason_and_stays_marked(self, desk):
        soon = {"begins_at": forms.local(m.NOON + o.DAY)}

        answer = desk.record(**soon, notice_exception="变压器渗油, 必须处理")

        assert answer.status_code == 302
        assert desk.page(f"{Outage.objects.get().number}/").exception == "变压器渗油, 必须处理"

    def test_it_changes_ends_and_takes_no_more(self, desk):
        outage = o.record(desk.station, o.fault(desk.station))
        later = {
            "begins_at": forms.local(outage.begins_at),
            "expected_end_at": forms.local(m.NOON + 6 * o.HOUR),
            "areas": [str(desk.station.area.pk)],
        }

        refused = desk.write(outage, "change", **later, reason=" ")
        changed = desk.write(outage, "change", **later, reason="电缆更换延时")
        ended = desk.write(outage, "end", ended_at=forms.local(m.NOON - timedelta(minutes=1)))
        again = desk.write(outage, "call-off", reason="重复登记的停电")

        assert [refused.status_code, changed.status_code, ended.status_code] == [422, 302, 302]
        assert again.status_code == 422
        outage.refresh_from_db()
        assert outage.ended_at == m.NOON - timedelta(minutes=1)
        page = desk.page(f"{outage.number}/")
        assert (len(page.changes), page.forms) == (3, {})

    @pytest.mark.parametrize("post", ["MANAGER", "AGENT", "CREW"])
    def test_who_may_not_write_has_no_form_and_is_refused(self, post):
        desk = Desk(post=post)
        outage = o.record(desk.station, o.fault(desk.station))

        assert desk.client.get(NEW).status_code == 403
        assert desk.record().status_code == 403
        for what in ("change", "end", "call-off"):
            assert desk.write(outage, what).status_code == 403
        assert not desk.page().may_record
        assert OutageChange.objects.count() == 1
