"""Two deliveries of the same bills at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection, transaction

from lamplighter.facts.billing.landing import DOORWAYS
from lamplighter.facts.billing.models import Bill
from tests import factories
from tests.facts.landings import deliver


@pytest.mark.django_db(transaction=True)
def test_the_second_waits_and_finds_nothing_new():
    account = factories.make_account()
    rows = [
        {
            "number": f"B{n}", "account_number": account.number, "first_day": date(2026, 9, 18),
            "last_day": date(2026, 10, 17), "issued_date": date(2026, 10, 22),
            "due_date": date(2026, 10, 31), "amount_cny": Decimal("1.00"),
        }
        for n in range(500)
    ]  # fmt: skip
    both = Barrier(2, timeout=30)

    def take_in(sha256: str) -> int:
        try:
            both.wait()
            with transaction.atomic():
                return deliver(DOORWAYS, "bill", rows, sha256=sha256).n_imported
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as people:
        imported = list(people.map(take_in, ["one", "two"]))

    assert sorted(imported) == [0, 500]
    assert Bill.objects.count() == 500
