"""Today's page: the person's own lines, outcomes in one tap, nobody else's day."""

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import translation

from lamplighter.action.service.models import ServiceOrder
from lamplighter.action.worklist.models import Item, LeftOut, Outcome, Plan
from lamplighter.ledger.models import Event
from lamplighter.web.today import pages
from tests import factories as make
from tests.action.service import making as orders
from tests.web.signing_in import client_of

pytestmark = pytest.mark.django_db
TODAY = make.TODAY


@pytest.fixture(autouse=True)
def _today(settings):
    settings.DEMO_TODAY = TODAY


class Station:
    """A manager with a plan of some lines, and the head of the station."""

    def __init__(self, *, n_items: int) -> None:
        self.station = make.make_station()
        self.manager = make.make_staff(station=self.station)
        self.head = make.make_staff(station=self.station, post="STATION_HEAD")
        self.area = make.make_area(station=self.station, staff=self.manager)
        night = make.make_night()
        self.plan = Plan.objects.create(
            day=TODAY,
            staff=self.manager,
            night=night,
            policy_version="worklist/2014-11-01",
            minutes_available=420,
            minutes_planned=25 * n_items,
            n_candidates=n_items + 1,
            benefit_cny=Decimal("40.00") * n_items,
            is_proved_optimal=True,
            left_out_counts={"NO_TIME": 1},
            made_at=make.MORNING,
        )
        self.items = [self._item(n, night) for n in range(n_items)]
        left_out = make.make_account(area=self.area)
        LeftOut.objects.create(
            plan=self.plan,
            account=left_out,
            remedy="ASK_CAUSE",
            benefit_cny=Decimal("3.00"),
            minutes=8,
            why="NO_TIME",
            detail={"code": "NO_TIME", "numbers": {}},
        )

    def _item(self, n: int, night) -> Item:
        account = make.make_account(area=self.area)
        make.make_finding(account=account, area=self.area, night=night)
        return Item.objects.create(
            plan=self.plan,
            position=n,
            account=account,
            area=self.area,
            remedy="MOVE_TO_MAIN_ACCOUNT",
            is_visit=n % 2 == 0,
            minutes=25,
            benefit_cny=Decimal("40.00"),
            at_stake_cny=Decimal("120.00"),
            help_probability=0.4,
            reason={
                "parts": [
                    {
                        "code": "UNFUNDED_DEBIT",
                        "numbers": {
                            "span_months": 6,
                            "n_debits_failed": 5,
                            "n_paid_after": 4,
                            "due_cny": "120.00",
                        },
                    }
                ]
            },
        )


def outcome_url(item: Item) -> str:
    return f"{reverse('today:outcome', args=[item.pk])}?staff={item.plan.staff_id}"


def standing(item: Item) -> list[str]:
    rows = Outcome.objects.filter(item=item, superseded_at__isnull=True)
    return list(rows.values_list("outcome", flat=True))


