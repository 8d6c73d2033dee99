"""Taking a sent file in beside the page, and telling how far it is.

How far an import is stands in a small file beside the archive, so that every process of the site
can read it. The file holds a share and a count, nothing of the content.
"""

import hashlib
import json
import logging
import secrets
import shutil
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath

from django.core.files.uploadedfile import UploadedFile
from django.db import connection

from lamplighter.facts import receiving
from lamplighter.facts.intake import services as intake
from lamplighter.facts.intake.mappings import Mapping
from lamplighter.facts.intake.services import Stores
from lamplighter.kernel.viewer import Viewer

SILENT_SECONDS = 900  # an import that has said nothing for so long was interrupted
BETWEEN_SECONDS = 0.5
THREAD = "import"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """How far an import is."""

    share: float
    n_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A sent file as it waits to be taken in."""

    file: Path
    sha256: str


def keep(*, sent: "UploadedFile[bytes]", stores: Stores) -> Incoming:
    """Write a sent file to disk under a folder of its own and return where it lies."""
    folder = stores.archive_folder / "incoming" / secrets.token_hex(8)
    folder.mkdir(mode=0o700, parents=True)
    name = PurePath((sent.name or "").replace("\\", "/")).name.strip(". ") or "file"
    digest = hashlib.sha256()
    target = folder / name[-200:]
    with target.open("wb") as file:
        for chunk in sent.chunks():
            digest.update(chunk)
            file.write(chunk)
    target.chmod(0o600)
    return Incoming(file=target, sha256=digest.hexdigest())


def start(
    *,
    incoming: Incoming,
    mapping: Mapping,
    viewer: Viewer,
    now: datetime,
    stores: Stores,
) -> None:
    """Begin to take a file in; `running_of` tells how far it is."""
    place = _place(sha256=incoming.sha256, archive_folder=stores.archive_folder)
    _write(place, Running(share=0.0, n_rows=0))
    threading.Thread(
        target=_take_in,
        kwargs={
            "incoming": incoming,
            "mapping": mapping,
            "viewer": viewer,
            "now": now,
            "stores": stores,
            "place": place,
        },
        name=THREAD,
        daemon=True,
    ).start()


def _take_in(
    *,
    incoming: Incoming,
    mapping: Mapping,
    viewer: Viewer,
    now: datetime,
    stores: Stores,
    place: Path,
) -> None:
    said_at = time.monotonic()

    def say(share: float, n_rows: int) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= BETWEEN_SECONDS:
            said_at = time.monotonic()
            _write(place, Running(share=share, n_rows=n_rows))

    try:
        intake.receive(
            file=incoming.file,
            mapping=mapping,
            doorways=receiving.doorways(),
            received_by=viewer.actor,
            now=now,
            stores=stores,
            org_path=viewer.org_path,
            words=receiving.row_reason,
            on_progress=say,
        )
    except Exception as error:  # noqa: BLE001 - the door of this thread: nobody is above it
        # The text of an error may quote a row: only its kind is written.
        log.error("import %s failed: %s", incoming.sha256[:12], type(error).__name__)
    finally:
        place.unlink(missing_ok=True)
        shutil.rmtree(incoming.file.parent, ignore_errors=True)
        connection.close()


def running_of(*, sha256: str, archive_folder: Path) -> Running | None:
    """Return how far the import of a file is, or None where none is running."""
    place = _place(sha256=sha256, archive_folder=archive_folder)
    try:
        is_silent = time.time() - place.stat().st_mtime > SILENT_SECONDS
        content = json.loads(place.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return None if is_silent else Running(share=content["share"], n_rows=content["n_rows"])


def _place(*, sha256: str, archive_folder: Path) -> Path:
    return archive_folder / "incoming" / f"{sha256}.progress"


def _write(place: Path, running: Running) -> None:
    part = place.with_suffix(".part")
    part.write_text(json.dumps({"share": running.share, "n_rows": running.n_rows}))
    part.replace(place)
