"""What an account contributes, how well it pays, how it grows, and its value band."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
Counts = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint16]

KERNEL_VERSION = "value/1"
BANDS = ("HIGH", "MEDIUM", "LOW")
HIGH, MEDIUM, LOW = range(3)
REASONS = (
    "LARGE_CONTRIBUTION",
    "MIDDLE_CONTRIBUTION",
    "SMALL_CONTRIBUTION",
    "RAISED_BY_GROWTH",
    "LOWERED_BY_PAYMENT",
    "NO_YEAR_OF_USE",
)
LARGE, MIDDLE, SMALL, RAISED, LOWERED, NO_YEAR = range(len(REASONS))


class NotAccounts(ValueError):
    """The arrays do not describe the same accounts."""


class ImpossibleAmount(ValueError):
    """An energy or an amount is negative or infinite, or a share lies outside 0…1."""


class PolicyImpossible(ValueError):
    """The policy's numbers contradict one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuePolicy:
    """Numbers of the value bands; field names are policy row keys."""

    high_quantile: float  # of contributions above zero
    medium_quantile: float
    high_at_least_kwh: float  # a limit is never below this
    medium_at_least_kwh: float
    growth_doubt_years: float  # the area's usual growth counts like so many comparisons
    growth_floor_kwh: float  # added to each year, so that small use does not jump
    growth_raises_from: float  # [log ratio a year] beyond the area's usual growth
    poor_payment_below: float  # share of billed money paid


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Least contribution of a band, made once for the whole station."""

    high_kwh: float
    medium_kwh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """Value of each account; NaN where nothing is known."""

    contribution_kwh: Floats  # (n,) last year's energy × share paid
    share_of_area: Floats  # (n,) of the area's contributions
    payment_quality: Floats  # (n,) share paid × (1 + share in time) / 2
    growth: Floats  # (n,) log ratio a year, drawn towards the area's usual growth
    usual_growth: Floats  # (n,) of the area
    band: Codes  # (n,) place in BANDS
    reasons: Bits  # (n,) bit r is set when REASONS[r] applies


def contribution(*, energy_kwh: Floats, billed_cny: Floats, paid_cny: Floats) -> Floats:
    """Return last year's energy times the share of its bills that was paid (S1-04).

    Parameters
    ----------
    energy_kwh : (n_accounts,) float64
        Energy of the last whole year. [kWh] NaN: not known.
    billed_cny : (n_accounts,) float64
        Bills of that year. [CNY] NaN: not known.
    paid_cny : (n_accounts,) float64
        What was paid for them. [CNY] NaN: not known.

    Returns
    -------
    (n_accounts,) float64
        Paid energy; NaN where a part is not known or nothing was billed. [kWh]

    Raises
    ------
    NotAccounts
        Shapes disagree.
    ImpossibleAmount
        A value is negative or infinite.

    Examples
    --------
    >>> contribution(
    ...     energy_kwh=np.array([2000.0, 2000.0, 100.0]),
    ...     billed_cny=np.array([1000.0, 1000.0, 0.0]),
    ...     paid_cny=np.array([1200.0, 500.0, 0.0]),
    ... )
    array([2000., 1000., nan])
    """
    if not energy_kwh.shape == billed_cny.shape == paid_cny.shape or energy_kwh.ndim != 1:
        raise NotAccounts(f"{energy_kwh.shape}, {billed_cny.shape}, {paid_cny.shape}")
    _refuse_impossible(energy_kwh, billed_cny, paid_cny)
    return energy_kwh * _paid_share(billed_cny, paid_cny)


def limits_of(*, contribution_kwh: Floats, policy: ValuePolicy) -> Limits:
    """Return the limits of the bands from the contributions of the whole station.

    Parameters
    ----------
    contribution_kwh : (n_accounts,) float64
        From :func:`contribution`, all accounts of the station. [kWh] NaN and 0 are left out.
    policy : ValuePolicy
        The quantiles and the least limits.

    Returns
    -------
    Limits
        The quantile is the smallest contribution with at least that share at or below it.

    Raises
    ------
    PolicyImpossible
        The numbers contradict one another.

    Examples
    --------
    >>> policy = ValuePolicy(
    ...     high_quantile=0.9,
    ...     medium_quantile=0.5,
    ...     high_at_least_kwh=5.0,
    ...     medium_at_least_kwh=1.0,
    ...     growth_doubt_years=2.0,
    ...     growth_floor_kwh=100.0,
    ...     growth_raises_from=0.1,
    ...     poor_payment_below=0.8,
    ... )
    >>> limits_of(contribution_kwh=np.arange(1.0, 11.0), policy=policy)
    Limits(high_kwh=9.0, medium_kwh=5.0)
    """
    _refuse_contradiction(policy)
    known = np.sort(contribution_kwh[contribution_kwh > 0.0])
    high, medium = policy.high_at_least_kwh, policy.medium_at_least_kwh
    if known.size:
        # Rounded before rounding up: 0.9 · 10 must not become ten places.
        place = [int(np.ceil(round(q * known.size, 9))) - 1 for q in _quantiles(policy)]
        high, medium = max(high, float(known[place[0]])), max(medium, float(known[place[1]]))
    return Limits(high_kwh=high, medium_kwh=medium)


def values(
    *,
    yearly_energy_kwh: Floats,
    billed_cny: Floats,
    paid_cny: Floats,
    in_time_share: Floats,
    area: Counts,
    limits: Limits,
    policy: ValuePolicy,
) -> Values:
    """Tell contribution, payment quality, growth and value band of each account (S1-04, S2-03).

    Growth is the mean of the log ratios from year to year, drawn towards the median of the area so
    that one odd year does not count as an outlook::

        growth = (Σ ratios + doubt · usual) / (number of ratios + doubt)

    The band follows from the contribution; growth well beyond the area's raises a LOW or MEDIUM
    account by one band, poor payment lowers by one.

    Parameters
    ----------
    yearly_energy_kwh : (n_accounts, n_years) float64
        Energy of whole years, the last one newest. [kWh] NaN: no whole year.
    billed_cny : (n_accounts,) float64
        Bills of the last year. [CNY] NaN: not known.
    paid_cny : (n_accounts,) float64
        What was paid for them. [CNY] NaN: not known.
    in_time_share : (n_accounts,) float64
        Share of these bills paid in their window. [1] NaN: not known.
    area : (n_accounts,) int64
        Station area; all accounts of an area have to be here. [area]
    limits : Limits
        From :func:`limits_of`.
    policy : ValuePolicy
        The numbers.

    Returns
    -------
    Values
        One row an account. Without a year of use the band is LOW, with the reason NO_YEAR_OF_USE.

    Raises
    ------
    NotAccounts
        Shapes disagree or there is no year.
    ImpossibleAmount
        A value is negative or infinite, or a share above 1.
    PolicyImpossible
        The numbers contradict one another.

    Examples
    --------
    >>> policy = ValuePolicy(
    ...     high_quantile=0.9,
    ...     medium_quantile=0.5,
    ...     high_at_least_kwh=5000.0,
    ...     medium_at_least_kwh=1500.0,
    ...     growth_doubt_years=2.0,
    ...     growth_floor_kwh=100.0,
    ...     growth_raises_from=0.1,
    ...     poor_payment_below=0.8,
    ... )
    >>> found = values(
    ...     yearly_energy_kwh=np.array([[9000.0, 9000.0], [2000.0, 2000.0]]),
    ...     billed_cny=np.array([4500.0, 1000.0]),
    ...     paid_cny=np.array([4500.0, 500.0]),
    ...     in_time_share=np.array([1.0, 0.5]),
    ...     area=np.array([7, 7]),
    ...     limits=Limits(high_kwh=5000.0, medium_kwh=1500.0),
    ...     policy=policy,
    ... )
    >>> [BANDS[b] for b in found.band], found.share_of_area
    (['HIGH', 'LOW'], array([0.9, 0.1]))
    """
    _refuse_contradiction(policy)
    _refuse_other_shapes(yearly_energy_kwh, billed_cny, paid_cny, in_time_share, area)
    _refuse_impossible(yearly_energy_kwh)
    if (in_time_share < 0.0).any() or (in_time_share > 1.0).any():
        raise ImpossibleAmount(f"{np.count_nonzero(in_time_share > 1.0)} shares above 1")
    given = contribution(
        energy_kwh=yearly_energy_kwh[:, -1], billed_cny=billed_cny, paid_cny=paid_cny
    )
    paid_share = _paid_share(billed_cny, paid_cny)
    place = np.unique(area, return_inverse=True)[1]
    growth, usual = _growth(yearly_energy_kwh, place, policy)
    band, reasons = _band(given, paid_share, growth - usual, limits, policy)
    return Values(
        contribution_kwh=given,
        share_of_area=_share_of_area(given, place),
        payment_quality=paid_share * (1.0 + in_time_share) / 2.0,
        growth=growth,
        usual_growth=usual,
        band=band,
        reasons=reasons,
    )


def _paid_share(billed: Floats, paid: Floats) -> Floats:
    share = np.full(len(billed), np.nan)
    np.divide(paid, billed, out=share, where=billed > 0.0)
    capped: Floats = np.minimum(1.0, share)
    return capped


def _share_of_area(given: Floats, place: Counts) -> Floats:
    # Whole watt-hours: the area's sum is the same in any order of accounts.
    watt_hours = np.rint(np.where(np.isnan(given), 0.0, given) * 1000.0).astype(np.int64)
    total = np.zeros(place.max(initial=-1) + 1, dtype=np.int64)
    np.add.at(total, place, watt_hours)
    whole = total[place]
    share = np.divide(watt_hours, whole, out=np.full(len(given), np.nan), where=whole > 0)
    return np.where(np.isnan(given), np.nan, share)


def _growth(energy: Floats, place: Counts, policy: ValuePolicy) -> tuple[Floats, Floats]:
    level = np.log(energy + policy.growth_floor_kwh)
    total, count = np.zeros(len(energy)), np.zeros(len(energy))
    for year in range(1, energy.shape[1]):
        ratio = level[:, year] - level[:, year - 1]
        total += np.where(np.isnan(ratio), 0.0, ratio)
        count += ~np.isnan(ratio)
    own = np.divide(total, count, out=np.full(len(energy), np.nan), where=count > 0.0)
    usual = _median_of_area(own, place)
    doubt = policy.growth_doubt_years
    return (total + doubt * usual) / (count + doubt), usual


def _median_of_area(value: Floats, place: Counts) -> Floats:
    """Return each account's area median over known values, NaN where an area has none."""
    known = ~np.isnan(value)
    areas = int(place.max(initial=-1)) + 1
    order = np.lexsort((value[known], place[known]))
    ranked = value[known][order]
    count = np.bincount(place[known], minlength=areas)
    first = np.cumsum(count) - count
    median = np.full(areas, np.nan)
    has = count > 0
    low, high = first[has] + (count[has] - 1) // 2, first[has] + count[has] // 2
    median[has] = (ranked[low] + ranked[high]) / 2.0
    spread: Floats = median[place]
    return spread


