"""Outages as people see them: by their areas, in lists, at a place; and what always holds."""

import pytest
from django.db import IntegrityError, transaction

from lamplighter.action.outages import errors, queries, told
from lamplighter.action.outages.models import Outage
from lamplighter.action.service import errors as service_errors
from lamplighter.action.service import services as service
from lamplighter.action.service.models import Incident
from tests import factories as f
from tests.action.outages import making as o
from tests.action.service import making as m

pytestmark = pytest.mark.django_db


@pytest.fixture
def station():
    return m.make_station()


class TestConstraints:
    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("outage_kind_known", {"kind": "SHORT"}),
            ("outage_cause_known", {"cause": "MAGIC"}),
            ("outage_ends_after_it_begins", {"ended_at": m.NOON - 2 * o.HOUR}),
            ("outage_expected_to_end_after_it_begins", {"expected_end_at": m.NOON - 2 * o.HOUR}),
            ("outage_ended_or_called_off", {"ended_at": m.NOON, "called_off_at": m.NOON}),
            ("outage_planned_says_until_when", {"kind": "PLANNED", "expected_end_at": None}),
        ],
    )
    def test_the_database_holds_it_too(self, station, name, values):
        outage = o.record(station, o.fault(station))

        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Outage.objects.filter(pk=outage.pk).update(**values)


class TestSeeing:
    def test_an_order_joins_by_the_incident_until_it_ends(self, station):
        outage = o.record(station, o.fault(station))
        first, second = m.open_one(station), m.open_one(station)
        number = Incident.objects.get().number

        service.join_incident(m.asking(first, station.viewer()), incident_number=number)
        o.end(station, outage)

        first.refresh_from_db()
        assert first.incident_id == outage.incident_id
        whole = queries.outage(viewer=station.viewer(), number=outage.number, rules=o.RULES)
        assert whole.n_joined == 1
        with pytest.raises(service_errors.IncidentUnknown):
            service.join_incident(m.asking(second, station.viewer()), incident_number=number)

    def test_another_may_join_after_all_who_joined_are_done(self, station):
        o.record(station, o.fault(station))
        first, second = m.open_one(station), m.open_one(station)
        number = Incident.objects.get().number
        service.join_incident(m.asking(first, station.viewer()), incident_number=number)
        service.cancel(m.asking(first, station.viewer()), reason="客户撤回")

        swept = service.sweep(now=m.NOON, rules=m.RULES, actor="worker")

        assert swept.n_incidents == 0
        service.join_incident(m.asking(second, station.viewer()), incident_number=number)

    def test_lists_tell_now_coming_and_past_apart(self, station):
        running = o.record(station, o.fault(station))
        coming = o.record(station, o.draft(station))
        past = o.record(station, o.fault(station))
        o.end(station, past)
        asked = {"viewer": station.viewer(), "on": f.TODAY, "now": m.NOON}

        found = {
            state: [line.number for line in queries.board(**asked, state=state, limit=9)]
            for state in ("RUNNING", "COMING", "OVER")
        }

        assert found == {
            "RUNNING": [running.number],
            "COMING": [coming.number],
            "OVER": [past.number],
        }
        assert queries.counted(**asked) == {"RUNNING": 1, "COMING": 1, "OVER": 1}

    def test_a_place_hears_what_runs_and_what_comes_within_the_days_told(self, station):
        running = o.record(station, o.fault(station))
        coming = o.record(station, o.draft(station))
        far = {"begins_at": m.NOON + 15 * o.DAY, "expected_end_at": m.NOON + 16 * o.DAY}
        o.record(station, o.draft(station, **far))
        asked = {"area_id": station.area.pk, "now": m.NOON, "rules": o.RULES}

        shown = told.at_area(viewer=station.viewer(), **asked)

        assert [line.number for line in shown] == [running.number, coming.number]
        assert shown == told.announced_at(**asked)
        assert not shown[0].is_over_time(now=m.NOON)
        assert shown[0].is_over_time(now=m.NOON + 3 * o.HOUR)
        assert told.at_area(viewer=m.make_station().viewer(), **asked) == []

    def test_an_area_off_again_is_marked(self, station):
        before = o.record(station, o.fault(station))
        o.end(station, before)
        outage = o.record(station, o.draft(station))

        (area,) = queries.outage(viewer=station.viewer(), number=outage.number, rules=o.RULES).areas

        assert (area.n_times_off, area.n_accounts) == (1, 1)

    def test_special_customers_are_named_to_those_who_tell_them(self, station):
        outage = o.record(station, o.draft(station))
        f.make_flag(account=station.account, kind="LIFE_SUPPORT")
        f.make_flag(account=f.make_account(area=station.area), kind="HARDSHIP")
        other = m.make_station()
        f.make_flag(account=other.account, kind="IMPORTANT")
        areas = queries.outage(viewer=station.viewer(), number=outage.number, rules=o.RULES).areas

        found = queries.special_customers(viewer=station.viewer(), areas=areas, rules=o.RULES)

        assert [(one.account_number, one.flags) for one in found] == [
            (station.account.number, ("LIFE_SUPPORT",))
        ]
        with pytest.raises(errors.NotAllowed):
            queries.special_customers(viewer=station.viewer("CREW"), areas=areas, rules=o.RULES)

    @pytest.mark.parametrize("post", ["MANAGER", "AGENT", "STATION_HEAD", "BRANCH"])
    def test_another_district_sees_nothing(self, station, post):
        outage, other = o.record(station, o.fault(station)), m.make_station()
        viewer = other.viewer(post)

        with pytest.raises(errors.OutageUnknown):
            queries.outage(viewer=viewer, number=outage.number, rules=o.RULES)

        for state in ("RUNNING", "COMING", "OVER"):
            assert not queries.board(viewer=viewer, on=f.TODAY, now=m.NOON, state=state, limit=9)
        assert not queries.listed(
            viewer=viewer, on=f.TODAY, now=m.NOON, state="", before_id=None, limit=9
        )
