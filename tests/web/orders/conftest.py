"""The moment at the desk."""

import pytest
from django.utils import timezone

from tests import factories as f
from tests.action.service import making as m


class Clock:
    """The moment at the desk; tests move it."""

    at = m.NOON


@pytest.fixture(autouse=True)
def clock(settings, monkeypatch, tmp_path):
    settings.ATTACHMENTS_FOLDER = tmp_path
    settings.DEMO_TODAY = f.TODAY
    settings.FIELD_KEY = m.KEY
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.at)
    return clock
