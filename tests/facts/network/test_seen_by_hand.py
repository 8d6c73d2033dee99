"""What a person may see is the same, asked by the object mapper or by a statement by hand."""

from datetime import date

import pytest
from django.db import connection

from lamplighter.facts.network import queries
from tests import factories as f

STATEMENT = """
SELECT area.id FROM network_area area JOIN network_orgunit unit ON unit.id = area.station_id
WHERE {seen}
"""


def by_hand(viewer):
    seen, scope = queries.seen_by_hand(viewer=viewer, on=f.TODAY)
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT.format(seen=seen), scope)
        return {area_id for (area_id,) in cursor.fetchall()}


@pytest.mark.django_db
@pytest.mark.parametrize("post", ["MANAGER", "AGENT", "CREW", "STATION_HEAD", "BRANCH"])
def test_the_same_areas_are_seen(post):
    station, beside = f.make_station(code="S_1"), f.make_station(code="SX1")  # _ is no wildcard
    below = f.make_station(parent=station)
    staff = f.make_staff(station=station, post=post)
    here, lower = f.make_area(station=station, staff=staff), f.make_area(station=below)
    f.make_area(station=beside, staff=f.make_staff(station=beside))
    f.make_area(station=station, staff=staff, since=date(2030, 1, 1))  # not yet
    viewer = f.viewer_for(staff)

    seen = by_hand(viewer)

    assert seen == set(queries.areas_seen_by(viewer=viewer, on=f.TODAY))
    assert here.pk in seen
    assert (lower.pk in seen) is (post != "MANAGER")
