"""Files by the hash of their content, in a folder of our own; nothing here is ever run."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

CHUNK = 1 << 16
TAKING = "taking-"
SIGNATURES = {
    b"%PDF-": "PDF",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
}


class FileTooLarge(ValueError):
    """The file is longer than the policy allows."""


class FileKindRefused(ValueError):
    """The content is none of the kinds that the policy allows, or there is none."""


class Stream(Protocol):
    """What can be read in pieces."""

    def read(self, n_bytes: int, /) -> bytes:
        """Return the next bytes; none at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A file that was taken in, under a name of its own until it is kept."""

    path: Path
    sha256: str
    n_bytes: int
    kind: str


@contextmanager
def taking(*, stream: Stream, folder: Path, n_bytes_at_most: int) -> Iterator[Taken]:
    """Take a stream into the folder; it is gone afterwards unless `keep` was called.

    Raises
    ------
    FileTooLarge, FileKindRefused
        See there; nothing is left behind.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=TAKING)  # readable by us alone
    path = Path(name)
    try:
        digest, n_bytes, head = hashlib.sha256(), 0, b""
        with os.fdopen(descriptor, "wb") as file:
            while chunk := stream.read(CHUNK):
                n_bytes += len(chunk)
                if n_bytes > n_bytes_at_most:
                    raise FileTooLarge(f"more than {n_bytes_at_most} bytes")
                head = head or chunk[:16]
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        kinds = [kind for begin, kind in SIGNATURES.items() if head.startswith(begin)]
        if not kinds:
            raise FileKindRefused("none of " + ", ".join(SIGNATURES.values()))
        yield Taken(path=path, sha256=digest.hexdigest(), n_bytes=n_bytes, kind=kinds[0])
    finally:
        path.unlink(missing_ok=True)


def place(*, folder: Path, sha256: str) -> Path:
    """Return where the file of a content lies."""
    return folder / sha256[:2] / sha256


def keep(*, taken: Taken, folder: Path) -> None:
    """Give a taken file its place; the same content twice is one file."""
    to = place(folder=folder, sha256=taken.sha256)
    to.parent.mkdir(mode=0o700, exist_ok=True)
    os.replace(taken.path, to)


def older(*, folder: Path, before: datetime) -> list[Path]:
    """Return the files in the folder, kept or half taken in, last written before a moment."""
    found = []
    for path in [*folder.glob("*/*"), *folder.glob(f"{TAKING}*")]:
        try:
            written = path.stat().st_mtime
        except FileNotFoundError:
            continue  # somebody was quicker
        if path.is_file() and written < before.timestamp():
            found.append(path)
    return sorted(found)
