"""Compiles the texts: every ``django.po`` below ``web`` to its ``django.mo``."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

WEB = Path(__file__).parents[1] / "web"


def compile_all() -> int:
    """Compile the catalogues that are newer than their compiled form; return how many."""
    compiled = 0
    for source in sorted(WEB.glob("*/locale/*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3], abort_invalid=True)
        part = target.with_suffix(".part")
        with part.open("wb") as file:
            write_mo(file, catalogue)
        part.replace(target)
        compiled += 1
    return compiled


if __name__ == "__main__":
    compile_all()
