"""Planning a day: who is on it, who is not and why, once and only once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection

from lamplighter.action.worklist import queries
from lamplighter.action.worklist import rules as worklist_rules
from lamplighter.action.worklist import services as worklist
from lamplighter.action.worklist.models import Item, LeftOut, Plan
from lamplighter.ledger.models import Event
from tests import factories as f

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
RULES = worklist_rules.rules_in_force(on=f.TODAY)


@pytest.fixture
def town():
    station = f.make_station()
    manager = f.make_staff(station=station)
    return station, manager, f.make_area(station=station, staff=manager), f.make_night()


def plan(manager, night, *, day=f.TODAY, rules=RULES):
    return worklist.plan_day(
        staff_id=manager.pk,
        day=day,
        night_id=night.pk,
        rules=rules,
        zone=ZONE,
        now=f.MORNING,
        actor="test",
    )


def owing(area, night, *, flags=(), **changed):
    account = f.make_account(area=area)
    f.make_finding(account=account, area=area, night=night, **changed)
    for kind in flags:
        f.make_flag(account=account, kind=kind)
    return account


def why(account):
    row = LeftOut.objects.get(account=account)
    return row.why, row.detail["code"]


def test_each_cause_gets_its_remedy_and_the_plan_is_in_the_ledger(town):
    _, manager, area, night = town
    remedies = {
        "UNFUNDED_DEBIT": "MOVE_TO_MAIN_ACCOUNT",
        "SHORT_BALANCE": "SCHEDULED_REMINDER",
        "ABSENT_FAMILY": "CONTACT_CHILD_AWAY",
        "DISPUTE": "SETTLE_DISPUTE",
        "HARDSHIP": "HARDSHIP_PLAN",
        "WILFUL": "PEER_AND_PERSISTENCE",
        "UNKNOWN": "ASK_CAUSE",
    }
    accounts = {}
    for cause in remedies:
        accounts[cause] = owing(
            area,
            night,
            cause=cause,
            cause_probability=1.0,
            cause_probabilities={cause: 1.0},
            overdue_cny=Decimal(900),
            balance_due_cny=Decimal(900),
        )

    plan_id = plan(manager, night)

    chosen = {item.account_id: item.remedy for item in Item.objects.filter(plan_id=plan_id)}
    assert chosen == {accounts[cause].pk: remedy for cause, remedy in remedies.items()}
    event = Event.objects.get()
    assert (event.name, event.payload["n_items"]) == ("worklist.plan.made", 7)


def test_a_hold_outside_the_window_or_a_protected_flag_changes_the_remedy(town):
    _, manager, area, night = town
    held = owing(area, night, flags=["HOLD_DISPUTE"])
    gentle = owing(
        area, night, flags=["LIFE_SUPPORT"], cause="WILFUL", cause_probabilities={"WILFUL": 1.0}
    )

    plan(manager, night)

    assert Item.objects.get(account=held).remedy == "SETTLE_DISPUTE"
    item = Item.objects.get(account=gentle)
    assert item.remedy == "ASK_CAUSE"
    assert "ALSO_GENTLE" in [part["code"] for part in item.reason["parts"]]


def test_a_change_of_residents_is_a_call_to_the_landlord_and_uses_up_their_contacts(town):
    _, manager, area, night = town
    landlord = f.make_account(area=area, roles=("OWNER",))
    flats = []
    for _ in range(2):
        flat = owing(
            area,
            night,
            balance_due_cny=Decimal(0),
            overdue_cny=Decimal(0),
            days_overdue=0,
            cause="",
        )
        f.make_landlord(of=flat, landlord=landlord)
        f.make_signal(account=flat, area=area, night=night, kind="TURNOVER", list="CHANGE")
        flats.append(flat)

    plan(manager, night)

    item = Item.objects.get()
    assert (item.remedy, item.contact_account_id) == ("LANDLORD_CALL", landlord.pk)
    left = next(flat for flat in flats if flat.pk != item.account_id)
    assert why(left) == ("CONTACTED_RECENTLY", "SAME_CUSTOMER")


def test_a_sudden_jump_is_a_reason_to_call_and_high_use_is_none(town):
    _, manager, area, night = town
    calm = {"balance_due_cny": Decimal(0), "overdue_cny": Decimal(0), "cause": ""}
    jumped, high = owing(area, night, **calm), owing(area, night, **calm)
    f.make_signal(account=jumped, area=area, night=night)
    f.make_signal(account=high, area=area, night=night, list="HIGH_USE", kind="")

    plan(manager, night)

    assert [(i.account_id, i.remedy) for i in Item.objects.all()] == [(jumped.pk, "CARE_VISIT")]


def test_contacts_over_all_channels_and_accounts_of_a_customer_are_limited(town):
    _, manager, area, night = town
    rested, recent, often = (owing(area, night) for _ in range(3))
    f.make_reminder(account=rested, sent_at=f.at(f.TODAY - timedelta(5)))
    other = f.make_account(area=area, customer=recent.customer)
    f.make_reminder(account=other, sent_at=f.at(f.TODAY - timedelta(1)), channel="PHONE")
    for days in (3, 5, 7):
        f.make_reminder(account=often, sent_at=f.at(f.TODAY - timedelta(days)))

    plan(manager, night)

    assert list(Item.objects.values_list("account_id", flat=True)) == [rested.pk]
    assert why(recent) == ("CONTACTED_RECENTLY", "CONTACTED_RECENTLY")
    assert why(often) == ("CONTACTED_RECENTLY", "CONTACT_LIMIT")


def test_an_open_complaint_holds_and_a_trifle_is_not_worth_a_contact(town):
    _, manager, area, night = town
    complains = owing(area, night)
    tiny = Decimal("1.5")
    trifle = owing(area, night, overdue_cny=tiny, balance_due_cny=tiny, forecast_amount_cny=tiny)
    f.make_request(account=complains, requested_at=f.at(f.TODAY - timedelta(2)))

    plan_id = plan(manager, night)

    assert why(complains) == ("HOLD", "OPEN_COMPLAINT")
    assert why(trifle) == ("LOW_BENEFIT", "LOW_BENEFIT")
    assert Plan.objects.get(pk=plan_id).left_out_counts == {"HOLD": 1, "LOW_BENEFIT": 1}


def test_a_likely_late_bill_counts_in_the_window_and_not_before(town):
    _, manager, area, night = town
    soon = owing(area, night, overdue_cny=Decimal(0), days_overdue=0)
    before_window = f.TODAY.replace(day=21)

    plan(manager, night, day=before_window)
    plan(manager, night)

    assert list(Item.objects.values_list("account_id", "plan__day")) == [(soon.pk, f.TODAY)]


def test_a_day_never_exceeds_its_minutes_and_says_who_had_no_time():
    station, night = f.make_station(), f.make_night()
    manager = f.make_staff(station=station, minutes_per_day=60)
    area = f.make_area(station=station, staff=manager)
    for _ in range(5):
        owing(area, night)

    made = Plan.objects.get(pk=plan(manager, night))

    assert made.minutes_planned <= 60
    assert made.left_out_counts["NO_TIME"] + made.items.count() == 5
    assert made.is_proved_optimal


def test_an_unfunded_debit_is_visited_because_that_lasts_though_a_call_is_quicker(town):
    _, manager, area, night = town
    for _ in range(3):
        owing(area, night)

    plan(manager, night)

    assert {item.remedy for item in Item.objects.all()} == {"MOVE_TO_MAIN_ACCOUNT"}


def test_doors_of_another_manager_are_never_planned(town):
    station, manager, _area, night = town
    elsewhere = f.make_area(station=station, staff=f.make_staff(station=station))
    owing(elsewhere, night)

    plan(manager, night)

    assert not Item.objects.exists()


def test_planning_again_changes_nothing_until_there_is_a_newer_night(town):
    _, manager, area, night = town
    first, second = owing(area, night), owing(area, night)
    plan_id = plan(manager, night)
    before = list(Item.objects.order_by("position").values())

    assert plan(manager, night) == plan_id
    assert list(Item.objects.order_by("position").values()) == before

    kept = Item.objects.get(account=second)
    worklist.record_outcome(
        viewer=f.viewer_for(manager),
        item_id=kept.pk,
        outcome="DONE",
        promised_date=None,
        note="",
        now=f.MORNING,
    )
    third = owing(area, f.make_night())
    first_finding = Item.objects.get(account=first).pk
    assert plan(manager, f.make_night()) == plan_id
    again = Item.objects.order_by("position")
    assert next(item.account_id for item in again) == second.pk
    assert {item.account_id for item in again} == {first.pk, second.pk, third.pk}
    assert again[0].pk == kept.pk
    assert not Item.objects.filter(pk=first_finding).exists()


def test_nothing_is_written_when_the_ledger_cannot_be(town, monkeypatch):
    _, manager, area, night = town
    owing(area, night)

    def full_disk(*_args, **_kwargs):
        raise DatabaseError

    monkeypatch.setattr("lamplighter.ledger.services.record", full_disk)
    with pytest.raises(DatabaseError):
        plan(manager, night)

    assert not Plan.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_plannings_beside_each_other_make_one_plan():
    station, night = f.make_station(), f.make_night()
    manager = f.make_staff(station=station)
    area = f.make_area(station=station, staff=manager)
    for _ in range(3):
        owing(area, night)

    def one(_):
        try:
            return plan(manager, night)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(one, range(4)))

    assert len(ids) == 1
    assert Plan.objects.count() == 1
    assert Item.objects.count() == 3
    assert Event.objects.count() == 1


def test_the_page_says_all_of_it_in_a_fixed_number_of_queries(town, django_assert_max_num_queries):
    station, manager, area, night = town
    for _ in range(12):
        account = owing(area, night)
        f.make_debit(account=account, attempted_at=f.at(f.TODAY - timedelta(40)))
    plan(manager, night)

    with django_assert_max_num_queries(16):
        page = queries.today(viewer=f.viewer_for(manager), day=f.TODAY, rules=RULES, zone=ZONE)

    assert page is not None
    assert page.n_items == len(page.cards) > 0
    card = page.cards[0]
    assert "¥120.00" in card.why.zh
    assert "¥120.00" in card.why.en
    assert card.script.ask
    assert card.contacts[0].phone_masked == "138****0000"
    head = f.make_staff(station=station, post="STATION_HEAD")
    with django_assert_max_num_queries(4):
        days = queries.overview(viewer=f.viewer_for(head), day=f.TODAY)
    assert [(d.staff_id, d.n_items) for d in days] == [(manager.pk, page.n_items)]


def test_no_other_district_sees_the_day(town):
    _, manager, area, night = town
    owing(area, night)
    plan(manager, night)
    item = Item.objects.get()
    elsewhere = f.make_station()
    for post in ("MANAGER", "STATION_HEAD", "BRANCH"):
        stranger = f.viewer_for(f.make_staff(station=elsewhere, post=post))

        seen = queries.today(
            viewer=stranger, day=f.TODAY, rules=RULES, zone=ZONE, staff_id=manager.pk
        )

        assert seen is None
        assert manager.pk not in {
            d.staff_id for d in queries.overview(viewer=stranger, day=f.TODAY)
        }
        one = queries.card(viewer=stranger, day=f.TODAY, item_id=item.pk, rules=RULES, zone=ZONE)
        assert one is None


class TestRegularVisits:
    CALM = {"balance_due_cny": Decimal(0), "overdue_cny": Decimal(0), "cause": ""}

    def test_whom_nobody_met_for_long_is_visited_where_a_flag_says_so(self, town):
        _, manager, area, night = town
        alone = owing(area, night, flags=["ELDERLY_ALONE"], **self.CALM)
        owing(area, night, **self.CALM)
        owes = owing(area, night, flags=["ELDERLY_ALONE"], cause="WILFUL")

        plan(manager, night)

        lines = {item.account_id: item for item in Item.objects.all()}
        assert lines[alone.pk].remedy == "ROUND_VISIT"
        assert lines[alone.pk].is_visit
        assert lines[owes.pk].remedy != "ROUND_VISIT"
        assert len(lines) == 2

    def test_whoever_was_met_comes_again_after_half_a_year_and_a_shut_door_is_no_visit(self, town):
        _, manager, area, night = town
        met, shut = (owing(area, night, flags=["LIFE_SUPPORT"], **self.CALM) for _ in range(2))
        plan(manager, night)
        for account, outcome in ((met, "DONE"), (shut, "NOT_REACHED")):
            worklist.record_outcome(
                viewer=f.viewer_for(manager), item_id=Item.objects.get(account=account).pk,
                outcome=outcome, promised_date=None, note="", now=f.MORNING,
            )  # fmt: skip

        for days in (40, 200):
            plan(manager, night, day=f.TODAY + timedelta(days))

        def on(days):
            day = f.TODAY + timedelta(days)
            return set(Item.objects.filter(plan__day=day).values_list("account_id", flat=True))

        assert (on(40), on(200)) == ({shut.pk}, {met.pk, shut.pk})

    def test_no_more_are_offered_than_policy_says(self, town):
        _, manager, area, night = town
        for _ in range(RULES.worth.rounds_offered + 2):
            owing(area, night, flags=["IMPORTANT"], **self.CALM)

        plan(manager, night)

        assert Item.objects.count() + LeftOut.objects.count() == RULES.worth.rounds_offered
