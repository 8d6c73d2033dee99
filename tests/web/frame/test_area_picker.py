"""Forms that name station areas of a county: a few to pick, never all, and none of others."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lamplighter.action.outages.models import Outage, OutageChange
from lamplighter.facts.network.models import Area, Responsibility
from lamplighter.web.frame import area_picker
from lamplighter.web.outages import forms
from tests import factories as f
from tests.action.outages import making as o
from tests.action.service import making as m
from tests.factories import TODAY
from tests.web import signed_in
from tests.web.outages.test_outage_pages import BOARD, NEW, Desk

pytestmark = pytest.mark.django_db
VILLAGE = "柳树湾村"
VERSION = {"recorded_at": f.LONG_AGO, "recorded_by": "test"}
HAND_OVER = "/staff/hand-over/"


class County(Desk):
    """More areas than a person looks through, one of them in a village; the same village abroad."""

    def __init__(self, **asked):
        super().__init__(**asked)
        self.many = [f.make_area(station=self.station.unit) for _ in range(45)]
        self.wanted, self.foreign = self.many[30], m.make_station().area
        Area.objects.filter(pk__in=[self.wanted.pk, self.foreign.pk]).update(committee=VILLAGE)

    def find(self, text, *picked, url=f"{BOARD}areas/", name="areas"):
        sent = {f"{name}_find": text, name: [area.pk for area in picked]}
        answer = self.client.post(url, sent, headers={"hx-request": "true"})
        assert answer.status_code == 200
        return answer


@pytest.fixture
def county(settings, monkeypatch):
    settings.DEMO_TODAY = None
    settings.FIELD_KEY = m.KEY
    monkeypatch.setattr("django.utils.timezone.now", lambda: m.NOON)
    return County()


def areas_of(outage):
    return set(outage.areas.filter(left_at=None).values_list("area_id", flat=True))


def shown(picker):
    return [(one.area_id, one.is_chosen) for one in picker.options]


class TestOutages:
    def test_few_areas_are_all_there_to_tick(self, county):
        Area.objects.filter(pk__in=[area.pk for area in county.many]).delete()

        page = county.page("new/")

        assert shown(page.form.picker) == [(county.station.area.pk, False)]
        assert "areas_find" not in county.client.get(NEW).content.decode()

    def test_of_many_none_is_offered_before_something_is_typed(self, county):
        answer = county.client.get(NEW)

        text = answer.content.decode()
        assert shown(answer.context["page"].form.picker) == []
        assert 'name="areas_find"' in text
        assert not [area.code for area in county.many if area.code in text]

    @pytest.mark.parametrize("typed", ["by code", "by name", "by place"])
    def test_what_is_typed_finds_by_code_name_and_place(self, county, typed):
        words = {"by code": county.wanted.code, "by name": county.wanted.name, "by place": "柳树湾"}
        picked = county.station.area

        answer = county.find(words[typed], picked)

        assert shown(answer.context["picker"]) == [(picked.pk, True), (county.wanted.pk, False)]
        text = answer.content.decode()
        assert f'type="checkbox" name="areas" value="{picked.pk}" checked' in text
        assert '<p hx-swap-oob="innerHTML:#areas-note">1 area fits.</p>' in text

    def test_no_area_of_another_district_is_offered_though_it_was_sent(self, county):
        answer = county.find("柳树湾", county.foreign)

        assert shown(answer.context["picker"]) == [(county.wanted.pk, False)]
        assert county.foreign.code not in answer.content.decode()

    @pytest.mark.parametrize("text", ["", "zzz", "\x00", "%", "1" * 5_000])
    def test_what_fits_nothing_offers_nothing_and_says_so(self, county, text):
        picker = county.find(text).context["picker"]

        assert (shown(picker), bool(picker.note)) == ([], True)

    def test_what_fits_too_many_shows_the_first_and_asks_for_more(self, county):
        Area.objects.filter(pk__in=[area.pk for area in county.many]).update(township="城关")

        picker = county.find("城关").context["picker"]

        assert len(picker.options) == area_picker.MOST_SHOWN
        assert "More than 40" in picker.note

    def test_what_was_found_is_recorded_and_of_another_district_nothing(self, county):
        refused = county.record(areas=[county.wanted.pk, county.foreign.pk])
        assert refused.status_code == 422
        assert not Outage.objects.exists()
        assert 'aria-invalid="true"' in refused.content.decode()
        assert shown(refused.context["page"].form.picker) == [(county.wanted.pk, True)]

        assert county.record(areas=[county.wanted.pk]).status_code == 302
        assert areas_of(Outage.objects.get()) == {county.wanted.pk}

    def test_without_scripts_the_form_comes_back_as_it_was_with_what_was_found(self, county):
        sent = county.sent(areas=[county.station.area.pk], notice_exception="a storm")

        answer = county.client.post(NEW, {**sent, "areas_find": "柳树湾", "areas_look": "1"})

        form = answer.context["page"].form
        assert (answer.status_code, form.errors) == (200, {})
        assert shown(form.picker) == [(county.station.area.pk, True), (county.wanted.pk, False)]
        text = answer.content.decode()
        assert "a storm" in text
        assert sent["begins_at"] in text
        assert 'value="form-1"' in text  # the same form still: sent twice it records one
        assert not Outage.objects.exists()

    def test_a_change_begins_with_the_areas_that_are_off(self, county):
        outage = o.record(county.station, o.draft(county.station))

        page = county.page(f"{outage.number}/")
        looked = county.write(
            outage, "change", areas=[county.station.area.pk], areas_find="柳树湾", areas_look="1"
        )
        changed = county.write(
            outage,
            "change",
            begins_at=forms.local(outage.begins_at),
            expected_end_at=forms.local(outage.expected_end_at),
            reason="one more",
            areas=[county.station.area.pk, county.wanted.pk],
        )

        assert shown(page.forms["change"].picker) == [(county.station.area.pk, True)]
        assert looked.status_code == 200
        assert [pk for pk, _ in shown(looked.context["page"].forms["change"].picker)] == [
            *(county.station.area.pk, county.wanted.pk)
        ]
        assert changed.status_code == 302
        assert OutageChange.objects.filter(outage=outage).count() == 2
        assert areas_of(outage) == {county.station.area.pk, county.wanted.pk}

    def test_only_who_records_outages_may_look_for_their_areas(self, county):
        agent = Desk(post="CREW")

        assert agent.client.post(f"{BOARD}areas/", {"areas_find": "a"}).status_code == 403

    def test_two_queries_find_however_many_there_are(self, county):
        with CaptureQueriesContext(connection) as first:
            county.find("柳树湾")
        for _ in range(30):
            f.make_area(station=county.station.unit)
        with CaptureQueriesContext(connection) as second:
            county.find("柳树湾")

        assert len(first) == len(second)

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_both_languages_say_how_to_find(self, county, language):
        county.client.cookies["lamplighter_language"] = language

        text = county.client.get(NEW, headers={"accept-language": language}).content.decode()

        assert "⚠" not in text


class TestHandOver:
    @pytest.fixture
    def head(self, county):
        county.client = signed_in.client_of(county.station.staff["STATION_HEAD"])
        return county

    def test_a_head_finds_one_area_with_who_answers_for_it(self, head):
        manager = head.station.staff["MANAGER"]
        Responsibility.objects.create(
            area=head.wanted, staff=manager, days=(TODAY, None), **VERSION
        )
        page = head.client.get("/staff/").context["page"]

        answer = head.find("柳树湾", url="/staff/areas/", name="area")

        (found,) = answer.context["picker"].options
        assert shown(page.form.picker) == []
        assert (found.area_id, found.who) == (head.wanted.pk, manager.name)
        assert 'type="radio" name="area"' in answer.content.decode()

    def test_an_area_that_nobody_answers_for_says_so(self, head):
        (found,) = head.find("柳树湾", url="/staff/areas/", name="area").context["picker"].options

        assert found.who == "nobody"

    def test_what_was_found_is_handed_over_and_of_another_district_nothing(self, head):
        day = TODAY + timedelta(30)
        asked = {"staff": head.station.staff["MANAGER"].pk, "from_day": day.isoformat()}

        foreign = head.client.post(HAND_OVER, {**asked, "area": head.foreign.pk})
        own = head.client.post(HAND_OVER, {**asked, "area": head.wanted.pk})

        assert (foreign.status_code, own.status_code) == (422, 302)
        mine = Responsibility.objects.filter(staff=asked["staff"], days__contains=day)
        assert {one.area_id for one in mine} == {head.station.area.pk, head.wanted.pk}

    def test_without_scripts_the_page_comes_back_with_what_was_found(self, head):
        asked = {"from_day": "2027-01-05", "area_find": "柳树湾", "area_look": "1"}

        answer = head.client.post(HAND_OVER, asked)

        page = answer.context["page"]
        assert (answer.status_code, page.is_form_open) == (200, True)
        assert shown(page.form.picker) == [(head.wanted.pk, False)]
        assert "2027-01-05" in answer.content.decode()

    def test_only_a_head_may_look_for_areas_to_hand_over(self, county):
        answer = county.client.post("/staff/areas/", {"area_find": "a"})

        assert answer.status_code == 403
