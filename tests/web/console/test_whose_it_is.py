"""Whose the first step of an order is that an agent opens."""

import pytest

from lamplighter.action.service.models import OrderStep
from tests import factories as f
from tests.action.service import making as m
from tests.web.console.calling import Hotline

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("channel", "is_kept"), [("PHONE", True), ("SMS", False)])
def test_whoever_speaks_with_the_customer_keeps_the_first_step(channel, is_kept):
    hotline = Hotline()
    agent = hotline.station.staff["AGENT"]
    for _ in range(3):  # more to do than a colleague has
        m.open_one(hotline.station, is_present=True)
    colleague = f.make_staff(station=hotline.station.unit, post="AGENT")

    hotline.open(channel=channel)

    step = OrderStep.objects.filter(state="READY").latest("order_id")
    assert step.owner_id == (agent.pk if is_kept else colleague.pk)
