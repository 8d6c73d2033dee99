from datetime import date, timedelta

import pytest
from django.utils import timezone

from lamplighter.findings.contests.models import AssessmentApproval
from lamplighter.policy import assessments, calendars, loader
from lamplighter.web.policies.units import UNITS, UNSAID
from tests import factories
from tests.factories import TODAY
from tests.web import signed_in

pytestmark = pytest.mark.django_db
MOST_QUERIES = 3 + 1  # the session, the user, the person; who approved the assessment


@pytest.fixture(autouse=True)
def today(settings):
    settings.DEMO_TODAY = TODAY


def client_as(post, language="en"):
    staff = factories.make_staff(station=factories.make_station(), post=post)
    return signed_in.client_of(staff, language=language)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_policy_is_readable(language, django_assert_max_num_queries):
    client = client_as("MANAGER", language)

    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get("/policies/").context["page"]

    assert page.policies
    for line in page.policies:
        answer = client.get(line.url)
        assert answer.status_code == 200
        assert "⚠" not in answer.content.decode()
        policy = loader.load(name=line.name, on=TODAY)
        assert len(answer.context["page"].rules) == len(policy.rows)


def test_is_searched_in_both_languages():
    client = client_as("SUPERVISOR")

    for text in ("提醒", "reminder"):
        assert client.get("/policies/", {"q": text}).context["page"].found
    assert "No rule says this" in client.get("/policies/", {"q": "xyzzy"}).content.decode()


def test_says_where_a_rule_comes_from_in_the_language_of_the_page_and_finds_it():
    said = {"en": "Our own decision: renewed each quarter", "zh-hans": "本系统自定：每季更换"}
    for language, source in said.items():
        page = client_as("MANAGER", language).get("/policies/", {"q": source[:14]}).context["page"]

        assert source in {rule.source for rule in page.found}


def test_shows_a_version_and_refuses_an_unknown_one():
    client = client_as("STATION_HEAD")
    version = loader.versions(name="grading")[0].valid_from.isoformat()

    assert client.get("/policies/grading/", {"from": version}).status_code == 200
    assert client.get("/policies/grading/", {"from": "1999-01-01"}).status_code == 404
    assert client.get("/policies/nothing/").status_code == 404


@pytest.mark.parametrize("post", ["AGENT", "CREW"])
def test_is_not_for_the_field(post):
    assert client_as(post).get("/policies/").status_code == 403


def test_says_that_the_impact_assessment_waits_for_approval_or_is_out_of_date(settings):
    client = client_as("STATION_HEAD")

    fresh = client.get("/policies/").context["page"].assessment_note
    settings.DEMO_TODAY = TODAY.replace(year=2028)
    late = client.get("/policies/").context["page"].assessment_note

    assert fresh.startswith("Nobody has approved")
    assert late.endswith("by 1 Nov 2027.")


ASSESSMENT = "/policies/impact_assessments/"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_who_answers_for_personal_information_approves_the_assessment(language):
    client = client_as("BRANCH", language)
    form = client.get(ASSESSMENT).context["page"].approval.form
    sent = {"version": form.initial["version"], "statement": "compared it with what nights do"}

    short = client.post(f"{ASSESSMENT}approve/", sent | {"statement": "ok"})
    other = client.post(f"{ASSESSMENT}approve/", sent | {"version": "impact_assessments/1999"})
    kept = client.post(f"{ASSESSMENT}approve/", sent)
    page = client.get(ASSESSMENT)
    approval = page.context["page"].approval

    assert (short.status_code, other.status_code, kept.status_code) == (422, 422, 302)
    assert (approval.form, approval.approved_day) == (None, timezone.localdate())
    assert approval.approved_by
    assert sent["statement"] in page.content.decode()
    assert client.get("/policies/").context["page"].assessment_note == ""


@pytest.mark.parametrize("post", ["MANAGER", "SUPERVISOR", "STATION_HEAD", "AGENT", "CREW"])
def test_nobody_else_approves_it(post):
    client = client_as(post)
    version = assessments.in_force(on=TODAY).version
    sent = {"version": version, "statement": "compared it with what nights do"}

    assert client.post(f"{ASSESSMENT}approve/", sent).status_code == 403
    assert not AssessmentApproval.objects.exists()
    if post not in {"AGENT", "CREW"}:
        assert client.get(ASSESSMENT).context["page"].approval.form is None


def test_no_other_policy_is_approved():
    sent = {"version": "grading/2021-11-01", "statement": "compared it with what nights do"}

    assert client_as("BRANCH").post("/policies/grading/approve/", sent).status_code == 404


@pytest.mark.parametrize(("days_before", "says"), [(61, ""), (60, "ends on"), (-1, "ended on")])
def test_says_from_sixty_days_before_it_that_the_calendar_ends(settings, days_before, says):
    ends = date(calendars.work_calendar(on=TODAY).last_year, 12, 31)
    settings.DEMO_TODAY = ends - timedelta(days_before)

    page = client_as("STATION_HEAD").get("/policies/").context["page"]

    assert says in page.calendar_note
    assert bool(page.calendar_note) == bool(says)


def test_every_unit_has_a_word():
    policies = [policy for name in loader.names() for policy in loader.versions(name=name)]

    units = {row.unit for policy in policies for row in policy.rows}

    assert units <= UNITS.keys() | UNSAID
