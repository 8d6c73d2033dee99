"""Contesting and deciding through the pages, by two people; and what others may not."""

from datetime import timedelta

import pytest
from django.urls import reverse

from lamplighter.findings.contests.models import Contest, Decision, GradeDReview, Ruling
from lamplighter.findings.models import AccountFinding
from tests import factories as make
from tests.factories import TODAY
from tests.web.contests.desks import REASONS, Desk
from tests.web.signing_in import client_of

pytestmark = pytest.mark.django_db
MOST_QUERIES_OF_THE_LIST = 11
MOST_QUERIES_OF_ONE = 9
MOST_QUERIES_OF_PROPOSALS = 9


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_customer_contests_and_a_person_decides(language):
    desk = Desk(language=language)
    manager, supervisor = desk.clients["MANAGER"], desk.clients["SUPERVISOR"]
    form = manager.get(reverse("contests:new"), {"account": desk.account.number, "about": "GRADE"})

    opened = desk.contest(request_key=form.context["page"].form["request_key"].value())
    waiting = supervisor.get(reverse("contests:list"))
    before = manager.get(desk.page)
    kept = desk.decide()
    after = manager.get(desk.page)
    decided = supervisor.get(reverse("contests:list"), {"tab": "decided"})

    assert (opened.status_code, kept.status_code) == (302, 302)
    assert [line.is_late for line in waiting.context["page"].lines] == [False]
    assert before.context["page"].explained.grade.human.is_waiting
    assert before.context["page"].explained.grade.contest_url == ""
    grade = after.context["page"].explained.grade
    assert grade.code == "B"
    assert desk.staff["SUPERVISOR"].name in grade.what
    assert grade.human.quote == REASONS
    assert [line.outcome != "" for line in decided.context["page"].lines] == [True]
    titles = [entry.text for entry in after.context["page"].entries]
    assert any(REASONS in text for text in titles)
    pages = (form, waiting, before, after, decided, supervisor.get(opened.url))
    for page in pages:
        assert page.status_code == 200
        assert "⚠" not in page.content.decode()


def test_shows_a_manager_that_others_decide_and_the_recorder_that_somebody_else_does():
    desk = Desk()
    desk.contest("SUPERVISOR")
    url = reverse("contests:contest", args=[Contest.objects.get().pk])

    manager = desk.clients["MANAGER"].get(url)
    recorder = desk.clients["SUPERVISOR"].get(url)

    assert "A supervisor or the head of the station decides." in manager.content.decode()
    assert "somebody else decides it" in recorder.content.decode()
    assert desk.decide("MANAGER").status_code == 403
    assert desk.decide("SUPERVISOR").status_code == 403
    assert not Decision.objects.exists()
    assert desk.decide("STATION_HEAD").status_code == 302


def test_the_second_to_decide_is_told_who_was_first():
    desk = Desk()
    desk.contest()
    desk.decide()

    answer = desk.decide("STATION_HEAD", value="A")

    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Somebody has decided this contest in the meantime" in text
    assert desk.staff["SUPERVISOR"].name in text
    assert Decision.objects.get().value == "B"


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"reasons": "no"}, "reasons", "reasons in a sentence"),
        ({"value": ""}, "value", "say by what"),
        ({"outcome": "UPHELD"}, "value", "say by what"),
        ({"value": "D"}, "value", "never worse off"),
        (
            {"valid_until_date": (TODAY + timedelta(999)).isoformat()},
            "valid_until_date",
            "as the rules allow",
        ),
        ({"outcome": "AUTOMATION_REFUSED"}, "outcome", "AUTOMATION_REFUSED is not one of"),
    ],
)
def test_says_at_its_field_why_a_decision_is_refused_and_keeps_what_was_written(
    changed, field, said
):
    desk = Desk()
    desk.contest()

    answer = desk.decide(**changed)

    assert answer.status_code == 422
    assert list(answer.context["page"].form.errors) == [field]
    assert said in answer.content.decode().replace("&#x27;", "'")
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"said": " "}, "required"),
        ({"about": "CHANGE"}, "nothing to contest"),
        ({"channel": "PIGEON"}, "PIGEON"),
    ],
)
def test_says_why_a_contest_is_not_recorded(changed, said):
    desk = Desk()

    answer = desk.contest(**changed)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Contest.objects.exists()


