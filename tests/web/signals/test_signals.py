import pytest

from lamplighter.findings import attention
from lamplighter.findings.models import Night
from tests import factories
from tests.factories import TODAY
from tests.web import signed_in

pytestmark = pytest.mark.django_db
MOST_QUERIES = 15


@pytest.fixture(autouse=True)
def today(settings):
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def street():
    return signed_in.street()


@pytest.fixture
def changed(street):
    night = factories.make_night()
    jump, big = (signed_in.household(street, night=night) for _ in range(2))
    factories.make_signal(account=jump, area=street.area, night=night)
    factories.make_signal(
        account=big,
        area=street.area,
        night=night,
        kind="",
        list="HIGH_USE",
        changed_date=None,
        size_kwh_per_day=113.4,
        level_before_kwh_per_day=3.9,
        level_after_kwh_per_day=117.3,
    )
    return jump, big


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_jumps_and_high_use_are_two_lists(street, changed, language, django_assert_max_num_queries):
    client = signed_in.client_of(street.manager, language=language)

    with django_assert_max_num_queries(MOST_QUERIES):
        jumps = client.get("/signals/")
    high = client.get("/signals/", {"list": "HIGH_USE"})

    jump, big = changed
    assert [line.account_number for line in jumps.context["page"].lines] == [jump.number]
    assert [line.account_number for line in high.context["page"].lines] == [big.number]
    assert [tab.count for tab in jumps.context["page"].tabs] == [1, 1]
    text = high.content.decode()
    assert "⚠" not in jumps.content.decode() + text
    assert ("117.3 kWh" in text, "3.9 kWh" in text, "113.4" in text) == (True, True, False)
    question = jumps.context["page"].lines[0].question
    assert "6.4" in question
    assert "{" not in question


@pytest.mark.parametrize("kind", ["SURGE", "DROP", "VACANCY", "RETURN", "TURNOVER", "APPLIANCE"])
def test_asks_in_words_about_every_kind(street, kind):
    night = factories.make_night()
    account = signed_in.household(street, night=night)
    factories.make_signal(
        account=account,
        area=street.area,
        night=night,
        kind=kind,
        size_kwh_per_day=-12.0,
        level_after_kwh_per_day=7.5,
    )

    page = signed_in.client_of(street.head).get("/signals/", {"kind": kind}).context["page"]

    (line,) = page.lines
    asked = " ".join((line.question, *line.further_questions))
    assert line.question
    assert "{" not in asked
    assert "-12" not in asked
    if kind == "RETURN":
        assert "12 kWh" not in asked


def test_a_jump_has_one_size_here_on_its_customers_page_and_in_the_work(street, changed):
    jump, _big = changed
    factories.make_signal(
        account=jump,
        area=street.area,
        night=Night.objects.get(),
        list="CHANGE",
        size_kwh_per_day=6.1,
        size_low_kwh_per_day=5.2,
        size_high_kwh_per_day=7.0,
    )
    client = signed_in.client_of(street.manager)

    (line,) = client.get("/signals/").context["page"].lines
    shown = client.get(f"/customers/{jump.number}/").content.decode()
    (box, _high) = client.get(f"/areas/{street.area.code}/").context["page"].boxes
    work = attention.recent_signals(
        area_ids=[street.area.pk], on=TODAY, span_days=45, probability_least=0.5
    )

    assert (line.size_kwh_per_day, line.size_low_kwh_per_day) == (6.1, 5.2)
    assert ("6.1" in line.question, "6.4" in line.question) == (True, False)
    assert ("6.1 kWh" in shown, "6.4 kWh" in shown) == (True, False)
    assert [of_area.kwh_per_day for of_area in box.lines] == [6.1]
    assert {signal.size_kwh_per_day for signal in work} == {6.1}


@pytest.mark.parametrize("who", ["stranger", "other_branch"])
def test_no_other_district_sees_anything(street, changed, who):
    page = signed_in.client_of(getattr(street, who)).get("/signals/").context["page"]

    assert page.lines == ()
    assert [tab.count for tab in page.tabs] == [0, 0]


def test_an_area_of_others_is_no_filter(street, changed):
    client = signed_in.client_of(street.stranger)

    assert client.get("/signals/", {"area": street.area.code}).status_code == 404


def test_says_when_no_night_has_run(street):
    text = signed_in.client_of(street.manager).get("/signals/").content.decode()

    assert "No night has run yet" in text


def test_exports(street, changed):
    file = signed_in.client_of(street.manager).get("/signals/", {"as": "xlsx"})

    assert file.content.startswith(b"PK")
