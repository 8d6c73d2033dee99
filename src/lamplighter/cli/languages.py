"""In which language an operator is answered."""

import os


def of_the_terminal() -> str:
    """Return ``en`` where the terminal asks for English, else ``zh``."""
    told = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return "en" if told.lower().startswith("en") else "zh"
