"""What a judge is worth: spliced meters seen, against false alarms on the same meters unspliced."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.habits.arrays import Booleans, Integers
from lamplighter.insight.judge.splicing import SETTLED_DAYS, WINDOW_DAYS, Table

DEAD_DAYS = 14  # one alarm, however many days it lasts
NEVER = -99.0  # the score of a look that no glance let pass
YEAR = 365.25
HALVINGS = 30
FALSE_A_YEAR = 1.0  # alarms a meter-year at which judges are compared

Scores = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Splices of meters kept apart from those learnt from, fold by fold, and false alarms."""

    seen: Booleans  # (n_splices,)
    delay: Integers  # (n_splices,) days until the first alarm; -1: not seen
    off: Integers  # (n_splices,) its date less the true one, in days; 9999: not seen
    meter: Integers  # (n_splices,) whose window it is
    fold: Integers  # (n_splices,) the part this meter was dealt into
    n_false: int  # alarms on windows without a splice
    meter_years: float  # watched on these

    @property
    def hit_rate(self) -> float:
        """The share of splices that were seen."""
        return float(np.mean(self.seen))

    @property
    def false_a_year(self) -> float:
        """False alarms a meter-year."""
        return self.n_false / self.meter_years


def alarms(*, score: Scores, table: Table, threshold: float, chosen: Booleans) -> int:
    """Return the alarms on the chosen plain looks; one quiets its window for some days.

    Parameters
    ----------
    score : (n_looks,) float64
        What a judge said. [any]
    table : Table
        The looks.
    threshold : float
        Least score of an alarm. [any]
    chosen : (n_looks,) bool
        Which looks count.

    Returns
    -------
    int
        Alarms, all of them false as far as anybody knows.

    Raises
    ------

    Examples
    --------
    >>> plain = _plain(days=np.array([90, 93, 120]))
    >>> alarms(score=np.ones(3), table=plain, threshold=0.5, chosen=np.ones(3, dtype=bool))
    2
    """
    over = np.flatnonzero(chosen & (table.splice < 0) & (score >= threshold))
    over = over[np.lexsort((table.day[over], table.case[over]))]
    count, current, quiet_until = 0, -1, 0
    for case, day in zip(table.case[over].tolist(), table.day[over].tolist(), strict=True):
        if case != current or day >= quiet_until:
            count, current, quiet_until = count + 1, case, day + DEAD_DAYS
    return count


