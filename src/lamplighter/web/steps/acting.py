"""What a person does with a step of theirs, from its row: each a form that is sent once."""

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as later
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from lamplighter.action.service import errors
from lamplighter.action.service import services as service
from lamplighter.action.service.services import Asking
from lamplighter.web import desk
from lamplighter.web.frame import refused
from lamplighter.web.frame.service_words import Text
from lamplighter.web.steps import views

Sent = Mapping[str, str]
Act = Callable[[Asking, Sent], None]
KEY_LETTERS = 32


def _begin(asking: Asking, sent: Sent) -> None:
    service.begin_step(asking, step_code=sent["step"])


def _complete(asking: Asking, sent: Sent) -> None:
    service.complete_step(asking, step_code=sent["step"], answer=sent.get("answer", ""))


def _return(asking: Asking, sent: Sent) -> None:
    service.return_step(
        asking, step_code=sent["step"], to_code=sent.get("to", ""), reason=sent["reason"]
    )


def _hand_over(asking: Asking, sent: Sent) -> None:
    staff = sent.get("staff", "")
    if not staff.isdecimal() or len(staff) > 10:
        raise errors.StaffUnknown("none was chosen")
    service.hand_over_step(
        asking, step_code=sent["step"], staff_id=int(staff), reason=sent["reason"].strip()
    )


def _wait(asking: Asking, sent: Sent) -> None:
    service.wait(asking, reason=sent.get("waits_for", ""), step_code=sent["step"])


def _go_on(asking: Asking, _sent: Sent) -> None:
    service.go_on(asking)


ACTS: dict[str, tuple[Act, Text]] = {
    "begin": (_begin, later("You are at it now.")),
    "complete": (_complete, later("The step is done.")),
    "return": (_return, later("The step went back; the customer's promise stays.")),
    "hand-over": (
        _hand_over,
        later("The step is a colleague's now; the customer notices nothing."),
    ),
    "wait": (_wait, later("The clock stands until the customer has done their part.")),
    "go-on": (_go_on, later("The clock runs again.")),
}


@never_cache
@require_POST
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Do one thing with a step and come back to the desk; the same form twice does it once."""
    if action not in ACTS:
        raise Http404
    do, done = ACTS[action]
    typed = {name: text.replace("\x00", "") for name, text in request.POST.dict().items()}
    sent = {"step": "", "reason": "", **typed}
    key = sent.get("page_key", "")[:KEY_LETTERS]
    asking = Asking(
        viewer=desk.viewer_of(request),
        number=number,
        now=desk.now(),
        rules=desk.service_rules(),
        request_key=f"{key}.{action}.{sent['step']}"[:64] if key else "",
    )
    try:
        do(asking, sent)
    except errors.OrderUnknown as error:
        raise Http404 from error
    except errors.NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except tuple(refused.REFUSALS) as error:
        return views.shown(
            request,
            fault=str(refused.REFUSALS[type(error)]),
            fault_at=f"step-{number}-{sent['step']}",
            said=sent["reason"],
            status=422,
        )
    messages.success(request, str(done))
    return redirect("steps:mine")
