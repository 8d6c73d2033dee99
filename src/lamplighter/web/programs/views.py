"""Programs that act for the staff, and systems that are told: tokens and webhooks of a unit."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lamplighter.action.service import happenings
from lamplighter.action.service import subscribers as ports
from lamplighter.action.service.subscribers import MessageLine, Subscribers, SubscriptionLine
from lamplighter.facts.network import services as network
from lamplighter.facts.network.tokens import queries as tokens_read
from lamplighter.facts.network.tokens import services as tokens
from lamplighter.facts.network.tokens.queries import Person, TokenLine
from lamplighter.kernel import sealing
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy import loader
from lamplighter.policy.loader import Policy
from lamplighter.web import desk
from lamplighter.web.frame import codes, formats

SHOWN, KEY_LETTERS, MOST_ID = 100, 32, 2**63 - 1
PURPOSE = "lamplighter.programs"
OUTCOMES: dict[str, str | Promise] = {
    "WAITING": later("Will be retried"),
    "DEAD": later("Given up"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One token."""

    name: str
    acts_as: str
    tail: str
    expires_at: datetime
    last_used_at: datetime | None
    is_good: bool
    revoke_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One address that is told what happens."""

    url: str
    whose: str
    names: str
    n_waiting: int
    n_delivered: int
    n_dead: int
    read_until_id: int
    ended_at: datetime | None
    end_url: str
    replay_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message that failed."""

    url: str
    key: str
    state: str
    is_dead: bool
    n_attempts: int
    outcome: str
    next_at: datetime | None
    replay_url: str  # empty: its subscription has ended
    after_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramsPage:
    """The tokens and subscriptions of a unit's people."""

    summary: str
    tokens: tuple[Token, ...]
    subscriptions: tuple[Subscription, ...]
    messages: tuple[Message, ...]
    people: tuple[tuple[str, str], ...]
    events: tuple[str, ...]
    usual_days: int
    most_days: int
    page_key: str
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretPage:
    """A secret, shown this once."""

    title: str
    about: str
    secret: str


@never_cache
@require_GET
def programs(request: HttpRequest, subscribers: Subscribers) -> HttpResponse:
    """Show tokens, subscriptions and what failed. Four queries."""
    return _shown(request, subscribers)


@never_cache
@require_POST
def issue(request: HttpRequest, subscribers: Subscribers) -> HttpResponse:
    """Give a program a token and show its secret once; the same form twice is one token."""
    viewer, policy = _manager(request)
    number, days = request.POST.get("staff", ""), request.POST.get("days", "")
    if number not in {one.number for one in tokens_read.may_act_as(viewer=viewer)}:
        fault = _("Please choose a colleague of your units who may still sign in.")
        return _shown(request, subscribers, fault=fault, status=422)
    try:
        issued = tokens.issue(
            staff_number=number,
            name=request.POST.get("name", ""),
            n_days=int(days) if days.isdecimal() and len(days) < 5 else 0,
            actor=viewer.actor,
            now=timezone.now(),
            policy=policy,
            seed=sealing.blind_index(_key(request), settings.FIELD_KEY, PURPOSE),
        )
    except (tokens.TokenWrong, network.StaffUnknown):
        fault = _("Please give the program a name, and from 1 to %(n)d days.") % {
            "n": policy.integer("token_days_at_most")
        }
        return _shown(request, subscribers, fault=fault, status=422)
    return _secret(
        request,
        title=_("The token"),
        about=_("Give it to the program; it is shown this once and kept nowhere."),
        secret=issued.secret,
    )


