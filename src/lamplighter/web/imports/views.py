"""Deliveries: the list with its form, one delivery, its rows held back, and a new file."""

import contextlib
import math
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lamplighter.facts import receiving
from lamplighter.facts.intake import known_mappings, mapping_files
from lamplighter.facts.intake import queries as intake
from lamplighter.facts.intake.known_mappings import KnownMapping
from lamplighter.facts.intake.mappings import Mapping
from lamplighter.facts.intake.services import Stores
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import services as ledger
from lamplighter.web import desk
from lamplighter.web.desk import DeskRequest
from lamplighter.web.frame import actors
from lamplighter.web.imports import held, pages, running
from lamplighter.web.imports.forms import UploadForm

DELIVERIES_A_PAGE = 50
ROWS_A_PAGE = 25


@never_cache
@require_GET
def deliveries(request: HttpRequest) -> HttpResponse:
    """List what was delivered, newest first. Four queries."""
    viewer = desk.viewer_of(request)
    return _list(request, viewer=viewer, form=None)


def _list(request: HttpRequest, *, viewer: Viewer, form: UploadForm | None) -> HttpResponse:
    number = _number(request)
    try:
        total = intake.delivery_count(viewer=viewer)
        found = intake.deliveries(
            viewer=viewer, limit=DELIVERIES_A_PAGE, offset=(number - 1) * DELIVERIES_A_PAGE
        )
        known = known_mappings.known_mappings(viewer=viewer)
    except intake.ImportsNotForYou as error:
        raise Http404 from error
    called = actors.called(actors=[line.received_by for line in found])
    page = pages.list_page(
        now=timezone.now(),
        lines=[
            pages.line_of(
                delivery=line, running=_running(viewer, line), who=called[line.received_by]
            )
            for line in found
        ],
        pager=_pager(number=number, total=total, size=DELIVERIES_A_PAGE),
        form=form or UploadForm(choices=_choices(known)),
        is_form_open=form is not None or not total,
    )
    status = 422 if form is not None else 200
    return render(request, "imports/list.html", {"page": page}, status=status)


def _running(viewer: Viewer, line: intake.DeliveryLine) -> running.Running | None:
    if line.state != "RECEIVED":
        return None
    in_full = intake.delivery(viewer=viewer, delivery_id=line.delivery_id, limit=0)
    return running.running_of(sha256=in_full.sha256, archive_folder=settings.ARCHIVE_FOLDER)


@never_cache
@require_GET
def delivery(request: DeskRequest, delivery_id: int) -> HttpResponse:
    """Show one delivery; while it runs, htmx asks again for the part that changes. Five queries.

    Of the rows held back it shows those of one reason where that is asked for (``?reason=``).
    """
    viewer = desk.viewer_of(request)
    number, reason = _number(request), request.GET.get("reason", "")
    try:
        found = intake.delivery(
            viewer=viewer,
            delivery_id=delivery_id,
            limit=ROWS_A_PAGE,
            offset=(number - 1) * ROWS_A_PAGE,
            reason=reason,
        )
        file = intake.quarantine_file(
            viewer=viewer, delivery_id=delivery_id, archive_folder=settings.ARCHIVE_FOLDER
        )
    except (intake.ImportsNotForYou, intake.DeliveryUnknown) as error:
        raise Http404 from error
    by = found.line.received_by
    page = pages.delivery_page(
        now=timezone.now(),
        found=found,
        who=actors.called(actors=[by])[by],
        running=running.running_of(sha256=found.sha256, archive_folder=settings.ARCHIVE_FOLDER),
        has_quarantine_file=file is not None,
        pager=_pager(number=number, total=found.n_asked, size=ROWS_A_PAGE, reason=reason),
        reason=reason,
    )
    part = "#whole" if request.htmx else ""
    return render(request, f"imports/delivery.html{part}", {"page": page})


@never_cache
@require_GET
def quarantine(request: HttpRequest, delivery_id: int) -> HttpResponse | FileResponse:
    """Hand out the rows held back as a file to correct; that it was handed out is recorded."""
    viewer = desk.viewer_of(request)
    try:
        file = intake.quarantine_file(
            viewer=viewer, delivery_id=delivery_id, archive_folder=settings.ARCHIVE_FOLDER
        )
    except (intake.ImportsNotForYou, intake.DeliveryUnknown) as error:
        raise Http404 from error
    if file is None:
        raise Http404
    with transaction.atomic():
        ledger.record(
            "intake.quarantine.handed_out",
            subject=f"delivery:{delivery_id}",
            actor=viewer.actor,
            at=timezone.now(),
            delivery_id=delivery_id,
        )
    name = f"held-back-{delivery_id}{file.suffix}"
    return FileResponse(file.open("rb"), as_attachment=True, filename=name)


@never_cache
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file: check its mapping at once, then import it beside the page."""
    viewer = desk.viewer_of(request)
    try:
        known = known_mappings.known_mappings(viewer=viewer)
    except intake.ImportsNotForYou as error:
        raise Http404 from error
    form = UploadForm(request.POST, request.FILES, choices=_choices(known))
    mapping = _mapping(form, known) if form.is_valid() else None
    if mapping is None:
        return _list(request, viewer=viewer, form=form)
    stores = Stores(
        archive_folder=settings.ARCHIVE_FOLDER,
        lake_folder=settings.LAKE_FOLDER,
        field_key=settings.FIELD_KEY,
    )
    incoming = running.keep(sent=form.cleaned_data["file"], stores=stores)
    running.start(
        incoming=incoming,
        mapping=mapping,
        viewer=viewer,
        now=timezone.now(),
        stores=stores,
    )
    messages.success(request, _("The file has arrived and is being imported."))
    return redirect("imports:list")


def _mapping(form: UploadForm, known: list[KnownMapping]) -> Mapping | None:
    """Return the chosen or sent mapping; what is wrong with a sent one goes to the form."""
    own = form.cleaned_data["mapping_file"]
    if own is None:
        chosen = next(one for one in known if one.name == form.cleaned_data["mapping"])
        text, name = chosen.text, chosen.name
    else:
        name = (own.name or "mapping").removesuffix(".toml")[:120]
        text = ""
        with contextlib.suppress(UnicodeDecodeError):
            text = own.read().decode("utf-8-sig")
    try:
        return mapping_files.parse(text=text, name=name, records=receiving.records())
    except mapping_files.MappingWrong as error:
        said = error.words.in_language(get_language() or "zh-hans")
        form.add_error("mapping_file" if own is not None else "mapping", said)
        return None


def _choices(known: list[KnownMapping]) -> list[tuple[str, str]]:
    """Return the mappings by what they are called; two of one title are told apart by name."""
    titles = {one.name: held.title_of(text=one.text, name=one.name) for one in known}
    said = list(titles.values())
    return [
        (name, f"{title} · {name}" if said.count(title) > 1 else title)
        for name, title in sorted(titles.items(), key=lambda pair: pair[1])
    ]


def _number(request: HttpRequest) -> int:
    wanted = request.GET.get("page", "1")
    if not wanted.isdecimal() or not 1 <= int(wanted) <= 100_000:
        raise Http404
    return int(wanted)


def _pager(*, number: int, total: int, size: int, reason: str = "") -> pages.Pager:
    kept = {"reason": reason} if reason else {}
    n_pages = max(math.ceil(total / size), 1)
    return pages.Pager(
        number=number,
        pages=n_pages,
        total=total,
        previous_url=f"?{urlencode({**kept, 'page': number - 1})}" if number > 1 else None,
        next_url=f"?{urlencode({**kept, 'page': number + 1})}" if number < n_pages else None,
    )
