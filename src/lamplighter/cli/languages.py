"""In which language an operator is answered."""

import os

from django.utils import translation

OF_DJANGO = {"zh": "zh-hans", "en": "en"}


def of_the_terminal() -> str:
    """Return ``en`` where the terminal asks for English, else ``zh``."""
    told = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return "en" if told.lower().startswith("en") else "zh"


def spoken(language: str | None = None) -> translation.override:
    """Speak a language, ``zh`` or ``en``, within a context; without one, that of the terminal."""
    return translation.override(OF_DJANGO[language or of_the_terminal()])
