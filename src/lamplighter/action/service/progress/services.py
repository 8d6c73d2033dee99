"""Giving a link away and taking it back, and what its holder says: done, not done, how good."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from lamplighter.action.service import endings, loading, moves, rights
from lamplighter.action.service import errors as service_errors
from lamplighter.action.service.assigning import Assigner
from lamplighter.action.service.models import CLOSED, ServiceOrder
from lamplighter.action.service.progress import answering, errors, following, links
from lamplighter.action.service.progress.answering import Question
from lamplighter.action.service.progress.links import Holder
from lamplighter.action.service.progress.models import (
    CONFIRMED,
    LEAST_STARS,
    MOST_STARS,
    OBJECTED,
    RATED,
    CustomerAnswer,
    ProgressLink,
)
from lamplighter.action.service.records import services as records
from lamplighter.action.service.rules import short
from lamplighter.action.service.services import giving, storing
from lamplighter.action.service.services.moving import Asking
from lamplighter.action.service.whole import Whole
from lamplighter.facts.network import posts as network
from lamplighter.kernel import sealing, spans
from lamplighter.ledger import services as ledger
from lamplighter.policy.loader import Policy
from lamplighter.policy.processes import filling

CUSTOMER = "customer"  # as the ledger names whoever holds a link
WORDS_AT_MOST = 2000
WINDOW = timedelta(minutes=1)


def give_link(asking: Asking, *, nonce: str, policy: Policy) -> datetime:
    """Give a link to an order, and return until when it lasts; the one before it ends.

    The same nonce given twice is one link.

    Raises
    ------
    service_errors.OrderUnknown, service_errors.NotAllowed
        See there.
    service_errors.OrderIsClosed
        It ended so long ago that a link would end at once.
    service_errors.KeyReused
        The link of this nonce was replaced since.
    """
    with transaction.atomic():
        order = _changeable(asking)
        over = asking.now - timedelta(days=policy.integer("days_after_close"))
        if order.closed_at is not None and order.closed_at <= over:
            raise service_errors.OrderIsClosed(asking.number)
        expires_at = asking.now + timedelta(days=policy.integer("link_days"))
        code = links.hashed(nonce=nonce)
        same = ProgressLink.objects.filter(nonce_sha256=code).order_by("pk").first()
        if same is not None:
            if same.order_id != order.pk or same.revoked_at is not None:
                raise service_errors.KeyReused(asking.number)
            return same.expires_at
        _revoke(order.pk, at=asking.now)
        ProgressLink.objects.create(
            order_id=order.pk,
            nonce_sha256=code,
            issued_at=asking.now,
            issued_by=asking.viewer.actor,
            expires_at=expires_at,
            revoked_at=None,
            window_at=asking.now,
            n_visits=0,
        )
        ledger.record(
            "service.progress.link_given",
            subject=f"order:{order.pk}",
            actor=asking.viewer.actor,
            at=asking.now,
            number=asking.number,
            expires_at=expires_at.isoformat(),
            policy=policy.version,
        )
    return expires_at


def take_link_back(asking: Asking) -> int:
    """End the link to an order; return how many there were, none or one.

    Raises
    ------
    service_errors.OrderUnknown, service_errors.NotAllowed
        See there.
    """
    with transaction.atomic():
        order = _changeable(asking)
        n = _revoke(order.pk, at=asking.now)
        if n:
            ledger.record(
                "service.progress.link_ended",
                subject=f"order:{order.pk}",
                actor=asking.viewer.actor,
                at=asking.now,
                number=asking.number,
            )
    return n


def visit(holder: Holder) -> None:
    """Count a visit by a link.

    Raises
    ------
    errors.LinkUnknown
        There is no such link, or it has ended.
    errors.TooOften
        It was opened more often within a minute than policy allows.
    """
    most = holder.policy.integer("visits_per_minute")
    mine = links.open_links(holder=holder)
    fresh = holder.now - WINDOW
    if mine.filter(window_at__gt=fresh, n_visits__lt=most).update(n_visits=F("n_visits") + 1):
        return
    if mine.filter(window_at__lte=fresh).update(window_at=holder.now, n_visits=1):
        return
    links.link(holder=holder)
    raise errors.TooOften


def rate(
    holder: Holder, *, stars: int, words: str, field_key: bytes, request_key: str = ""
) -> None:
    """Keep how good the customer found it, once it is done; their words are sealed.

    Raises
    ------
    errors.StarsImpossible
        Fewer than one star, or more than five.
    errors.AlreadyRated
        It was rated before.
    service_errors.OrderIsOpen
        It is not done yet, or was taken back.
    errors.LinkUnknown
        See there.
    """
    if not LEAST_STARS <= stars <= MOST_STARS:
        raise errors.StarsImpossible(str(stars))
    with transaction.atomic():
        link = _own(holder)
        if _said_before(link, request_key):
            return
        (whole,) = loading.wholes(orders=[link.order])
        if not answering.is_done(whole=whole):
            raise service_errors.OrderIsOpen(holder.number)
        try:
            with transaction.atomic():
                answer = _keep(link, RATED, holder, words=words, field_key=field_key,
                               request_key=request_key, stars=stars)  # fmt: skip
        except IntegrityError as error:
            if ledger.violates(error, "customer_answer_rated_once"):
                raise errors.AlreadyRated(holder.number) from error
            raise
        ledger.record(
            "service.progress.rated",
            subject=f"order:{link.order_id}",
            actor=CUSTOMER,
            at=holder.now,
            number=holder.number,
            stars=stars,
        )
        following.after_rating(answer, holder=holder, words=words, field_key=field_key)


def confirm(
    holder: Holder,
    *,
    said: Mapping[str, str] | None = None,
    field_key: bytes = b"",
    request_key: str = "",
) -> None:
    """Take the customer's yes: the step that asks ends by it, or the finished order closes.

    *said* answers what the step's form must know, field by field.

    Raises
    ------
    filling.FieldWrong, filling.FieldUnknown
        A question that must be answered is not, or is not one of the form.
    service_errors.OrderIsOpen
        Nobody asks yet.
    service_errors.OrderIsClosed, errors.LinkUnknown
        See there.
    """

    def change(whole: Whole) -> tuple[str, str]:
        asked = _asked(whole, holder)
        if not asked.step_code:
            endings.close(whole, at=holder.now, is_confirmed=True)
            return "CONFIRMED", ""
        _complete(whole, asked.step_code, asked.yes, said=said or {}, by=by)
        return "COMPLETED", asked.step_code

    by = _by(holder, field_key=field_key, request_key=request_key)
    _answer(holder, CONFIRMED, change, words="", field_key=b"", request_key=request_key)


def object_to(
    holder: Holder,
    *,
    words: str,
    said: Mapping[str, str] | None = None,
    field_key: bytes,
    request_key: str = "",
) -> None:
    """Take the customer's no: the step that asks ends by it, or work is opened again.

    What they say is missing goes into the step's form, too: whoever looks at it again reads it
    there. *said* answers what else that form must know, field by field.

    Where all is finished, the last step of ours that was done is to be done again by whoever did
    it; the same clocks go on. Where the order is closed, it opens another order, as policy says.

    Raises
    ------
    service_errors.ReasonMissing
        It is not said what is missing.
    filling.FieldWrong, filling.FieldUnknown
        A question that must be answered is not, or is not one of the form.
    service_errors.OrderIsOpen
        Nobody asks yet.
    service_errors.OrderIsClosed, errors.LinkUnknown
        See there.
    """
    missing = holder.rules.checked_reason(words, at_most=WORDS_AT_MOST)

    def change(whole: Whole) -> tuple[str, str]:
        if whole.order.state == CLOSED:
            return "OBJECTED", ""
        asked = _asked(whole, holder)
        if asked.no:
            card = whole.process.step(asked.step_code)
            own = answering.own_words(card=card, words=missing)
            _complete(whole, asked.step_code, asked.no, said={**(said or {}), **own}, by=by)
            return "COMPLETED", asked.step_code
        code = answering.last_of_ours(whole=whole)
        endings.reopen(whole, step_code=code, at=holder.now, terms=holder.rules.terms)
        return "REOPENED", code

    by = _by(holder, field_key=field_key, request_key=request_key)
    _answer(holder, OBJECTED, change, words=missing, field_key=field_key, request_key=request_key)


def erase_expired(*, today: date, now: datetime, actor: str) -> int:
    """Erase customers' words that were kept as long as policy says; return how many.

    Run twice, it finds nothing more.
    """
    with transaction.atomic():
        holds = Q(words_sealed__isnull=False) | Q(reply_sealed__isnull=False)
        expired = CustomerAnswer.objects.filter(holds, words_expire_date__lte=today)
        n = expired.update(words_sealed=None, reply_sealed=None)
        if n:
            ledger.record(
                "service.progress.words_erased", subject="orders", actor=actor, at=now, n_answers=n
            )
    return n


def _changeable(asking: Asking) -> ServiceOrder:
    """Lock an order that the viewer may see and change."""
    seen = rights.seen(viewer=asking.viewer, rules=asking.rules).filter(number=asking.number)
    order_id = seen.order_by("pk").values_list("pk", flat=True).first()
    if order_id is None:
        raise service_errors.OrderUnknown(asking.number)
    (whole,) = storing.locked(order_ids=[order_id])
    rights.check_may_change(viewer=asking.viewer, whole=whole, rules=asking.rules)
    return whole.order


def _revoke(order_id: int, *, at: datetime) -> int:
    return ProgressLink.objects.filter(order_id=order_id, revoked_at__isnull=True).update(
        revoked_at=at
    )


def _own(holder: Holder) -> ProgressLink:
    """Lock the holder's order and return the link; two at once come one after the other."""
    order_id = links.link(holder=holder).order_id
    ServiceOrder.objects.select_for_update().get(pk=order_id)
    return links.link(holder=holder)


