"""F7, fault repair: from the call to the customer's own word; a neighbour's call joins it."""

from lamplighter.action.service.models import Incident
from tests.web.test_every_page import pytestmark
from tests.web.walks.walking import Walk

__all__ = ["pytestmark"]
WORDS = "家里没电了, 邻居家有电"
ON_SITE = ("DISPATCH", "ACCEPT", "ARRIVE", "DIAGNOSE", "TELL", "REPAIR", "POWER_BACK")


def test_a_fault_is_repaired_and_the_customer_says_so(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.calls(words=WORDS, type_code="FAULT_REPAIR")

    walk.does("TAKE", *ON_SITE, TAKE="NEW", DIAGNOSE="OURS")
    walk.does("CONFIRM", "FILE", CONFIRM="YES")

    walk.is_closed()
    assert walk.promises() == {"ARRIVAL": "KEPT", "RESTORE": "KEPT"}


def unused() -> type[Incident]:
    return Incident
