import pytest

from tests import factories
from tests.factories import TODAY
from tests.web import signed_in

pytestmark = pytest.mark.django_db
MOST_QUERIES = 11


@pytest.fixture(autouse=True)
def today(settings):
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def street():
    return signed_in.street()


@pytest.fixture
def owing(street):
    night = factories.make_night()
    reasons = [{"code": "PAY_TIME", "log_odds": 1.0}, {"code": "PAY_METHOD", "log_odds": -0.4}]
    evidence = [{"code": "debits_never_funded", "log_odds": 2.0}]
    little = signed_in.household(street, night=night, risk_probability=0.2, cause="UNKNOWN")
    much = signed_in.household(
        street, night=night, risk_probability=0.9, risk_reasons=reasons, cause_reasons=evidence
    )
    calm = signed_in.household(
        street, night=night, cause="", risk_band="LOW", risk_probability=0.01
    )
    return much, little, calm


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_most_at_risk_stands_first(street, owing, language, django_assert_max_num_queries):
    client = signed_in.client_of(street.manager, language=language)

    with django_assert_max_num_queries(MOST_QUERIES):
        answer = client.get("/arrears/")

    page = answer.context["page"]
    assert [line.account_number for line in page.lines] == [account.number for account in owing]
    assert page.lines[0].at_risk_cny == 108
    assert len(page.lines[0].reasons) == len(page.lines[0].evidence) == 1
    assert {part.code for part in page.parts} == {"UNKNOWN", "UNFUNDED_DEBIT"}
    assert page.parts_rest
    text = answer.content.decode()
    assert "⚠" not in text
    asked = {"en": "Cause not known yet: ask first", "zh-hans": "原因未明，先问一问"}
    assert asked[language] in text


def test_filters_by_cause_risk_grade_and_area(street, owing):
    client = signed_in.client_of(street.head)

    def numbers(**wanted):
        return [a.account_number for a in client.get("/arrears/", wanted).context["page"].lines]

    _much, little, calm = owing
    assert numbers(cause="UNKNOWN") == [little.number]
    assert numbers(risk="LOW") == [calm.number]
    assert len(numbers(grade="C", area=street.area.code)) == 3
    assert numbers(area=street.other_area.code) == []
    assert client.get("/arrears/", {"cause": "LAZY"}).status_code == 404
    assert client.get("/arrears/", {"page": "0"}).status_code == 404


@pytest.mark.parametrize("who", ["stranger", "other_branch"])
def test_no_other_district_sees_anything(street, owing, who):
    client = signed_in.client_of(getattr(street, who))

    page = client.get("/arrears/").context["page"]

    assert (page.lines, page.parts, page.parts_rest) == ((), (), "")
    assert client.get("/arrears/", {"area": street.area.code}).status_code == 404


def test_says_when_no_night_has_run(street):
    text = signed_in.client_of(street.manager).get("/arrears/").content.decode()

    assert "No night has run yet" in text


def test_exports(street, owing):
    file = signed_in.client_of(street.manager).get("/arrears/", {"as": "xlsx"})

    assert file.content.startswith(b"PK")