@never_cache
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a token at once; ended twice it is ended."""
    viewer, _policy = _manager(request)
    if token_id not in {one.token_id for one in tokens_read.of_units(viewer=viewer)}:
        raise Http404
    tokens.revoke(token_id=token_id, actor=viewer.actor, now=timezone.now())
    messages.success(request, _("The token is no longer valid."))
    return redirect("programs:list")


@never_cache
@require_POST
def subscribe(request: HttpRequest, subscribers: Subscribers) -> HttpResponse:
    """Tell an address what happens and show the secret once; the same form twice is one."""
    viewer, _policy = _manager(request)
    try:
        made = subscribers.subscribe(
            viewer=viewer,
            staff_number=request.POST.get("staff", ""),
            url=request.POST.get("url", "").replace("\x00", "").strip(),
            names=[name for name in request.POST.getlist("names") if name],
            seed=_key(request),
            now=timezone.now(),
            field_key=settings.FIELD_KEY,
        )
    except ports.SubscriptionWrong as error:
        fault = _("This address cannot be used: %(why)s.") % {"why": error}
        return _shown(request, subscribers, fault=fault, status=422)
    return _secret(
        request,
        title=_("The secret of the signature"),
        about=_("The receiver checks the signature with it; it is shown this once."),
        secret=made.secret,
    )


@never_cache
@require_POST
def end(request: HttpRequest, subscription_id: int, subscribers: Subscribers) -> HttpResponse:
    """Tell an address nothing more."""
    viewer, _policy = _manager(request)
    try:
        subscribers.end(viewer=viewer, subscription_id=subscription_id, now=timezone.now())
    except ports.SubscriptionUnknown as error:
        raise Http404 from error
    messages.success(request, _("The webhook is stopped."))
    return redirect("programs:list")


@never_cache
@require_POST
def replay(request: HttpRequest, subscription_id: int, subscribers: Subscribers) -> HttpResponse:
    """Tell an address again all that happened behind a place."""
    viewer, _policy = _manager(request)
    after = request.POST.get("after", "")
    if not after.isdecimal() or len(after) > len(str(MOST_ID)) or int(after) > MOST_ID:
        fault = _("Please give the row of the ledger as a number.")
        return _shown(request, subscribers, fault=fault, status=422)
    try:
        subscribers.replay(
            viewer=viewer,
            subscription_id=subscription_id,
            after_id=int(after),
            now=timezone.now(),
        )
    except ports.SubscriptionUnknown as error:
        raise Http404 from error
    messages.success(request, _("Everything after that row is sent again."))
    return redirect("programs:list")


def _manager(request: HttpRequest) -> tuple[Viewer, Policy]:
    viewer = desk.viewer_of(request)
    policy = loader.load(name=tokens.POLICY, on=desk.today())
    if viewer.role not in policy.row("may_manage").value:
        raise PermissionDenied(f"{viewer.role} may_manage ({policy.version})")
    return viewer, policy


def _key(request: HttpRequest) -> str:
    """Return the key of a form that was opened here: whoever has none sends no secret."""
    key = request.POST.get("page_key", "").replace("\x00", "")[:KEY_LETTERS]
    if len(key) < KEY_LETTERS:
        raise Http404
    return key


def _secret(request: HttpRequest, *, title: str, about: str, secret: str) -> HttpResponse:
    page = SecretPage(title=title, about=about, secret=secret)
    return render(request, "programs/secret.html", {"page": page})


def _shown(
    request: HttpRequest, subscribers: Subscribers, *, fault: str = "", status: int = 200
) -> HttpResponse:
    viewer, policy = _manager(request)
    now = timezone.now()
    people = tokens_read.may_act_as(viewer=viewer)
    names = {one.number: _named(one) for one in people}
    found = tokens_read.of_units(viewer=viewer)
    failed = subscribers.troubled(viewer=viewer, limit=SHOWN)
    told = subscribers.listed(viewer=viewer)
    urls = {one.subscription_id: one for one in told}
    page = ProgramsPage(
        summary=_summary(found, told, now=now),
        tokens=tuple(_token(one, names, now=now) for one in found),
        subscriptions=tuple(_subscription(one, names) for one in told),
        messages=tuple(_message(one, urls[one.subscription_id]) for one in failed),
        people=tuple(names.items()),
        events=happenings.TOLD,
        usual_days=policy.integer("token_days_usual"),
        most_days=policy.integer("token_days_at_most"),
        page_key=uuid.uuid4().hex,
        fault=fault,
    )
    return render(request, "programs/programs.html", {"page": page}, status=status)


def _named(one: Person) -> str:
    return f"{one.name} · {one.number} · {codes.word_for(kind='post', code=one.role).label}"


def _token(one: TokenLine, names: dict[str, str], *, now: datetime) -> Token:
    return Token(
        name=one.name,
        acts_as=names.get(one.staff_number, one.staff_number),
        tail=one.tail,
        expires_at=one.expires_at,
        last_used_at=one.last_used_at,
        is_good=one.is_good(now=now),
        revoke_url=reverse("programs:revoke", args=[one.token_id]),
    )


def _subscription(one: SubscriptionLine, names: dict[str, str]) -> Subscription:
    return Subscription(
        url=one.url,
        whose=names.get(one.staff_number, one.staff_number),
        names=" ".join(one.names) or _("all events"),
        n_waiting=one.n_waiting,
        n_delivered=one.n_delivered,
        n_dead=one.n_dead,
        read_until_id=one.read_until_id,
        ended_at=one.ended_at,
        end_url=reverse("programs:end", args=[one.subscription_id]),
        replay_url=reverse("programs:replay", args=[one.subscription_id]),
    )


def _message(one: MessageLine, of: SubscriptionLine) -> Message:
    is_dead = one.state == "DEAD"
    return Message(
        url=of.url,
        key=one.key,
        state=str(OUTCOMES[one.state]),
        is_dead=is_dead,
        n_attempts=one.n_attempts,
        outcome=one.last_outcome,
        next_at=None if is_dead else one.next_at,
        replay_url=reverse("programs:replay", args=[of.subscription_id])
        if of.ended_at is None
        else "",
        after_id=one.event_id - 1,
    )


def _summary(found: list[TokenLine], told: list[SubscriptionLine], *, now: datetime) -> str:
    n_good = sum(one.is_good(now=now) for one in found)
    n_live = sum(one.ended_at is None for one in told)
    n_dead = sum(one.n_dead for one in told if one.ended_at is None)
    tokens_said = ngettext("%(n)d token is valid", "%(n)d tokens are valid", n_good) % {"n": n_good}
    told_said = ngettext("%(n)d webhook is running", "%(n)d webhooks are running", n_live)
    said = _("%(tokens)s, %(told)s.") % {"tokens": tokens_said, "told": told_said % {"n": n_live}}
    if not n_dead:
        return said
    dead = ngettext("%(n)d message was given up.", "%(n)d messages were given up.", n_dead)
    return formats.sentences(said, dead % {"n": n_dead})
