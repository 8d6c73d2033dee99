"""Scores of every split: of days that are long settled those that matter, of later ones all."""

from dataclasses import dataclass

import numpy as np

from lamplighter.insight.habits.arrays import Integers, Singles


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Scores by point and split; 1 at the threshold, NaN where nothing can be compared.

    Of days that are long settled those alone that reach the threshold.
    """

    begin: int  # the days before are settled
    level: Singles  # (n_points, n_days - begin) shift of level, with its sign
    habit: Singles  # (n_points, n_days - begin) shift of rhythm
    point: Integers  # (n_high,) rows of high scores on the days before, ordered by point and day
    day: Integers  # (n_high,) … and their columns
    high_level: Singles  # (n_high,) … shift of level, with its sign
    high_habit: Singles  # (n_high,) … shift of rhythm

    @property
    def n_days(self) -> int:
        return self.begin + int(self.level.shape[1])

    def whole(self) -> tuple[Singles, Singles]:
        """Return the scores of level and habit of every point and day; NaN where none is known."""
        level, habit = np.full((2, len(self.level), self.n_days), np.nan, np.float32)
        for of, late, high in (
            (level, self.level, self.high_level),
            (habit, self.habit, self.high_habit),
        ):
            of[:, self.begin :] = late
            of[self.point, self.day] = high
        return level, habit


def of_all_days(level: Singles, habit: Singles) -> Scores:
    """Return scores of which all are known.

    Parameters
    ----------
    level, habit : (n_points, n_days) float32
        Shifts of level and of rhythm. [threshold] NaN: none.

    Returns
    -------
    Scores
        Nothing is settled.

    Raises
    ------
    Nothing

    Examples
    --------
    >>> none = np.full((1, 3), np.nan, np.float32)
    >>> of_all_days(none, none).n_days
    3
    """
    nobody, nothing = np.zeros(0, np.int64), np.zeros(0, np.float32)
    return Scores(
        begin=0,
        level=level,
        habit=habit,
        point=nobody,
        day=nobody,
        high_level=nothing,
        high_habit=nothing,
    )
