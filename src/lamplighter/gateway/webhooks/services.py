"""Subscribing, handing on what happened, delivering it, and telling it again."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction

from lamplighter.action.service import happenings
from lamplighter.action.service.happenings import OrderHappening
from lamplighter.action.service.rules import Rules
from lamplighter.action.service.subscribers import (
    Subscribed,
    SubscriptionUnknown,
    SubscriptionWrong,
)
from lamplighter.facts.network import queries as network
from lamplighter.gateway.webhooks import sending, signing
from lamplighter.gateway.webhooks.models import (
    DEAD,
    DELIVERED,
    URL_AT_MOST,
    WAITING,
    Message,
    Subscription,
)
from lamplighter.kernel import sealing
from lamplighter.ledger import queries as ledger_read
from lamplighter.ledger import services as ledger
from lamplighter.policy.loader import Policy

HAPPENINGS_AT_ONCE = 500
GONE = "410"  # the receiver says that it wants no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """How one round of deliveries went."""

    n_delivered: int
    n_failed: int
    n_given_up: int


def subscribe(
    *,
    staff_number: str,
    url: str,
    names: Sequence[str],
    actor: str,
    now: datetime,
    field_key: bytes,
    secret: str = "",
) -> Subscribed:
    """Tell an address, from now on, what happens to the orders that a person may see.

    One address is told once for one person; with the same *secret* it is the same subscription.

    Raises
    ------
    SubscriptionWrong
        Nobody of the staff, an address that may not be called or is told already, or no such
        happening.
    """
    viewer = network.viewer_of_staff(number=staff_number)
    if viewer is None:
        raise SubscriptionWrong(f"nobody of the staff has the number {staff_number}")
    unknown = sorted(set(names) - set(happenings.TOLD))
    if unknown:
        raise SubscriptionWrong(f"no such happening: {', '.join(unknown)}")
    try:
        sending.checked_url(url)
    except sending.AddressRefused as error:
        raise SubscriptionWrong(str(error)) from error
    if len(url) > URL_AT_MOST:
        raise SubscriptionWrong(f"an address of at most {URL_AT_MOST} characters")
    secret = secret or signing.new_secret()
    try:
        with transaction.atomic():
            row = Subscription.objects.create(
                staff_id=viewer.staff_id,
                url=url,
                names=sorted(set(names)),
                secret_sealed=sealing.seal(secret, field_key),
                read_until_id=ledger_read.newest_place().event_id,
                created_at=now,
                created_by=actor,
            )
            _tell("made", row.pk, actor=actor, at=now, names=row.names)
    except IntegrityError as error:
        if not ledger.violates(error, "subscription_one_live_per_address"):
            raise
        row = Subscription.objects.get(staff=viewer.staff_id, url=url, ended_at__isnull=True)
        if sealing.unseal(bytes(row.secret_sealed), field_key) != secret:
            raise SubscriptionWrong("this address is told already for this person") from error
    return Subscribed(subscription_id=row.pk, secret=secret)


def end(*, subscription_id: int, actor: str, now: datetime) -> None:
    """Tell an address nothing more; what still waits for it is not sent.

    Raises
    ------
    SubscriptionUnknown
        There is none, or it has ended.
    """
    with transaction.atomic():
        _locked(subscription_id)
        Subscription.objects.filter(pk=subscription_id).update(ended_at=now)
        _tell("ended", subscription_id, actor=actor, at=now)


def replay(*, subscription_id: int, after_id: int, actor: str, now: datetime) -> None:
    """Tell an address again all that happened after a row of the ledger.

    Each message keeps its key, so that a receiver can tell what it had already.

    Raises
    ------
    SubscriptionUnknown
        There is none, or it has ended.
    """
    with transaction.atomic():
        row = _locked(subscription_id)
        again = Message.objects.filter(subscription_id=row.pk, event_id__gt=after_id)
        again.update(state=WAITING, n_attempts=0, next_at=now, delivered_at=None, last_outcome="")
        place = min(row.read_until_id, max(after_id, 0))
        Subscription.objects.filter(pk=row.pk).update(read_until_id=place)
        _tell("replayed", row.pk, actor=actor, at=now, after_id=after_id)


def hand_on(*, now: datetime, rules: Rules) -> int:
    """Make messages of what the ledger tells since last time; return how many.

    May run beside itself and be killed: messages and place move in one transaction.
    """
    n_made = 0
    for row_id in Subscription.objects.filter(ended_at__isnull=True).values_list("pk", flat=True):
        while True:
            n_new, is_last = _hand_on(row_id, now=now, rules=rules)
            n_made += n_new
            if is_last:
                break
    return n_made


def _hand_on(row_id: int, *, now: datetime, rules: Rules) -> tuple[int, bool]:
    with transaction.atomic():
        rows = Subscription.objects.select_for_update(skip_locked=True, of=("self",))
        found = rows.filter(pk=row_id, ended_at__isnull=True).select_related("staff")
        row = found.order_by("pk").first()
        viewer = network.viewer_of_staff(number=row.staff.number) if row else None
        if row is None or viewer is None:
            return 0, True  # somebody else is at it, or its person may look at nothing any more
        told = happenings.told(
            viewer=viewer, rules=rules, after_id=row.read_until_id, limit=HAPPENINGS_AT_ONCE
        )
        wanted = [one for one in told.items if not row.names or one.name in row.names]
        Message.objects.bulk_create(
            [_message(one, subscription_id=row.pk, now=now) for one in wanted],
            ignore_conflicts=True,  # told again: those that are there are sent again already
        )
        Subscription.objects.filter(pk=row.pk).update(read_until_id=told.read_until_id)
    return len(wanted), told.is_last


def _message(one: OrderHappening, *, subscription_id: int, now: datetime) -> Message:
    body = {
        "type": one.name,
        "timestamp": one.at.astimezone(UTC).isoformat(),
        "data": {"order_number": one.order_number, **one.detail},
    }
    return Message(
        subscription_id=subscription_id,
        key=one.key,
        event_id=one.event_id,
        body=json.dumps(body, ensure_ascii=False),
        state=WAITING,
        n_attempts=0,
        next_at=now,
        last_outcome="",
    )


def deliver(
    *,
    clock: Callable[[], datetime],
    limits: sending.Limits,
    policy: Policy,
    field_key: bytes,
    actor: str,
    at_most: int = 1_000,
) -> Delivered:
    """Send the messages that are due, each until it is taken; give up after the last wait.

    A message is taken with a lease before it is sent, so two senders do not send it at once; one
    that was being sent when its sender was killed is sent again when the lease is over. An
    address that fails once is left in peace until the next round.
    """
    counts = {DELIVERED: 0, WAITING: 0, DEAD: 0}
    failing: set[int] = set()
    for _ in range(at_most):
        message = _take(now=clock(), but=failing, policy=policy)
        if message is None:
            break
        outcome = _send(message, at=clock(), limits=limits, field_key=field_key)
        state = _settle(message, outcome=outcome, now=clock(), policy=policy, actor=actor)
        counts[state] += 1
        if state != DELIVERED:
            failing.add(message.subscription_id)
    return Delivered(
        n_delivered=counts[DELIVERED], n_failed=counts[WAITING], n_given_up=counts[DEAD]
    )


def _take(*, now: datetime, but: set[int], policy: Policy) -> Message | None:
    lease = timedelta(seconds=policy.integer("webhook_lease_seconds"))
    with transaction.atomic():
        due = Message.objects.filter(
            state=WAITING, next_at__lte=now, subscription__ended_at__isnull=True
        ).exclude(subscription_id__in=but)
        rows = due.select_for_update(skip_locked=True, of=("self",))
        message = rows.select_related("subscription").order_by("next_at", "pk").first()
        if message is not None:
            message.n_attempts += 1
            Message.objects.filter(pk=message.pk).update(
                next_at=now + lease, n_attempts=message.n_attempts
            )
    return message


def _send(message: Message, *, at: datetime, limits: sending.Limits, field_key: bytes) -> str:
    """Send one message; return the status, or the kind of failure."""
    body = message.body.encode()
    secret = sealing.unseal(bytes(message.subscription.secret_sealed), field_key)
    headers = {
        **signing.headers(secret=secret, key=message.key, at=at, body=body),
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Lamplighter",
    }
    try:
        url = message.subscription.url
        return str(sending.send(url=url, headers=headers, body=body, limits=limits))
    except sending.AddressRefused:
        return "address refused"
    except sending.NotReached as error:
        return f"not reached: {error}"[:40]


def _settle(message: Message, *, outcome: str, now: datetime, policy: Policy, actor: str) -> str:
    """Write down how a message went, unless it was taken by somebody else meanwhile."""
    waits = policy.row("webhook_waits_seconds").value
    mine = Message.objects.filter(pk=message.pk, state=WAITING, n_attempts=message.n_attempts)
    if outcome.startswith("2") and len(outcome) == len("200"):
        mine.update(state=DELIVERED, delivered_at=now, last_outcome=outcome)
        return DELIVERED
    if outcome == GONE:
        _leave(message, now=now, actor=actor)
        return DEAD
    if message.n_attempts <= len(waits):
        wait = timedelta(seconds=waits[message.n_attempts - 1])
        mine.update(next_at=now + wait, last_outcome=outcome)
        return WAITING
    with transaction.atomic():
        if mine.update(state=DEAD, last_outcome=outcome):
            _tell(
                "given_up", message.subscription_id, actor=actor, at=now, message=message.key,
                n_attempts=message.n_attempts, outcome=outcome,
            )  # fmt: skip
    return DEAD


def _leave(message: Message, *, now: datetime, actor: str) -> None:
    """End the subscription of a receiver that wants no more."""
    with transaction.atomic():
        row_id = message.subscription_id
        Message.objects.filter(pk=message.pk, state=WAITING).update(state=DEAD, last_outcome=GONE)
        live = Subscription.objects.filter(pk=row_id, ended_at__isnull=True)
        if live.update(ended_at=now):
            _tell("ended", row_id, actor=actor, at=now, outcome=GONE)


def forget_old(*, now: datetime, policy: Policy) -> int:
    """Let go of messages that were delivered long ago; return how many."""
    last = now - timedelta(days=policy.integer("webhook_kept_days"))
    n_gone, _ = Message.objects.filter(state=DELIVERED, delivered_at__lte=last).delete()
    return n_gone


def _locked(subscription_id: int) -> Subscription:
    rows = Subscription.objects.select_for_update().filter(
        pk=subscription_id, ended_at__isnull=True
    )
    row = rows.order_by("pk").first()
    if row is None:
        raise SubscriptionUnknown(str(subscription_id))
    return row


def _tell(what: str, subscription_id: int, *, actor: str, at: datetime, **payload: object) -> None:
    ledger.record(
        f"webhooks.subscription.{what}",
        subject=f"subscription:{subscription_id}",
        actor=actor,
        at=at,
        **payload,
    )
