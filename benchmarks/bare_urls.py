"""The site's addresses, and views that read one thing and say it: the floor of every page."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from lamplighter.config.urls import urlpatterns as site

BY_PHONE = """
SELECT a.number, i.name, p.address FROM customers_contact c
JOIN customers_account a ON a.id = c.account_id
JOIN customers_premise p ON p.account_id = a.id AND p.superseded_at IS NULL
JOIN customers_identity i ON i.customer_id = a.customer_id AND i.superseded_at IS NULL
WHERE c.phone_index = %s AND c.superseded_at IS NULL
"""
BY_NAME = """
SELECT a.number, i.name, p.address FROM customers_identity i
JOIN customers_account a ON a.customer_id = i.customer_id
JOIN customers_premise p ON p.account_id = a.id AND p.superseded_at IS NULL
WHERE i.name = %s AND i.superseded_at IS NULL
ORDER BY i.customer_id LIMIT 20
"""  # as many as a page of ours shows


def bare(_request: HttpRequest, account_id: int) -> HttpResponse:
    """Read one row by its key and say it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM customers_account WHERE id = %s", [account_id])
        (number,) = cursor.fetchone()
    return HttpResponse(number)


def bare_phone(_request: HttpRequest, index: str) -> HttpResponse:
    """Read who is known by a number, as it is indexed, and say it."""
    with connection.cursor() as cursor:
        cursor.execute(BY_PHONE, [index])
        (row,) = cursor.fetchall()
    return HttpResponse("\n".join(row))


def bare_name(request: HttpRequest) -> HttpResponse:
    """Read the first who bear a name, and say them."""
    with connection.cursor() as cursor:
        cursor.execute(BY_NAME, [request.POST["q"]])
        rows = cursor.fetchall()
    return HttpResponse("\n".join(part for row in rows for part in row))


urlpatterns = [
    *site,
    path("bare/<int:account_id>/", bare),
    path("bare/phone/<str:index>/", bare_phone),
    path("bare/name/", bare_name),
]
