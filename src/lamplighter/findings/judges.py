"""Judges that were learnt elsewhere and ship with the product, each with where it comes from."""

from functools import cache
from pathlib import Path

import numpy as np

from lamplighter.insight.change import learnt

FOLDER = Path(__file__).parent / "learnt_judges"
CHANGE = "change-2026-11"


def _forest(kept: dict[str, np.ndarray], name: str) -> learnt.Forest:
    return learnt.Forest(
        traits=tuple(str(one) for one in kept[f"{name}_traits"]),
        intercept=float(kept[f"{name}_intercept"]),
        column=kept[f"{name}_column"].astype(np.int64),
        limit=kept[f"{name}_limit"],
        leaf=kept[f"{name}_leaf"],
    )


@cache
def of_changes(*, name: str = CHANGE) -> learnt.Judge:
    """Return the judge of habit changes.

    Raises
    ------
    FileNotFoundError
        No judge of this name ships.
    """
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        kept = {key: file[key] for key in file.files}
    return learnt.Judge(
        every=int(kept["every"]),
        glances=tuple(
            learnt.Glance(forest=_forest(kept, f"glance_{n}"), limit=float(limit))
            for n, limit in enumerate(kept["limits"], start=1)
        ),
        days=_forest(kept, "days"),
        hours=_forest(kept, "hours"),
    )
