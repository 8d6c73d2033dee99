"""A hotline with an agent at the console, and a caller whose number is known."""

from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse
from psycopg import sql

from lamplighter.facts.customers import personal, search_entries
from lamplighter.facts.customers.models import Identity
from lamplighter.kernel import sealing
from tests import factories as f
from tests.action.service import making as m
from tests.web.signing_in import client_of

PHONE = "19900001234"
WORDS = "家里没电了, 邻居家有电"


def known(account: Any, *, number: str = PHONE, name: str = "王小明") -> None:
    """Let an account be found by a number and a name."""
    f.make_contact(
        account=account,
        role="PAYER",
        phone_masked=sealing.masked_phone(number),
        phone_index=sealing.blind_index(number, m.KEY, personal.PHONE),
        phone_tail_index=sealing.blind_index(number[-4:], m.KEY, personal.PHONE_TAIL),
    )
    Identity.objects.filter(customer=account.customer).update(name=name)
    with connection.cursor() as cursor:
        search_entries.rebuild(
            cursor=cursor, accounts=sql.SQL("SELECT id FROM customers_account").format()
        )


class Hotline:
    """One station, its people signed in, and a customer who calls from a known number."""

    def __init__(self, *, language: str = "en") -> None:
        self.station = m.make_station()
        f.make_finding(account=self.station.account, area=self.station.area, night=f.make_night())
        known(self.station.account)
        self.clients = {
            post: client_of(person, language=language)
            for post, person in self.station.staff.items()
        }

    @property
    def agent(self) -> Client:
        return self.clients["AGENT"]

    def sent(self, **changed: Any) -> dict[str, Any]:
        values = {
            "request_key": "form-1",
            "caller": PHONE,
            "account": self.station.account.number,
            "words": WORDS,
            "type_code": "FAULT_REPAIR",
            "channel": "PHONE",
            "priority": "NORMAL",
        }
        return values | changed

    def open(self, *, client: Client | None = None, **changed: Any) -> Any:
        return (client or self.agent).post(reverse("console:open"), self.sent(**changed))
