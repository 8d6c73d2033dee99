"""Giving a customer the link to their order, and ending it."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from lamplighter.action.service import errors
from lamplighter.action.service.progress import services
from lamplighter.action.service.services import Asking
from lamplighter.web import desk
from lamplighter.web.progress import tokens

KEY_LETTERS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPage:
    """A link, shown this once: only its hash is kept."""

    number: str
    order_url: str
    address: str
    message: str
    ends_at: datetime


@never_cache
@require_POST
def give(request: HttpRequest, number: str) -> HttpResponse:
    """Give a link and show it; the same form sent twice gives the same one."""
    key = request.POST.get("page_key", "").replace("\x00", "")[:KEY_LETTERS]
    if not key:
        raise Http404
    nonce = tokens.nonce_for(number=number, page_key=key)
    try:
        ends_at = services.give_link(_asking(request, number), nonce=nonce, policy=tokens.policy())
    except errors.OrderUnknown as error:
        raise Http404 from error
    except errors.NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except errors.OrderIsClosed:
        messages.error(request, _("This order ended too long ago for a link."))
        return redirect("orders:order", number)
    except errors.KeyReused:
        messages.error(request, _("A newer link was given since. Please give another one."))
        return redirect("orders:order", number)
    token = tokens.token(number=number, nonce=nonce)
    address = request.build_absolute_uri(reverse("progress:show", args=[token]))
    page = GivenPage(
        number=number,
        order_url=reverse("orders:order", args=[number]),
        address=address,
        message=_("How your request %(number)s stands: %(address)s")
        % {"number": number, "address": address},
        ends_at=ends_at,
    )
    return render(request, "progress/given.html", {"page": page})


@never_cache
@require_POST
def end(request: HttpRequest, number: str) -> HttpResponse:
    """End the link to an order."""
    try:
        n_ended = services.take_link_back(_asking(request, number))
    except errors.OrderUnknown as error:
        raise Http404 from error
    except errors.NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    said = _("The link no longer works.") if n_ended else _("There was no link.")
    messages.success(request, said)
    return redirect("orders:order", number)


def _asking(request: HttpRequest, number: str) -> Asking:
    return Asking(
        viewer=desk.viewer_of(request), number=number, now=desk.now(), rules=desk.service_rules()
    )
