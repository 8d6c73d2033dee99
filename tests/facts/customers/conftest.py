"""A station with two people of the staff, and what both may see."""

from dataclasses import dataclass
from typing import Any

import pytest

from lamplighter.facts.customers.landing import DOORWAYS
from lamplighter.facts.network.models import Area
from lamplighter.kernel.viewer import Viewer
from tests import factories
from tests.facts.landings import deliver


@dataclass(frozen=True)
class Station:
    area: Area
    manager: Viewer
    head: Viewer
    crew: Viewer
    stranger: Viewer  # head of another station


@pytest.fixture
def station(db) -> Station:
    ours = factories.make_station()
    manager = factories.make_staff(station=ours)
    return Station(
        area=factories.make_area(station=ours, staff=manager),
        manager=factories.viewer_for(manager),
        head=factories.viewer_for(factories.make_staff(station=ours, post="STATION_HEAD")),
        crew=factories.viewer_for(factories.make_staff(station=ours, post="CREW")),
        stranger=factories.viewer_for(
            factories.make_staff(station=factories.make_station(), post="STATION_HEAD")
        ),
    )


def customer(area: Area, number: str, name: str, **changed: Any) -> dict[str, Any]:
    return {
        "account_number": number,
        "customer_number": f"c{number}",
        "name": name,
        "kind": "PERSON",
        "id_number": f"99999919700101{number[-4:]}",
        "category": "RESIDENTIAL",
        "tariff_code": "RES",
        "is_prepaid": False,
        "payment_method": "APP",
        "address": "城关镇幸福路12号",
        "area_code": area.code,
        **changed,
    }


def take_in(name: str, *rows: dict[str, Any], **how: Any) -> None:
    landed = deliver(DOORWAYS, name, rows, **how)
    assert not landed.refusals, landed