def test_the_form_sent_twice_is_one_contest_and_another_is_told():
    desk = Desk()

    first = desk.contest(request_key="k1")
    again = desk.contest(request_key="k1")
    other = desk.contest(request_key="k2")

    assert first.url == again.url
    assert other.status_code == 422
    assert Contest.objects.count() == 1


def test_a_refusal_hides_the_risk_from_pages_and_lists():
    desk = Desk()
    desk.contest(about="RISK", wish="NO_AUTOMATION")
    desk.decide(outcome="AUTOMATION_REFUSED", value="")

    page = desk.clients["MANAGER"].get(desk.page).context["page"]
    listed = desk.clients["STATION_HEAD"].get(reverse("arrears:list"), {"risk": "HIGH"})

    assert page.explained.risk.code == ""
    assert "No machine judges this" in page.explained.risk.what
    assert page.explained.risk.bars == ()
    assert desk.account.number not in listed.content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    ("about", "value"), [("GRADE", "A"), ("RISK", "LOW"), ("CAUSE", "HARDSHIP"), ("VALUE", "HIGH")]
)
def test_a_persons_word_is_told_in_two_sentences_that_name_what_the_rules_would_say(
    about, value, language
):
    desk = Desk(language=language)
    desk.contest(about=about)
    desk.decide(value=value)

    page = desk.clients["MANAGER"].get(desk.page)

    box = getattr(page.context["page"].explained, about.lower())
    assert box.code == value
    assert desk.staff["SUPERVISOR"].name in box.what
    assert "2027" in box.why
    assert box.what.endswith((".", "。"))
    assert box.why.endswith((".", "。"))
    assert "⚠" not in page.content.decode()


@pytest.mark.parametrize("about", ["GRADE", "RISK", "CAUSE", "VALUE"])
def test_an_upheld_finding_keeps_its_sentences_and_shows_who_looked(about):
    desk = Desk()
    desk.contest(about=about)
    before = desk.clients["MANAGER"].get(desk.page).context["page"].explained
    desk.decide(outcome="UPHELD", value="")

    after = desk.clients["MANAGER"].get(desk.page).context["page"].explained

    was, now = (getattr(told, about.lower()) for told in (before, after))
    assert (now.what, now.why, now.code) == (was.what, was.why, was.code)
    assert "upheld" in now.human.text


def test_an_explained_change_leaves_the_page_and_stays_in_the_story():
    desk = Desk()
    make.make_signal(account=desk.account, area=desk.area, night=make.make_night())
    before = desk.clients["MANAGER"].get(desk.page).context["page"]
    desk.contest(about="CHANGE")
    desk.decide(value="EXPLAINED")

    after = desk.clients["MANAGER"].get(desk.page).context["page"]

    assert len(before.explained.changes) == 1
    assert after.explained.changes == ()
    assert any(REASONS in entry.text for entry in after.entries)


def test_a_wrong_fact_is_put_right_and_a_decision_can_be_ended():
    desk = Desk()
    desk.contest()
    desk.decide(wrong_fact="PAYMENT")
    number = Contest.objects.get().pk
    head = desk.clients["STATION_HEAD"]

    facts = head.get(reverse("contests:list"), {"tab": "facts"})
    noted = desk.clients["MANAGER"].post(reverse("contests:fact", args=[number]))
    again = desk.clients["MANAGER"].post(reverse("contests:fact", args=[number]))
    short = head.post(reverse("contests:end", args=[number]), {"reasons": "x"})
    ended = head.post(reverse("contests:end", args=[number]), {"reasons": "he agreed again"})
    gone = head.post(reverse("contests:end", args=[number]), {"reasons": "he agreed again"})

    assert len(facts.context["page"].lines) == 1
    assert (noted.status_code, again.status_code) == (302, 404)
    assert (short.status_code, ended.status_code, gone.status_code) == (302, 302, 404)
    assert Ruling.objects.get().ended_because == "he agreed again"
    assert desk.clients["MANAGER"].post(reverse("contests:end", args=[number])).status_code == 404
    page = desk.clients["MANAGER"].get(desk.page).context["page"]
    assert page.explained.grade.code == "C"


