"""Letting people of the staff sign in."""

from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django_otp.plugins.otp_totp.models import TOTPDevice

from lamplighter.facts.network import queries as network
from lamplighter.ledger.models import Event
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


def test_whose_telephone_is_lost_signs_in_without_a_code_and_that_is_written_down():
    staff = f.make_staff(station=f.make_station())
    call_command("give_login", staff.number, stdout=StringIO())
    user = User.objects.get()
    TOTPDevice.objects.create(user=user, name="authenticator", confirmed=True)

    call_command("give_login", staff.number, stdout=StringIO())
    assert TOTPDevice.objects.filter(user=user).exists()

    for _again in range(2):
        call_command("give_login", staff.number, "--forget-second-step", stdout=StringIO())

    assert not TOTPDevice.objects.exists()
    (event,) = Event.objects.filter(name="door.totp.off")
    assert event.subject == f"staff:{staff.number}"
    assert event.actor.startswith("operator:")


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
