"""A page that shows an older foresight says so; one of last night says nothing."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests import factories
from tests.factories import TODAY
from tests.web import signed_in

pytestmark = pytest.mark.django_db
SAID = {"en": "no night has run since", "zh-hans": "此后尚未运行过夜间研判"}
LISTS = ["arrears:list", "signals:list", "segments:list", "areas:list"]


@pytest.fixture(autouse=True)
def today(settings):
    settings.DEMO_TODAY = TODAY


def pages_after(n_days):
    """Return what each page says so many days after the newest night."""
    street = signed_in.street()
    night = factories.make_night(as_of_day=TODAY - timedelta(n_days))
    account = signed_in.household(street, night=night)
    factories.sum_up_areas()
    said = {}
    for language, reader in zip(SAID, (street.head, street.manager), strict=True):
        client = signed_in.client_of(reader, language=language)
        places = [
            *(reverse(name) for name in LISTS),
            reverse("areas:area", args=[street.area.code]),
            reverse("customers:account", args=[account.number]),
        ]
        for place in places:
            said[language, place] = SAID[language] in client.get(place).content.decode()
    return said


def test_foresight_that_is_older_than_last_night_is_said_to_be_so():
    said = pages_after(3)

    assert len(said) == 2 * (len(LISTS) + 2)
    assert all(said.values()), said


def test_last_nights_foresight_needs_no_words():
    assert not any(pages_after(1).values())
