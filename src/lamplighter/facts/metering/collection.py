"""How much of a day has been collected."""

from datetime import date, datetime
from pathlib import Path

import numpy as np

from lamplighter.facts.metering import members, queries, reading
from lamplighter.kernel.spans import last_days

N_DAYS_BEFORE = 7


def rate(*, lake_folder: Path, day: date, known_at: datetime) -> float:
    """Return the collection rate of a day: points read on it, of those read in the week before.

    A point that has not been read for a week is no longer waited for. Where none was read in that
    week, the day is complete as soon as any point is read on it.
    """
    newest = queries.last_day_known(known_at=known_at)
    if newest is None or newest < day:
        return 0.0  # for whoever waits this is the usual case, and it reads no file
    who = members.everybody(known_at=known_at)
    view = queries.lake_view(lake_folder=lake_folder, known_at=known_at)
    n_usual, n_read = 0, 0
    for shard in np.unique(who.shard_of_point).tolist():
        energy = reading.daily_matrix(
            view=view,
            shards=[shard],
            point_ids=who.point_ids[who.shard_of_point == shard],
            days=last_days(up_to=day, n_days=N_DAYS_BEFORE + 1),
        ).energy_kwh
        is_known = np.isfinite(energy)
        is_usual = is_known[:, :-1].any(axis=1)
        n_usual += int(is_usual.sum())
        n_read += int((is_known[:, -1] & is_usual).sum())
    return n_read / n_usual if n_usual else 1.0
