"""What any page does with an order: a form that is sent once, and tells why it was refused."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from lamplighter.action.service import errors
from lamplighter.action.service import services as service
from lamplighter.action.service.records import services as records
from lamplighter.action.service.services import Asking
from lamplighter.web import desk
from lamplighter.web.frame import refused
from lamplighter.web.frame.step_forms import PREFIX

Sent = Mapping[str, str]
Act = Callable[[Asking, Sent], None]
KEY_LETTERS = 32


def sent_by(request: HttpRequest) -> dict[str, str]:
    """Return the parts of a form; which step it is about, and why, are never absent."""
    typed = {name: text.replace("\x00", "") for name, text in request.POST.dict().items()}
    return {"step": "", "reason": "", **typed}


def perform(request: HttpRequest, *, number: str, action: str, sent: Sent, do: Act) -> str:
    """Do one thing with an order, once for each form; return why not, empty where it was done.

    Raises
    ------
    Http404
        No such order where the person may look.
    PermissionDenied
        The person may not do it.
    """
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
        return refused.why(error)
    return ""


def begin(asking: Asking, sent: Sent) -> None:
    service.begin_step(asking, step_code=sent["step"])


def complete(asking: Asking, sent: Sent) -> None:
    said = {name[len(PREFIX) :]: text for name, text in sent.items() if name.startswith(PREFIX)}
    records.complete(
        asking,
        step_code=sent["step"],
        answer=sent.get("answer", ""),
        said=said,
        field_key=settings.FIELD_KEY,
    )


def give_back(asking: Asking, sent: Sent) -> None:
    service.return_step(
        asking, step_code=sent["step"], to_code=sent.get("to", ""), reason=sent["reason"]
    )


def hand_over(asking: Asking, sent: Sent) -> None:
    staff = sent.get("staff", "")
    if not staff.isdecimal() or len(staff) > 10:
        raise errors.StaffUnknown("none was chosen")
    service.hand_over_step(
        asking, step_code=sent["step"], staff_id=int(staff), reason=sent["reason"].strip()
    )


def wait(asking: Asking, sent: Sent) -> None:
    service.wait(asking, reason=sent.get("waits_for", ""), step_code=sent["step"])


def go_on(asking: Asking, _sent: Sent) -> None:
    service.go_on(asking)
