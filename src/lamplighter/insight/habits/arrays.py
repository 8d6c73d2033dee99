"""Arrays of points by days: their checks, and medians that know missing days."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]

MAD_TO_SIGMA = 1.4826  # a normal distribution's standard deviation over its median deviation


class NotPointsByDays(ValueError):
    """The arrays do not describe points by consecutive days."""


def check(
    *, energy_kwh: npt.NDArray[np.floating], days: Days, group: npt.NDArray[np.integer]
) -> None:
    """Refuse arrays that do not describe points by consecutive days.

    Parameters
    ----------
    energy_kwh : (n_points, n_days) float64
        Energy of each day. [kWh] NaN: day missing.
    days : (n_days,) datetime64
        Local days, each one day after the last. [day]
    group : (n_points,) int64
        Station area of each point. [code]

    Returns
    -------
    None

    Raises
    ------
    NotPointsByDays
        The shapes do not agree, the days are not consecutive, or an energy is infinite.

    Examples
    --------
    >>> check(
    ...     energy_kwh=np.zeros((1, 2)),
    ...     days=np.array(["2026-11-01", "2026-11-02"], dtype="datetime64[D]"),
    ...     group=np.array([7]),
    ... )
    """
    if energy_kwh.ndim != 2 or energy_kwh.shape != (len(group), len(days)) or group.ndim != 1:
        raise NotPointsByDays(f"energy {energy_kwh.shape}, {len(days)} days, group {group.shape}")
    if np.any(np.diff(days.astype("datetime64[D]").astype(np.int64)) != 1):
        raise NotPointsByDays("days are not consecutive")
    if np.any(np.isinf(energy_kwh)):
        raise NotPointsByDays(f"{np.count_nonzero(np.isinf(energy_kwh))} infinite energies")


def row_median(values: npt.NDArray[np.floating]) -> Floats:
    """Return the median of each row over what is there.

    Parameters
    ----------
    values : (n_rows, n_columns) float64
        Any quantity. [any] NaN: missing.

    Returns
    -------
    (n_rows,) float64
        Median of each row; NaN where the whole row is missing. [any]

    Raises
    ------
    IndexError
        The array has no columns axis.

    Examples
    --------
    >>> row_median(np.array([[3.0, np.nan, 1.0], [np.nan, np.nan, np.nan]]))
    array([ 2., nan])
    """
    n_columns = values.shape[1]
    if n_columns == 0 or values.shape[0] == 0:
        return np.full(values.shape[0], np.nan)
    ordered = np.sort(values, axis=1)  # NaN last
    count = n_columns - np.count_nonzero(np.isnan(ordered), axis=1)
    rows = np.arange(len(ordered))
    low = ordered[rows, np.maximum(count - 1, 0) // 2]
    high = ordered[rows, np.minimum(count // 2, n_columns - 1)]
    middle = (low.astype(np.float64) + high.astype(np.float64)) / 2.0
    return np.where(count > 0, middle, np.nan)


def row_mean(values: npt.NDArray[np.floating]) -> Floats:
    """Return the mean of each row over what is there.

    Parameters
    ----------
    values : (n_rows, n_columns) float64
        Any quantity. [any] NaN: missing.

    Returns
    -------
    (n_rows,) float64
        Mean of each row; NaN where the whole row is missing. [any]

    Raises
    ------
    IndexError
        The array has no columns axis.

    Examples
    --------
    >>> row_mean(np.array([[3.0, np.nan, 1.0], [np.nan, np.nan, np.nan]]))
    array([ 2., nan])
    """
    there = ~np.isnan(values)
    count = np.count_nonzero(there, axis=1)
    total = np.sum(values, axis=1, where=there, dtype=np.float64)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def weekday_of(days: Days) -> Integers:
    """Return each day's weekday, Monday 0 to Sunday 6.

    Parameters
    ----------
    days : (n_days,) datetime64
        Local days. [day]

    Returns
    -------
    (n_days,) int64
        Weekday. [Monday 0]

    Raises
    ------
    TypeError
        The array holds no dates.

    Examples
    --------
    >>> weekday_of(np.array(["2026-11-23", "2026-11-29"], dtype="datetime64[D]"))
    array([0, 6])
    """
    since_thursday = days.astype("datetime64[D]").astype(np.int64)  # 1970-01-01 was a Thursday
    weekday: Integers = (since_thursday + 3) % 7
    return weekday


def month_of(days: Days) -> Integers:
    """Return each day's month, January 1 to December 12.

    Parameters
    ----------
    days : (n_days,) datetime64
        Local days. [day]

    Returns
    -------
    (n_days,) int64
        Month. [January 1]

    Raises
    ------
    TypeError
        The array holds no dates.

    Examples
    --------
    >>> month_of(np.array(["2026-11-23", "2026-12-01"], dtype="datetime64[D]"))
    array([11, 12])
    """
    month: Integers = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    return month
