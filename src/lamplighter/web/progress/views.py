"""A customer's own page: where their order stands, until when, and their word on it."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lamplighter.action.outages import rules as outage_rules
from lamplighter.action.outages import told
from lamplighter.action.service import errors as service_errors
from lamplighter.action.service.progress import errors, queries, services, voices
from lamplighter.action.service.progress.links import Holder
from lamplighter.action.service.progress.queries import Progress, PromiseSeen
from lamplighter.policy import loader
from lamplighter.policy.processes.filling import FieldUnknown, FieldWrong
from lamplighter.web import desk
from lamplighter.web.frame import formats, outage_words, service_words, step_forms
from lamplighter.web.frame.service_words import Text
from lamplighter.web.frame.step_forms import FieldShown
from lamplighter.web.progress import fees, tokens
from lamplighter.web.progress.fees import Fees

Sent = Mapping[str, str]
Say = Callable[[Holder, Sent, str], None]
KEY_LETTERS = 32
A_MINUTE = "60"
STARS: tuple[tuple[int, Text], ...] = (
    (5, later("Very good")),
    (4, later("Good")),
    (3, later("So so")),
    (2, later("Not good")),
    (1, later("Bad")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step in the customer's words."""

    text: str
    state: str
    state_words: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressPage:
    """All that a customer is shown."""

    token: str
    type: str
    number: str
    standing: str
    opened_at: datetime
    waits: str
    outages: tuple[str, ...]  # what is off at the place, or soon will be
    promises: tuple[tuple[str, str], ...]  # a sentence, and its tone
    steps: tuple[Step, ...]
    fees: Fees | None  # of large customers and of the green channel
    is_asked: bool
    asked: tuple[FieldShown, ...]  # what has to be answered with a yes
    asked_too: tuple[FieldShown, ...]  # the same, with a no
    may_object: bool
    replies: tuple[tuple[datetime, str], ...]
    may_rate: bool
    stars: tuple[tuple[int, Text], ...]
    rated: str
    hotline: str
    unit: str
    ends_at: datetime
    page_key: str
    fault: str
    said: str


