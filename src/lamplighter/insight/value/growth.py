"""An area's outlook: what it used, what made it change, and how its present accounts may grow."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.value.value import ImpossibleAmount, NotAccounts, PolicyImpossible

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

YEAR = 12
TWO_YEARS = 24
LARGEST_GROWTH = 1.0  # [log] beyond, it is another set of customers
LEAST_KWH = 1.0
NORMAL = {0.8: 1.2816, 0.9: 1.6449, 0.95: 1.9600}  # half widths in standard deviations


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthPolicy:
    """Numbers of the outlook; field names are policy row keys."""

    growth_carries_on: float  # share of last year's growth that is expected again
    growth_doubt_origins: float  # all areas' errors count in an area's own like so many of them
    growth_common_spread: float  # what a year usually does to all areas [log] …
    growth_common_doubt_years: float  # … which counts like so many years seen
    growth_interval: float  # probability inside the interval


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaSums:
    """Energy of areas by month, newest last; adds up over parts of the accounts."""

    area: Counts  # (n_areas,) ascending
    n_accounts: Counts  # (n_areas,) with use in the last year
    total_kwh: Floats  # (n_areas, n_months)
    now_kwh: Floats  # (n_areas, n_months − 12) of accounts billed in this month …
    then_kwh: Floats  # … and a year before: what they used then
    new_kwh: Floats  # (n_areas,) last year, of accounts that had none the year before
    lost_kwh: Floats  # (n_areas,) the year before, of accounts that have none since
    n_new: Counts
    n_lost: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlooks:
    """The outlook of each area; NaN where nothing is known."""

    area: Counts
    n_accounts: Counts
    last_year_kwh: Floats
    year_before_kwh: Floats
    new_kwh: Floats  # what changed from year to year: new accounts, …
    lost_kwh: Floats  # … lost ones (negative), …
    changed_kwh: Floats  # … and other use of those that stayed
    n_new: Counts
    n_lost: Counts
    past_growth: Floats  # [log] of the accounts that stayed
    growth: Floats  # [log] expected of the present accounts over the next year
    growth_low: Floats
    growth_high: Floats
    next_year_kwh: Floats
    next_low_kwh: Floats
    next_high_kwh: Floats


def sums(*, energy_kwh: Floats, area: Counts) -> AreaSums:
    """Add up accounts by area and month.

    Parameters
    ----------
    energy_kwh : (n_accounts, n_months) float64
        Energy of each month's bill, newest last. [kWh] NaN: no bill.
    area : (n_accounts,) int64
        Station area. [code]

    Returns
    -------
    AreaSums
        One row an area.

    Raises
    ------
    NotAccounts
        Shapes disagree, or there are fewer than 24 months.
    ImpossibleAmount
        An energy is infinite.

    Examples
    --------
    >>> made = sums(energy_kwh=np.full((2, 24), 100.0), area=np.array([7, 7]))
    >>> made.total_kwh[0, -1], made.now_kwh.shape
    (np.float64(200.0), (1, 12))
    """
    if energy_kwh.ndim != 2 or energy_kwh.shape[:1] != area.shape:
        raise NotAccounts(f"{energy_kwh.shape}, {area.shape}")
    if energy_kwh.shape[1] < TWO_YEARS:
        raise NotAccounts(f"{energy_kwh.shape[1]} months")
    if np.isinf(energy_kwh).any():
        raise ImpossibleAmount(f"{np.count_nonzero(np.isinf(energy_kwh))} infinite")
    codes, place = np.unique(area, return_inverse=True)
    known = ~np.isnan(energy_kwh)
    use = np.where(known, energy_kwh, 0.0)
    both = known[:, YEAR:] & known[:, :-YEAR]
    last = use[:, -YEAR:].sum(axis=1)
    before = use[:, -TWO_YEARS:-YEAR].sum(axis=1)
    has_last = known[:, -YEAR:].any(axis=1)
    had = known[:, -TWO_YEARS:-YEAR].any(axis=1)
    n_areas = len(codes)

    def added(values: Floats) -> Floats:
        total = np.zeros((n_areas, *values.shape[1:]))
        np.add.at(total, place, values)
        return total

    return AreaSums(
        area=codes.astype(np.int64),
        n_accounts=np.bincount(place[has_last], minlength=n_areas).astype(np.int64),
        total_kwh=added(use),
        now_kwh=added(np.where(both, use[:, YEAR:], 0.0)),
        then_kwh=added(np.where(both, use[:, :-YEAR], 0.0)),
        new_kwh=added(np.where(has_last & ~had, last, 0.0)),
        lost_kwh=added(np.where(had & ~has_last, before, 0.0)),
        n_new=np.bincount(place[has_last & ~had], minlength=n_areas).astype(np.int64),
        n_lost=np.bincount(place[had & ~has_last], minlength=n_areas).astype(np.int64),
    )


def together(*, parts: Sequence[AreaSums]) -> AreaSums:
    """Add up the sums of parts of the accounts; an area may be in several.

    Parameters
    ----------
    parts : Sequence[AreaSums]
        At least one, of the same months.

    Returns
    -------
    AreaSums
        One row an area.

    Raises
    ------
    NotAccounts
        There is no part, or the months disagree.

    Examples
    --------
    >>> part = sums(energy_kwh=np.full((1, 24), 100.0), area=np.array([7]))
    >>> together(parts=[part, part]).n_accounts
    array([2])
    """
    if len({part.total_kwh.shape[1] for part in parts}) != 1:
        raise NotAccounts(f"{len(parts)} parts of unlike months")
    codes = np.unique(np.concatenate([part.area for part in parts]))
    made: dict[str, npt.NDArray[np.generic]] = {"area": codes}
    for name in AreaSums.__dataclass_fields__:
        if name == "area":
            continue
        first = getattr(parts[0], name)
        total = np.zeros((len(codes), *first.shape[1:]), first.dtype)
        for part in parts:
            total[np.searchsorted(codes, part.area)] += getattr(part, name)
        made[name] = total
    return AreaSums(**made)  # type: ignore[arg-type] # by the names of its own fields


def outlooks(*, sums: AreaSums, policy: GrowthPolicy) -> Outlooks:
    """Tell what made each area's use change, and how that of its present accounts may grow.

    Growth hardly carries on from one year to the next, so little of it is expected again. How far
    off that was is seen at each past month a year of which is known: what all areas had in
    common then, and what was an area's own, drawn towards that of all. Both make the interval.

    Parameters
    ----------
    sums : AreaSums
        Of all areas of the station: they show what a year does to all of them.
    policy : GrowthPolicy
        The numbers.

    Returns
    -------
    Outlooks
        One row an area. Without a past year of errors the growth has no interval (NaN).

    Raises
    ------
    PolicyImpossible
        The numbers contradict one another, or the probability is none of 0.8, 0.9, 0.95.

    Examples
    --------
    >>> from lamplighter.insight.value import examples
    >>> steady = np.tile(np.full(36, 100.0), (8, 1))
    >>> found = outlooks(
    ...     sums=sums(energy_kwh=steady, area=np.arange(8) // 4),
    ...     policy=examples.GROWTH,
    ... )
    >>> found.next_year_kwh, bool((found.next_low_kwh < found.next_high_kwh).all())
    (array([4800., 4800.]), True)
    """
    _refuse(policy)
    last = sums.total_kwh[:, -YEAR:].sum(axis=1)
    before = sums.total_kwh[:, -TWO_YEARS:-YEAR].sum(axis=1)
    n_months = sums.total_kwh.shape[1]
    past = _growth(sums, n_months - YEAR, n_months)
    growth = policy.growth_carries_on * np.nan_to_num(past)
    growth = np.where(last > LEAST_KWH, growth, np.nan)
    half = _half_width(sums, policy)
    low, high = growth - half, growth + half
    return Outlooks(
        area=sums.area,
        n_accounts=sums.n_accounts,
        last_year_kwh=last,
        year_before_kwh=before,
        new_kwh=sums.new_kwh,
        lost_kwh=-sums.lost_kwh,
        changed_kwh=last - before - sums.new_kwh + sums.lost_kwh,
        n_new=sums.n_new,
        n_lost=sums.n_lost,
        past_growth=past,
        growth=growth,
        growth_low=low,
        growth_high=high,
        next_year_kwh=last * np.exp(growth),
        next_low_kwh=last * np.exp(low),
        next_high_kwh=last * np.exp(high),
    )


def _growth(sums: AreaSums, begin: int, end: int) -> Floats:
    """Return the log growth of months over those a year before, of accounts billed in both."""
    span = slice(begin - YEAR, end - YEAR)
    now, then = sums.now_kwh[:, span].sum(axis=1), sums.then_kwh[:, span].sum(axis=1)
    there = (now > LEAST_KWH) & (then > LEAST_KWH)
    ratio = np.where(there, now, 1.0) / np.where(there, then, 1.0)
    return np.where(there, np.clip(np.log(ratio), -LARGEST_GROWTH, LARGEST_GROWTH), np.nan)


def _half_width(sums: AreaSums, policy: GrowthPolicy) -> Floats:
    """Return the half width of the interval [log]: what is common and what is an area's own."""
    n_areas, n_months = sums.total_kwh.shape
    origins = range(YEAR + 1, n_months - YEAR + 1)
    if not origins or n_areas == 0:
        return np.full(n_areas, np.nan)
    error = np.stack([_error(sums, origin, policy) for origin in origins], axis=1)
    weight = np.sqrt(np.maximum(sums.total_kwh[:, -YEAR:].sum(axis=1), 0.0))[:, None]
    there = ~np.isnan(error)
    weights = np.where(there, weight, 0.0)
    whole = weights.sum(axis=0)
    common = np.divide(
        np.sum(np.where(there, error, 0.0) * weights, axis=0),
        whole,
        out=np.zeros(len(whole)),
        where=whole > 0.0,
    )
    doubt = policy.growth_common_doubt_years
    years = len(common) / YEAR  # overlapping origins tell of so many years
    shared = (years * np.mean(common**2) + doubt * policy.growth_common_spread**2) / (years + doubt)
    own = np.where(there, error - common, 0.0)
    count = there.sum(axis=1)
    if not count.any():
        return np.full(n_areas, np.nan)
    pooled = np.sum(own**2) / count.sum()
    prior = policy.growth_doubt_origins
    scale = np.sqrt((np.sum(own**2, axis=1) + prior * max(pooled, 1e-8)) / (count + prior))
    normal = NORMAL[policy.growth_interval]
    reach = np.quantile(np.abs(own / scale[:, None])[there], policy.growth_interval)
    return np.asarray(np.sqrt((float(reach) * scale) ** 2 + normal**2 * shared))


def _error(sums: AreaSums, origin: int, policy: GrowthPolicy) -> Floats:
    """Return how far off the growth expected at a past month was in the year after it."""
    seen = _growth(sums, max(YEAR, origin - YEAR), origin)
    expected = policy.growth_carries_on * np.nan_to_num(seen)
    return _growth(sums, origin, origin + YEAR) - expected


def _refuse(policy: GrowthPolicy) -> None:
    if policy.growth_interval not in NORMAL:
        raise PolicyImpossible(f"interval {policy.growth_interval}: one of {sorted(NORMAL)}")
    doubts = (policy.growth_doubt_origins, policy.growth_common_doubt_years)
    if min(doubts) <= 0.0 or policy.growth_common_spread <= 0.0:
        raise PolicyImpossible(f"doubts {doubts}, spread {policy.growth_common_spread}")
    if not 0.0 <= policy.growth_carries_on <= 1.0:
        raise PolicyImpossible(f"carries on {policy.growth_carries_on}")
