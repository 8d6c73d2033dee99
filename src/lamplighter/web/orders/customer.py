"""A customer's own page of an order, by a signed link and without an account."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lamplighter.action.service import told
from lamplighter.web import desk
from lamplighter.web.frame import formats, service_words

SALT = "lamplighter.order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A step as the customer reads it."""

    text: str
    state: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPage:
    """What happens next, and when."""

    title: str
    number: str
    state: str
    promises: tuple[str, ...]
    waits: str
    steps: tuple[Progress, ...]
    opened_at: str


def link(*, request: HttpRequest, number: str) -> str:
    """Return the address by which a customer sees an order."""
    token = signing.TimestampSigner(salt=SALT).sign(number)
    return request.build_absolute_uri(reverse("orders:track", args=[token]))


@login_not_required
@never_cache
@require_GET
def track(request: HttpRequest, token: str) -> HttpResponse:
    """Show a customer their order: progress in plain words, and what we wait for. Four queries."""
    days = desk.service_rules().policy.integer("customer_link_days")
    try:
        signer = signing.TimestampSigner(salt=SALT)
        number = signer.unsign(token, max_age=timedelta(days=days))
    except signing.BadSignature as error:
        raise Http404 from error
    found = told.told(number=number)
    if found is None:
        raise Http404
    answer = render(request, "orders/customer.html", {"page": _page(found)})
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _page(found: told.Told) -> CustomerPage:
    own = service_words.own
    waits = service_words.wait_name(code=found.waits_for)
    return CustomerPage(
        title=own(found.title),
        number=found.number,
        state=str(service_words.STATES[found.state]),
        promises=tuple(_promise(one) for one in found.promises),
        waits=own(found.waits_told) if found.waits_told else waits,
        steps=tuple(
            Progress(
                text=own(step.words),
                state=step.state.lower(),
                at=formats.moment(value=step.done_at) if step.done_at else "",
            )
            for step in found.steps
        ),
        opened_at=formats.moment(value=found.opened_at),
    )


def _promise(one: told.PromiseTold) -> str:
    title = service_words.own(one.title)
    if one.ended_at is not None:
        at = formats.moment(value=one.ended_at)
        if one.is_missed:
            return _("%(promise)s: done %(at)s, later than we promised. We are sorry.") % {
                "promise": title,
                "at": at,
            }
        return _("%(promise)s: done %(at)s.") % {"promise": title, "at": at}
    if one.is_missed:
        return _("%(promise)s: later than we promised. We are sorry, and we are at it.") % {
            "promise": title
        }
    if one.due_at is None:
        return _("%(promise)s: the time begins later, or waits for you.") % {"promise": title}
    return _("%(promise)s by %(at)s at the latest.") % {
        "promise": title,
        "at": formats.moment(value=one.due_at),
    }
