"""Contests as they were known at a moment, and two who decide at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from lamplighter.findings.contests import errors, rulings
from lamplighter.findings.contests.models import Decision, Ruling
from lamplighter.findings.contests.services import rulings as ending
from lamplighter.ledger.models import Event
from tests.factories import MORNING, TODAY
from tests.findings.contests.street import POLICY, Street

pytestmark = pytest.mark.django_db


def test_what_was_known_at_a_moment_is_what_stood_then():
    street = Street()
    contest = street.open()
    street.decide(contest, now=MORNING + timedelta(hours=1))
    ending.end_ruling(
        viewer=street.head,
        on=TODAY,
        ruling_id=Ruling.objects.get().pk,
        because="the customer agrees again",
        now=MORNING + timedelta(hours=2),
        policy=POLICY,
    )

    def stood(hours):
        return rulings.values_of(
            account_ids=[street.account.pk], on=TODAY, known_at=MORNING + timedelta(hours=hours)
        )

    assert [stood(0.5), stood(1.5), stood(2.5)] == [{}, {(street.account.pk, "GRADE"): "B"}, {}]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_kept_and_the_other_is_told():
    street = Street()
    contest = street.open()
    start, told = threading.Barrier(2), []

    def decide(viewer, value):
        try:
            start.wait(30)
            told.append(("kept", street.decide(contest, viewer=viewer, value=value)))
        except errors.AlreadyDecided as error:
            told.append(("told", str(error)))
        finally:
            connection.close()

    people = [(street.supervisor, "A"), (street.head, "B")]
    threads = [threading.Thread(target=decide, args=pair) for pair in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(word for word, _ in told) == ["kept", "told"]
    assert Decision.objects.count() == Ruling.objects.count() == 1
    assert Event.objects.filter(name="contests.contest.decided").count() == 1