def _said_before(link: ProgressLink, request_key: str) -> bool:
    said = CustomerAnswer.objects.filter(Q(order=link.order_id) & Q(request_key=request_key))
    return bool(request_key) and said.exists()


def _answer(
    holder: Holder,
    kind: str,
    change: Callable[[Whole], tuple[str, str]],
    *,
    words: str,
    field_key: bytes,
    request_key: str,
) -> None:
    """Make a change of an order that its customer asks for, with its event and its ledger row."""
    with transaction.atomic():
        link = _own(holder)
        if _said_before(link, request_key):
            return
        (whole,) = storing.locked(order_ids=[link.order_id])
        before = storing.snapshot([whole])
        event, step_code = change(whole)
        unit_id = whole.order.unit_id
        giving.give(
            whole,
            unit_path=network.paths_of_units(unit_ids=[unit_id])[unit_id],
            assigner=Assigner(rules=holder.rules, at=holder.now),
            at=holder.now,
        )
        whole.tell(event, at=holder.now, actor=CUSTOMER, step_code=step_code, is_outward=True)
        storing.save([whole], before=before)
        answer = _keep(
            link, kind, holder, words=words, field_key=field_key, request_key=request_key
        )
        ledger.record(
            f"service.order.{event.lower()}",
            subject=f"order:{link.order_id}",
            actor=CUSTOMER,
            at=holder.now,
            number=holder.number,
            state=whole.order.state,
            step=step_code,
        )
        if event == "OBJECTED":
            following.after_objection(answer, holder=holder, words=words, field_key=field_key)


