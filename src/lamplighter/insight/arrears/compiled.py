"""Sums over the cells of two features together, account by account.

Import this late: pages and commands that learn nothing must not wait for numba. Each sum runs in
the order of the accounts, as ``numpy.bincount`` does, so both give the same bytes.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Cells = npt.NDArray[np.int16]


@njit(cache=True, nogil=True)
def crossed(one: Cells, other: Cells, shape: tuple[int, int], weight: Floats) -> Floats:
    """Return the weights of the accounts in each cell of one term against each of another.

    Parameters
    ----------
    one, other : (n_accounts,) int16
        Cells, 0…shape − 1. [cell] Not checked.
    shape : pair of int
        Numbers of cells.
    weight : (n_accounts,) float64
        What is added up. [any unit]

    Returns
    -------
    shape float64
        Σ weight. [unit of weight]

    Raises
    ------
    numba.TypingError
        An argument of another type.

    Examples
    --------
    >>> one, other = np.array([0, 1, 1], np.int16), np.array([2, 0, 0], np.int16)
    >>> crossed(one, other, (2, 3), np.array([1.0, 2.0, 0.5])).tolist()
    [[0.0, 0.0, 1.0], [2.5, 0.0, 0.0]]
    """
    total = np.zeros(shape)
    for account in range(len(weight)):
        total[one[account], other[account]] += weight[account]
    return total
