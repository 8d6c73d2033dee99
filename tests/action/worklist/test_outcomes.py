"""Recording what happened, and what the next day makes of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from lamplighter.action.worklist import rules as worklist_rules
from lamplighter.action.worklist import services as worklist
from lamplighter.action.worklist.models import Item, LeftOut, Outcome
from lamplighter.ledger.models import Event
from tests import factories as f

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
RULES = worklist_rules.rules_in_force(on=f.TODAY)


def plan(manager, night, day):
    return worklist.plan_day(
        staff_id=manager.pk,
        day=day,
        night_id=night.pk,
        rules=RULES,
        zone=ZONE,
        now=f.at(day, 0),
        actor="test",
    )


def make_line(*, cause="SHORT_BALANCE"):
    station, night = f.make_station(), f.make_night()
    manager = f.make_staff(station=station)
    area = f.make_area(station=station, staff=manager)
    account = f.make_account(area=area)
    f.make_finding(
        account=account, area=area, night=night, cause=cause, cause_probabilities={cause: 1.0}
    )
    plan(manager, night, f.TODAY)
    return station, manager, night, Item.objects.get(plan__staff=manager)


def record(item, viewer, outcome="DONE", **changed):
    values = {"promised_date": None, "note": "", "now": f.at(f.TODAY), "request_key": ""}
    return worklist.record_outcome(
        viewer=viewer, item_id=item.pk, outcome=outcome, **values | changed
    )


def test_a_correction_is_a_further_record_and_both_are_in_the_ledger():
    _, manager, _, item = make_line()
    viewer = f.viewer_for(manager)

    first = record(item, viewer, "NOT_REACHED")
    second = record(item, viewer, "PROMISED", promised_date=f.TODAY + timedelta(2))

    assert Outcome.objects.get(pk=first).superseded_at == f.at(f.TODAY)
    assert Outcome.objects.get(superseded_at=None).pk == second
    events = Event.objects.filter(name="worklist.outcome.recorded").order_by("id")
    assert [event.payload["outcome"] for event in events] == ["NOT_REACHED", "PROMISED"]
    assert events[1].payload["corrects"] == "NOT_REACHED"
    assert events[1].payload["account_id"] == item.account_id


def test_the_same_tap_twice_is_one_record_and_a_withdrawal_erases_nothing():
    _, manager, _, item = make_line()
    viewer = f.viewer_for(manager)

    assert record(item, viewer, request_key="tap") == record(item, viewer, request_key="tap")
    assert record(item, viewer) == Outcome.objects.get().pk
    worklist.withdraw_outcome(viewer=viewer, item_id=item.pk, now=f.at(f.TODAY, 5))
    worklist.withdraw_outcome(viewer=viewer, item_id=item.pk, now=f.at(f.TODAY, 5))

    assert Outcome.objects.get().superseded_at == f.at(f.TODAY, 5)
    assert Event.objects.filter(name="worklist.outcome.withdrawn").count() == 1


@pytest.mark.parametrize(
    ("outcome", "promised_date", "error"),
    [
        ("PAID", None, worklist.OutcomeUnknown),
        ("PROMISED", None, worklist.PromiseNeedsADay),
        ("PROMISED", f.TODAY - timedelta(1), worklist.PromiseNeedsADay),
        ("DONE", f.TODAY, worklist.PromiseNeedsADay),
    ],
)
def test_refuses_what_cannot_be_meant(outcome, promised_date, error):
    _, manager, _, item = make_line()

    with pytest.raises(error):
        record(item, f.viewer_for(manager), outcome, promised_date=promised_date)

    assert not Outcome.objects.exists()


def test_only_the_owner_and_the_head_of_their_station_record():
    station, _, _, item = make_line()
    head = f.make_staff(station=station, post="STATION_HEAD")
    strangers = [
        f.make_staff(station=station),
        f.make_staff(station=station, post="AGENT"),
        f.make_staff(station=f.make_station(), post="STATION_HEAD"),
    ]
    for stranger in strangers:
        with pytest.raises(worklist.NotYourItem):
            record(item, f.viewer_for(stranger))
        with pytest.raises(worklist.NotYourItem):
            worklist.withdraw_outcome(
                viewer=f.viewer_for(stranger), item_id=item.pk, now=f.at(f.TODAY)
            )
    assert not Outcome.objects.exists()
    assert not Event.objects.filter(name__startswith="worklist.outcome").exists()

    record(item, f.viewer_for(head))

    assert Outcome.objects.get().recorded_by == f"staff:{head.number}"


@pytest.mark.django_db(transaction=True)
def test_taps_beside_each_other_leave_one_standing_record():
    _, manager, _, item = make_line()
    viewer = f.viewer_for(manager)

    def tap(n):
        try:
            return record(item, viewer, ["DONE", "REFUSED"][n % 2], request_key=f"tap-{n % 4}")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tap, range(8)))

    assert Outcome.objects.filter(superseded_at=None).count() == 1
    assert Outcome.objects.exclude(request_key="").count() <= 4


def later(outcome, *, days, promised=None, cause="SHORT_BALANCE"):
    _, manager, night, item = make_line(cause=cause)
    record(item, f.viewer_for(manager), outcome, promised_date=promised)
    day = f.TODAY + timedelta(days)
    plan(manager, night, day)
    items = Item.objects.filter(plan__day=day, plan__staff=manager)
    left = LeftOut.objects.filter(plan__day=day, plan__staff=manager)
    return items.first(), left.first()


def test_done_closes_the_door_until_something_new():
    item, left = later("DONE", days=4)

    assert item is None
    assert (left.why, left.detail["code"]) == ("WAITING", "IN_PROGRESS")


def test_a_promise_waits_for_its_day_and_is_named_when_it_was_not_kept():
    promised = f.TODAY + timedelta(2)

    item, left = later("PROMISED", days=3, promised=promised)
    assert item is None
    assert left.detail == {"code": "PROMISED", "numbers": {"until_date": promised.isoformat()}}

    item, _ = later("PROMISED", days=4, promised=promised)
    assert "ALSO_PROMISE_BROKEN" in [part["code"] for part in item.reason["parts"]]


def test_nobody_reached_is_tried_again_at_another_hour():
    item, left = later("NOT_REACHED", days=1)
    assert item is None
    assert left.detail["code"] == "RESTING"

    item, _ = later("NOT_REACHED", days=2)
    also = {part["code"]: part["numbers"] for part in item.reason["parts"]}
    assert also["ALSO_NOT_REACHED"] == {"n_not_reached": 1, "tried_hour": 12}


def test_a_wrong_number_turns_the_call_into_a_visit():
    item, _ = later("WRONG_NUMBER", days=1)

    assert item.is_visit
    assert "ALSO_FIND_NUMBER" in [part["code"] for part in item.reason["parts"]]


def test_a_refusal_rests_and_weakens_the_same_remedy():
    item, left = later("REFUSED", days=5)
    assert item is None
    assert left.why == "WAITING"

    fresh, _ = later("REFUSED", days=5 * 7)  # 30 December: within the window again
    assert fresh.help_probability < 0.65


def test_who_moved_away_is_held():
    _, left = later("MOVED_AWAY", days=5)

    assert (left.why, left.detail["code"]) == ("HOLD", "MOVED_AWAY")
