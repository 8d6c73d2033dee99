"""What the navigation offers a person is open to that person."""

import pytest
from django.test import Client

from lamplighter.facts.network.models import Staff
from lamplighter.web.frame import navigation
from tests import factories
from tests.web.signed_in import client_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("post", Staff.Post.values)
def test_every_page_that_is_offered_opens(post):
    client = client_of(factories.make_staff(station=factories.make_station(), post=post))

    refused = [address for address in _offered(post) if _status(client, address) != 200]

    assert not refused


def _offered(post: str) -> list[str]:
    parts = navigation.shown(role=post, view_name="")
    return [item.url for part in parts for item in part.items]


def _status(client: Client, address: str) -> int:
    return client.get(address, follow=True).status_code
