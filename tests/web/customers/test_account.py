"""A customer's page, whatever is known of the account, for those who may look only."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.conf import settings as ours
from django.urls import reverse

from lamplighter.action.service import services as service
from lamplighter.facts.customers.models import Agreement, Contact, Facet, Identity, SurveyAnswer
from lamplighter.findings.models import Night
from lamplighter.kernel import sealing
from lamplighter.ledger.models import Event
from tests import factories as make
from tests.action.service import making as m
from tests.web.signing_in import client_of

pytestmark = pytest.mark.django_db
TRACE = [
    {
        "rule": "OFTEN_REMINDED",
        "inputs": {"reminded_months": 6, "months_of_history": 24},
        "limits": {"reminded_months_b": 4, "reminded_months_every": 10},
        "says": "C",
    }
]
FOUND = {
    "grade_trace": TRACE,
    "grade_would_change": {"grade": "B", "pays_debt": True, "quiet_months": 2},
    "risk_reasons": [{"code": "PAY_TIME", "log_odds": 0.8}],
    "cause_reasons": [{"code": "debits_never_funded", "log_odds": 1.5}],
    "value_reasons": ["SMALL_CONTRIBUTION"],
    "value_yearly_cny": Decimal("900.00"),
    "profile": {
        "n_days": 365,
        "season_kwh": [4.0, 9.0, 4.5, 7.0],
        "weekday_ratio": [1.0, 1.0, 1.0, 1.0, 1.0, 1.1, 1.1],
        "mean_12m_kwh": 6.1,
        "weekend_ratio": 1.1,
        "part_share": [None] * 7,
        "zero_days": 2,
    },
}


@pytest.fixture(autouse=True)
def _today(settings, tmp_path):
    settings.DEMO_TODAY = make.TODAY
    settings.LAKE_FOLDER = tmp_path / "lake"


class Home:
    """An account with money, findings, a contact and an answer from a visit."""

    def __init__(self, *, found: bool = True) -> None:
        self.station = make.make_station()
        self.manager = make.make_staff(station=self.station)
        self.area = make.make_area(station=self.station, staff=self.manager)
        self.account = make.make_account(area=self.area, roles=())
        self.phone = "13912345678"
        sealed = sealing.seal(self.phone, ours.FIELD_KEY)
        self.contact = make.make_contact(
            account=self.account, role="PAYER", phone_sealed=sealed, phone_masked="139****5678"
        )
        for months in range(3):
            issued = make.TODAY.replace(day=22) - timedelta(30 * (months + 1))
            make.make_bill(account=self.account, issued_date=issued, amount_cny="80.00")
        make.make_payment(
            account=self.account, paid_at=make.at(date(2026, 9, 1)), amount_cny="80.00"
        )
        make.make_reminder(account=self.account, sent_at=make.at(date(2026, 10, 1)))
        make.make_request(
            account=self.account, area=self.area, requested_at=make.at(date(2026, 10, 3))
        )
        if found:
            night = make.make_night()
            make.make_finding(account=self.account, area=self.area, night=night, **FOUND)
            make.make_signal(account=self.account, area=self.area, night=night)

    @property
    def url(self) -> str:
        return reverse("customers:account", args=[self.account.number])


@pytest.mark.parametrize("tab", ["story", "archive", "contacts", "versions"])
@pytest.mark.parametrize("found", [True, False])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_view_of_the_page_has_all_its_words(tab, found, language):
    home = Home(found=found)

    answer = client_of(home.manager, language=language).get(f"{home.url}?tab={tab}")

    assert answer.status_code == 200
    assert "⚠" not in answer.content.decode()


def test_tells_why_the_grade_and_what_would_change_it():
    home = Home()

    page = client_of(home.manager).get(home.url).context["page"]

    assert "Reminded in 6 of the last 12 months" in page.foresight.grade.reason
    assert "grade B" in page.foresight.grade.outlook
    assert page.foresight.risk.reasons[0].text == "Recent payments came late"
    assert page.foresight.questions[0].texts[0].endswith("?")


def test_says_of_a_home_in_use_again_one_amount_wherever_the_page_asks():
    home = Home(found=False)
    night = make.make_night()
    make.make_finding(account=home.account, area=home.area, night=night, **FOUND)
    again = {
        "account": home.account,
        "area": home.area,
        "night": night,
        "kind": "RETURN",
        "changed_date": make.TODAY - timedelta(15),
    }
    make.make_signal(
        **again, list="JUMP", size_kwh_per_day=5.5, level_after_kwh_per_day=6.7, is_recent=True
    )
    make.make_signal(
        **again, list="CHANGE", size_kwh_per_day=6.1, level_after_kwh_per_day=6.4, is_recent=True
    )

    page = client_of(home.manager).get(home.url).context["page"]

    assert [q.kind for q in page.foresight.questions] == ["RETURN"]
    assert "about 6.4 kWh a day" in page.foresight.questions[0].texts[0]
    assert "about 6.4 kWh a day" in page.explained.changes[0].told
    assert "about 6.4 kWh a day" in page.summary


def test_tells_the_segment_why_and_what_would_change_it():
    home = Home(found=False)
    of = {"segment": "PAYMENT_HELP", "segment_nature": "HOUSEHOLD", "segment_conditions": 0b1001}
    make.make_finding(account=home.account, area=home.area, night=make.make_night(), **(FOUND | of))

    box = client_of(home.manager).get(home.url).context["page"].foresight.segment

    assert (box.name, box.url) == ("Help with paying", "/segments/PAYMENT_HELP/")
    assert box.why == "Several of the last twelve bills paid late"
    assert "Households that come in person" in box.would_change


def test_asks_when_the_cause_is_not_sure():
    home = Home(found=False)
    make.make_finding(
        account=home.account,
        area=home.area,
        night=make.make_night(),
        **(FOUND | {"cause": "UNKNOWN", "cause_probability": 0.4}),
    )

    assert "so please ask first" in client_of(home.manager).get(home.url).content.decode()


def test_works_without_a_reading_a_bill_or_a_name():
    station = make.make_station()
    manager = make.make_staff(station=station)
    account = make.make_account(area=make.make_area(station=station, staff=manager), roles=())
    Identity.objects.filter(customer=account.customer).delete()

    answer = client_of(manager).get(reverse("customers:account", args=[account.number]))

    assert answer.status_code == 200
    assert "⚠" not in answer.content.decode()


def test_shows_terms_facets_and_answers_with_their_ground():
    home = Home()
    version = {"recorded_at": make.LONG_AGO, "recorded_by": "test"}
    Agreement.objects.create(
        account=home.account,
        category="GENERAL",
        capacity_kva=Decimal(50),
        tariff_code="T1",
        is_prepaid=True,
        payment_method="BANK_DEBIT",
        **version,
    )
    Identity.objects.filter(customer=home.account.customer).update(kind="ENTERPRISE")
    Facet.objects.create(
        account=home.account,
        facet="OPERATION",
        item="shifts",
        content="two shifts",
        stated_date=date(2026, 1, 1),
        **version,
    )
    SurveyAnswer.objects.create(
        account=home.account,
        question="appliances",
        answer="air conditioner",
        asked_date=date(2026, 1, 1),
        asked_by="M1",
        purpose="advice",
        basis="CONSENT",
        expires_date=date(2028, 1, 1),
        **version,
    )

    answer = client_of(home.manager).get(f"{home.url}?tab=archive")

    text, archive = answer.content.decode(), answer.context["page"].archive
    for words in ("50 kVA", "Enterprise", "two shifts", "air conditioner", "with consent"):
        assert words in text
    stated = [facet.title for facet in archive.facets]
    assert "Business operation" in stated
    assert len({*stated, *archive.unstated}) == 6
    assert all(title in text for title in archive.unstated)


def test_needs_no_more_queries_when_more_has_happened(django_assert_max_num_queries):
    home = Home()
    for n in range(20):
        make.make_reminder(account=home.account, sent_at=make.at(date(2026, 5, 1 + n)))
    client = client_of(home.manager)

    with django_assert_max_num_queries(3 + 26):
        client.get(home.url)


@pytest.mark.parametrize("post", ["MANAGER", "AGENT", "STATION_HEAD", "BRANCH"])
def test_nobody_of_another_station_sees_the_page(post):
    home = Home()
    client = client_of(make.make_staff(station=make.make_station(), post=post))

    for tab in ("story", "archive", "contacts", "versions"):
        assert client.get(f"{home.url}?tab={tab}").status_code == 404


def test_what_happened_is_shown_a_page_at_a_time_newest_first():
    home = Home()
    for n in range(90):
        make.make_reminder(account=home.account, sent_at=make.at(date(2026, 6, 1) + timedelta(n)))
    client = client_of(home.manager)

    pages = [client.get(f"{home.url}?tab=contacts&page={n}").context["page"] for n in (1, 2, 3)]

    assert [len(page.entries) for page in pages] == [40, 40, pages[0].pager.total - 80]
    shown = [entry.at for page in pages for entry in page.entries if entry.at]
    assert shown == sorted(shown, reverse=True)
    assert (pages[0].pager.previous_url, pages[2].pager.next_url) == (None, None)
    assert "tab=contacts" in pages[0].pager.next_url


@pytest.mark.parametrize("query", ["tab=secret", "known_at=yesterday", "known_at=2026-01-01"])
def test_a_question_nobody_understands_is_not_found(query):
    home = Home()

    assert client_of(home.manager).get(f"{home.url}?{query}").status_code == 404


class TestUnmask:
    def ask(self, client, home: Home, **more: str):
        sent = {"account": home.account.number, "contact": str(home.contact.pk), **more}
        return client.post(reverse("customers:unmask"), sent, headers={"hx-request": "true"})

    def test_the_page_itself_holds_no_whole_number(self):
        home = Home()

        text = client_of(home.manager).get(home.url).content.decode()

        assert "139****5678" in text
        assert home.phone not in text

    def test_shows_the_number_and_records_the_look_without_it(self):
        home = Home()

        answer = self.ask(client_of(home.manager), home, look="call")

        assert f"tel:{home.phone}" in answer.content.decode()
        event = Event.objects.get()
        assert event.name == "customers.field.unmasked"
        assert home.phone not in str(event.payload)

    def test_a_head_says_why_first(self):
        home = Home()
        client = client_of(make.make_staff(station=home.station, post="STATION_HEAD"))

        first = self.ask(client, home)
        nothing_yet = Event.objects.count()
        second = self.ask(client, home, reason="complaint to be answered")

        assert (first.status_code, nothing_yet) == (422, 0)
        assert home.phone not in first.content.decode()
        assert home.phone in second.content.decode()

    def test_is_refused_by_role(self):
        home = Home()
        client = client_of(make.make_staff(station=home.station, post="BRANCH"))

        assert self.ask(client, home, reason="curious").status_code == 404
        assert not Event.objects.exists()

    @pytest.mark.parametrize("post", ["MANAGER", "AGENT", "STATION_HEAD"])
    def test_nobody_of_another_station_looks(self, post):
        home = Home()
        client = client_of(make.make_staff(station=make.make_station(), post=post))

        assert self.ask(client, home, reason="curious").status_code == 404
        assert not Event.objects.exists()

    def test_a_contact_of_another_account_is_not_shown(self):
        home, other = Home(), Home()
        sent = {"account": home.account.number, "contact": str(other.contact.pk)}

        answer = client_of(home.manager).post(reverse("customers:unmask"), sent)

        assert answer.status_code == 404
        assert not Event.objects.exists()

    def test_a_contact_whose_consent_is_over_is_neither_shown_nor_offered(self):
        home = Home()
        Contact.objects.update(expires_date=date(2026, 1, 1))
        client = client_of(home.manager)

        assert self.ask(client, home).status_code == 404
        assert "139****5678" not in client.get(home.url).content.decode()


def test_shows_the_service_orders_of_the_customer_open_ones_first(settings):
    settings.FIELD_KEY = m.KEY
    station, elsewhere = m.make_station(), m.make_station()
    m.open_one(station, "CONSULTATION")
    done = m.open_one(station, "METER_TEST")
    service.cancel(m.asking(done, station.viewer("BRANCH"), 5), reason="客户不再需要")
    other = make.make_account(area=elsewhere.area, customer=station.account.customer)
    far = m.open_one(elsewhere, "CONSULTATION", account_number=other.number)
    url = reverse("customers:account", args=[station.account.number])

    answer = client_of(station.staff["MANAGER"]).get(url)

    shown = answer.context["page"].orders
    assert [one.is_open for one in shown] == [True, False]
    assert shown[0].slack is not None
    assert shown[0].url in answer.content.decode()
    assert far.number not in answer.content.decode()
    assert client_of(elsewhere.staff["MANAGER"]).get(url).status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_says_who_recorded_what_and_by_which_rules_a_night_went(language):
    home = Home()
    night = Night.objects.get()
    night.policies = {"grading": "grading/2021-11-01", "own": "own/of-a-station"}
    night.save(update_fields=["policies"])
    Contact.objects.filter(pk=home.contact.pk).update(recorded_by=f"staff:{home.manager.number}")

    answer = client_of(home.manager, language=language).get(home.url, {"tab": "versions"})

    said = {"en": "Customer grades (from 1 Nov 2021)", "zh-hans": "客户分级（自 2021年11月1日）"}
    assert set(answer.context["page"].rules) == {said[language], "own/of-a-station"}
    assert home.manager.name in {change.who for change in answer.context["page"].changes}
    text = answer.content.decode()
    assert said[language] in text
    assert "grading/2021-11-01" in text
