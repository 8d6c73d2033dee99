"""What really is the case, written apart from the deliveries: for tests and benchmarks only."""

from pathlib import Path

import numpy as np

from lamplighter.town import files
from lamplighter.town.behaviour import CAUSES, CLASSES
from lamplighter.town.changes import APPLIANCES, KINDS
from lamplighter.town.life import Life
from lamplighter.town.profiles import PROFILES
from lamplighter.town.readings import point_numbers

README = """# The truth of this generated station

Never import these files: the system must find out by itself. For tests and benchmarks only.

- `accounts.parquet`: account_number, is_hard_zone, cause (NONE: pays well; UNKNOWN: forgets),
  behaviour (GOOD, OCCASIONAL: reminded once in 3-6 months, MONTHLY, RESISTANT), onset_cycle
  (first bill, counted from 0, from which the behaviour shows), profile, is_rented.
- `changes.parquet`: usage_point_number, kind, day (first day of the new habit), until (first day
  after it, or the day after the life), size_kwh (mean difference a day, over at most 28 days,
  without noise), appliance. A VACANCY that ends within the life has a RETURN of its own.
- `weather.parquet`: day, temperature_c, is_heat_wave (a common change, not a habit),
  people_at_home (0..1, Spring Festival).
"""


def write(*, life: Life, folder: Path) -> None:
    """Write the truth of a life."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(README, encoding="utf-8")
    people = life.people
    files.write_parquet(
        path=folder / "accounts.parquet",
        columns={
            "account_number": people.account_numbers.astype(str),
            "is_hard_zone": people.is_hard,
            "cause": files.coded(codes=people.conduct.cause, words=CAUSES),
            "behaviour": files.coded(codes=people.conduct.behaviour, words=CLASSES),
            "onset_cycle": people.conduct.onset,
            "profile": files.coded(codes=people.profile, words=[p.code for p in PROFILES]),
            "is_rented": people.is_rented,
        },
    )
    _write_changes(life=life, folder=folder)
    files.write_parquet(
        path=folder / "weather.parquet",
        columns={
            "day": files.dates_of(life.days.epoch_day),
            "temperature_c": life.weather.temperature_c,
            "is_heat_wave": life.weather.is_heat_wave,
            "people_at_home": life.days.spring,
        },
    )


def _write_changes(*, life: Life, folder: Path) -> None:
    made = life.changes
    ended = np.flatnonzero((made.kind == KINDS.index("VACANCY")) & (made.until < len(life.days)))
    point = np.concatenate([made.point, made.point[ended]])
    kind = np.concatenate([made.kind, np.full(len(ended), KINDS.index("RETURN"))])
    day = np.concatenate([made.day, made.until[ended]])
    until = np.concatenate([made.until, np.full(len(ended), len(life.days))])
    size = np.concatenate([made.size_kwh, -made.size_kwh[ended]])
    appliance = np.concatenate([made.appliance, np.full(len(ended), -1)])
    order = np.lexsort((day, point))
    first = int(life.days.epoch_day[0])
    names = np.array(point_numbers(0, len(life.people)))
    files.write_parquet(
        path=folder / "changes.parquet",
        columns={
            "usage_point_number": names[point[order]],
            "kind": files.coded(codes=kind[order], words=KINDS),
            "day": files.dates_of(day[order] + first),
            "until": files.dates_of(until[order] + first),
            "size_kwh": size[order],
            "appliance": files.coded(
                codes=np.maximum(appliance[order], 0),
                words=[word for _, word, _ in APPLIANCES],
                mask=appliance[order] < 0,
            ),
        },
    )
