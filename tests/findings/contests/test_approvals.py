"""Approving the impact assessment: by whom, of which version, once."""

import pytest

from lamplighter.findings.contests import approvals, errors
from lamplighter.findings.contests.models import AssessmentApproval
from lamplighter.findings.contests.services import approvals as services
from lamplighter.ledger.models import Event
from lamplighter.policy import assessments, loader
from tests import factories as make
from tests.factories import MORNING, TODAY
from tests.findings.contests.street import POLICY, Street

ACCESS = loader.load(name="access", on=TODAY)
VERSION = assessments.in_force(on=TODAY).version
STATEMENT = "compared it with the rules and the data of the nights"
pytestmark = pytest.mark.django_db


def approve(viewer, *, version=VERSION, statement=STATEMENT, on=TODAY):
    return services.approve(
        viewer=viewer,
        on=on,
        version=version,
        statement=statement,
        now=MORNING,
        access=ACCESS,
        rules=POLICY,
    )


def test_stands_unapproved_until_a_person_approves_in_their_own_name():
    street = Street()
    before = approvals.standing(on=TODAY)

    number = approve(street.branch)

    after = approvals.standing(on=TODAY)
    assert (before.is_approved, after.is_approved) == (False, True)
    assert (after.approved_by, after.statement) == (street.branch.name, STATEMENT)
    event = Event.objects.get(name="contests.assessment.approved")
    assert event.subject == f"policy:{VERSION}"
    assert event.payload["approval_id"] == number
    assert STATEMENT not in str(event.payload)


@pytest.mark.parametrize("post", ["manager", "supervisor", "head"])
def test_is_refused_to_those_who_use_the_decisions(post):
    with pytest.raises(errors.NotAllowed):
        approve(getattr(Street(), post))
    assert not AssessmentApproval.objects.exists()


def test_is_of_the_version_in_force_and_says_what_was_checked():
    street = Street()

    with pytest.raises(errors.VersionUnknown):
        approve(street.branch, version="impact_assessments/1999-01-01")
    with pytest.raises(errors.WordsMissing):
        approve(street.branch, statement=" ok ")
    assert not AssessmentApproval.objects.exists()


def test_does_not_outlive_the_day_it_has_to_be_made_again():
    street = Street()
    approve(street.branch)
    late = TODAY.replace(year=2028)

    assert not approvals.standing(on=late).is_approved
    with pytest.raises(errors.NotApproved):
        approve(street.branch, on=late)


def test_sent_twice_is_one_and_of_two_persons_the_first_is_kept():
    street = Street()
    other = make.viewer_for(make.make_staff(station=street.station, post="BRANCH"))

    assert approve(street.branch) == approve(street.branch)
    with pytest.raises(errors.AlreadyApproved):
        approve(other)
    assert Event.objects.filter(name="contests.assessment.approved").count() == 1
