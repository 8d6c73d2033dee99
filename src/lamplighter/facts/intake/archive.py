"""Keeping every file as it came, under the hash of its content."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file in the archive."""

    path: Path
    sha256: str
    size_bytes: int


def place_of(*, archive_folder: Path, sha256: str) -> Path:
    """Return where the file of a hash is kept."""
    return archive_folder / "files" / sha256[:2] / sha256


def keep(*, file: Path, archive_folder: Path) -> Kept:
    """Copy a file into the archive, safely on disk; one that is there already stays as it is."""
    incoming = archive_folder / "incoming"
    incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    size = 0
    handle, name = tempfile.mkstemp(dir=incoming)
    copy = Path(name)
    try:
        with os.fdopen(handle, "wb") as target, file.open("rb") as source:
            while piece := source.read(PIECE):
                digest.update(piece)
                size += len(piece)
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        kept = place_of(archive_folder=archive_folder, sha256=digest.hexdigest())
        if not kept.exists():
            kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            copy.chmod(0o400)
            copy.rename(kept)
            sync_folder(folder=kept.parent)
    finally:
        copy.unlink(missing_ok=True)
    return Kept(path=kept, sha256=digest.hexdigest(), size_bytes=size)


def sync_folder(*, folder: Path) -> None:
    """Make the names in a folder safe on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
