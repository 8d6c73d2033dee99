"""What the tests of pages share."""

import pytest
from django.utils import timezone

from tests.action.service import making as m


class Clock:
    """The moment at the desk; tests move it."""

    at = m.NOON


@pytest.fixture
def clock(settings, monkeypatch):
    """Let the product's clock be one that the test moves, and let it open what the test seals."""
    settings.FIELD_KEY = m.KEY
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.at)
    return clock
