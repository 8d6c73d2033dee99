"""Doing a write once, however often it is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from lamplighter.ledger import services as ledger
from lamplighter.ledger.answers.models import KeptAnswer
from lamplighter.policy.loader import Policy

KEY_AT_MOST = 64


class KeyReused(ValueError):
    """The same key came before with another request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a write is answered."""

    status: int
    body: str
    is_repeated: bool = False


def once(
    *,
    sender: str,
    key: str,
    request_sha256: str,
    write: Callable[[], Answer],
    now: datetime,
) -> Answer:
    """Write, keep the answer with it in one transaction, and give it again when asked again.

    The same key sent twice at the same time writes once: the second waits for the first. A write
    that is refused keeps no answer, so that it may be sent again once its cause is gone.

    Raises
    ------
    KeyReused
        The key came before with another method, path or body.
    """
    try:
        with transaction.atomic():
            # The row goes first: whoever sends the same key now waits here for our end.
            row = KeptAnswer.objects.create(
                sender=sender,
                key=key,
                request_sha256=request_sha256,
                status=0,
                body="",
                kept_at=now,
            )
            answer = write()
            KeptAnswer.objects.filter(pk=row.pk).update(status=answer.status, body=answer.body)
            return answer
    except IntegrityError as error:
        if not ledger.violates(error, "kept_answer_one_per_key"):
            raise
    kept = KeptAnswer.objects.get(sender=sender, key=key)
    if kept.request_sha256 != request_sha256:
        raise KeyReused("another method, path or body")
    return Answer(status=kept.status, body=kept.body, is_repeated=True)


def forget_old(*, now: datetime, policy: Policy) -> int:
    """Let go of answers that are older than the policy keeps them; return how many."""
    last = now - timedelta(hours=policy.integer("answers_kept_hours"))
    n_gone, _ = KeptAnswer.objects.filter(kept_at__lte=last).delete()
    return n_gone
