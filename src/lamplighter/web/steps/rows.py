"""A step in a person's hand as a row: its limits, and what may be done with it from here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamplighter.action.service.chases import Pressed
from lamplighter.action.service.hands import StepInHand
from lamplighter.action.service.lines import OrderLine
from lamplighter.action.service.rules import Rules
from lamplighter.policy.processes import catalogue
from lamplighter.policy.processes.shapes import Process, Step
from lamplighter.web.frame import service_words
from lamplighter.web.frame.service_words import Slack

Pair = tuple[str, str]
KEYS = "123456789"  # the first rows answer to a digit


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One step that is mine."""

    anchor: str
    key: str  # empty: no key of its own
    number: str
    url: str
    act_url: str
    code: str
    title: str
    type: str
    where: str
    what: str
    priority: str
    state: str
    slack: Slack | None  # of the step
    end_by_at: datetime | None
    inner_by_at: datetime | None  # the unit's own limit
    promise_slack: Slack | None  # of what the customer was promised
    promised_at: datetime | None
    is_late: bool
    chased: str  # how often and why, since something moved; empty: it was not
    waits_for: str
    may_go_on: bool
    may_begin: bool
    needs_form: bool  # it is done on the order's page, where its form is filled in
    question: str
    answers: tuple[Pair, ...]  # one without a code where nothing is decided
    return_to: tuple[Pair, ...]
    wait_for: tuple[Pair, ...]
    colleagues: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An order I answer for, that waits."""

    number: str
    url: str
    act_url: str
    type: str
    where: str
    waits_for: str
    opened_at: datetime
    may_go_on: bool


def row(
    step: StepInHand,
    *,
    place: int,
    rules: Rules,
    now: datetime,
    colleagues: Mapping[str, tuple[Pair, ...]],
) -> Row:
    """Return a step as a row.

    Parameters
    ----------
    step
        What is in hand.
    place
        Where it stands in the list, from nothing on.
    rules, now
        By which rules, and when.
    colleagues
        To whom a step of each post may be handed.
    """
    line, order = step.line, step.line.order
    process = catalogue.by_version(version=step.process_version)
    card = process.step(line.step_code)
    near = timedelta(hours=rules.policy.integer("ahead_hours"))
    own = service_words.own
    is_waiting = bool(order.waits_for)
    return Row(
        anchor=f"step-{order.number}-{line.step_code}",
        key=KEYS[place] if place < len(KEYS) else "",
        number=order.number,
        url=reverse("orders:order", args=[order.number]),
        act_url=act_url(order),
        code=line.step_code,
        title=own(card.title),
        type=own(process.title),
        where=where(order),
        what=own(card.what),
        priority=str(service_words.PRIORITIES[order.priority])
        if order.priority != "NORMAL"
        else "",
        state=str(service_words.STEP_STATES[line.state]),
        slack=service_words.slack(due_at=line.end_by_at, now=now, soon=near),
        end_by_at=line.end_by_at,
        inner_by_at=line.inner_by_at,
        promise_slack=service_words.slack(due_at=order.due_at, now=now, soon=near),
        promised_at=order.due_at,
        is_late=line.end_by_at is not None and line.end_by_at < now and not is_waiting,
        chased=_chased(step.pressed),
        waits_for=service_words.wait_name(code=order.waits_for),
        may_go_on=is_waiting and order.waits_for != "CONFIRMATION",
        may_begin=line.state == "READY",
        needs_form=any(field.is_required for field in card.fields),
        question=own(card.choice.question) if card.choice else "",
        answers=_answers(card),
        return_to=tuple(
            (way.step, own(process.step(way.step).title))
            for way in card.follows
            if way.step in step.done
        ),
        wait_for=() if is_waiting else _waits(card, process=process),
        colleagues=colleagues.get(line.post, ()),
    )


def waiting(order: OrderLine) -> Waiting:
    """Return an order that waits as a row."""
    return Waiting(
        number=order.number,
        url=reverse("orders:order", args=[order.number]),
        act_url=act_url(order),
        type=service_words.type_name(code=order.type_code),
        where=where(order),
        waits_for=service_words.wait_name(code=order.waits_for),
        opened_at=order.opened_at,
        may_go_on=order.waits_for != "CONFIRMATION",
    )


def act_url(order: OrderLine) -> str:
    """Return the address below which everything is done with an order."""
    return reverse("steps:mine") + order.number + "/"


def where(order: OrderLine) -> str:
    """Say where an order is."""
    named = " · ".join(part for part in (order.area_name, order.account_number) if part)
    return named or order.unit_name


def _chased(pressed: Pressed | None) -> str:
    if pressed is None:
        return ""
    said = ngettext("Chased %(n)d time: %(reason)s", "Chased %(n)d times: %(reason)s", pressed.n)
    return said % {"n": pressed.n, "reason": service_words.chase_reason(reason=pressed.reason)}


def _answers(card: Step) -> tuple[Pair, ...]:
    if card.choice is None:
        return (("", _("Done")),)
    return tuple((one.code, capfirst(service_words.own(one.title))) for one in card.choice.answers)


def _waits(card: Step, *, process: Process) -> tuple[Pair, ...]:
    return tuple(
        (pause.code, service_words.wait_name(code=pause.code))
        for pause in process.pauses
        if card.code in pause.steps
    )
