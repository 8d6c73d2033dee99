"""Failures of service at their level, each with its four losses; and noting one (S3-18)."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lamplighter.action.service import errors, watching
from lamplighter.action.service import services as service
from lamplighter.action.service.services import Asking
from lamplighter.action.service.watching import FailureLine
from lamplighter.policy.processes import catalogue, codes
from lamplighter.web.frame import lists, refused, service_words
from lamplighter.web.frame.service_words import Text
from lamplighter.web.watch import desks
from lamplighter.web.watch.desks import Tab

SHOWN = 200
METHODS: dict[str, Text] = {"PROMISE_MISSED": later("Found by the clock")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One failure."""

    level: str
    tone: str
    content: str
    method: str
    number: str
    url: str
    type: str
    unit: str
    economic_cny: str
    political: int
    reputation: int
    honour: int
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FailuresPage:
    """What failed, and a form to note more."""

    summary: str
    tabs: tuple[Tab, ...]
    filters: tuple[lists.Filter, ...]
    action: str
    rows: tuple[Row, ...]
    is_cut: bool
    levels: tuple[tuple[str, str], ...]
    grades: tuple[tuple[int, str], ...]
    page_key: str
    fault: str
    sent: dict[str, str]


@never_cache
@require_GET
def failures(request: HttpRequest) -> HttpResponse:
    """List the failures of a span (``?days=``). Three queries."""
    return _shown(request)


def _shown(
    request: HttpRequest,
    *,
    fault: str = "",
    sent: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    at = desks.desk_of(request)
    days, since = desks.span(request, at=at)
    found = watching.failures(
        viewer=at.viewer, rules=at.rules, since=since, now=at.now, limit=SHOWN + 1
    )
    page = FailuresPage(
        summary=ngettext("%(n)d failure was found.", "%(n)d failures were found.", len(found))
        % {"n": len(found)},
        tabs=desks.tabs(current="failures"),
        filters=(desks.span_filter(at=at, days=days, label=_("Found within")),),
        action=reverse("watch:failures"),
        rows=tuple(_row(one) for one in found[:SHOWN]),
        is_cut=len(found) > SHOWN,
        levels=tuple((code, service_words.level_name(code=code)) for code in codes.LEVELS),
        grades=((0, _("none")), (1, _("slight")), (2, _("clear")), (3, _("grave"))),
        page_key=uuid.uuid4().hex,
        fault=fault,
        sent=sent or {"number": "", "reason": "", "method": ""},
    )
    return render(request, "watch/failures.html", {"page": page}, status=status)


@never_cache
@require_POST
def note(request: HttpRequest) -> HttpResponse:
    """Note a failure of an order; the same form sent twice notes one."""
    at = desks.desk_of(request)
    sent = {name: text.replace("\x00", "").strip() for name, text in request.POST.dict().items()}
    sent = {"number": "", "reason": "", "method": "", **sent}
    key = sent.get("page_key", "")[: desks.KEY_LETTERS]
    asking = Asking(
        viewer=at.viewer,
        number=sent["number"][:40],
        now=at.now,
        rules=at.rules,
        request_key=f"{key}.failure" if key else "",
    )
    try:
        service.note_failure(
            asking,
            level=sent.get("level", ""),
            content=sent["reason"],
            method=sent["method"][:200],
            economic_cny=_money(sent.get("economic_cny", "")),
            political=_grade(sent.get("political", "")),
            reputation=_grade(sent.get("reputation", "")),
            honour=_grade(sent.get("honour", "")),
        )
    except errors.OrderUnknown:
        fault = _("There is no such order where you may look.")
        return _shown(request, fault=fault, sent=_back(sent), status=422)
    except errors.NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except tuple(refused.REFUSALS) as error:
        fault = str(refused.REFUSALS[type(error)])
        return _shown(request, fault=fault, sent=_back(sent), status=422)
    messages.success(request, _("The failure is on record."))
    return redirect("watch:failures")


def _back(sent: dict[str, str]) -> dict[str, str]:
    return {name: sent[name][:1000] for name in ("number", "reason", "method")}


def _row(one: FailureLine) -> Row:
    economic, political, reputation, honour = one.failure.losses
    return Row(
        level=service_words.level_name(code=one.failure.level),
        tone={"ERROR": "", "OBSTACLE": "warn", "ACCIDENT": "harm"}[one.failure.level],
        content=_content(one),
        method=str(METHODS.get(one.failure.method, one.failure.method)),
        number=one.number,
        url=reverse("orders:order", args=[one.number]),
        type=service_words.type_name(code=one.type_code),
        unit=one.unit_name,
        economic_cny=economic,
        political=political,
        reputation=reputation,
        honour=honour,
        found_at=one.failure.found_at,
    )


def _content(one: FailureLine) -> str:
    """Return what failed: by a rule in the reader's language, or in a person's own words."""
    titles = {
        rule.code: service_words.own(rule.title)
        for process in catalogue.versions(code=one.type_code)
        for rule in process.failures
    }
    return titles.get(one.failure.code, one.failure.content)


def _grade(text: str) -> int:
    if text not in {"", "0", "1", "2", "3"}:
        raise errors.FailureUnknown(text[:9])
    return int(text or "0")


def _money(text: str) -> Decimal:
    try:
        amount = Decimal(text or "0")
    except InvalidOperation:
        raise errors.FailureUnknown("economic_cny") from None
    if not amount.is_finite() or not 0 <= amount < 10**9:
        raise errors.FailureUnknown("economic_cny")
    return amount