def _keep(
    link: ProgressLink,
    kind: str,
    holder: Holder,
    *,
    words: str,
    field_key: bytes,
    request_key: str,
    stars: int | None = None,
) -> CustomerAnswer:
    said = short(words.replace("\x00", ""), at_most=WORDS_AT_MOST)
    lasts = holder.rules.policy.integer("words_last_months")
    return CustomerAnswer.objects.create(
        order=link.order,
        kind=kind,
        stars=stars,
        words_sealed=sealing.seal(said, field_key) if said else None,
        words_expire_date=spans.months_after(day=holder.rules.on, n_months=lasts),
        at=holder.now,
        request_key=request_key,
    )


def _asked(whole: Whole, holder: Holder) -> Question:
    moves.check_open(whole, at=holder.now)
    asked = answering.question(whole=whole)
    if asked is None:
        raise service_errors.OrderIsOpen(holder.number)
    return asked


def _by(holder: Holder, *, field_key: bytes, request_key: str) -> records.By:
    return records.By(
        actor=CUSTOMER,
        now=holder.now,
        rules=holder.rules,
        field_key=field_key,
        request_key=request_key,
    )


def _complete(
    whole: Whole, step_code: str, answer: str, *, said: Mapping[str, str], by: records.By
) -> None:
    """End a step by the customer's word, with its form."""
    card, round_ = whole.process.step(step_code), whole.order.round
    values = filling.filled(step=card, said=said, zone=by.rules.zone)
    moves.complete(whole, step_code=step_code, answer=answer, at=by.now, terms=by.rules.terms)
    records.keep(whole, card=card, answer=answer, values=values, round_=round_, by=by)
