"""Small files of arrays that save a later night time.

Only ever a shortcut: without a file, or with one that cannot be read, a night says the same and
takes longer.
"""

import os
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

Arrays = dict[str, npt.NDArray[Any]]


def read(file: Path) -> Arrays | None:
    """Return what a file holds; None where there is nothing to be read."""
    try:
        with np.load(file, allow_pickle=False) as opened:
            return {name: opened[name] for name in opened.files}
    except (OSError, BadZipFile, KeyError, ValueError, EOFError):
        return None


def write(file: Path, arrays: Arrays) -> None:
    """Put a file in the place of an older one, wholly or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as opened:
        np.savez(opened, allow_pickle=False, **arrays)
    part.replace(file)
