"""Letting people of the staff sign in."""

from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import RequestFactory

from lamplighter.facts.network import queries as network
from tests import factories as f

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_person_can_sign_in_with_what_is_printed_and_sees_as_themselves():
    staff = f.make_staff(station=f.make_station())
    said = StringIO()

    call_command("give_login", staff.number, stdout=said)

    number, password = said.getvalue().split()
    request = RequestFactory().post("/")
    user = authenticate(request, username=number, password=password)
    assert network.viewer_of_user(user_id=user.pk).staff_id == staff.pk


def test_a_number_that_nobody_has_makes_no_user():
    with pytest.raises(CommandError, match="nobody"):
        call_command("give_login", "NOBODY")

    assert not User.objects.exists()


def test_a_log_in_that_is_somebody_elses_keeps_its_password():
    station = f.make_station()
    first, second = f.make_staff(station=station), f.make_staff(station=station)
    taken = User.objects.create_user(second.number, password="theirs")
    type(first).objects.filter(pk=first.pk).update(user=taken)

    with pytest.raises(CommandError, match="somebody else"):
        call_command("give_login", second.number)

    taken.refresh_from_db()
    assert taken.check_password("theirs")
