"""Small files of arrays that save a later night time.

Only ever a shortcut: without a file, or with one that cannot be read, a night says the same and
takes longer. A file is read whole, in one piece; a sum tells when the disk gave back something else
than was written.
"""

import json
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Arrays = dict[str, npt.NDArray[Any]]

FORM = b"arrays/1"
SUM = slice(len(FORM), len(FORM) + 4)
LENGTH = slice(SUM.stop, SUM.stop + 4)
STEP = 64  # each array begins on a multiple: loops are compiled for aligned ones


def read(file: Path) -> Arrays | None:
    """Return what a file holds; None where there is nothing to be read."""
    try:
        whole = np.fromfile(file, np.uint8)
    except OSError:
        return None
    if whole[: SUM.start].tobytes() != FORM or len(whole) < LENGTH.stop:
        return None
    if zlib.crc32(whole[SUM.stop :].data) != int(whole[SUM].view("<u4")[0]):
        return None
    end = LENGTH.stop + int(whole[LENGTH].view("<u4")[0])
    about = json.loads(whole[LENGTH.stop : end].tobytes())
    arrays: Arrays = {}
    for name, dtype, shape in about:
        begin = _step_after(end)
        end = begin + np.dtype(dtype).itemsize * int(np.prod(shape, dtype=np.int64))
        arrays[name] = whole[begin:end].view(dtype).reshape(shape)
    return arrays


def write(file: Path, arrays: Arrays) -> None:
    """Put a file in the place of an older one, wholly or not at all.

    Raises
    ------
    TypeError
        An array holds objects.
    """
    if any(values.dtype.hasobject for values in arrays.values()):
        raise TypeError(f"{file.name}: {[v.dtype.str for v in arrays.values()]}")
    about = [(name, values.dtype.str, values.shape) for name, values in arrays.items()]
    head = json.dumps(about).encode()
    body = bytearray(len(head).to_bytes(4, "little") + head)
    for values in arrays.values():
        end = SUM.stop + len(body)
        body += bytes(_step_after(end) - end) + values.tobytes()
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(FORM + zlib.crc32(body).to_bytes(4, "little") + body)
    part.replace(file)


def _step_after(place: int) -> int:
    return -(-place // STEP) * STEP
