"""What a person does with a step of theirs, from its row: each a form that is sent once."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as later
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from lamplighter.web.frame import order_acts
from lamplighter.web.frame.service_words import Text
from lamplighter.web.steps import views

ACTS: dict[str, tuple[order_acts.Act, Text]] = {
    "begin": (order_acts.begin, later("Started: it is yours now.")),
    "complete": (order_acts.complete, later("The step is done.")),
    "return": (order_acts.give_back, later("The step went back; the customer's promise stays.")),
    "hand-over": (
        order_acts.hand_over,
        later("The step is a colleague's now; the promise to the customer stays."),
    ),
    "wait": (order_acts.wait, later("The clock is paused until the customer has done their part.")),
    "go-on": (order_acts.go_on, later("The clock runs again.")),
}


@never_cache
@require_POST
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Do one thing with a step and come back to the desk; the same form twice does it once."""
    if action not in ACTS:
        raise Http404
    do, done = ACTS[action]
    sent = order_acts.sent_by(request)
    fault = order_acts.perform(request, number=number, action=action, sent=sent, do=do)
    if fault:
        return views.shown(
            request,
            fault=fault,
            fault_at=f"step-{number}-{sent['step']}",
            said=sent["reason"],
            status=422,
        )
    messages.success(request, str(done))
    return redirect("steps:mine")
