"""Erasing the customer's words and number once they have been kept for as long as policy says."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from lamplighter.action.service.models import ServiceOrder
from lamplighter.ledger import services as ledger


def erase_expired(*, today: date, now: datetime, actor: str) -> int:
    """Erase what closed orders hold of the customer beyond its time; return how many orders.

    Words and number go, the order and its times stay. Run twice, it finds nothing more.
    """
    holds = Q(words_sealed__isnull=False) | Q(phone_sealed__isnull=False)
    with transaction.atomic():
        expired = ServiceOrder.objects.filter(
            holds, words_expire_date__lte=today, closed_at__isnull=False
        )
        n = expired.update(words_sealed=None, phone_sealed=None, phone_masked="", phone_index="")
        if n:
            ledger.record("service.words.erased", subject="orders", actor=actor, at=now, n_orders=n)
    return n
