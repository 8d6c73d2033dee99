"""Which of the given meters the judge that ships was learnt from, told by their days.

Meters kept back may bear any name, so names say nothing. Each meter and month of the archive that
he was learnt from has left a fingerprint of its daily totals; no reading can be had back from it.
A part of the same archive is recognised whatever its rows' order or its meters' names are, unless
its readings were rounded or scaled.

    python -m benchmarks.quality.learnt_from FOLDER     writes the fingerprints anew
"""

import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.quality import splices
from lamplighter.insight.judge.splicing import Meters

FILE = Path(__file__).with_name("learnt_from.npy")
BESIDE_THE_STEPS = 0.0037  # kWh; readings are in tenths or hundredths: sums of hours fall alike


def fingerprints(meters: Meters) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
    """Return whose each whole month is, as a row of the meters, and its fingerprint."""
    month = meters.days.astype("datetime64[M]").astype(np.int64)
    starts = np.flatnonzero(np.diff(month, prepend=month[0] - 1))
    row, told = [], []
    for start, end in zip(starts, [*starts[1:], len(month)], strict=True):
        this = meters.days[start].astype("datetime64[M]")
        if (
            np.arange(this, this + np.timedelta64(1, "M"), dtype="datetime64[D]").size
            != end - start
        ):
            continue
        span = meters.energy_kwh[:, start:end]
        for one in np.flatnonzero(np.all(span > 0.0, axis=1)):
            steps = np.floor(span[one] + BESIDE_THE_STEPS).astype(np.int64)
            if len(np.unique(steps)) > 1:  # a standing month is anybody's
                row.append(int(one))
                told.append(zlib.crc32(steps.astype("<i8").tobytes()))
    return np.array(row, dtype=np.int64), np.array(told, dtype=np.uint32)


def known() -> npt.NDArray[np.uint32]:
    """Return the fingerprints of what the judge that ships was learnt from."""
    return np.load(FILE, allow_pickle=False)


def said_of(meters: Meters, *, learnt: npt.NDArray[np.uint32] | None = None) -> dict[str, Any]:
    """Return how many of these meters, and of their months, a judge has seen; who ships, if None.

    A meter counts as seen with one month of ten: other years of it are the same household's.
    """
    row, told = fingerprints(meters)
    is_known = np.isin(told, known() if learnt is None else learnt)
    n_meters = len(meters.energy_kwh)
    months = np.bincount(row, minlength=n_meters)
    seen = np.bincount(row, is_known, minlength=n_meters)
    n_seen = int(np.count_nonzero((months > 0) & (seen >= 0.1 * months)))
    if n_seen == 0:
        words = "learnt from other days: no month of these meters is among his"
    elif n_seen == np.count_nonzero(months):
        words = "learnt from these meters: says nothing of travel"
    else:
        words = "learnt from some of these meters"
    return {
        "judge_that_ships_was": words,
        "meters_he_was_learnt_from": n_seen,
        "months_he_was_learnt_from_share": round(float(is_known.mean()), 3) if len(told) else 0.0,
    }


def main() -> None:
    """Write the fingerprints of the archive that the judge that ships was learnt from."""
    told = fingerprints(splices.read(Path(sys.argv[1]), hourly=False))[1]
    np.save(FILE, np.unique(told))


if __name__ == "__main__":
    main()
