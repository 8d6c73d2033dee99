"""The operators' commands that tell what runs out, and that let go of what is over."""

import io
from datetime import date, timedelta

import pytest
from django.core.management import call_command

from lamplighter.findings.contests.models import Contest
from lamplighter.ledger.models import Event
from lamplighter.policy import calendars
from tests import factories as make
from tests.factories import TODAY
from tests.findings.contests.street import Street

pytestmark = pytest.mark.django_db
CALENDAR_ENDS = date(calendars.work_calendar(on=TODAY).last_year, 12, 31)


def told(command):
    out = io.StringIO()
    call_command(command, stdout=out, no_color=True)
    return out.getvalue()


@pytest.mark.parametrize(
    ("days_before", "says"),
    [(61, ""), (60, "ends on"), (1, "ends on"), (0, "ends on"), (-1, "ended on")],
)
def test_the_end_of_the_calendar_is_told_from_sixty_days_before_it(settings, days_before, says):
    settings.DEMO_TODAY = CALENDAR_ENDS - timedelta(days_before)

    text = told("status")

    assert ("calendar of working days" in text) == bool(says)
    if says:
        assert f"{says} {CALENDAR_ENDS}" in text
        assert f"notice for {CALENDAR_ENDS.year + 1}" in text


def test_tells_the_newest_night_and_an_approval_that_lacks(settings):
    settings.DEMO_TODAY = TODAY
    empty = told("status")
    street = Street()
    unapproved = told("status")
    make.make_approval(by=make.make_staff(station=street.station, post="BRANCH"))
    approved = told("status")

    assert "no night has run yet" in empty
    assert f"newest night: {TODAY - timedelta(1)}" in unapproved
    assert "nobody has approved" in unapproved
    assert "approved" not in approved


def test_erases_what_is_over_once(settings, tmp_path):
    settings.ATTACHMENTS_FOLDER = tmp_path
    street = Street()
    street.decide(street.open(), outcome="UPHELD", value="")
    settings.DEMO_TODAY = TODAY
    early = told("erase_expired")
    settings.DEMO_TODAY = TODAY.replace(year=TODAY.year + 4)
    late = told("erase_expired")

    assert "0 contests" in early
    assert "0 files of orders, 0 files of nobody" in late
    assert "1 contests, 1 decisions" in late
    assert Contest.objects.get().words == ""
    assert Event.objects.filter(name="contests.words.erased").count() == 1
