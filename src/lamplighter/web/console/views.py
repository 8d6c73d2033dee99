"""The console of the 95598 agent: who calls, what they ask for, what is answered."""

import uuid
from dataclasses import dataclass, replace

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lamplighter.action.service import errors
from lamplighter.action.service import services as service
from lamplighter.action.service.knowledge import errors as knowledge_errors
from lamplighter.action.service.knowledge import services as knowledge
from lamplighter.facts.customers import phones
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import queries as ledger
from lamplighter.policy.processes import catalogue, codes
from lamplighter.web import desk
from lamplighter.web.console import answers, caller, known, past, proposal
from lamplighter.web.console.answers import Answers
from lamplighter.web.console.caller import Caller
from lamplighter.web.console.forms import ASKED_CASES, RequestForm
from lamplighter.web.console.known import Known
from lamplighter.web.console.proposal import Proposal

LONGEST_CALLER = 80
ROWS_OF_A_NEW_ORDER = 40
PRESENT = frozenset({"PHONE", "COUNTER", "VISIT"})  # channels on which the customer is there


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsolePage:
    """All that the console shows."""

    caller: Caller
    known: Known | None
    form: RequestForm
    proposal: Proposal
    answers: Answers
    where: str
    asks_more: bool  # a promise differs by something that was not said yet
    is_part: bool  # the middle alone, with the answers beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerPart:
    """The left side alone; what is known of the caller follows at once."""

    caller: Caller
    known: Known | None
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPart:
    """What is known of the caller alone."""

    known: Known


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersPart:
    """The right side alone."""

    answers: Answers
    proposal: Proposal


def viewer_of(request: HttpRequest) -> Viewer:
    """Return who looks; whoever may open no order has no console."""
    viewer = desk.viewer_of(request)
    if not desk.service_rules().has_right(viewer, "may_open"):
        raise PermissionDenied("this role opens no orders")
    return viewer


@never_cache
@require_http_methods(["GET", "POST"])
def console(request: HttpRequest) -> HttpResponse:
    """Show who calls (``caller``, by POST, or as a telephone system opens it). 17 queries at most.

    htmx gets the caller alone, so that what is typed beside it stays, and asks for the rest: the
    name is there before anything else was looked up.
    """
    viewer = viewer_of(request)
    sent = _sent(request)
    who = _caller(viewer, sent)
    if getattr(request, "htmx", False):
        part = CallerPart(caller=who, known=None, where=sent.get("where", ""))
        answer = render(request, "console/console.html#caller", {"page": part})
        answer["HX-Trigger-After-Swap"] = "caller"  # what is promised may differ by the place
        return answer
    return _shown(request, viewer, _page(viewer, sent, who, form=None))


@never_cache
@require_POST
def more(request: HttpRequest) -> HttpResponse:
    """Show what is known of who calls, for htmx, once their name stands there. Eight queries."""
    viewer = viewer_of(request)
    part = KnownPart(known=_known(viewer, _caller(viewer, _sent(request))))
    return render(request, "console/console.html#known", {"page": part})


