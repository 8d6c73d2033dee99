"""One service order: its promise, its steps, what may be done now, and what happened."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lamplighter.action.service import queries as service
from lamplighter.action.service.lines import OrderWhole
from lamplighter.action.service.rules import Rules
from lamplighter.facts.network import posts
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import queries as ledger
from lamplighter.policy.processes import catalogue, codes, picture
from lamplighter.policy.processes.shapes import Process
from lamplighter.web import desk
from lamplighter.web.frame import actors, formats, service_words
from lamplighter.web.frame.service_words import Slack
from lamplighter.web.orders import cards, clocks, happened, papers
from lamplighter.web.orders.cards import Pair, StepCard
from lamplighter.web.orders.clocks import Clock
from lamplighter.web.orders.happened import Entry
from lamplighter.web.orders.views import soon

ROWS_OF_THE_LEDGER = 200
FAULTS = "F7"  # the function
INSIDE = "INSIDE"  # the channel of what nobody asked us for
DRAWN = {"AHEAD": "WAITING", "BEGUN": "READY"}  # as the picture names states


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A failure of service that was noted."""

    level: str
    content: str
    losses: str
    found_at: datetime
    found_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What an order is, and how it stands."""

    type: str
    function: str
    version: str
    state: str
    state_words: str
    priority: str
    is_green: bool
    slack: Slack | None
    waits_for: str
    waits_told: str  # what the customer is told of the wait
    account_number: str
    account_url: str
    where: str
    owner: str
    phone_masked: str
    is_ours: bool  # nobody asked for it: we began it
    channel: str
    opened_at: datetime
    closed_at: datetime | None
    confirmed_at: datetime | None
    has_words: bool
    words_url: str
    incident: str
    joined: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """What may be done with an order, and why the last try was refused."""

    page_key: str
    fault: str  # why what was just asked for was refused
    said: str  # the reason that was typed with it
    is_open: bool
    is_confirming: bool
    may_change: bool
    may_join: bool  # a fault: others may be the same
    may_chase: bool
    may_note_failure: bool
    reopen_to: tuple[Pair, ...]
    types: tuple[Pair, ...]
    priorities: tuple[Pair, ...]
    levels: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    """One order as a whole."""

    head: Head
    forms: Forms
    number: str
    url: str
    summary: str
    open_cards: tuple[StepCard, ...]
    cards: tuple[StepCard, ...]
    clocks: tuple[Clock, ...]
    entries: tuple[Entry, ...]
    failures: tuple[Failure, ...]
    picture: SafeString


@never_cache
@require_GET
def order(request: HttpRequest, number: str) -> HttpResponse:
    """Show one order. 20 queries at most."""
    return shown(request, number)


def shown(
    request: HttpRequest,
    number: str,
    *,
    fault: str = "",
    said: str = "",
    written: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render an order, with why something was refused where that is so, and what was written.

    Raises
    ------
    Http404
        No such order where the viewer may look.
    """
    viewer, rules, now = desk.viewer_of(request), desk.service_rules(), desk.now()
    whole = service.order(
        viewer=viewer, rules=rules, number=number, now=now, field_key=settings.FIELD_KEY
    )
    if whole is None:
        raise Http404
    page = _page(
        whole,
        viewer=viewer,
        rules=rules,
        now=now,
        fault=fault,
        said=said,
        written=written or {},
    )
    return render(request, "orders/order.html", {"page": page}, status=status)


def _page(
    whole: OrderWhole,
    *,
    viewer: Viewer,
    rules: Rules,
    now: datetime,
    fault: str,
    said: str,
    written: Mapping[str, str],
) -> OrderPage:
    line = whole.line
    process = catalogue.by_version(version=whole.process_version)
    is_open = line.closed_at is None
    steps = cards.cards(
        whole=whole,
        process=process,
        viewer=viewer,
        rules=rules,
        now=now,
        soon=soon(rules),
        colleagues=_colleagues(whole, viewer=viewer, rules=rules) if is_open else {},
        papers=papers.papers(
            whole=whole, process=process, viewer=viewer, rules=rules, written=written
        ),
    )
    promises = clocks.clocks(promises=whole.promises, process=process, now=now, soon=soon(rules))
    rows = ledger.about(subject=f"order:{line.order_id}", limit=ROWS_OF_THE_LEDGER)
    did = [event.actor for event in whole.events] + [row.actor for row in rows]
    return OrderPage(
        head=_head(whole, viewer=viewer, process=process, rules=rules, now=now),
        forms=_forms(whole, viewer=viewer, rules=rules, steps=steps, fault=fault, said=said),
        number=line.number,
        url=reverse("orders:order", args=[line.number]),
        summary=_summary(whole, promises),
        open_cards=tuple(card for card in steps if card.is_open),
        cards=steps,
        clocks=promises,
        entries=happened.entries(
            whole=whole, process=process, rows=rows, called=actors.called(actors=did)
        ),
        failures=_failures(whole, process),
        picture=_picture(process, steps),
    )


