"""Showing what a customer said, in their own words: with a reason, and on the record."""

from django.db import transaction

from lamplighter.action.service import errors, rights
from lamplighter.action.service.models import ServiceOrder
from lamplighter.action.service.services import storing
from lamplighter.action.service.services.moving import Asking
from lamplighter.kernel import sealing
from lamplighter.ledger import services as ledger


def read_words(asking: Asking, *, reason: str, field_key: bytes) -> str:
    """Return the customer's own words of an order; empty where none are kept any more.

    That somebody looked is recorded with the reason, never what they saw.

    Raises
    ------
    errors.ReasonMissing
        The reason says too little.
    errors.OrderUnknown, errors.NotAllowed
        See there.
    """
    said = asking.rules.checked_reason(reason)
    seen = rights.seen(viewer=asking.viewer, rules=asking.rules)
    order = seen.filter(number=asking.number).order_by("pk").first()
    if order is None:
        raise errors.OrderUnknown(asking.number)
    with transaction.atomic():
        (whole,) = storing.locked(order_ids=[order.pk])
        rights.check_may_change(viewer=asking.viewer, whole=whole, rules=asking.rules)
        words = _unsealed(whole.order, field_key)
        ledger.record(
            "service.order.words_read",
            subject=f"order:{order.pk}",
            actor=asking.viewer.actor,
            at=asking.now,
            number=asking.number,
            reason=said,
        )
    return words


def _unsealed(order: ServiceOrder, field_key: bytes) -> str:
    return sealing.unseal(bytes(order.words_sealed), field_key) if order.words_sealed else ""
