"""Logs that flatten out near zero."""

import numpy as np

from lamplighter.insight.habits.arrays import Singles

ROWS_AT_ONCE = 64  # stay beside the processor


def to_soft_logs(values: Singles) -> None:
    """Replace numbers by their area hyperbolic sine: a log of large ones, a line near zero.

    By roots and logs of single precision, which numpy takes eight at a time; the error is that of
    one plus the number.

    Parameters
    ----------
    values : (n_rows, n_columns) float32
        Any numbers; changed in place. [any] NaN stays.

    Returns
    -------
    None

    Raises
    ------
    FloatingPointError
        Never under numpy's standard settings, below 1e19.

    Examples
    --------
    >>> some = np.array([[-2.0, 0.0, 1.5]], dtype=np.float32)
    >>> expected = np.arcsinh(some)
    >>> to_soft_logs(some)
    >>> bool(np.allclose(some, expected, atol=1e-6))
    True
    """
    for begin in range(0, len(values), ROWS_AT_ONCE):
        some = values[begin : begin + ROWS_AT_ONCE]
        size = np.abs(some)
        log = size * size
        log += np.float32(1.0)
        np.sqrt(log, out=log)
        log += size
        np.log(log, out=log)
        np.copysign(log, some, out=some)
