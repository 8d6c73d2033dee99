"""Files of a step's form: taken in with it, and given out again to be saved."""

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lamplighter.action.service import errors
from lamplighter.action.service.attachments import files, queries, services
from lamplighter.action.service.services import Asking
from lamplighter.policy import loader
from lamplighter.web import desk
from lamplighter.web.frame import order_acts
from lamplighter.web.frame.order_acts import Sent
from lamplighter.web.frame.step_forms import PREFIX

MEDIA_TYPES = {"PDF": "application/pdf", "PNG": "image/png", "JPEG": "image/jpeg"}


def with_files(
    request: HttpRequest, *, number: str, sent: dict[str, str]
) -> tuple[dict[str, str], str]:
    """Attach the files that came with a form and name them in their fields; say why not, if so.

    A file that was taken in stays with the order, also where the form is refused afterwards.

    Raises
    ------
    Http404, PermissionDenied
        As `order_acts.perform`.
    """
    named: dict[str, str] = {}
    for place, (name, (*_others, file)) in enumerate(sorted(request.FILES.lists())):
        if not name.startswith(PREFIX):
            continue
        fault = order_acts.perform(
            request, number=number, action=f"file{place}", sent=sent, do=_attach(name, file, named)
        )
        if fault:
            return sent | named, fault
    return sent | named, ""


def _attach(name: str, file: "UploadedFile[bytes]", named: dict[str, str]) -> order_acts.Act:
    def attach(asking: Asking, _sent: Sent) -> None:
        folder = settings.ATTACHMENTS_FOLDER
        policy = loader.load(name=services.POLICY, on=asking.rules.on)
        with files.taking(
            stream=file, folder=folder, n_bytes_at_most=policy.integer("bytes_at_most")
        ) as taken:
            done = services.attach(
                asking,
                taken=taken,
                name=file.name or "",
                folder=folder,
                policy=policy,
                field_key=settings.FIELD_KEY,
            )
        named[name] = str(done.attachment_id)

    return attach


@never_cache
@require_GET
def file(request: HttpRequest, number: str, attachment_id: int) -> HttpResponse | FileResponse:
    """Give a file of an order, to be saved and never shown in place. Three queries."""
    try:
        found, path = queries.one(
            viewer=desk.viewer_of(request),
            rules=desk.service_rules(),
            number=number,
            attachment_id=attachment_id,
            folder=settings.ATTACHMENTS_FOLDER,
            field_key=settings.FIELD_KEY,
        )
    except (errors.OrderUnknown, queries.AttachmentUnknown) as error:
        raise Http404 from error
    answer = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=found.name,
        content_type=MEDIA_TYPES[found.kind],
    )
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
