"""A judge of a station's own meters: learnt, and held against the one in force on meters apart."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lamplighter.insight.arrears import logistic
from lamplighter.insight.judge import alarms, learning, learnt, splicing, trees
from lamplighter.insight.judge.alarms import Apart

FOLDS = 2  # each half is judged by the other half's judge
RESAMPLED = 2_000
INTERVAL = (0.05, 0.95)


class NothingToLearn(ValueError):
    """The meters do not part plain windows from spliced ones; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPolicy:
    """How much is learnt from; field names are policy row keys."""

    windows: int  # of all meters
    splices: int  # beside each plain window
    trees: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """How much more of the splices one judge sees than another, by resampling the meters."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What was learnt of a station's meters, and how it does on meters it never saw."""

    judge: learnt.Judge
    stated: tuple[float, float]  # intercept and slope of his log odds, by days
    own: Apart
    beside: Apart  # the judge it is held against, on the same windows
    gain: Gain
    n_meters: int  # that a window showed
    n_splices: int


def learn(
    *,
    meters: splicing.Meters,
    beside: learnt.Judge,
    policy: OwnPolicy,
    rng: np.random.Generator,
    on_progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Own:
    """Learn a judge by daily totals from these meters, and hold it against another one.

    The meters are dealt into halves. Each is judged by a judge that learnt from the other half,
    at one false alarm a meter-year; so is the other judge. These scores also say how sure the
    judge may be. He himself learns from all. Where there are hours, he judges as *beside* does.

    Parameters
    ----------
    meters : splicing.Meters
        Daily totals. Hours are not looked at.
    beside : learnt.Judge
        Who judges now.
    policy : OwnPolicy
        The numbers.
    rng : numpy.random.Generator
        Chance; the same one, the same judge.
    on_progress : callable
        Called with what is going on ("windows" or "trees"), parts done and parts in all.

    Returns
    -------
    Own
        The judge, and what he is worth.

    Raises
    ------
    splicing.NoWindow
        Too few meters are whole for so long.
    NothingToLearn
        A half has no splices, or the judge never raises an alarm.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> learn(
    ...     meters=splicing.Meters(
    ...         days=np.datetime64("2025-01-01") + np.arange(90),
    ...         energy_kwh=np.ones((40, 90)), hours=None,
    ...     ),
    ...     beside=examples.judge(), policy=OwnPolicy(windows=1, splices=5, trees=9),
    ...     rng=np.random.default_rng(1),
    ... )
    Traceback (most recent call last):
    ...
    lamplighter.insight.judge.splicing.NoWindow: no window of 400 days with 12 whole meters
    """
    by_days = splicing.Meters(days=meters.days, energy_kwh=meters.energy_kwh, hours=None)
    fold = rng.permutation(len(meters.energy_kwh)) % FOLDS
    shown = _Steps("windows", policy.windows, on_progress)
    table = splicing.tabulate(
        meters=by_days,
        fold=fold,
        n_starts=policy.windows,
        n_splices=policy.splices,
        rng=rng,
        on_window=shown.step,
    )
    n_all = (FOLDS + 1) * (policy.trees + learning.N_GLANCE_TREES)
    grown = _Steps("trees", n_all, on_progress)
    try:
        said = learning.crossed(
            table=table, fold=fold, rng=rng, n_trees=policy.trees, on_tree=grown.step
        )
        told = learning.stated(score=said, table=table)
        days, glances = _from_all(table, policy, rng, grown)
    except learnt.WrongForest as error:
        raise NothingToLearn(f"no plain windows beside spliced ones: {error}") from error
    except (logistic.NotATable, logistic.NotSettled) as error:
        raise NothingToLearn(f"too few alarms to say how true one is: {error}") from error
    apart = alarms.kept_apart(score=said, table=table, fold=fold)
    other = alarms.kept_apart(
        score=learning.score_of(judge=beside, table=table), table=table, fold=fold
    )
    return Own(
        judge=learnt.Judge(
            every=splicing.EVERY,
            glances=glances,
            days=learning.stating(forest=days, intercept=told[0], slope=told[1]),
            hours=beside.hours,
        ),
        stated=told,
        own=apart,
        beside=other,
        gain=gain(one=apart, other=other, rng=rng),
        n_meters=len(np.unique(table.meter_of_case)),
        n_splices=len(apart.seen),
    )


def gain(*, one: Apart, other: Apart, rng: np.random.Generator) -> Gain:
    """Return how much more of the same splices one judge sees, and how sure that is.

    Splices of one meter are no news to each other: whole meters are drawn anew. The thresholds
    stay as they are.

    Parameters
    ----------
    one, other : Apart
        Both of the same splices.
    rng : numpy.random.Generator
        Chance.

    Returns
    -------
    Gain
        The difference, and the middle nine tenths of it over draws of the meters. [share]

    Raises
    ------

    Examples
    --------
    >>> def seen(*values):
    ...     none = np.zeros(len(values), dtype=np.int64)
    ...     return Apart(
    ...         seen=np.array(values), delay=none, off=none, meter=np.arange(len(values)),
    ...         fold=none, n_false=0, meter_years=1.0,
    ...     )
    >>> found = gain(
    ...     one=seen(True, True, True), other=seen(True, False, False),
    ...     rng=np.random.default_rng(1),
    ... )
    >>> round(found.share, 3), found.low >= 0.0
    (0.667, True)
    """
    more = one.seen.astype(np.float64) - other.seen
    _some, place = np.unique(one.meter, return_inverse=True)
    of_meter, count = np.bincount(place, more), np.bincount(place)
    n = len(count)
    drawn = rng.multinomial(n, np.full(n, 1.0 / n), size=RESAMPLED)
    shares = (drawn @ of_meter) / (drawn @ count)
    low, high = np.quantile(shares, INTERVAL)
    return Gain(share=float(np.mean(more)), low=float(low), high=float(high))


class _Steps:
    """Counts what is done, and says so."""

    def __init__(self, what: str, n_all: int, on_progress: Callable[[str, int, int], None]) -> None:
        self._what, self._n_all, self._n_done = what, n_all, 0
        self._on_progress = on_progress

    def step(self) -> None:
        self._n_done += 1
        self._on_progress(self._what, self._n_done, self._n_all)


def _from_all(
    table: splicing.Table, policy: OwnPolicy, rng: np.random.Generator, grown: _Steps
) -> tuple[learnt.Forest, tuple[learnt.Glance, ...]]:
    everybody = np.ones(int(table.meter.max()) + 1, dtype=bool)
    days = learning.learn(
        table=table, learns=everybody, rng=rng, n_trees=policy.trees, on_tree=grown.step
    )
    said = trees.score(forest=days, columns=table.columns)
    glances = learning.learn_glances(
        table=table, said=said, learns=everybody, rng=rng, on_tree=grown.step
    )
    return days, glances
