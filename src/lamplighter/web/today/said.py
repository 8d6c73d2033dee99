"""What was said at the door, noted at once: an order with an owner and a promise."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lamplighter.action.service import errors
from lamplighter.action.worklist import queries as worklist
from lamplighter.action.worklist import rules as rules_of_work
from lamplighter.action.worklist import services
from lamplighter.kernel.viewer import Viewer
from lamplighter.web import desk
from lamplighter.web.frame import service_words

WORDS_AT_MOST, DIGITS_OF_AN_ID = 2000, 18


class SaidForm(forms.Form):
    """Criticism, a suggestion, or something in the archive that is wrong."""

    request_key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    type_code = forms.ChoiceField(
        label=later("What kind of request"),
        widget=forms.RadioSelect,
        error_messages={"required": later("Please choose one.")},
    )
    words = forms.CharField(
        label=later("In their words"),
        max_length=WORDS_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": later("Please write down what the customer says.")},
    )

    def __init__(self, *given: Any, types: Sequence[tuple[str, str]], **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["type_code"].choices = list(types)  # type: ignore[attr-defined] # a choice field


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidPage:
    """The form, and whose door it is."""

    form: SaidForm
    name: str
    where: str
    account_url: str


@never_cache
@sensitive_post_parameters("words")
@require_http_methods(["GET", "POST"])
def said(request: HttpRequest, item_id: int) -> HttpResponse:
    """Note what the customer of a line of today said (``?staff=`` whose). At most 12 queries."""
    viewer, staff = desk.viewer_of(request), request.GET.get("staff", "")
    card = _line(viewer, item_id, staff)
    types = [(code, service_words.type_name(code=code)) for code in services.KINDS]
    if request.method == "GET":
        form = SaidForm(types=types, initial={"request_key": uuid.uuid4().hex})
        return _shown(request, card, form)
    form = SaidForm(request.POST, types=types)
    if form.is_valid():
        try:
            number = services.note_said(
                viewer=viewer,
                item_id=item_id,
                type_code=form.cleaned_data["type_code"],
                words=form.cleaned_data["words"],
                now=desk.now(),
                rules=desk.service_rules(),
                field_key=settings.FIELD_KEY,
                request_key=form.cleaned_data["request_key"],
            )
        except errors.ReasonMissing:
            form.add_error("words", _("Please write down what the customer says."))
        else:
            messages.success(request, _("Noted as order %(number)s.") % {"number": number})
            return redirect(f"{reverse('today:day')}?{urlencode({'staff': staff})}")
    return _shown(request, card, form, status=422)


@never_cache
@require_POST
def visit(request: HttpRequest, item_id: int) -> HttpResponse:
    """Begin the form of a regular visit (``?staff=`` whose day), and lead to it."""
    viewer = desk.viewer_of(request)
    _line(viewer, item_id, request.GET.get("staff", ""))
    try:
        number = services.begin_visit(
            viewer=viewer,
            item_id=item_id,
            now=desk.now(),
            rules=desk.service_rules(),
            field_key=settings.FIELD_KEY,
        )
    except services.KindUnknown as error:
        raise Http404 from error
    return redirect("orders:order", number)


def _line(viewer: Viewer, item_id: int, staff: str) -> worklist.Card:
    if staff and (not staff.isdecimal() or len(staff) > DIGITS_OF_AN_ID):
        raise Http404
    today = worklist.today(
        viewer=viewer,
        day=desk.today(),
        rules=rules_of_work.rules_in_force(on=desk.today()),
        zone=ZoneInfo(settings.TIME_ZONE),
        staff_id=int(staff) if staff else None,
    )
    for card in today.cards if today is not None else ():
        if card.item_id == item_id:
            return card
    raise Http404


def _shown(
    request: HttpRequest, card: worklist.Card, form: SaidForm, *, status: int = 200
) -> HttpResponse:
    page = SaidPage(
        form=form,
        name=card.name,
        where=" · ".join(part for part in (card.area_name, card.address) if part),
        account_url=reverse("customers:account", args=[card.account_number]),
    )
    return render(request, "today/said.html", {"page": page}, status=status)
