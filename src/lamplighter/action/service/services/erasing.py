"""Erasing the customer's words and number once they have been kept for as long as policy says."""

from datetime import date, datetime
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q

from lamplighter.action.service.models import ServiceOrder
from lamplighter.ledger import services as ledger


def erase_expired(*, today: date, now: datetime, actor: str) -> int:
    """Erase what closed orders hold of the customer beyond its time; return how many orders.

    Words, told place and number go, the order and its times stay. Run twice, it finds nothing more.
    """
    sealed = ("words_sealed", "place_sealed", "phone_sealed")
    holds = reduce(or_, (Q(**{f"{name}__isnull": False}) for name in sealed))
    with transaction.atomic():
        expired = ServiceOrder.objects.filter(
            holds, words_expire_date__lte=today, closed_at__isnull=False
        )
        n = expired.update(**dict.fromkeys(sealed), phone_masked="", phone_index="")
        if n:
            ledger.record("service.words.erased", subject="orders", actor=actor, at=now, n_orders=n)
    return n
