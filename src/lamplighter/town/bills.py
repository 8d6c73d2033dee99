"""Bills: the energy between two readings, priced step by step, in whole fen."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.town.calendar import Cycle, Days
from lamplighter.town.chance import stream
from lamplighter.town.people import TARIFF_CODES, People
from lamplighter.town.places import Places
from lamplighter.town.plan import TARIFFS, Tariff

Ints = npt.NDArray[np.int64]
E4_WH_PER_FEN = 100_000  # 1e-4 yuan/kWh times Wh, in a fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Bills:
    """One row an account, one column a cycle. Where nothing was supplied there is no bill."""

    wh: Ints
    fen: Ints
    exists: npt.NDArray[np.bool_]
    first_day: Ints  # epoch days, both ends counted
    last_day: Ints
    issued_day: Ints  # (n_cycles,)
    due_day: Ints  # (n_cycles,)
    year_month: Ints  # (n_cycles,) such as 202611


def price(
    *, people: People, places: Places, days: Days, cycles: tuple[Cycle, ...], wh: Ints, seed: int
) -> Bills:
    """Price the energy of each bill by the account's tariff; the steps count a calendar year."""
    n = len(people)
    group = np.array([a.reading_group for a in places.areas], dtype=np.int64)[people.area]
    read = np.array(
        [[days.index(day) for day in cycle.readings] for cycle in cycles], dtype=np.int64
    )
    ends = read.reshape(len(cycles), -1)[:, group].T if cycles else np.zeros((n, 0), dtype=np.int64)
    starts = np.concatenate([np.zeros((n, 1), dtype=np.int64), ends[:, :-1]], axis=1)[
        :, : len(cycles)
    ]
    starts = np.maximum(starts, people.start[:, None])
    valley = stream(seed=seed, concern="valley").integers(220, 480, n)
    fen = np.zeros_like(wh)
    for number, tariff in enumerate(TARIFFS):
        assert tariff.code == TARIFF_CODES[number]  # noqa: S101 the two lists are one order
        rows = np.flatnonzero(people.tariff == number)
        fen[rows] = _priced(tariff, wh[rows], valley[rows], cycles)
        fen[rows] += tariff.fen_per_kva_month * people.capacity_kva[rows, None]
    epoch = int(days.epoch_day[0])
    exists = ends > starts
    return Bills(
        wh=wh,
        fen=np.where(exists, fen, 0),
        exists=exists,
        first_day=starts + epoch,
        last_day=ends + epoch - 1,
        issued_day=np.array([days.index(c.issued) for c in cycles], dtype=np.int64) + epoch,
        due_day=np.array([days.index(c.due) for c in cycles], dtype=np.int64) + epoch,
        year_month=np.array([c.issued.year * 100 + c.issued.month for c in cycles], dtype=np.int64),
    )


def _priced(tariff: Tariff, wh: Ints, valley_permille: Ints, cycles: tuple[Cycle, ...]) -> Ints:
    fen = np.zeros_like(wh)
    used = np.zeros(len(wh), dtype=np.int64)
    for k, cycle in enumerate(cycles):
        if k and cycle.issued.year != cycles[k - 1].issued.year:
            used[:] = 0
        before, after = used, used + wh[:, k]
        total = np.zeros(len(wh), dtype=np.int64)
        lower = 0
        for tier in tariff.tiers:
            upper = np.iinfo(np.int64).max if tier.up_to_kwh is None else tier.up_to_kwh * 1000
            inside = np.clip(after, lower, upper) - np.clip(before, lower, upper)
            night = inside * valley_permille // 1000
            total += (inside - night) * tier.peak_e4 + night * tier.valley_e4
            lower = upper
        fen[:, k] = (total + E4_WH_PER_FEN // 2) // E4_WH_PER_FEN
        used = after
    return fen