def _head(
    whole: OrderWhole, *, viewer: Viewer, process: Process, rules: Rules, now: datetime
) -> Head:
    line = whole.line
    return Head(
        type=service_words.own(process.title),
        function=service_words.function_name(code=process.function),
        version=formats.day_long(value=process.valid_from),
        state=line.state,
        state_words=str(service_words.STATES[line.state]),
        priority=str(service_words.PRIORITIES[line.priority]) if line.priority != "NORMAL" else "",
        is_green=whole.is_green,
        slack=service_words.slack(due_at=line.due_at, now=now, soon=soon(rules))
        if line.closed_at is None
        else None,
        waits_for=service_words.wait_name(code=line.waits_for),
        waits_told=_told(process, line.waits_for),
        account_number=line.account_number,
        account_url=reverse("customers:account", args=[line.account_number])
        if line.account_number
        else "",
        where=desk.beside_unit(whole.place, line.area_name, unit=line.unit_name, viewer=viewer)
        or line.unit_name,
        owner=line.owner_name,
        phone_masked=line.phone_masked,
        is_ours=line.channel == INSIDE and not (line.account_number or line.phone_masked),
        channel=str(service_words.CHANNELS[line.channel]),
        opened_at=line.opened_at,
        closed_at=line.closed_at,
        confirmed_at=whole.confirmed_at,
        has_words=bool(whole.words),
        words_url=reverse("orders:words", args=[line.number]),
        incident=line.incident_number,
        joined=tuple((one, reverse("orders:order", args=[one])) for one in whole.joined),
    )


def _forms(
    whole: OrderWhole,
    *,
    viewer: Viewer,
    rules: Rules,
    steps: tuple[StepCard, ...],
    fault: str,
    said: str,
) -> Forms:
    is_open = whole.line.closed_at is None
    return Forms(
        page_key=uuid.uuid4().hex,
        fault=fault,
        said=said,
        is_open=is_open,
        is_confirming=whole.line.state == "CONFIRMING",
        may_change=is_open and cards.may_change(whole=whole, viewer=viewer, rules=rules),
        may_join=codes.TYPES.get(whole.line.type_code) == FAULTS,
        may_chase=is_open and rules.has_right(viewer, "may_chase"),
        may_note_failure=rules.has_right(viewer, "may_note_failure"),
        reopen_to=tuple((card.code, card.title) for card in steps if card.state == "DONE"),
        types=tuple((code, service_words.type_name(code=code)) for code in codes.TYPES),
        priorities=tuple((code, str(text)) for code, text in service_words.PRIORITIES.items()),
        levels=tuple((code, service_words.level_name(code=code)) for code in codes.LEVELS),
    )


def _summary(whole: OrderWhole, promises: tuple[Clock, ...]) -> str:
    line = whole.line
    if line.state in {"CLOSED", "CANCELLED"}:
        return _("%(state)s.") % {"state": service_words.STATES[line.state]}
    if line.waits_for:
        waits = service_words.wait_name(code=line.waits_for)
        return _("Clock paused: %(waits)s.") % {"waits": waits}
    ours = [one for one in promises if one.slack is not None]
    running = [one for one in ours if one.is_outward] or ours
    if not running:
        return _("No promise runs at present.")
    return formats.sentences(*(clocks.promised(clock=one) for one in running))


def _told(process: Process, reason: str) -> str:
    found = [pause for pause in process.pauses if pause.code == reason]
    return service_words.own(found[0].customer) if found else ""


def _colleagues(whole: OrderWhole, *, viewer: Viewer, rules: Rules) -> dict[str, tuple[Pair, ...]]:
    """Return to whom an open step of each post may be handed. One query a post, one for names."""
    open_posts = {step.post for step in whole.steps if step.state in cards.OPEN}
    people = {
        post: posts.colleagues(
            posts=rules.posts(post), unit_path=viewer.org_path, area_id=None, on=rules.on
        )
        for post in sorted(open_posts)
        if rules.posts(post)
    }
    ids = sorted({one.staff_id for found in people.values() for one in found})
    called = posts.names_of(staff_ids=ids)
    return {
        post: tuple(
            (str(one.staff_id), f"{called[one.staff_id]} · {one.number}")
            for one in found
            if one.staff_id in called
        )
        for post, found in people.items()
    }


def _failures(whole: OrderWhole, process: Process) -> tuple[Failure, ...]:
    titles = {one.code: service_words.own(one.title) for one in process.failures}
    return tuple(
        Failure(
            level=service_words.level_name(code=one.level),
            content=titles.get(one.code, one.content),  # by a rule, or a person's own words
            losses=_losses(*one.losses),
            found_at=one.found_at,
            found_by=one.found_by,
        )
        for one in whole.failures
    )


def _losses(economic_cny: str, political: int, reputation: int, honour: int) -> str:
    """Say what was lost; nothing where nobody has found a loss."""
    lost = Decimal(economic_cny)
    said = [formats.money(value=lost, digits=2)] if lost else []
    named = ((_("Political"), political), (_("Reputation"), reputation), (_("Honour"), honour))
    return " · ".join([*said, *(f"{name} {grade}" for name, grade in named if grade)])


def _picture(process: Process, steps: tuple[StepCard, ...]) -> SafeString:
    drawn = picture.picture(
        process=process,
        language=get_language() or "",
        states={card.code: DRAWN.get(card.state, card.state) for card in steps},
    )
    return mark_safe(drawn)  # noqa: S308 - our own files alone, escaped by the picture
