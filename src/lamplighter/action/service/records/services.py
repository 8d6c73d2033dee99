"""Doing a step with what its form holds, and letting go of forms in time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from lamplighter.action.service import rights
from lamplighter.action.service import services as service
from lamplighter.action.service.attachments import queries as attachments
from lamplighter.action.service.records import chasing, queries
from lamplighter.action.service.records.errors import FileUnknown, TermRefused
from lamplighter.action.service.records.models import StepRecord
from lamplighter.action.service.rules import Rules
from lamplighter.action.service.services import Asking, storing
from lamplighter.action.service.whole import Whole
from lamplighter.kernel import sealing, spans
from lamplighter.ledger import services as ledger
from lamplighter.policy.processes import filling, terms
from lamplighter.policy.processes.shapes import Step

FILES = {"FILE", "PHOTO"}


def complete(
    asking: Asking, *, step_code: str, answer: str, said: Mapping[str, str], field_key: bytes
) -> None:
    """Do a step and keep what its form holds, in one transaction; the same form sent twice is one.

    Parameters
    ----------
    asking
        Who does it, of which order.
    step_code, answer
        Which step, and how it ended.
    said
        Field → what was written (`filling.filled`); a file by its number among the order's files.
    field_key
        By which personal data is sealed.

    Raises
    ------
    filling.FieldWrong, filling.FieldUnknown, FileUnknown
        The form cannot be kept; nothing is done.
    NothingToChase
        An order that asks for a chase names no open order.
    terms.TermImpossible, TermRefused
        The days asked for end before they begin, or break a rule that the answer says they keep.
    errors.OrderUnknown, errors.StepNotOpen, errors.AnswerUnknown, …
        As `service.complete_step`.
    """
    order_id, _ = rights.stand(viewer=asking.viewer, rules=asking.rules, number=asking.number)
    with transaction.atomic():
        together = queries.together(order_id=order_id)
        chased_id = chasing.chased_id(asking, step_code=step_code, said=said)
        ids = sorted({*together, *([chased_id] if chased_id is not None else [])})
        whole = next(w for w in storing.locked(order_ids=ids) if w.order.pk == order_id)
        sent = StepRecord.objects.filter(order_id=order_id, request_key=asking.request_key)
        if asking.request_key and sent.exists():
            return
        whole.step(step_code)
        card, round_ = whole.process.step(step_code), whole.order.round
        service.complete_step(asking, step_code=step_code, answer=answer)
        values = filling.filled(step=card, said=said, zone=asking.rules.zone)
        _check_files(asking, card, values, field_key=field_key)
        days = _days(whole, card, values, answer=answer)
        chasing.chase(asking, whole, step_code=step_code, values=values)
        keep(
            whole,
            card=card,
            answer=answer,
            values=values,
            days=days,
            round_=round_,
            by=By(
                actor=asking.viewer.actor,
                now=asking.now,
                rules=asking.rules,
                field_key=field_key,
                request_key=asking.request_key,
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who filled a form, when, by which rules, and the form's own key."""

    actor: str
    now: datetime
    rules: Rules
    field_key: bytes = field(repr=False)
    request_key: str


def keep(
    whole: Whole,
    *,
    card: Step,
    answer: str,
    values: Mapping[str, str],
    round_: int,
    by: By,
    days: terms.Days | None = None,
) -> None:
    """Keep what the form of a step holds, within the transaction that does the step."""
    if not values:
        return
    lasts = by.rules.policy.integer("words_last_months")
    StepRecord.objects.create(
        order_id=whole.order.pk,
        account_id=whole.order.account_id,
        process_version=whole.process.version,
        round=round_,
        step_code=card.code,
        answer=answer,
        values_sealed=sealing.seal(json.dumps(values, ensure_ascii=False), by.field_key),
        first_date=days[0] if days else None,
        until_date=days[1] if days else None,
        recorded_at=by.now,
        recorded_by=by.actor,
        expires_date=spans.months_after(day=by.rules.on, n_months=lasts),
        request_key=by.request_key,
    )


def erase_expired(*, today: date, now: datetime, actor: str) -> int:
    """Erase what forms of ended orders held, beyond its time; return how many. May run twice."""
    with transaction.atomic():
        expired = StepRecord.objects.filter(
            values_sealed__isnull=False, expires_date__lte=today, order__closed_at__isnull=False
        )
        n = expired.update(values_sealed=None)
        if n:
            ledger.record(
                "service.records.erased", subject="orders", actor=actor, at=now, n_records=n
            )
    return n


def _check_files(
    asking: Asking, card: Step, values: Mapping[str, str], *, field_key: bytes
) -> None:
    named = [one for one in card.fields if one.kind in FILES and one.code in values]
    if not named:
        return
    there = attachments.of_order(
        viewer=asking.viewer, rules=asking.rules, number=asking.number, field_key=field_key
    )
    known = {str(one.attachment_id) for one in there}
    for one in named:
        if values[one.code] not in known:
            raise FileUnknown(one)


def _days(whole: Whole, card: Step, values: Mapping[str, str], *, answer: str) -> terms.Days | None:
    """Return the days that the form asks for; raise where they break a rule of the business."""
    term = card.term
    if term is None or term.first not in values or term.until not in values:
        return None
    days = date.fromisoformat(values[term.first]), date.fromisoformat(values[term.until])
    earlier = queries.earlier_terms(order=whole.order, step=card)
    broken = terms.broken(process=whole.process, term=term, days=days, earlier=earlier)
    if broken is not None and answer == term.answer:
        raise TermRefused(broken)
    return days
