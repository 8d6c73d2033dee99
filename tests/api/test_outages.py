"""Outages by program: the dispatch system writes them once, others read what they may."""

import pytest

from lamplighter.action.outages.models import Outage
from lamplighter.ledger.models import Event
from tests.action.outages import making as o
from tests.action.service import making as m
from tests.api.programs import all_of, program_of

pytestmark = pytest.mark.django_db
PROBLEM = "urn:lamplighter:problem:"


@pytest.fixture(autouse=True)
def _day(settings):
    settings.DEMO_TODAY = m.NOON.date()
    settings.FIELD_KEY = m.KEY


@pytest.fixture
def station():
    return m.make_station()


@pytest.fixture
def dispatch(station):
    return program_of(station.staff["BRANCH"])


def planned(station, **changed):
    begins_at = m.NOON + 9 * o.DAY
    return {
        "kind": "PLANNED",
        "cause": "MAINTENANCE",
        "begins_at": begins_at.isoformat(),
        "expected_end_at": (begins_at + 4 * o.HOUR).isoformat(),
        "area_codes": [station.area.code],
        "source_number": "OMS-2026-17",
    } | changed


def test_it_is_recorded_once_changed_ended_and_read_with_every_change(station, dispatch):
    fault = planned(station, kind="UNPLANNED", begins_at=(m.NOON - 30 * o.DAY).isoformat())
    sent = [dispatch.post("/outages", fault, key="outage-0001") for _ in range(2)]
    number = sent[0].json()["number"]
    later = {"begins_at": fault["begins_at"], "expected_end_at": (m.NOON + o.DAY).isoformat()}

    changed = dispatch.post(f"/outages/{number}/change", later | {"reason": "电缆更换延时"})
    ended = dispatch.post(f"/outages/{number}/end", {"ended_at": (m.NOON - 29 * o.DAY).isoformat()})

    assert [one.status_code for one in (*sent, changed, ended)] == [201, 201, 200, 200]
    assert sent[1]["Idempotency-Replayed"] == "true"
    assert Outage.objects.count() == 1
    read = dispatch.get(f"/outages/{number}").json()
    assert (read["state"], read["source_number"]) == ("OVER", "OMS-2026-17")
    assert [one["kind"] for one in read["changes"]] == ["RECORDED", "CHANGED", "ENDED"]
    assert [area["code"] for area in read["areas"]] == [station.area.code]
    assert [one["number"] for one in all_of(dispatch, "/outages", state="OVER")] == [number]
    assert all_of(dispatch, "/outages", state="RUNNING") == []


def test_too_short_a_notice_is_refused_with_what_is_needed_or_taken_with_a_reason(
    station, dispatch
):
    soon = planned(station, begins_at=(m.NOON + 2 * o.DAY).isoformat())

    refused = dispatch.post("/outages", soon)
    taken = dispatch.post("/outages", soon | {"notice_exception": "线路断股, 必须立即处理"})

    problem = refused.json()
    assert (refused.status_code, problem["type"]) == (422, f"{PROBLEM}notice-too-short")
    assert "168 h needed" in problem["detail"]
    assert taken.status_code == 201
    assert dispatch.get(f"/outages/{taken.json()['number']}").json()["notice_exception"]


def test_the_dispatch_systems_own_number_keeps_it_one_without_our_key(station, dispatch):
    first, second = (dispatch.post("/outages", planned(station)) for _ in range(2))
    other = dispatch.post("/outages", planned(station, cause="REBUILDING"))

    assert first.json() == second.json()
    assert (other.status_code, other.json()["type"]) == (422, f"{PROBLEM}key-reused")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", None),
        (
            "/change",
            {
                "begins_at": "2026-11-25T00:00:00Z",
                "expected_end_at": None,
                "reason": "电缆更换延时",
            },
        ),
        ("/end", {"ended_at": "2026-11-25T00:00:00Z"}),
        ("/call-off", {"reason": "改期另行通知"}),
    ],
)
def test_another_district_sees_and_touches_nothing(station, path, body):
    outage = o.record(station, o.fault(station))
    stranger = program_of(m.make_station().staff["BRANCH"])
    before = Event.objects.count()

    address = f"/outages/{outage.number}{path}"
    answer = stranger.get(address) if body is None else stranger.post(address, body)

    assert (answer.status_code, answer.json()["type"]) == (404, f"{PROBLEM}outage-unknown")
    assert all_of(stranger, "/outages") == []
    assert Event.objects.count() == before
    elsewhere = stranger.post("/outages", planned(station))
    assert (elsewhere.status_code, elsewhere.json()["type"]) == (404, f"{PROBLEM}place-unknown")
