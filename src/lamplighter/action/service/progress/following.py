"""What a customer's word sets going by policy: a complaint, a return visit, or nothing more."""

from dataclasses import replace
from datetime import timedelta

from lamplighter.action.service import errors as service_errors
from lamplighter.action.service import services as service
from lamplighter.action.service.models import ServiceOrder
from lamplighter.action.service.progress.links import Holder
from lamplighter.action.service.progress.models import CustomerAnswer
from lamplighter.kernel import sealing
from lamplighter.kernel.viewer import Role, Viewer

CUSTOMER = "customer"
CHANNEL = "WEB"


def after_objection(
    answer: CustomerAnswer, *, holder: Holder, words: str, field_key: bytes
) -> None:
    """Open the order that policy asks for when a customer objects to one that is closed.

    While one of an earlier objection is open, that one stands for both.
    """
    earlier = CustomerAnswer.objects.filter(
        order=answer.order_id, follow_up__isnull=False, follow_up__closed_at__isnull=True
    )
    known = earlier.order_by("pk").values_list("follow_up_id", flat=True).first()
    order_id = known or _open(
        answer,
        type_code=str(holder.policy.row("objection_after_close_opens").value),
        holder=holder,
        words=words,
        field_key=field_key,
    )
    CustomerAnswer.objects.filter(pk=answer.pk).update(follow_up=order_id)


def after_rating(answer: CustomerAnswer, *, holder: Holder, words: str, field_key: bytes) -> None:
    """Open the return visit that policy asks for after a low rating.

    A customer who was visited within the quiet days, or is about to be, is left in peace.
    """
    policy = holder.policy
    if answer.stars is None or answer.stars > policy.integer("low_stars"):
        return
    type_code = str(policy.row("low_rating_opens").value)
    order = answer.order
    since = holder.now - timedelta(days=policy.integer("low_rating_quiet_days"))
    if order.customer_id is not None:
        visits = ServiceOrder.objects.filter(
            customer=order.customer_id, type_code=type_code, opened_at__gt=since
        )
        if visits.exists():
            return
    order_id = _open(answer, type_code=type_code, holder=holder, words=words, field_key=field_key)
    CustomerAnswer.objects.filter(pk=answer.pk).update(follow_up=order_id)


def _open(
    answer: CustomerAnswer, *, type_code: str, holder: Holder, words: str, field_key: bytes
) -> int:
    """Open an order for the unit that answers; where the account has moved, without it."""
    order = answer.order
    sealed = order.phone_sealed
    request = service.Request(
        type_code=type_code,
        channel=CHANNEL,
        asked_at=holder.now,
        account_number=order.account.number if order.account else "",
        area_id=order.area_id,
        phone=sealing.unseal(bytes(sealed), field_key) if sealed else "",
        words=words,
        cases=dict(order.cases),
        request_key=f"voice-{answer.pk}",
    )
    desk = Viewer(
        staff_id=0,
        staff_number="",
        name="",
        role=Role.AGENT,
        org_name=order.unit.name,
        org_path=order.unit.path,
    )
    try:
        return _opened(desk, request, holder, field_key)
    except service_errors.PlaceUnknown:
        return _opened(desk, replace(request, account_number="", area_id=None), holder, field_key)


def _opened(desk: Viewer, request: service.Request, holder: Holder, field_key: bytes) -> int:
    opened = service.open_order(
        viewer=desk,
        request=request,
        now=holder.now,
        rules=holder.rules,
        field_key=field_key,
        actor=CUSTOMER,
    )
    return opened.order_id