def test_what_is_late_is_counted_and_stands_first(settings):
    desk = Desk()
    desk.contest()
    desk.contest(about="RISK")
    Contest.objects.filter(about="RISK").update(due_date=TODAY - timedelta(2))
    Contest.objects.filter(about="GRADE").update(due_date=TODAY + timedelta(1))

    page = desk.clients["STATION_HEAD"].get(reverse("contests:list")).context["page"]

    assert [(line.is_late, line.is_soon) for line in page.lines] == [(True, False), (False, True)]
    assert page.lines[0].slack == "2 days late"
    assert page.n_overdue == 1
    (told,) = desk.clients["STATION_HEAD"].get("/").context["page"].to_decide
    assert told.text == "2 contests of customers wait for a decision. 1 is past its day."
    assert told.is_late
    assert page.summary == "2 contests wait for a person to decide. 1 is past its day."


@pytest.mark.parametrize("post", ["MANAGER", "SUPERVISOR", "STATION_HEAD", "AGENT", "BRANCH"])
def test_nobody_of_another_station_sees_or_changes_anything(post):
    desk, other = Desk(), make.make_station()
    desk.contest()
    AccountFinding.objects.update(candidate_grade="D", candidate_since_day=TODAY)
    number = Contest.objects.get().pk
    client = client_of(make.make_staff(station=other, post=post))

    assert client.get(reverse("contests:contest", args=[number])).status_code == 404
    assert client.get(reverse("contests:list")).context["page"].lines == ()
    assert client.get(reverse("contests:proposals")).context["page"].lines == ()
    explanation = reverse("customers:explanation", args=[desk.account.number])
    assert client.get(explanation).status_code == 404
    for answer in (
        client.get(reverse("contests:new"), {"account": desk.account.number}),
        desk.contest(client=client, about="RISK"),
        desk.decide(client=client),
        client.post(reverse("contests:end", args=[number]), {"reasons": REASONS}),
        client.post(reverse("contests:fact", args=[number])),
    ):
        assert answer.status_code in {403, 404}
    said = {f"d{desk.account.pk}-verdict": "CONFIRMED", f"d{desk.account.pk}-reasons": REASONS}
    review = client.post(reverse("contests:review", args=[desk.account.pk]), said)
    assert review.status_code in {403, 404}
    assert Contest.objects.count() == 1
    assert not Decision.objects.exists()
    assert not GradeDReview.objects.exists()


def test_a_crew_judges_nobody():
    desk = Desk()

    for name in ("list", "proposals", "new"):
        assert desk.clients["CREW"].get(reverse(f"contests:{name}")).status_code == 403
    assert desk.contest("BRANCH").status_code == 403


def test_needs_no_more_queries_when_more_waits(django_assert_max_num_queries):
    desk = Desk(candidate_grade="D", candidate_since_day=TODAY)
    night = make.make_night()
    for _ in range(6):
        account = make.make_account(area=desk.area)
        found = {"candidate_grade": "D", "candidate_since_day": TODAY}
        make.make_finding(account=account, area=desk.area, night=night, **found)
        desk.contest(account=account.number)
    head = desk.clients["STATION_HEAD"]

    with django_assert_max_num_queries(MOST_QUERIES_OF_THE_LIST):
        assert len(head.get(reverse("contests:list")).context["page"].lines) == 6
    with django_assert_max_num_queries(MOST_QUERIES_OF_ONE):
        head.get(reverse("contests:contest", args=[Contest.objects.order_by("pk")[0].pk]))
    with django_assert_max_num_queries(MOST_QUERIES_OF_PROPOSALS):
        assert len(head.get(reverse("contests:proposals")).context["page"].lines) == 7


def test_what_waits_stands_on_the_first_page_of_those_who_decide(django_assert_max_num_queries):
    desk, other = Desk(candidate_grade="D", candidate_since_day=TODAY), make.make_station()
    stranger = client_of(make.make_staff(station=other, post="STATION_HEAD"))

    with django_assert_max_num_queries(3 + 6):
        page = desk.clients["SUPERVISOR"].get("/").context["page"]

    assert [one.url for one in page.to_decide] == [reverse("contests:proposals")]
    assert stranger.get("/").context["page"].to_decide == ()


def test_lists_can_be_taken_along():
    desk = Desk()
    desk.contest()

    answer = desk.clients["STATION_HEAD"].get(reverse("contests:list"), {"as": "xlsx"})

    assert answer["Content-Disposition"].endswith('"contests.xlsx"')
