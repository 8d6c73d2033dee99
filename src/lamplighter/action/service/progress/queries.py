"""One order as its customer sees it: in plain words, with nothing that would tell who they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from lamplighter.action.service.loading import wholes
from lamplighter.action.service.models import (
    AHEAD,
    BEGUN,
    CLOSED,
    CONFIRMATION,
    DONE,
    READY,
    SKIPPED,
)
from lamplighter.action.service.progress import answering
from lamplighter.action.service.progress.links import Holder, link
from lamplighter.action.service.progress.models import RATED, CustomerAnswer
from lamplighter.action.service.whole import Whole
from lamplighter.facts.billing import details
from lamplighter.facts.billing.details import FeeDetail
from lamplighter.policy.loader import Policy, Words
from lamplighter.policy.processes import wording
from lamplighter.policy.processes.shapes import Step

STATES = {DONE: "DONE", READY: "NOW", BEGUN: "NOW"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSeen:
    """A step that the customer is told of: what is done once it is, its name before."""

    words: Words
    is_theirs: bool  # only the customer can do it
    state: str  # DONE, NOW or AHEAD
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseSeen:
    """What the customer may hold us to."""

    title: Words
    outcome: str  # KEPT, MISSED, RUNNING or STANDING
    due_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """An order as its customer sees it."""

    number: str
    type: Words
    state: str
    opened_at: datetime
    closed_at: datetime | None
    is_confirmed: bool
    unit_name: str
    area_id: int | None  # to know what is announced there; not shown
    steps: tuple[StepSeen, ...]
    promises: tuple[PromiseSeen, ...]
    waits_for: str  # code; empty: it does not wait
    waits_told: Words | None
    is_asked: bool  # whether it is done
    asking: Step | None  # whose form is to be filled with the yes
    may_object: bool  # though it is closed
    may_rate: bool
    stars: int | None
    ends_at: datetime  # the link


def progress(*, holder: Holder) -> Progress:
    """Return the order of a link. Six queries.

    Raises
    ------
    errors.LinkUnknown
        There is no such link, or it has ended.
    """
    found = link(holder=holder)
    order = found.order
    (whole,) = wholes(orders=[order])
    asked = answering.question(whole=whole)
    ratings = CustomerAnswer.objects.filter(order=order, kind=RATED)
    stars = ratings.order_by("pk").values_list("stars", flat=True).first()
    wait = whole.open_wait()
    waits_for = wait.reason if wait is not None else ""
    ends_at = found.expires_at
    if order.closed_at is not None:
        after = timedelta(days=holder.policy.integer("days_after_close"))
        ends_at = min(ends_at, order.closed_at + after)
    return Progress(
        number=order.number,
        type=whole.process.title,
        state=order.state,
        opened_at=order.opened_at,
        closed_at=order.closed_at,
        is_confirmed=order.confirmed_at is not None,
        unit_name=order.unit.name,
        area_id=order.area_id,
        steps=tuple(_steps(whole)),
        promises=tuple(_promises(whole, now=holder.now)),
        waits_for=waits_for,
        waits_told=_told(whole, waits_for),
        is_asked=asked is not None,
        asking=whole.process.step(asked.step_code) if asked and asked.step_code else None,
        may_object=order.state == CLOSED,
        may_rate=answering.is_done(whole=whole) and stars is None,
        stars=stars,
        ends_at=ends_at,
    )


def fees(*, holder: Holder, tariffs: Policy, known_at: datetime) -> FeeDetail | None:
    """Return the last bills of a large customer, or of one in the green channel; None for others.

    Five queries with bills, two for others.

    Raises
    ------
    errors.LinkUnknown
        There is no such link, or it has ended.
    """
    order = link(holder=holder).order
    if order.account_id is None or order.customer_id is None:
        return None
    large = holder.policy.row("fee_detail_categories").value
    return details.fee_detail(
        account_id=order.account_id,
        customer_id=order.customer_id,
        categories=None if order.is_green else large,
        known_at=known_at,
        tariffs=tariffs,
        n_bills=holder.policy.integer("fee_detail_bills"),
        zone=holder.rules.zone,
    )


def _steps(whole: Whole) -> Iterator[StepSeen]:
    """Yield the steps the customer is told of; the same words in a row stand once."""
    last: StepSeen | None = None
    usual = _usual_way(whole)
    for card in whole.process.steps:
        row = whole.steps[card.code]
        if card.customer is None or row.state == SKIPPED or card.code not in usual:
            continue
        state, is_theirs = STATES.get(row.state, "AHEAD"), card.when is None
        is_told = state == "NOW" if is_theirs else state == "DONE"
        seen = StepSeen(
            words=_said(card.customer, whole) if is_told else card.ahead,
            is_theirs=is_theirs,
            state=state,
            done_at=row.done_at,
        )
        if last is not None and (last.words, last.state) == (seen.words, seen.state):
            last = seen
            continue
        if last is not None:
            yield last
        last = seen
    if last is not None:
        yield last


def _usual_way(whole: Whole) -> set[str]:
    """Return the steps opened, and those ahead where each choice ends by its first answer.

    What comes only if something goes another way would read as if it were to come.
    """
    found: set[str] = set()
    for card in whole.process.steps:  # in an order in which they can be done
        if whole.steps[card.code].state != AHEAD or not card.follows:
            found.add(card.code)
            continue
        for way in card.follows:
            choice = whole.process.step(way.step).choice
            if way.step in found and (choice is None or way.answer == choice.answers[0].code):
                found.add(card.code)
    return found


def _promises(whole: Whole, *, now: datetime) -> Iterator[PromiseSeen]:
    for promise in whole.promises.values():
        if not promise.is_outward or promise.lapsed_at is not None or promise.starts_at is None:
            continue
        late = promise.missed_at or (promise.due_at if promise.ended_at is None else None)
        if promise.missed_at is not None or (late is not None and late < now):
            outcome = "MISSED"
        elif promise.ended_at is not None:
            outcome = "KEPT"
        else:
            outcome = "RUNNING" if promise.due_at is not None else "STANDING"
        yield PromiseSeen(
            title=whole.process.promise(promise.code).title,
            outcome=outcome,
            due_at=promise.missed_at or promise.due_at,
            ended_at=promise.ended_at,
        )


def _told(whole: Whole, reason: str) -> Words | None:
    if not reason or reason == CONFIRMATION:
        return None
    for pause in whole.process.pauses:
        if pause.code == reason:
            return _said(pause.customer, whole)
    return None


def _said(words: Words, whole: Whole) -> Words:
    """Return words with the promises of this order filled in."""
    for case in [*whole.order.cases.values(), "ALL"]:
        try:
            return Words(
                zh=wording.said(words=words, process=whole.process, case=case, language="zh"),
                en=wording.said(words=words, process=whole.process, case=case, language="en"),
            )
        except KeyError:
            continue
    return words