class TestDay:
    def test_shows_each_line_with_its_reason_and_what_was_left_out(self):
        at = Station(n_items=2)

        text = client_of(at.manager).get("/").content.decode()

        assert "2 doors, about" in text
        assert text.count("debits failed in 6 months") == 2
        assert "Left out today: 1" in text
        assert "⚠" not in text

    def test_speaks_chinese_without_a_word_of_english_in_the_summary(self):
        at = Station(n_items=2)

        text = client_of(at.manager, language="zh-hans").get("/").content.decode()

        assert "今天" in text
        assert "doors" not in text

    @pytest.mark.parametrize("n_items", [1, 6])
    def test_needs_14_queries_however_many_lines(self, django_assert_num_queries, n_items):
        client = client_of(Station(n_items=n_items).manager)

        with django_assert_num_queries(14):  # 2 to know who looks, 12 for the day
            client.get("/")

    @pytest.mark.parametrize(("n_items", "n_later"), [(7, 0), (8, 3)])
    def test_what_comes_later_can_be_folded_on_a_phone(self, n_items, n_later):
        at = Station(n_items=n_items)

        answer = client_of(at.manager).get("/")

        page = answer.context["page"]
        assert (page.first_cards + page.later_cards, len(page.later_cards)) == (page.cards, n_later)
        assert (f"{n_later} more doors" in answer.content.decode()) == bool(n_later)

    def test_orders_by_the_way_on_request(self):
        at = Station(n_items=3)

        answer = client_of(at.manager).get("/?order=way")

        assert [card.key for card in answer.context["page"].cards] == [
            str(at.items[n].pk) for n in (0, 2, 1)
        ]

    def test_an_order_nobody_knows_is_not_found(self):
        assert client_of(Station(n_items=1).manager).get("/?order=luck").status_code == 404

    def test_a_head_sees_the_managers_and_opens_one(self):
        at = Station(n_items=2)
        client = client_of(at.head)

        overview = client.get("/").content.decode()
        day = client.get(f"/?staff={at.manager.pk}").content.decode()

        assert at.manager.name in overview
        assert at.manager.name in day

    @pytest.mark.parametrize(("post", "n_steps"), [("AGENT", 1), ("CREW", 0)])
    def test_who_has_no_doors_starts_with_their_steps_and_the_search(self, post, n_steps):
        station = orders.make_station()
        orders.open_one(station)

        answer = client_of(station.staff[post]).get("/")

        page = answer.context["page"]
        assert (page.n_steps, page.takes_calls) == (n_steps, post == "AGENT")
        assert 'role="search"' in answer.content.decode()

    @pytest.mark.parametrize(
        ("hour", "said"),
        [
            (5, {"en": "at 6 o'clock at the latest", "zh-hans": "最迟 6 点"}),
            (6, {"en": "tell whoever runs the system", "zh-hans": "请告知系统管理人员"}),
        ],
    )
    def test_who_has_no_plan_yet_is_told_when_it_comes_and_later_whom_to_ask(self, hour, said):
        now = datetime.combine(TODAY, time(hour), tzinfo=ZoneInfo("Asia/Shanghai"))
        for language, words in said.items():
            with translation.override(language):
                assert words in pages.no_plan(now=now, on=TODAY)

        page = client_of(make.make_staff(station=make.make_station())).get("/").context["page"]
        assert page.no_plan

    def test_no_other_station_sees_it(self):
        at = Station(n_items=1)
        elsewhere = make.make_station()
        for post in ("MANAGER", "STATION_HEAD", "BRANCH"):
            client = client_of(make.make_staff(station=elsewhere, post=post))

            assert client.get(f"/?staff={at.manager.pk}").status_code == 404
            assert at.manager.name not in client.get("/").content.decode()


class TestOutcome:
    def post(self, client, item: Item, **sent: str):
        return client.post(outcome_url(item), sent, headers={"hx-request": "true"})

    def test_records_in_one_tap_and_takes_it_back(self):
        at = Station(n_items=2)
        client = client_of(at.manager)

        done = self.post(client, at.items[0], outcome="DONE").content.decode()
        recorded = standing(at.items[0])
        undone = self.post(client, at.items[0], outcome="").content.decode()

        assert "work-done" in done
        assert "1 of 2 done" in done
        assert recorded == ["DONE"]
        assert "work-done" not in undone
        assert standing(at.items[0]) == []

    def test_asks_for_the_day_of_a_promise_before_anything_is_written(self):
        at = Station(n_items=1)

        answer = self.post(client_of(at.manager), at.items[0], outcome="PROMISED")

        assert 'name="promised_date"' in answer.content.decode()
        assert not Outcome.objects.exists()

    def test_records_a_promise_with_its_day(self):
        at = Station(n_items=1)

        self.post(
            client_of(at.manager), at.items[0], outcome="PROMISED", promised_date="2026-11-28"
        )

        assert Outcome.objects.get().promised_date == date(2026, 11, 28)

    @pytest.mark.parametrize("day", ["2026-11-01", "soon", ""])
    def test_asks_again_for_a_day_that_cannot_be(self, day):
        at = Station(n_items=1)

        answer = self.post(
            client_of(at.manager), at.items[0], outcome="PROMISED", promised_date=day
        )

        assert answer.status_code == 422
        assert not Outcome.objects.exists()

    def test_an_outcome_nobody_knows_is_not_found(self):
        at = Station(n_items=1)

        assert self.post(client_of(at.manager), at.items[0], outcome="BRIBED").status_code == 404
        assert not Event.objects.exists()

    @pytest.mark.parametrize("post", ["MANAGER", "STATION_HEAD", "SUPERVISOR", "AGENT"])
    def test_nobody_of_another_station_records_anything(self, post):
        at = Station(n_items=1)
        client = client_of(make.make_staff(station=make.make_station(), post=post))

        answer = self.post(client, at.items[0], outcome="DONE")

        assert answer.status_code == 404
        assert not Outcome.objects.exists()
        assert not Event.objects.exists()

    def test_a_supervisor_looks_but_does_not_record(self):
        at = Station(n_items=1)
        supervisor = make.make_staff(station=at.station, post="SUPERVISOR")

        answer = self.post(client_of(supervisor), at.items[0], outcome="DONE")

        assert answer.status_code == 404
        assert not Event.objects.exists()

    def test_a_get_changes_nothing(self):
        at = Station(n_items=1)

        assert client_of(at.manager).get(outcome_url(at.items[0])).status_code == 405


