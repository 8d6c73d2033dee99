"""The moment at the desk, whoever sits there, and a supervisor of another district."""

import pytest

from tests import factories as f
from tests.action.service import making as m
from tests.web.signing_in import client_of
from tests.web.watch.desk import Desk


@pytest.fixture(autouse=True)
def clock(clock, settings):
    settings.DEMO_TODAY = None
    return clock


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def stranger():
    return client_of(f.make_staff(station=m.make_station().unit, post="SUPERVISOR"))
