"""The moment at the desk, and one customer who asked."""

import pytest

from tests.action.service import making as m
from tests.web.progress.homes import Home


@pytest.fixture(autouse=True)
def clock(clock, settings):
    settings.DEMO_TODAY = None
    return clock


@pytest.fixture
def asked(clock):
    """Return a customer who is asked whether it is done."""
    home = Home(until="CONFIRM")
    clock.at = m.later(home.minutes + 1)
    return home
