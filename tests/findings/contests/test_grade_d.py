"""Grade D: proposed by a night, given by a person."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from lamplighter.findings.contests import errors, rulings
from lamplighter.findings.contests import queries as contests
from lamplighter.findings.contests.models import GradeDReview
from lamplighter.findings.contests.services import grade_d
from lamplighter.findings.shard import facts as shard
from lamplighter.policy import assessments
from tests import factories as make
from tests.factories import MORNING, TODAY
from tests.findings.contests.street import POLICY, Street

pytestmark = pytest.mark.django_db
REASONS = "visited twice, the debt is not disputed"


def proposed(**found):
    said = {"candidate_grade": "D", "candidate_since_day": TODAY - timedelta(10)}
    return Street(**said | found)


@pytest.fixture(autouse=True)
def approved(db):
    station = make.make_station()
    return make.make_approval(by=make.make_staff(station=station, post="BRANCH"))


def review(street, *, viewer=None, verdict="CONFIRMED", on=TODAY, now=MORNING):
    return grade_d.review(
        viewer=viewer or street.supervisor,
        on=on,
        account_id=street.account.pk,
        verdict=verdict,
        reasons=REASONS,
        now=now,
        policy=POLICY,
    )


def queue(street, *, on=TODAY, viewer=None):
    found, n_all = contests.proposals(viewer=viewer or street.head, on=on, policy=POLICY, limit=10)
    assert len(found) == n_all
    return [one.account_id for one in found]


def test_a_proposal_waits_until_a_person_has_looked():
    street = proposed()
    before = queue(street)

    review(street)

    assert (before, queue(street)) == ([street.account.pk], [])
    (kept,) = contests.reviews_of(viewer=street.manager, on=TODAY, account_id=street.account.pk)
    assert (kept.verdict, kept.reasons) == ("CONFIRMED", REASONS)


def test_a_refused_proposal_comes_back_only_after_its_time_or_for_another_debt():
    street = proposed()
    review(street, verdict="REFUSED")
    rests = POLICY.integer("review_stands_days")

    assert queue(street, on=TODAY + timedelta(rests)) == []
    assert queue(street, on=TODAY + timedelta(rests + 1)) == [street.account.pk]
    make.AccountFinding.objects.update(candidate_since_day=TODAY + timedelta(20))
    assert queue(street, on=TODAY + timedelta(21)) == [street.account.pk]


@pytest.mark.parametrize("found", [{"candidate_grade": ""}, {"candidate_grade": "B"}])
def test_nothing_is_confirmed_that_no_night_proposed(found):
    street = proposed(**found)

    with pytest.raises(errors.NotProposed):
        review(street)


def test_is_for_supervisors_and_heads_of_this_station():
    street, other = proposed(), proposed()

    with pytest.raises(errors.NotAllowed):
        review(street, viewer=street.manager)
    with pytest.raises(errors.NotProposed):
        review(street, viewer=other.head)
    assert queue(street, viewer=other.head) == [other.account.pk]
    assert not GradeDReview.objects.exists()


def test_the_same_verdict_twice_is_one_and_another_is_refused():
    street = proposed()

    assert review(street) == review(street)
    with pytest.raises(errors.AlreadyReviewed):
        review(street, viewer=street.head, verdict="REFUSED")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_review_at_once_one_is_kept():
    street = proposed()
    start, told = threading.Barrier(2), []

    def decide(viewer, verdict):
        try:
            start.wait(30)
            told.append(("kept", review(street, viewer=viewer, verdict=verdict)))
        except errors.AlreadyReviewed:
            told.append(("told", 0))
        finally:
            connection.close()

    people = [(street.supervisor, "CONFIRMED"), (street.head, "REFUSED")]
    threads = [threading.Thread(target=decide, args=pair) for pair in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(word for word, _ in told) == ["kept", "told"]
    assert GradeDReview.objects.count() == 1


def test_the_newest_verdict_known_at_a_moment_holds():
    street = proposed()
    review(street)
    later = {"on": TODAY + timedelta(100), "now": MORNING + timedelta(100)}
    review(street, verdict="REFUSED", **later)
    ids = [street.account.pk, street.account.pk + 1]

    def days(moment):
        return rulings.confirmed_days(account_ids=ids, known_at=moment).tolist()

    confirmed = shard.day_number(TODAY)
    assert days(MORNING - timedelta(1)) == [0, 0]
    assert days(MORNING) == [confirmed, 0]
    assert days(MORNING + timedelta(100)) == [0, 0]


def test_nothing_is_confirmed_before_the_impact_assessment_is_approved(approved):
    approved.delete()
    street = proposed()

    with pytest.raises(errors.NotApproved):
        review(street)
    assert not GradeDReview.objects.exists()
    review(street, verdict="REFUSED")  # what spares the customer needs no approval
    assert GradeDReview.objects.get().verdict == "REFUSED"


def test_nothing_is_confirmed_once_the_assessment_has_to_be_made_again():
    late = assessments.in_force(on=TODAY).review_by + timedelta(1)

    with pytest.raises(errors.NotApproved):
        review(proposed(), on=late)
