"""A browser without a window, with somebody of the staff signed in."""

from django.contrib.auth import get_user_model
from django.test import Client

from lamplighter.facts.network.models import Staff


def client_of(staff: Staff, *, language: str = "en") -> Client:
    """Return a client in which this person is signed in."""
    user = get_user_model().objects.create_user(username=staff.number)
    Staff.objects.filter(pk=staff.pk).update(user=user)
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend="lamplighter.web.door.backend.StaffBackend")
    return client
