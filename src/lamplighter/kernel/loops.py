"""Where compiled loops are kept between runs.

numba compiles a loop anew when its own file changes, and not when a file changes whose loops it
calls: after an update, old loops would go on beside new ones. So all of them lie in a folder named
after all sources.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

NAMED = "NUMBA_CACHE_DIR"
PREFIX = "loops-"
OLD_SECONDS = 7 * 24 * 3600  # what no version used for so long is removed


def keep(*, sources: Path) -> Path | None:
    """Keep what is compiled from a folder of sources in a place of this very version.

    Parameters
    ----------
    sources
        A folder; every Python file in it and below counts.

    Returns
    -------
    Path or None
        The place: in the folder that the environment names, beside the sources, or in the user's
        cache, the first that can be written. None where none can; numba then says so itself.
    """
    name = PREFIX + _sum(sources)
    for base in _bases(sources):
        place = base / name
        with suppress(OSError):
            place.mkdir(parents=True, exist_ok=True)
            if os.access(place, os.W_OK):
                _forget_old(base, but=place)
                os.environ[NAMED] = str(place)
                return place
    return None


def _bases(sources: Path) -> Iterator[Path]:
    if given := os.environ.get(NAMED):
        place = Path(given)
        yield place.parent if place.name.startswith(PREFIX) else place  # by a parent process
        return
    yield sources / "__pycache__"
    with suppress(RuntimeError):  # whoever runs this has no home
        yield Path.home() / ".cache" / "lamplighter"


def _sum(sources: Path) -> str:
    found = sha256()
    for path in sorted(sources.rglob("*.py")):
        content = path.read_bytes()
        found.update(f"{path.relative_to(sources)} {len(content)}\n".encode() + content)
    return found.hexdigest()[:16]


def _forget_old(base: Path, *, but: Path) -> None:
    os.utime(but)  # it is in use now
    used_since = but.stat().st_mtime - OLD_SECONDS
    for place in base.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if place.stat().st_mtime < used_since:
                shutil.rmtree(place)
