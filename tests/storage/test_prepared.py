"""A plan that a connection keeps: through a rollback, and made anew where the connection is."""

import pytest
from django.db import connection, transaction

from lamplighter.storage import prepared

SUM = "SELECT %(one)s::int + %(other)s::int, %(one)s::int %% 2"


def asked(one, other):
    with connection.cursor() as cursor:
        prepared.execute(cursor, SUM, {"one": one, "other": other, "unused": 9})
        return cursor.fetchone()


@pytest.mark.django_db(transaction=True)
def test_what_was_planned_in_a_transaction_that_was_undone_is_asked_again():
    with transaction.atomic():
        assert asked(1, 2) == (3, 1)
        transaction.set_rollback(True)

    assert asked(2, 5) == (7, 0)
    connection.close()
    assert asked(4, 5) == (9, 0)


@pytest.mark.django_db
def test_it_is_one_query_each_time(django_assert_num_queries):
    with django_assert_num_queries(2):
        asked(1, 1)
        asked(1, 1)
