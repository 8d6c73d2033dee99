"""Compiles the texts: each room's ``django.po`` to its ``django.mo``, Chinese points set."""

import os
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from lamplighter.kernel import points

ROOMS = Path(__file__).parents[1]
PLACES = ("*", "web/*")  # of rooms that speak


def compile_all() -> int:
    """Compile the catalogues that are newer than their compiled form; return how many."""
    compiled, rules = 0, Path(points.__file__).stat().st_mtime
    sources = [
        source
        for place in PLACES
        for source in sorted(ROOMS.glob(f"{place}/locale/*/LC_MESSAGES/django.po"))
    ]
    for source in sources:
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= max(source.stat().st_mtime, rules):
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3], abort_invalid=True)
        if source.parts[-3].startswith("zh"):
            _set_points(catalogue)
        part = target.with_suffix(f".{os.getpid()}.part")  # others may compile at once
        with part.open("wb") as file:
            write_mo(file, catalogue)
        part.replace(target)
        compiled += 1
    return compiled


def _set_points(catalogue: Catalog) -> None:
    for message in catalogue:
        if message.id and isinstance(message.string, str):
            message.string = points.chinese(message.string)
        elif message.id:
            message.string = tuple(points.chinese(text) for text in message.string or ())


if __name__ == "__main__":
    compile_all()
