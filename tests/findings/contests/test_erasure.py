"""Words whose time is over go, with proof; what waits or still stands keeps them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from lamplighter.findings.contests import queries as contests
from lamplighter.findings.contests.models import Contest, Decision, GradeDReview, Ruling
from lamplighter.findings.contests.services import erasure
from lamplighter.findings.contests.services import rulings as ending
from lamplighter.kernel import spans
from lamplighter.ledger.models import Event
from lamplighter.policy import loader
from tests.factories import MORNING, TODAY
from tests.findings.contests.street import POLICY, REASONS, Street

PERSONAL = loader.load(name="personal_data", on=TODAY)
KEPT_MONTHS = PERSONAL.integer("contest_words_last_months")
WORDS = "I always pay on the day the bill comes"
pytestmark = pytest.mark.django_db


def purge(on):
    return erasure.purge_expired(
        today=on,
        zone=ZoneInfo("Asia/Shanghai"),
        now=datetime(on.year, on.month, on.day, 2, tzinfo=UTC),
        actor="cli:test",
        policy=PERSONAL,
    )


def over(day: date) -> date:
    """Return the first day on which what ended on a day is no longer kept."""
    return spans.months_after(day=day, n_months=KEPT_MONTHS) + timedelta(1)


def kept() -> tuple[str, str]:
    return Contest.objects.get().words, Decision.objects.get().reasons


def test_an_upheld_contest_loses_its_words_when_their_time_is_over_and_nothing_else():
    street = Street()
    street.decide(street.open(), outcome="UPHELD", value="")

    early = purge(over(TODAY) - timedelta(1))
    words = kept()
    counts = purge(over(TODAY))

    assert not any(early.values())
    assert words == (WORDS, REASONS)
    assert kept() == ("", "")
    assert counts == {"contests": 1, "decisions": 1, "endings": 0, "reviews": 0}
    (found,) = contests.of_account(viewer=street.manager, on=TODAY, account_id=street.account.pk)
    assert found.decision is not None
    assert (found.about, found.decision.outcome) == ("GRADE", "UPHELD")


def test_the_ledger_proves_how_many_by_which_rules_and_repeats_no_word():
    street = Street()
    street.decide(street.open(), outcome="UPHELD", value="")

    purge(over(TODAY))
    again = purge(over(TODAY))

    (event,) = Event.objects.filter(name="contests.words.erased")
    assert event.payload["contests"] == event.payload["decisions"] == 1
    assert event.payload["policy"] == PERSONAL.version
    assert WORDS not in str(event.payload)
    assert not any(again.values())


def test_what_still_stands_keeps_its_words_and_their_time_runs_from_its_end():
    street = Street()
    street.decide(street.open())
    until = Ruling.objects.get().valid_until_date
    assert until > TODAY

    assert not any(purge(over(TODAY)).values())
    assert not any(purge(over(until) - timedelta(1)).values())
    assert purge(over(until))["contests"] == 1


def test_a_refusal_of_automation_keeps_its_ground_until_it_is_ended():
    street = Street()
    about = {"about": "RISK", "wish": "NO_AUTOMATION"}
    street.decide(street.open(**about), outcome="AUTOMATION_REFUSED", value="")
    far = TODAY + timedelta(20 * 366)

    assert not any(purge(far).values())
    ending.end_ruling(
        viewer=street.supervisor,
        on=TODAY,
        ruling_id=Ruling.objects.get().pk,
        because="the customer wished so",
        now=MORNING,
        policy=POLICY,
    )
    assert purge(far) == {"contests": 1, "decisions": 1, "endings": 1, "reviews": 0}
    assert Ruling.objects.get().ended_because == ""


def test_a_contest_that_waits_keeps_its_words():
    Street().open()

    assert not any(purge(TODAY + timedelta(20 * 366)).values())
    assert Contest.objects.get().words == WORDS


def test_the_reasons_of_a_grade_d_go_and_its_verdict_stays():
    street = Street()
    GradeDReview.objects.create(
        account=street.account,
        night=street.night,
        verdict="CONFIRMED",
        reasons=REASONS,
        recorded_day=TODAY,
        recorded_at=MORNING,
        recorded_by_id=street.supervisor.staff_id,
        policy_version=POLICY.version,
    )

    assert purge(over(TODAY) - timedelta(1))["reviews"] == 0
    assert purge(over(TODAY))["reviews"] == 1
    review = GradeDReview.objects.get()
    assert (review.verdict, review.reasons) == ("CONFIRMED", "")


@pytest.mark.parametrize("change", [{"words": ""}, {"erased_at": MORNING}])
def test_words_are_there_until_they_were_erased_and_not_after(change):
    Street().open()

    with pytest.raises(IntegrityError, match="contest_has_words"), transaction.atomic():
        Contest.objects.update(**change)