def _band(
    given: Floats, paid_share: Floats, beyond: Floats, limits: Limits, policy: ValuePolicy
) -> tuple[Codes, Bits]:
    large = given >= limits.high_kwh
    middle = (given >= limits.medium_kwh) & ~large
    band = np.where(large, HIGH, np.where(middle, MEDIUM, LOW))
    raised = (beyond >= policy.growth_raises_from) & (band > HIGH) & ~np.isnan(given)
    lowered = paid_share < policy.poor_payment_below
    band = np.clip(band - raised + lowered, HIGH, LOW).astype(np.int8)
    bits = np.zeros(len(given), dtype=np.uint16)
    unknown = np.isnan(given)
    small = ~large & ~middle & ~unknown
    for number, applies in enumerate((large, middle, small, raised, lowered, unknown)):
        bits |= applies.astype(np.uint16) << np.uint16(number)
    return band, bits


def _quantiles(policy: ValuePolicy) -> tuple[float, float]:
    return policy.high_quantile, policy.medium_quantile


def _refuse_contradiction(policy: ValuePolicy) -> None:
    if not 0.0 < policy.medium_quantile < policy.high_quantile <= 1.0:
        raise PolicyImpossible(f"quantiles {_quantiles(policy)}")
    if not 0.0 <= policy.medium_at_least_kwh <= policy.high_at_least_kwh:
        raise PolicyImpossible(f"{policy.medium_at_least_kwh}, {policy.high_at_least_kwh} kWh")
    doubts = (policy.growth_doubt_years, policy.growth_floor_kwh, policy.growth_raises_from)
    if min(doubts) <= 0.0 or not 0.0 <= policy.poor_payment_below <= 1.0:
        raise PolicyImpossible(f"growth {doubts}, payment {policy.poor_payment_below}")


def _refuse_other_shapes(
    energy: Floats, billed: Floats, paid: Floats, in_time: Floats, area: Counts
) -> None:
    singles = {billed.shape, paid.shape, in_time.shape, area.shape}
    if energy.ndim != 2 or singles != {energy.shape[:1]} or energy.shape[1] == 0:
        raise NotAccounts(f"{energy.shape}, {sorted(singles)}")


def _refuse_impossible(*amounts: Floats) -> None:
    wrong = sum(int(np.count_nonzero((a < 0.0) | np.isinf(a))) for a in amounts)
    if wrong:
        raise ImpossibleAmount(f"{wrong} negative or infinite")
