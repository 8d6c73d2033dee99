"""Contesting: who may, what is kept, and by when it is decided."""

from datetime import date

import pytest
from django.db import DatabaseError

from lamplighter.facts.customers.queries import AccountUnknown
from lamplighter.findings.contests import errors
from lamplighter.findings.contests.models import Contest
from lamplighter.findings.contests.services import contests as services
from lamplighter.ledger.models import Event
from tests import factories as make
from tests.findings.contests.street import Street

pytestmark = pytest.mark.django_db


class TestOpening:
    def test_keeps_what_was_contested_and_by_when_it_is_decided(self):
        street = Street()

        number = street.open(is_by_other=True)

        contest = Contest.objects.get()
        assert contest.pk == number
        assert contest.machine == {"value": "C", "rule": "reminded_often"}
        assert (contest.due_date, contest.is_due_in_workdays) == (date(2026, 12, 2), True)
        event = Event.objects.get()
        assert event.name == "contests.contest.opened"
        assert "always pay" not in str(event.payload)

    def test_counts_every_day_where_the_calendar_ends(self):
        street = Street()
        late = date(2026, 12, 29)

        street.open(on=late)

        contest = Contest.objects.get()
        assert (contest.due_date, contest.is_due_in_workdays) == (date(2027, 1, 3), False)

    def test_the_same_form_twice_opens_one(self):
        street = Street()

        first = street.open(request_key="form-1")
        again = street.open(request_key="form-1")

        assert first == again
        assert Event.objects.count() == 1

    def test_one_finding_is_contested_once_at_a_time(self):
        street = Street()
        street.open(request_key="form-1")

        with pytest.raises(errors.AlreadyOpen):
            street.open(request_key="form-2")
        street.open(about="RISK")

        assert Contest.objects.count() == 2

    @pytest.mark.parametrize(
        ("changed", "error"),
        [
            ({"words": "  "}, errors.WordsMissing),
            ({"words": "长" * 1001}, errors.WordsTooLong),
            ({"about": "WEATHER"}, errors.AboutUnknown),
            ({"wish": "MONEY"}, errors.AboutUnknown),
            ({"channel": "PIGEON"}, errors.AboutUnknown),
            ({"about": "CHANGE"}, errors.NothingToContest),
        ],
    )
    def test_refuses_what_nobody_can_decide(self, changed, error):
        street = Street()

        with pytest.raises(error):
            street.open(**changed)

        assert not Contest.objects.exists()
        assert not Event.objects.exists()

    def test_is_for_those_who_see_the_account_and_may_record(self):
        street, other = Street(), Street()

        with pytest.raises(AccountUnknown):
            street.open(viewer=other.head)
        crew = make.viewer_for(make.make_staff(station=street.station, post="CREW"))
        with pytest.raises(errors.NotAllowed):
            street.open(viewer=crew)

    def test_leaves_nothing_when_the_ledger_cannot_be_written(self, monkeypatch):
        street = Street()

        def full_disk(*_args, **_kwargs):
            raise DatabaseError

        monkeypatch.setattr(services.ledger, "record", full_disk)
        with pytest.raises(DatabaseError):
            street.open()

        assert not Contest.objects.exists()