def _customers_own(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a page to whoever holds a link: nobody signs in, nobody keeps it, no engine finds it."""

    @wraps(view)
    def shown(request: HttpRequest, token: str, *more: str, **named: str) -> HttpResponse:
        try:
            answer = view(request, token, *more, **named)
        except errors.LinkUnknown:
            answer = _apart(request, "gone", status=404)
        except errors.TooOften:
            answer = _apart(request, "often", status=429)
            answer["Retry-After"] = A_MINUTE
        answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return answer

    return login_not_required(never_cache(shown))


@_customers_own
@require_GET
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show one order to whoever holds its link. 11 queries, 14 with bills."""
    holder = tokens.holder(token=token)
    services.visit(holder)
    return _shown(request, token, holder)


@_customers_own
@require_POST
def say(request: HttpRequest, token: str, action: str) -> HttpResponse:
    """Take a customer's word; the same form sent twice says it once."""
    if action not in SAYINGS:
        raise Http404
    holder = tokens.holder(token=token)
    services.visit(holder)
    do, thanks = SAYINGS[action]
    sent = {name: text.replace("\x00", "") for name, text in request.POST.dict().items()}
    key = sent.get("page_key", "")[:KEY_LETTERS]
    try:
        do(holder, sent, f"{key}.{action}" if key else "")
    except tuple(REFUSALS) as error:
        fault = str(REFUSALS[type(error)])
        return _shown(request, token, holder, fault=fault, sent=sent, status=422)
    messages.success(request, str(thanks))
    return redirect("progress:show", token)


def _rate(holder: Holder, sent: Sent, key: str) -> None:
    stars = sent.get("stars", "")
    services.rate(
        holder,
        stars=int(stars) if stars in {"1", "2", "3", "4", "5"} else 0,
        words=sent.get("words", ""),
        field_key=settings.FIELD_KEY,
        request_key=key,
    )


def _confirm(holder: Holder, sent: Sent, key: str) -> None:
    services.confirm(holder, said=_said(sent), field_key=settings.FIELD_KEY, request_key=key)


def _object(holder: Holder, sent: Sent, key: str) -> None:
    services.object_to(
        holder,
        words=sent.get("words", ""),
        said=_said(sent),
        field_key=settings.FIELD_KEY,
        request_key=key,
    )


def _said(sent: Sent) -> dict[str, str]:
    prefix = step_forms.PREFIX
    return {
        name.removeprefix(prefix): text for name, text in sent.items() if name.startswith(prefix)
    }


SAYINGS: dict[str, tuple[Say, Text]] = {
    "rate": (_rate, later("Thank you. We read every word.")),
    "confirm": (_confirm, later("Thank you: noted as done.")),
    "object": (_object, later("Thank you for telling us. We have taken it up again.")),
}
REFUSALS: dict[type[Exception], Text] = {
    errors.StarsImpossible: later("Please choose from one to five."),
    errors.AlreadyRated: later("It was rated before; the first rating counts."),
    FieldWrong: later("Please answer the question above the button too."),
    FieldUnknown: later("Something changed meanwhile. Please look again."),
    service_errors.ReasonMissing: later("Please tell us in a few words what is missing."),
    service_errors.ReasonTooLong: later("Too long to keep; nothing was saved. Please shorten it."),
    service_errors.OrderIsOpen: later("We are still at it; you are asked when it is done."),
    service_errors.OrderIsClosed: later("This has ended in the meantime. Please call us."),
    service_errors.MomentGoesBack: later("Something changed meanwhile. Please look again."),
    service_errors.ChangedMeanwhile: later("Something changed meanwhile. Please look again."),
}


def _apart(request: HttpRequest, name: str, *, status: int) -> HttpResponse:
    hotline = str(tokens.policy().row("hotline").value)
    return render(request, f"progress/{name}.html", {"hotline": hotline}, status=status)


def _shown(
    request: HttpRequest,
    token: str,
    holder: Holder,
    *,
    fault: str = "",
    sent: Sent | None = None,
    status: int = 200,
) -> HttpResponse:
    sent = sent or {}
    tariffs = loader.load(name="tariffs", on=desk.today())
    seen = queries.progress(holder=holder)
    asked = _asked(seen, sent)
    bills = queries.fees(holder=holder, tariffs=tariffs, known_at=timezone.now())
    own = service_words.own
    states = {"DONE": _("Done"), "NOW": _("Now"), "AHEAD": _("Then")}
    page = ProgressPage(
        token=token,
        type=own(seen.type),
        number=seen.number,
        standing=_standing(seen),
        opened_at=seen.opened_at,
        waits=own(seen.waits_told) if seen.waits_told else "",
        outages=_outages(seen),
        promises=tuple(_promise(one) for one in seen.promises),
        steps=tuple(
            Step(
                text=own(step.words),
                state=step.state.lower(),
                state_words=states[step.state],
                done_at=step.done_at,
            )
            for step in seen.steps
            if seen.closed_at is None or step.state == "DONE"
        ),
        fees=fees.shown(found=bills),
        is_asked=seen.is_asked,
        asked=asked,
        asked_too=tuple(replace(field, id=f"no-{field.id}") for field in asked),
        may_object=seen.may_object,
        replies=tuple(voices.replies(holder=holder, field_key=settings.FIELD_KEY)),
        may_rate=seen.may_rate,
        stars=STARS,
        rated=str(dict(STARS)[seen.stars]) if seen.stars else "",
        hotline=str(holder.policy.row("hotline").value),
        unit=seen.unit_name,
        ends_at=seen.ends_at,
        page_key=uuid.uuid4().hex,
        fault=fault,
        said=sent.get("words", ""),
    )
    return render(request, "progress/show.html", {"page": page}, status=status)


def _asked(seen: Progress, sent: Sent) -> tuple[FieldShown, ...]:
    if seen.asking is None:
        return ()
    fields = step_forms.fields(step=seen.asking, written=sent, files=())
    return tuple(field for field in fields if field.is_required)


def _outages(seen: Progress) -> tuple[str, ...]:
    if seen.area_id is None or seen.closed_at is not None:
        return ()
    now, zone = desk.now(), ZoneInfo(settings.TIME_ZONE)
    rules = outage_rules.in_force(on=desk.today(), zone=zone)
    found = told.announced_at(area_id=seen.area_id, now=now, rules=rules)
    return tuple(outage_words.said(line=line, now=now) for line in found)


def _standing(seen: Progress) -> str:
    if seen.state == "CANCELLED":
        return _("You withdrew this request.")
    if seen.closed_at is not None:
        return _("Done, and closed on %(day)s.") % {"day": formats.moment(value=seen.closed_at)}
    if seen.is_asked:
        return _("We think it is done. Please tell us whether it is.")
    if seen.may_rate or seen.stars:  # they said yes
        return _("You told us that it is done; we are putting it on file.")
    if seen.waits_told is not None:
        return _("We are waiting for you; this time does not count towards our promise.")
    now = [step for step in seen.steps if step.state == "NOW"]
    if not now:
        return _("In progress.")
    said = service_words.own(now[-1].words)
    return said if now[-1].is_theirs else _("Now: %(step)s.") % {"step": said}


def _promise(one: PromiseSeen) -> tuple[str, str]:
    at = one.ended_at or one.due_at
    said = {
        "promise": service_words.own(one.title),
        "at": formats.deadline(value=at) if at is not None else "",
    }
    if one.outcome == "KEPT":
        return _("%(promise)s: done %(at)s, in time.") % said, "good"
    if one.outcome == "MISSED" and one.ended_at is not None:
        return _("%(promise)s: done %(at)s, later than we promised. We are sorry.") % said, "harm"
    if one.outcome == "MISSED":
        return _("%(promise)s: due %(at)s. We are late and sorry, and still at it.") % said, "harm"
    if one.outcome == "RUNNING":
        return _("%(promise)s: by %(at)s at the latest.") % said, ""
    return _("%(promise)s: the time goes on once you have done your part.") % said, "warn"