def highest(*, score: Scores, table: Table) -> tuple[Scores, Booleans]:
    """Return the highest score of each fortnight, and whether it follows a splice.

    Fortnights of plain windows lie side by side; of a spliced one it is the one after the splice.

    Parameters
    ----------
    score : (n_looks,) float64
        What a judge said. [any]
    table : Table
        The looks.

    Returns
    -------
    most : (n_fortnights,) float64
        The highest score of each. [any]
    is_splice : (n_fortnights,) bool
        It follows a splice.

    Raises
    ------

    Examples
    --------
    >>> plain = _plain(days=np.array([90, 93, 120]))
    >>> highest(score=np.array([1.0, 3.0, 2.0]), table=plain)
    (array([3., 2.]), array([False, False]))
    """
    known = np.flatnonzero(score > NEVER)
    fortnight = np.where(table.splice[known] < 0, table.day[known] // DEAD_DAYS, 0)
    case = table.case[known]
    some, place = np.unique(case * WINDOW_DAYS + fortnight, return_inverse=True)
    most = np.full(len(some), NEVER, dtype=score.dtype)
    np.maximum.at(most, place, score[known])
    return most, np.asarray(table.splice_of_case[some // WINDOW_DAYS] >= 0)


def years(*, table: Table, chosen: Booleans) -> float:
    """Return the meter-years watched on the plain windows of the chosen meters.

    Parameters
    ----------
    table : Table
        The looks.
    chosen : (n_meters,) bool
        Which meters count.

    Returns
    -------
    float
        Time watched. [meter-years]

    Raises
    ------

    Examples
    --------
    >>> plain = _plain(days=np.array([90, 93, 120]))
    >>> round(years(table=plain, chosen=np.ones(1, dtype=bool)), 3)
    0.865
    """
    plain = (table.splice_of_case < 0) & chosen[table.meter_of_case]
    return int(np.count_nonzero(plain)) * (WINDOW_DAYS - SETTLED_DAYS) / YEAR


def threshold_at(*, score: Scores, table: Table, learns: Booleans, per_year: float) -> float:
    """Return the lowest threshold with at most so many alarms a meter-year on these meters.

    Parameters
    ----------
    score : (n_looks,) float64
        What a judge said. [any]
    table : Table
        The looks.
    learns : (n_meters,) bool
        The meters whose plain windows set it.
    per_year : float
        Alarms allowed. [1/meter-year]

    Returns
    -------
    float
        The threshold. [as the score]

    Raises
    ------

    Examples
    --------
    >>> plain = _plain(days=np.array([90, 93, 120]))
    >>> both = {"table": plain, "learns": np.ones(1, dtype=bool)}
    >>> round(threshold_at(score=np.array([1.0, 3.0, 2.0]), per_year=1.2, **both), 3)
    2.0
    """
    chosen = learns[table.meter]
    watched = years(table=table, chosen=learns)
    low, high = float(np.min(score)), float(np.max(score)) + 1e-3
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        n_alarms = alarms(score=score, table=table, threshold=middle, chosen=chosen)
        if n_alarms / watched > per_year:
            low = middle
        else:
            high = middle
    return high


def hits(
    *, score: Scores, table: Table, threshold: float, judged: Booleans
) -> tuple[Booleans, Integers, Integers]:
    """Return of each judged splice: was it seen, after how many days, dated how far off.

    Parameters
    ----------
    score : (n_looks,) float64
        What a judge said. [any]
    table : Table
        The looks.
    threshold : float
        Least score of an alarm. [as the score]
    judged : (n_meters,) bool
        Whose splices.

    Returns
    -------
    seen : (n_splices,) bool
        There was an alarm within the days after it.
    delay : (n_splices,) int64
        Days until the first alarm. [day] −1: not seen.
    off : (n_splices,) int64
        Its date less the true one, by the strongest look. [day] 9999: not seen.

    Raises
    ------

    Examples
    --------
    >>> plain = _plain(days=np.array([90, 93, 120]))
    >>> seen, delay, off = hits(
    ...     score=np.ones(3), table=plain, threshold=0.5, judged=np.ones(1, dtype=bool)
    ... )
    >>> len(seen)
    0
    """
    cases = np.flatnonzero((table.splice_of_case >= 0) & judged[table.meter_of_case])
    seen = np.zeros(len(cases), dtype=bool)
    delay, off = np.full(len(cases), -1), np.full(len(cases), 9999)
    place = np.full(len(table.meter_of_case), -1)
    place[cases] = np.arange(len(cases))
    looks = np.flatnonzero((place[table.case] >= 0) & (score >= threshold))
    for look in looks[np.argsort(-table.day[looks], kind="stable")]:  # the first alarm stays
        at = place[table.case[look]]
        seen[at] = True
        delay[at] = table.day[look] - table.splice[look] + 1
    best = np.full(len(cases), -np.inf)
    for look in looks:  # dated by the strongest look of the fortnight
        at = place[table.case[look]]
        if score[look] > best[at]:
            best[at], off[at] = score[look], table.since[look] - table.splice[look]
    return seen, delay, off


def kept_apart(*, score: Scores, table: Table, fold: Integers) -> Apart:
    """Return what is seen at one false alarm a meter-year, each meter by others' threshold.

    The threshold of each fold's meters is set on the unspliced windows of the other folds.

    Parameters
    ----------
    score : (n_looks,) float64
        What was said of each look by a judge that never saw its meter. [any]
    table : Table
        The looks.
    fold : (n_meters,) int64
        The part each meter was dealt into. [number]

    Returns
    -------
    Apart
        Splices fold by fold, and the alarms on windows without one.

    Raises
    ------

    Examples
    --------
    >>> plain = _plain(days=np.array([90, 93, 120]), n_meters=2)
    >>> found = kept_apart(score=np.ones(3), table=plain, fold=np.arange(2))
    >>> found.n_false, len(found.seen)
    (0, 0)
    """
    found, meters, n_false = [], [], 0
    for one in np.unique(fold):
        learns = fold != one
        limit = threshold_at(score=score, table=table, learns=learns, per_year=FALSE_A_YEAR)
        n_false += alarms(score=score, table=table, threshold=limit, chosen=~learns[table.meter])
        found.append(hits(score=score, table=table, threshold=limit, judged=~learns))
        cases = (table.splice_of_case >= 0) & ~learns[table.meter_of_case]
        meters.append(table.meter_of_case[cases])
    seen, delay, off = (np.concatenate(part) for part in zip(*found, strict=True))
    meter, everybody = np.concatenate(meters), np.ones(len(fold), dtype=bool)
    return Apart(
        seen=seen,
        delay=delay,
        off=off,
        meter=meter,
        fold=fold[meter],
        n_false=n_false,
        meter_years=years(table=table, chosen=everybody),
    )


def _plain(*, days: Integers, n_meters: int = 1) -> Table:
    """Return looks at one plain window, for the examples here."""
    none = np.zeros(len(days), dtype=np.int64)
    return Table(
        names=("height",),
        columns=np.zeros((1, len(days)), dtype=np.float32),
        meter=none,
        case=none,
        day=days,
        splice=none - 1,
        since=days,
        meter_of_case=np.arange(n_meters),
        splice_of_case=np.full(n_meters, -1),
    )
