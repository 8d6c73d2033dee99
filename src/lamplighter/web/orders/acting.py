"""What a person does with an order: each a form that is sent, and tells why it was refused."""

from decimal import Decimal, InvalidOperation

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from lamplighter.action.service import errors
from lamplighter.action.service import services as service
from lamplighter.action.service.services import Asking
from lamplighter.web import desk
from lamplighter.web.frame import order_acts, refused
from lamplighter.web.frame.order_acts import Act, Sent
from lamplighter.web.orders import filling, one


def _loss(sent: Sent, name: str) -> int:
    text = sent.get(name, "") or "0"
    if not text.isdecimal() or len(text) > 2:
        raise errors.FailureUnknown(name)
    return int(text)


def _money(text: str) -> Decimal:
    try:
        amount = Decimal(text or "0")
    except InvalidOperation:
        raise errors.FailureUnknown("economic_cny") from None
    if not amount.is_finite() or not 0 <= amount < 10**9:
        raise errors.FailureUnknown("economic_cny")
    return amount


def _incident(asking: Asking, sent: Sent) -> None:
    said = sent.get("with", "").strip()[:40]
    if said.startswith("I"):
        service.join_incident(asking, incident_number=said)
    else:
        service.join_incident(asking, with_number=said)


ACTS: dict[str, tuple[Act, str | Promise]] = {
    "begin": (order_acts.begin, later("Started: it is yours now.")),
    "complete": (order_acts.complete, later("The step is done.")),
    "return": (order_acts.give_back, later("The step went back; the customer's promise stays.")),
    "hand-over": (
        order_acts.hand_over,
        later("The step is a colleague's now; the promise to the customer stays."),
    ),
    "wait": (
        order_acts.wait,
        later("The clock is paused until the customer has done their part."),
    ),
    "go-on": (order_acts.go_on, later("The clock runs again.")),
    "confirm": (
        lambda asking, _sent: service.confirm(asking),
        later("Closed: the customer said yes."),
    ),
    "reopen": (
        lambda asking, sent: service.reopen(asking, step_code=sent["step"], reason=sent["reason"]),
        later("Reopened; the same clock goes on."),
    ),
    "cancel": (
        lambda asking, sent: service.cancel(asking, reason=sent["reason"]),
        later("Withdrawn, as the customer wishes."),
    ),
    "chase": (
        lambda asking, sent: service.chase(asking, reason=sent["reason"]),
        later("Chased, and recorded."),
    ),
    "join": (_incident, later("Joined: one fault, one incident.")),
    "priority": (
        lambda asking, sent: service.change_priority(asking, priority=sent.get("priority", "")),
        later("The steps are planned by the new priority; the promise stays."),
    ),
    "type": (
        lambda asking, sent: service.change_type(asking, type_code=sent.get("type", "")),
        later("It follows the other process now; the time used stays used."),
    ),
    "failure": (
        lambda asking, sent: service.note_failure(
            asking,
            level=sent.get("level", ""),
            content=sent["reason"],
            method=sent.get("method", ""),
            economic_cny=_money(sent.get("economic_cny", "").strip()),
            political=_loss(sent, "political"),
            reputation=_loss(sent, "reputation"),
            honour=_loss(sent, "honour"),
        ),
        later("The failure is on record."),
    ),
}


@never_cache
@require_POST
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Do one thing with an order; the same form sent twice does it once."""
    if action not in ACTS:
        raise Http404
    do, done = ACTS[action]
    sent, fault = filling.with_files(request, number=number, sent=order_acts.sent_by(request))
    fault = fault or order_acts.perform(request, number=number, action=action, sent=sent, do=do)
    if fault:
        return one.shown(
            request, number, fault=fault, said=sent["reason"], written=sent, status=422
        )
    messages.success(request, str(done))
    return redirect("orders:order", number)


@never_cache
@require_POST
def words(request: HttpRequest, number: str) -> HttpResponse:
    """Show what the customer said, for a reason that is kept; the words alone to htmx."""
    reason = request.POST.get("reason", "").replace("\x00", "")
    asking = Asking(
        viewer=desk.viewer_of(request),
        number=number,
        now=desk.now(),
        rules=desk.service_rules(),
    )
    try:
        text = service.read_words(asking, reason=reason, field_key=settings.FIELD_KEY)
    except errors.OrderUnknown as error:
        raise Http404 from error
    except errors.NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except errors.ReasonMissing:
        fault = _("Please say why you need to read it, in a few words.")
        return one.shown(request, number, fault=fault, said=reason, status=422)
    except errors.ReasonTooLong as error:
        fault = refused.why(error)
        return one.shown(request, number, fault=fault, said=reason, status=422)
    page = {"number": number, "text": text}
    part = "#words" if getattr(request, "htmx", False) else ""
    return render(request, f"orders/words.html{part}", {"page": page})
