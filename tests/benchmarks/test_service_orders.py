"""The benchmark of service orders runs, small, on the database of the tests."""

import pytest

from benchmarks import service_orders


@pytest.mark.django_db
def test_it_measures_what_it_says():
    found = service_orders.measured(n_orders=30, n_opened=3)

    assert found["open_orders"] == 43
    assert found["opening_one"]["service_over_bare"] > 0
    first, second = (found["recomputed"][name] for name in ("new_holiday", "nothing_new"))
    assert first["orders"] == second["orders"] == 43
    assert 0 < first["orders_that_moved"] < 43  # repairs count every day
    assert second["orders_that_moved"] == 0
