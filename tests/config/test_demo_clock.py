"""A demo's clock never goes back: not at midnight, and not from one showing to the next."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from lamplighter.action.service.models import OrderEvent
from lamplighter.config import demo
from lamplighter.web import desk
from tests import factories as f
from tests.action.service import making as m

pytestmark = pytest.mark.django_db
LATE = datetime(2027, 3, 1, 15, 59, 50, tzinfo=UTC)  # ten seconds to midnight in Shanghai


@pytest.fixture
def clock(settings, monkeypatch):
    settings.DEMO_TODAY = f.TODAY
    clock = SimpleNamespace(now=LATE)

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return clock.now.astimezone(tz)

    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    monkeypatch.setattr(demo, "datetime", Clock)
    return clock


def start(settings):
    settings.DEMO_CLOCK_AHEAD = None
    settings.DEMO_CLOCK_AHEAD = timedelta(seconds=demo._seconds_ahead())


def test_it_runs_on_over_midnight(settings, clock):
    start(settings)
    before = desk.now()

    clock.now += timedelta(seconds=20)

    assert before - m.NOON < timedelta(hours=12)
    assert desk.now() - before == timedelta(seconds=20)


def test_it_begins_after_what_happened_the_evening_before(settings, clock):
    start(settings)
    clock.now += timedelta(hours=1)
    m.open_one(m.make_station(), now=desk.now(), asked_at=desk.now())

    clock.now += timedelta(hours=8)  # stopped at one at night, shown again at nine
    start(settings)

    last = OrderEvent.objects.order_by("-at")[0].at
    assert timedelta() < desk.now() - last < timedelta(seconds=5)


def test_a_demo_shown_next_year_is_at_its_own_day_again(settings, clock):
    clock.now += timedelta(days=365, hours=9)
    start(settings)

    assert desk.now().astimezone(m.ZONE).date() == f.TODAY
