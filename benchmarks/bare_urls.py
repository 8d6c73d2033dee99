"""The site's addresses, and one view that reads one row: the floor of every page."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from lamplighter.config.urls import urlpatterns as site


def bare(_request: HttpRequest, account_id: int) -> HttpResponse:
    """Read one row by its key and say it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM customers_account WHERE id = %s", [account_id])
        (number,) = cursor.fetchone()
    return HttpResponse(number)


urlpatterns = [*site, path("bare/<int:account_id>/", bare)]
