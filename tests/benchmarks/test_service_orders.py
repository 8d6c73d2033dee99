"""The benchmark of the service centre runs, small, on the database of the tests."""

import pytest
from django.conf import settings

from benchmarks import county, service_orders


@pytest.mark.django_db
def test_it_measures_what_it_says():
    made = county.make(n_customers=250, field_key=settings.FIELD_KEY)

    found = service_orders.measured(
        made=made, n_orders=50, n_by_door=30, n_opened=3, field_key=settings.FIELD_KEY, crowd=False
    )

    assert found["open_orders"] == 63
    assert found["opening_one"]["service_over_bare"] > 0
    first, second = (found["recomputed"][name] for name in ("new_holiday", "nothing_new"))
    assert first["orders"] == second["orders"] == 63
    assert 0 < first["orders_that_moved"] < 63  # repairs count every day
    assert second["orders_that_moved"] == 0