class TestSaid:
    """What a customer says at the door becomes an order."""

    def send(self, client, item, **changed):
        values = {"request_key": "k", "type_code": "SUGGESTION", "words": "希望停电前一天发短信"}
        url = reverse("today:said", args=[item.pk])
        return client.post(f"{url}?staff={item.plan.staff_id}", values | changed)

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_it_is_an_order_of_the_account_once_with_a_word_of_thanks(self, settings, language):
        settings.FIELD_KEY = bytes(32)
        at = Station(n_items=1)
        client = client_of(at.manager, language=language)
        url = reverse("today:said", args=[at.items[0].pk])

        page = client.get(url)
        first, second = (self.send(client, at.items[0]) for _ in range(2))

        assert "⚠" not in page.content.decode()
        assert (first.status_code, second.status_code) == (302, 302)
        order = ServiceOrder.objects.get()
        assert (order.type_code, order.channel, order.account_id) == (
            "SUGGESTION",
            "VISIT",
            at.items[0].account_id,
        )

    def test_too_little_is_asked_again_and_another_districts_line_is_not_there(self, settings):
        settings.FIELD_KEY = bytes(32)
        at, other = Station(n_items=1), Station(n_items=1)
        client = client_of(at.manager)

        assert self.send(client, at.items[0], words="嗯").status_code == 422
        assert self.send(client, at.items[0], type_code="NEW_HV_DOUBLE").status_code == 422
        assert self.send(client, other.items[0]).status_code == 404
        assert self.send(client_of(at.head), at.items[0]).status_code == 302
        assert self.send(client_of(other.head), at.items[0], request_key="z").status_code == 404
        assert ServiceOrder.objects.count() == 1


class TestRegularVisit:
    """A planned visit has a form, kept by the machinery of steps (S1-09)."""

    def station(self, settings):
        settings.FIELD_KEY = bytes(32)
        at = Station(n_items=2)
        Item.objects.filter(pk=at.items[0].pk).update(remedy="ROUND_VISIT")
        return at

    @pytest.mark.parametrize(("language", "word"), [("en", "Visit form"), ("zh-hans", "走访表")])
    def test_its_form_is_filled_in_once_and_criticism_becomes_an_improvement(
        self, settings, language, word
    ):
        at = self.station(settings)
        client = client_of(at.manager, language=language)
        url = f"{reverse('today:visit', args=[at.items[0].pk])}?staff={at.manager.pk}"

        day = client.get("/").content.decode()
        first, second = client.post(url), client.post(url)
        page = client.get(first.url).content.decode()
        done = client.post(
            f"{first.url}complete/",
            {
                "page_key": "k", "step": "VISIT", "answer": "IMPROVE", "field-MET": "CUSTOMER",
                "field-SUPPLY": "OUTAGES", "field-SAFETY": "SAFE", "field-CONTACT_RIGHT": "YES",
                "field-CRITICISM": "上个月停了三次电",
            },
        )  # fmt: skip

        assert day.count(word) == 1
        assert first.url == second.url
        assert "field-CRITICISM" in page
        assert "⚠" not in page
        assert done.status_code == 302
        order = ServiceOrder.objects.get()
        assert (order.type_code, order.channel) == ("REGULAR_VISIT", "VISIT")
        assert order.account_id == at.items[0].account_id
        (improve,) = order.steps.filter(state="READY")
        assert (improve.code, improve.owner_id) == ("IMPROVE", at.head.pk)

    def test_is_of_planned_visits_alone_and_not_of_another_district(self, settings):
        at, other = self.station(settings), self.station(settings)
        client = client_of(at.manager)

        def begin(item):
            url = reverse("today:visit", args=[item.pk])
            return client.post(f"{url}?staff={item.plan.staff_id}").status_code

        assert begin(at.items[1]) == 404
        assert begin(other.items[0]) == 404
        assert client.get(reverse("today:visit", args=[at.items[0].pk])).status_code == 405
        assert not ServiceOrder.objects.exists()