@never_cache
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Read the words while they are typed, and keep nothing: the proposal, and what answers it."""
    viewer = viewer_of(request)
    sent = _sent(request)
    page = _page(viewer, sent, _caller(viewer, sent), form=_blank(sent))
    if getattr(request, "htmx", False):
        page = replace(page, is_part=True)
        return render(request, "console/console.html#read", {"page": page})
    return _shown(request, viewer, page)


@never_cache
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """Search the knowledge base, and keep what was quoted."""
    viewer, sent = viewer_of(request), _sent(request)
    if getattr(request, "htmx", False):
        page = AnswersPart(answers=_answers(viewer, sent), proposal=proposal.nothing())
        return render(request, "console/console.html#answers", {"page": page})
    whole = _page(viewer, sent, _caller(viewer, sent), form=_blank(sent))
    return _shown(request, viewer, whole)


@never_cache
@require_POST
def areas(request: HttpRequest) -> HttpResponse:
    """Show the areas that a text names, to choose from, for htmx. One query."""
    viewer, sent = viewer_of(request), _sent(request)
    found = caller.areas_found(
        viewer=viewer,
        rules=desk.service_rules(),
        text=sent.get("area_find", "").strip()[:LONGEST_CALLER],
        area_id=_area(sent),
    )
    context = {"areas": found[: caller.MOST_AREAS]}
    return render(request, "console/areas.html", context)


@never_cache
@require_POST
def past_orders(request: HttpRequest) -> HttpResponse:
    """Show the ended orders whose words read like these, and keep nothing. Five queries."""
    viewer = viewer_of(request)
    sent = _sent(request)
    other = sent.get("type_code", "")
    page = past.past(
        viewer=viewer,
        rules=desk.service_rules(),
        now=desk.now(),
        words=sent.get("words", ""),
        chosen=other if other in codes.TYPES else "",
    )
    return render(request, "console/past.html", {"page": page})


@never_cache
@require_POST
def open_order(request: HttpRequest) -> HttpResponse:
    """Open the order, note what was quoted, and join the incident that was chosen."""
    viewer, sent = viewer_of(request), _sent(request)
    form = RequestForm(sent)
    if form.is_valid():
        opened = _opened(form, viewer=viewer, sent=sent)
        if isinstance(opened, service.Opened):
            _quote(viewer, opened, sent.getlist("quote"))
            _join(request, viewer, opened, form)
            messages.success(request, _("Order %(number)s is open.") % {"number": opened.number})
            return redirect("orders:order", opened.number)
        field, said = opened
        form.add_error(field, said)
    page = _page(viewer, sent, _caller(viewer, sent), form=form)
    return _shown(request, viewer, page, status=422)


def _shown(
    request: HttpRequest, viewer: Viewer, page: ConsolePage, *, status: int = 200
) -> HttpResponse:
    page = replace(page, known=_known(viewer, page.caller))
    return render(request, "console/console.html", {"page": page}, status=status)


def _sent(request: HttpRequest) -> QueryDict:
    """Return what was sent, without the one character that no database takes."""
    sent = (request.POST if request.method == "POST" else request.GET).copy()
    for name, texts in list(sent.lists()):
        sent.setlist(name, [str(text).replace("\x00", "") for text in texts])
    return sent


def _area(sent: QueryDict) -> int | None:
    area = sent.get("area", "")
    return int(area) if area.isdecimal() and len(area) < 10 else None


def _caller(viewer: Viewer, sent: QueryDict) -> Caller:
    return caller.caller(
        viewer=viewer,
        rules=desk.service_rules(),
        now=desk.now(),
        asked=sent.get("caller", "").strip()[:LONGEST_CALLER],
        account=sent.get("account", "")[:LONGEST_CALLER],
        area_id=_area(sent),
    )


def _known(viewer: Viewer, who: Caller) -> Known:
    return known.known(viewer=viewer, rules=desk.service_rules(), now=desk.now(), caller=who)


def _blank(sent: QueryDict) -> RequestForm:
    """Return the form with what was typed so far, and without complaints about it."""
    begun = {name: sent[name] for name in RequestForm.base_fields if name in sent}
    begun.setdefault("request_key", uuid.uuid4().hex)
    return RequestForm(initial=begun)


def _page(viewer: Viewer, sent: QueryDict, who: Caller, *, form: RequestForm | None) -> ConsolePage:
    rules = desk.service_rules()
    other = sent.get("type_code", "")
    return ConsolePage(
        caller=who,
        known=None,
        form=form or _blank(sent),
        proposal=proposal.proposal(
            viewer=viewer,
            rules=rules,
            now=desk.now(),
            caller=who,
            words=sent.get("words", ""),
            chosen=sent.get("proposed", ""),
            followed=sent.get("followed", ""),
            other=other if other in codes.TYPES else "",
            join=sent.get("join"),
            where=sent.get("where", ""),
        ),
        answers=_answers(viewer, sent),
        where=sent.get("where", ""),
        asks_more=form is not None
        and bool({name.lower() for name in ASKED_CASES} & set(form.errors)),
        is_part=False,
    )


def _answers(viewer: Viewer, sent: QueryDict) -> Answers:
    question = sent.get("question", "").strip() or sent.get("words", "")
    return answers.answers(
        viewer=viewer,
        on=desk.today(),
        question=question,
        quoted=sent.getlist("quote"),
    )


def _opened(
    form: RequestForm, *, viewer: Viewer, sent: QueryDict
) -> service.Opened | tuple[str | None, str]:
    """Return the order, or which field is wrong and why."""
    said, code = form.cleaned_data, form.wanted_type
    who = _caller(viewer, sent)
    if not code:
        return "type_code", _("Please choose what it is about.")
    if not said["words"].strip():
        return "words", _("Please write down what the customer says, in a few words.")
    request = service.Request(
        type_code=code,
        channel=said["channel"],
        asked_at=desk.now(),
        account_number=who.account_number,
        area_id=None if who.customer else who.area_id,
        phone=who.phone,
        place="" if who.customer else said["where"],
        words=said["words"],
        priority=said["priority"],
        cases=form.cases,
        request_key=said["request_key"],
        is_present=said["channel"] in PRESENT,
    )
    try:
        return service.open_order(
            viewer=viewer,
            request=request,
            now=desk.now(),
            rules=desk.service_rules(),
            field_key=settings.FIELD_KEY,
        )
    except catalogue.ProcessUnknown:
        return "type_code", _("There is no such type. Please choose from the list.")
    except errors.CaseMissing as error:
        return _missing_case(str(error))
    except errors.PlaceUnknown:
        return None, _("Please choose the customer or the area first: an order needs a place.")
    except errors.KeyReused:
        return None, _(
            "This form has opened an order of another type already. Please begin a new one."
        )
    except phones.PhoneUnusable:
        return None, _("This number reaches nobody. Please ask for another one.")


def _missing_case(said: str) -> tuple[str | None, str]:
    dimension = said.rpartition(" ")[2]
    if dimension in ASKED_CASES:
        return dimension.lower(), _("The promise depends on this. Please ask and choose.")
    return None, _("Please choose the customer or the area first: an order needs a place.")


def _quote(viewer: Viewer, opened: service.Opened, quoted: list[str]) -> None:
    subject = f"order:{opened.order_id}"
    before = {
        row.payload["article"]
        for row in ledger.about(subject=subject, limit=ROWS_OF_A_NEW_ORDER)
        if row.name == "service.knowledge.quoted"
    }  # the form was sent twice
    for code in dict.fromkeys(quoted[: answers.MOST_QUOTED]):
        if code in before:
            continue
        try:
            knowledge.quote(
                viewer=viewer,
                on=desk.today(),
                code=code,
                subject=subject,
                now=desk.now(),
            )
        except knowledge_errors.ArticleUnknown:
            continue  # withdrawn since it was shown: nothing in force was quoted


def _join(request: HttpRequest, viewer: Viewer, opened: service.Opened, form: RequestForm) -> None:
    other = form.cleaned_data["join"]
    if not other:
        return
    try:
        service.join_incident(
            service.Asking(
                viewer=viewer,
                number=opened.number,
                now=desk.now(),
                rules=desk.service_rules(),
                request_key=f"{form.cleaned_data['request_key'][:58]}-join",
            ),
            **({"with_number": other} if other.isdecimal() else {"incident_number": other}),
        )
    except (errors.IncidentUnknown, errors.NotAllowed, errors.OrderIsClosed):
        messages.warning(
            request, _("It could not be joined: that order or outage is over, or not yours to see.")
        )
