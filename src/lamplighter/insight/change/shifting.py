"""How some points' days shift at each split of a grid: levels, steps and rhythms."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from lamplighter.insight.change import tiles, windows
from lamplighter.insight.change.terms import ChangePolicy
from lamplighter.insight.habits import medians
from lamplighter.insight.habits.arrays import MAD_TO_SIGMA, Days, Floats, Singles
from lamplighter.insight.judge import soft

JUDGED_DAYS = 14  # so far a judge looks back; longer windows are compared as ever
RHYTHM_FROM_DAYS = 14  # a single week shows each weekday once: no rhythm in that
STEP_FLOOR = 0.1  # share of the noise below which a step is no step


class Grid(NamedTuple):
    """Windows to compare, and where."""

    levels: windows.Pairs
    habits: windows.Pairs  # those of them that show a rhythm


@dataclass(frozen=True, slots=True, kw_only=True)
class Shifts:
    """How some points' days shift at each split, points side by side."""

    noise: Floats  # (n_points,) day-to-day noise of the softened log, by row
    laid: tiles.Tiles  # softened logs
    steps: tiles.Tiles  # log sizes of their steps over the noise, in the same order
    level: Singles  # (n_windows, n_tiles, n_splits, L)
    rough: Singles  # (n_rhythms, n_tiles, n_splits, L) of the steps
    rhythm: Singles  # (n_rhythms, n_tiles, n_splits, L)


def grid_of(*, days: Days, policy: ChangePolicy, is_judged: bool) -> Grid:
    """Return the windows of a policy on a span of days.

    Parameters
    ----------
    days : (n_days,) datetime64
        Consecutive local days. [day]
    policy : ChangePolicy
        The numbers.
    is_judged : bool
        A judge speaks for the rhythm of the last two weeks.

    Returns
    -------
    Grid
        Windows and splits.

    Raises
    ------
    windows.NoWindow
        A window of the policy is empty or not of whole weeks.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> days = np.datetime64("2026-01-01") + np.arange(9)
    >>> found = grid_of(days=days, policy=examples.POLICY, is_judged=True)
    >>> found.levels.after_days, found.habits.after_days
    (array([ 7, 14, 28, 56]), array([28, 56]))
    """
    pairs = windows.on_grid(
        days=days,
        after_days=policy.windows_days,
        before_days=policy.references_days,
        measured_share=policy.measured_share,
    )
    kept = pairs.after_days >= (JUDGED_DAYS + 1 if is_judged else RHYTHM_FROM_DAYS)
    after, before = pairs.after_days[kept], pairs.before_days[kept]
    return Grid(pairs, replace(pairs, after_days=after, before_days=before))


def soften(energy_kwh: Singles, *, typical_kwh: Floats, share: float) -> Singles:
    """Return the logs of days over the typical day, flattened near and below zero.

    ``arcsinh(x / (2 * share * typical))``: a log for usual days, a line near zero, odd for
    days of feeding in, so that an empty home is a finite distance away.

    Parameters
    ----------
    energy_kwh : (n_rows, n_days) float32
        Days without the neighbours' common part. [kWh] NaN: missing.
    typical_kwh : (n_rows,) float64
        The typical day, above zero. [kWh]
    share : float
        Share of the typical day below which the log flattens. [share]

    Returns
    -------
    (n_rows, n_days) float32
        Softened logs, a typical day at zero. [log]

    Raises
    ------
    FloatingPointError
        Never under numpy's standard settings.

    Examples
    --------
    >>> days = np.float32([[0.0, 5.0, 10.0]])
    >>> soften(days, typical_kwh=np.array([5.0]), share=0.1).round(2)
    array([[-2.31,  0.  ,  0.69]], dtype=float32)
    """
    out = energy_kwh * (1.0 / (2.0 * share * typical_kwh)).astype(np.float32)[:, None]
    soft.to_soft_logs(out)
    out -= np.float32(np.arcsinh(0.5 / share))
    return out


def shifts_of(
    energy_kwh: Singles,
    *,
    typical_kwh: Floats,
    grid: Grid,
    policy: ChangePolicy,
    noise: Floats | None = None,
) -> Shifts:
    """Return how some points' days shift.

    Parameters
    ----------
    energy_kwh : (n_points, n_days) float32
        Days without the neighbours' common part. [kWh] NaN: missing.
    typical_kwh : (n_points,) float64
        The typical day, above zero. [kWh]
    grid : Grid
        Windows and splits.
    policy : ChangePolicy
        The numbers.
    noise : (n_points,) float64
        Noise of a day, were days independent, if it is known already. [log]

    Returns
    -------
    Shifts
        The shifts of each split.

    Raises
    ------
    windows.NoWindow
        A window of a rhythm is not of whole weeks.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> days = np.datetime64("2026-01-01") + np.arange(90)
    >>> grid = grid_of(days=days, policy=examples.POLICY, is_judged=True)
    >>> found = shifts_of(
    ...     np.full((1, 90), 5.0, dtype=np.float32), typical_kwh=np.array([5.0]), grid=grid,
    ...     policy=examples.POLICY,
    ... )
    >>> found.level.shape[2], float(np.nanmax(found.level)), float(found.noise[0])
    (30, 0.0, 0.03)
    """
    softened = soften(energy_kwh, typical_kwh=typical_kwh, share=policy.softening_share)
    sizes = _step_sizes(softened)
    if noise is None:
        usual = MAD_TO_SIGMA / np.sqrt(2.0) * medians.row_medians(values=sizes)[0]
        noise = np.asarray(np.fmax(usual, policy.noise_floor))
    laid = tiles.lay(softened)
    sizes *= (1.0 / noise).astype(np.float32)[:, None]
    sizes += np.float32(STEP_FLOOR)  # equal days: not minus infinity
    steps = tiles.lay_in_order(np.log(sizes, out=sizes), laid.rows)
    return Shifts(
        noise=noise,
        laid=laid,
        steps=steps,
        level=windows.level_shifts(laid, pairs=grid.levels),
        rough=windows.level_shifts(steps, pairs=grid.habits),
        rhythm=windows.rhythm_shifts(laid, pairs=grid.habits),
    )


def _step_sizes(softened: Singles) -> Singles:
    """Return the sizes of the steps from day to day; none leads to the first day."""
    sizes = np.full_like(softened, np.nan)
    np.subtract(softened[:, 1:], softened[:, :-1], out=sizes[:, 1:])
    return np.abs(sizes, out=sizes)
