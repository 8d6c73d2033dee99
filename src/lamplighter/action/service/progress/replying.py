"""The staff's word to what a customer said of an order."""

from dataclasses import dataclass, replace

from django.db import transaction

from lamplighter.action.service import errors as service_errors
from lamplighter.action.service import loading, rights
from lamplighter.action.service import services as service
from lamplighter.action.service.models import REASON_AT_MOST
from lamplighter.action.service.progress import answering, errors
from lamplighter.action.service.progress.models import CustomerAnswer
from lamplighter.action.service.services.moving import Asking, move
from lamplighter.action.service.whole import Whole
from lamplighter.kernel import sealing
from lamplighter.policy.loader import Policy

WORDS_AT_MOST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is answered to which word of a customer."""

    answer_id: int
    words: str
    begins_again: bool  # the last step of ours is done again


def reply(asking: Asking, *, said: Reply, policy: Policy, field_key: bytes) -> None:
    """Answer a customer, who reads it by their link; with it the work may begin again.

    Raises
    ------
    errors.VoiceUnknown
        The customer of this order said no such thing.
    errors.RepliedAlready
        Somebody was quicker.
    service_errors.NotAllowed, service_errors.OrderUnknown, service_errors.ReasonMissing
        See there.
    service_errors.OrderIsClosed, service_errors.NothingToReturnTo
        The work cannot begin again.
    service_errors.MomentGoesBack, service_errors.KeyReused
        See there.
    """
    if asking.viewer.role not in policy.row("may_hear").value:
        raise service_errors.NotAllowed(f"{asking.viewer.role} may_hear ({policy.version})")
    words = asking.rules.checked_reason(said.words, at_most=WORDS_AT_MOST)

    def change(whole: Whole) -> None:
        rows = CustomerAnswer.objects.filter(pk=said.answer_id, order=whole.order.pk)
        one = rows.order_by("pk").first()
        if one is None:
            raise errors.VoiceUnknown(f"{whole.order.number} {said.answer_id}")
        if one.replied_at is not None:
            raise errors.RepliedAlready(f"{whole.order.number} {said.answer_id}")
        if asking.now < one.at:
            raise service_errors.MomentGoesBack(f"{whole.order.number} {asking.now.isoformat()}")
        rows.update(
            replied_at=asking.now,
            replied_by=asking.viewer.staff_id,
            reply_sealed=sealing.seal(words, field_key),
        )

    with transaction.atomic():
        move(asking, kind="ANSWERED", change=change, is_outward=True, answer_id=said.answer_id)
        if said.begins_again:
            key = f"{asking.request_key}.again" if asking.request_key else ""
            again = replace(asking, request_key=key)
            service.reopen(again, step_code=_step_code(asking), reason=words[:REASON_AT_MOST])


def _step_code(asking: Asking) -> str:
    seen = rights.seen(viewer=asking.viewer, rules=asking.rules).filter(number=asking.number)
    (whole,) = loading.wholes(orders=list(seen))
    return answering.last_of_ours(whole=whole)
