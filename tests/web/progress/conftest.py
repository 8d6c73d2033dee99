"""The moment at the desk, and one customer who asked."""

import pytest
from django.utils import timezone

from tests.action.service import making as m
from tests.web.progress.homes import Home


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
def asked(clock):
    """Return a customer who is asked whether it is done."""
    home = Home(until="CONFIRM")
    clock.at = m.later(home.minutes + 1)
    return home
