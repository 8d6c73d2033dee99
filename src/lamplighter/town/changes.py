"""Changes of habit, with what really happened kept for the truth."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.town.plan import CHANGES

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

KINDS = ("SURGE", "DROP", "VACANCY", "RETURN", "TURNOVER", "APPLIANCE")
# What a new appliance is driven by: place in weather.DRIVERS, words, and kWh per unit of it.
APPLIANCES = (
    (0, "电动车或冰柜", (1.2, 5.0)),
    (2, "空调", (0.5, 1.3)),
    (3, "电暖器或电炕", (0.35, 0.9)),
)
SIZE_DAYS = 28
LEAST_DRIVER = 1.0  # a season's appliance is bought where it will run


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Episodes, one an entry. A vacancy that ends inside the life is a RETURN as well."""

    point: Ints
    kind: Ints  # place in KINDS
    day: Ints  # first day of the new habit
    until: Ints  # first day after it
    factor: npt.NDArray[np.float64]
    appliance: Ints  # place in APPLIANCES; -1: none
    size_kwh: npt.NDArray[np.float64]  # filled in as the readings are made. [kWh a day]

    def __len__(self) -> int:
        return len(self.point)


def draw(
    *,
    rng: np.random.Generator,
    is_home: npt.NDArray[np.bool_],
    is_rented: npt.NDArray[np.bool_],
    start: Ints,
    drivers: Floats,
) -> Changes:
    """Draw at most one episode a dwelling; turnovers are mostly of rented dwellings."""
    days = drivers.shape[1]
    margin = min(75, days // 3)
    free = rng.permutation(np.flatnonzero(is_home & (start == 0)))
    free = np.concatenate([free[is_rented[free]], free[~is_rented[free]]])
    rows: list[tuple[Ints, ...]] = []
    factors = []
    homes = len(free)
    for kind in ("TURNOVER", "SURGE", "DROP", "VACANCY", "RETURN", "APPLIANCE"):
        rule = CHANGES[kind]
        count = min(len(free), max(1, round(homes * rule.per_year * days / 365.25)))
        if kind == "TURNOVER":  # seven in ten in rented dwellings, which come first in the list
            let = int(count * 0.7)
            chosen = np.unique(np.concatenate([free[:let], free[::-1][: count - let]]))
        else:
            chosen = rng.permutation(free)[:count]
        free = np.setdiff1d(free, chosen)
        day = rng.integers(margin, days - margin // 3, len(chosen))
        until = np.full(len(chosen), days)
        if rule.lasts_days is not None:
            length = rng.integers(*rule.lasts_days, len(chosen))
            lasting = (rng.random(len(chosen)) < 0.25) & (kind == "SURGE")
            until = np.where(lasting, days, np.minimum(days, day + length))
        code = np.full(len(chosen), KINDS.index(kind))
        appliance = np.full(len(chosen), -1)
        if kind == "APPLIANCE":
            appliance = _appliances(rng, day=day, drivers=drivers)
        rows.append((chosen, code, day, until, appliance))
        factors.append(rng.uniform(*rule.factor, len(chosen)))
    point, code, day, until, appliance = (np.concatenate(part) for part in zip(*rows, strict=True))
    order = np.argsort(point, kind="stable")
    return Changes(
        point=point[order],
        kind=code[order],
        day=day[order],
        until=until[order],
        factor=np.concatenate(factors)[order],
        appliance=appliance[order],
        size_kwh=np.zeros(len(order)),
    )


def _appliances(rng: np.random.Generator, *, day: Ints, drivers: Floats) -> Ints:
    """Draw what was bought on each day: nobody buys a heater in July."""
    ahead = np.stack(
        [[drivers[driver, d : d + SIZE_DAYS].mean() for d in day] for driver, _, _ in APPLIANCES]
    )
    wanted = (ahead >= LEAST_DRIVER).astype(np.float64)
    pick = rng.random(len(day)) * wanted.sum(axis=0)
    return np.asarray(np.argmax(np.cumsum(wanted, axis=0) > pick, axis=0), dtype=np.int64)


def apply(
    *,
    changes: Changes,
    low: int,
    expected_kwh: Floats,
    other_kwh: Floats,
    drivers: Floats,
) -> None:
    """Write the episodes of a block of points into its expected energy, and note their size.

    Parameters
    ----------
    changes
        All episodes, sorted by point.
    low
        The first point of the block.
    expected_kwh : (n_points, n_days) float32
        Expected energy, changed in place. [kWh]
    other_kwh : (n_points, n_drivers) float32
        Coefficients of the household that would move in. [kWh per driver]
    drivers : (n_drivers, n_days) float32
        What drives consumption. [1, degrees]
    """
    first, last = np.searchsorted(changes.point, [low, low + len(expected_kwh)])
    for n in range(int(first), int(last)):
        row = int(changes.point[n]) - low
        kind = KINDS[changes.kind[n]]
        day, until = int(changes.day[n]), int(changes.until[n])
        span = slice(0, day) if kind == "RETURN" else slice(day, until)
        line = expected_kwh[row]
        # The same days without the change.
        before = line[day : min(until, day + SIZE_DAYS)].mean()
        if kind == "RETURN":
            line[span] *= changes.factor[n]
            away = before * changes.factor[n]
            changes.size_kwh[n] = before - away
            continue
        if kind == "TURNOVER":
            moved_in = other_kwh[row] @ drivers[:, span]
            level = changes.factor[n] * line[span].mean() / max(0.01, float(moved_in.mean()))
            line[span] = moved_in * level
        elif kind == "APPLIANCE":
            driver, _, (least, most) = APPLIANCES[changes.appliance[n]]
            share = (changes.factor[n] - 0.25) / 0.45
            line[span] += (least + (most - least) * share) * drivers[driver, span]
        else:
            line[span] *= changes.factor[n]
        new = line[day : min(until, day + SIZE_DAYS)].mean()
        changes.size_kwh[n] = new - before
