"""The open line: anybody reports poor service and follows it by a link, without an account."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lamplighter.action.service import services as service
from lamplighter.action.service.attachments import files
from lamplighter.action.service.attachments import services as attachments
from lamplighter.action.service.openline import errors, services
from lamplighter.action.service.progress import services as progress
from lamplighter.facts.customers import phones
from lamplighter.facts.network import posts
from lamplighter.facts.network.posts import Office
from lamplighter.policy import loader
from lamplighter.policy.loader import Policy
from lamplighter.web import desk
from lamplighter.web.frame import formats, service_words
from lamplighter.web.frame.service_words import Text
from lamplighter.web.openline import senders
from lamplighter.web.openline.forms import ReportForm
from lamplighter.web.progress import tokens

Offices = dict[str, Office]  # by what the form sends; nothing: who reports does not know


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """The form, and whom to call instead."""

    form: ReportForm
    fault: str
    hotline: str
    regulator: str


class Refused(Exception):
    """A report was not taken; the text says to who sent it what to do."""

    def __init__(self, text: str, *, field: str = "", status: int = 422) -> None:
        super().__init__(text)
        self.text, self.field, self.status = text, field, status


MEANT: dict[str, Text] = {  # what each kind is for, to somebody who does not know our words
    "COMPLAINT": later("our service or supply fell short"),
    "REPORT": later("theft of power, or a breach of rules by our people"),
    "SUGGESTION": later("an idea, an opinion, or praise"),
    "CONSULTATION": later("a question"),
}
REFUSALS: dict[type[Exception], tuple[Text, str, int]] = {  # what is said, at which field
    errors.SentTooOften: (
        later("Many reports came from your network lately. Please call, or try later."), "", 429,
    ),
    errors.LineFull: (
        later("More came than we can read just now. Please call us."), "", 503,
    ),
    errors.WordsMissing: (
        later("Please tell us in a few sentences what happened."), "words", 422,
    ),
    phones.PhoneUnusable: (
        later("This number reaches nobody. Correct it, or leave it empty."), "phone", 422,
    ),
    files.FileTooLarge: (
        later("The photo is too large. Take it smaller, or send it without."), "photo", 422,
    ),
    files.FileKindRefused: (
        later("Please choose a picture (JPEG or PNG)."), "photo", 422,
    ),
}  # fmt: skip


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Take a report from anybody and lead them to its page. Two queries to show the form."""
    policy, offices = loader.load(name=services.NAME, on=desk.today()), _offices()
    if request.method == "GET":
        return _shown(request, _form(policy, offices), policy)
    form = _form(policy, offices, request=request)
    if not form.is_valid():
        return _shown(request, form, policy, status=422)
    if form.cleaned_data["website"]:  # filled by a machine, which is told nothing
        return _shown(request, _form(policy, offices), policy)
    try:
        address = _taken(request, form, policy, offices)
    except Refused as refused:
        if refused.field:
            form.add_error(refused.field, refused.text)
        fault = "" if refused.field else refused.text
        return _shown(request, form, policy, fault=fault, status=refused.status)
    messages.success(
        request, _("Thank you. Keep the address of this page: here you see the answer.")
    )
    return redirect("progress:show", address)


def _offices() -> Offices:
    try:
        top, stations = posts.offices()
    except posts.NoUnit as error:
        raise Http404 from error
    return {"": top} | {str(one.unit_id): one for one in stations}


def _form(policy: Policy, offices: Offices, *, request: HttpRequest | None = None) -> ReportForm:
    sent = request.POST if request is not None else None
    return ReportForm(
        sent,
        request.FILES if request is not None else None,
        initial={"form_key": senders.form_key()},
        types=[(code, _type(code)) for code in policy.row("types").value],
        offices=[
            (code, office.name if code else _("I do not know")) for code, office in offices.items()
        ],
        words_at_most=policy.integer("words_at_most"),
    )


def _type(code: str) -> str:
    name = service_words.type_name(code=code)
    return formats.labelled(label=name, text=str(MEANT[code])) if code in MEANT else name


def _taken(request: HttpRequest, form: ReportForm, policy: Policy, offices: Offices) -> str:
    """Open the order and return the token of its link; sent twice, it is the same order."""
    said = form.cleaned_data
    try:
        key = senders.request_key(form_key=said["form_key"], policy=policy)
    except senders.FormTooQuick:
        raise Refused(_("That was very quick. Please look it over and send it again.")) from None
    except senders.FormTooOld:
        raise Refused(_("This form is too old. Open the page anew and copy your words.")) from None
    office = offices[said["office"]]
    line = services.Line(
        now=desk.now(),
        rules=desk.service_rules(),
        policy=policy,
        files=loader.load(name=attachments.POLICY, on=desk.today()),
        folder=settings.ATTACHMENTS_FOLDER,
        field_key=settings.FIELD_KEY,
    )
    try:
        opened = _sent(request, said, line=line, office=office, key=key)
    except tuple(REFUSALS) as error:
        text, field, status = REFUSALS[type(error)]
        raise Refused(str(text), field=field, status=status) from None
    nonce = tokens.nonce_for(number=opened.number, page_key=key)
    progress.give_link(
        services.asking(office=office, number=opened.number, line=line),
        nonce=nonce,
        policy=tokens.policy(),
    )
    return tokens.token(number=opened.number, nonce=nonce)


def _sent(
    request: HttpRequest, said: dict[str, Any], *, line: services.Line, office: Office, key: str
) -> service.Opened:
    """Take the photo in, if there is one, and the report with it."""
    with ExitStack() as held:
        taken, name = None, _("photo")
        if said["photo"]:
            taken = held.enter_context(
                files.taking(
                    stream=said["photo"],
                    folder=line.folder,
                    n_bytes_at_most=line.policy.integer("photo_bytes_at_most"),
                )
            )
        return services.take_in(
            services.Report(
                type_code=said["type_code"],
                words=said["words"],
                place=said["place"],
                phone=said["phone"],
                office=office,
                photo=taken,
                photo_name=f"{name}.{taken.kind.lower()}" if taken else "",
            ),
            sender=senders.sender(request=request),
            request_key=key,
            line=line,
        )


def _shown(
    request: HttpRequest, form: ReportForm, policy: Policy, *, fault: str = "", status: int = 200
) -> HttpResponse:
    page = ReportPage(
        form=form,
        fault=fault,
        hotline=str(tokens.policy().row("hotline").value),
        regulator=str(policy.row("regulator").value),
    )
    return render(request, "openline/report.html", {"page": page}, status=status)
