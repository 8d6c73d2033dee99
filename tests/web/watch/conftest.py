"""The moment at the desk, whoever sits there, and a supervisor of another district."""

import pytest
from django.utils import timezone

from tests import factories as f
from tests.action.service import making as m
from tests.web.signing_in import client_of
from tests.web.watch.desk import Desk


class Clock:
    """The moment at the desk; tests move it."""

    at = m.NOON


@pytest.fixture(autouse=True)
def clock(settings, monkeypatch):
    settings.DEMO_TODAY = None
    settings.FIELD_KEY = m.KEY
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.at)
    return clock


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def stranger():
    return client_of(f.make_staff(station=m.make_station().unit, post="SUPERVISOR"))
