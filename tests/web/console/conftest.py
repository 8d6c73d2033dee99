"""What the tests of the console share."""

import pytest
from django.utils import timezone

from tests import factories as f
from tests.action.service import making as m


@pytest.fixture
def noon(settings, monkeypatch, learnt_folder):
    settings.DEMO_TODAY = f.TODAY
    settings.FIELD_KEY = m.KEY
    settings.LEARNT_FOLDER = learnt_folder
    monkeypatch.setattr(timezone, "now", lambda: m.NOON)
