"""Rows of all shards, thinned to what is learnt from while they come: a station of any size is
never held as a whole."""

import numpy as np

from lamplighter.findings.shard.facts import Booleans


class Thinned:
    """Every step-th of the rows that came so far, in their order; the step is a power of two.

    >>> rows = Thinned(most=3)
    >>> for first in (0, 4):
    ...     rows.add(features=np.arange(first, first + 4.0)[:, None], outcome=np.ones(4, np.bool_))
    >>> rows.features.ravel()
    array([0., 4.])
    """

    def __init__(self, *, most: int) -> None:
        self._most, self._step, self._n_seen, self._n_kept = most, 1, 0, 0
        self._parts: list[tuple[np.ndarray, Booleans]] = []

    def add(self, *, features: np.ndarray, outcome: Booleans) -> None:
        """Take some rows in."""
        chosen = slice(-self._n_seen % self._step, None, self._step)
        self._parts.append((features[chosen].copy(), outcome[chosen].copy()))
        self._n_seen += len(outcome)
        self._n_kept += len(self._parts[-1][1])
        while self._n_kept > self._most:
            self._parts = [(self.features[::2].copy(), self.outcome[::2].copy())]
            self._step *= 2
            self._n_kept = len(self._parts[0][1])

    @property
    def features(self) -> np.ndarray:
        """The features of the rows left."""
        return np.concatenate([features for features, _outcome in self._parts])

    @property
    def outcome(self) -> Booleans:
        """The outcomes of the rows left."""
        return np.concatenate([outcome for _features, outcome in self._parts])
