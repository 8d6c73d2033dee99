"""Learning a judge of habit changes from spliced meters: which glances, which forest, how sure."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lamplighter.insight.arrears import logistic
from lamplighter.insight.habits.arrays import Booleans, Integers, Singles
from lamplighter.insight.judge import alarms, following, learnt, process, screen, splicing, trees
from lamplighter.insight.judge.alarms import NEVER, Scores
from lamplighter.insight.judge.splicing import Table

PLAIN_MOST = 120_000
SPLICED_MOST = 120_000
FIRST_LEARNT_DAY = 4  # a look at fewer days of the new habit teaches little
SPLICED_WEIGHT = 0.3  # of all, against the plain looks
RAISED_SHARE = 0.04  # of plain looks the glances learn to let pass
DEPTH = 6
RATE = 0.08
STATED_FROM = 0.0  # scores below this are no alarm: how true they are is not asked
STATED_RIDGE = 1e-6
N_TREES_BY_DAYS, N_TREES_BY_HOURS = 900, 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """How a glance is learnt: what it lets pass, and its forest."""

    share: float  # of plain looks that get a closer one
    n_trees: int
    depth: int
    rate: float
    asked: int


GLANCES = (  # each at what the one before let pass
    _Told(share=0.18, n_trees=24, depth=4, rate=0.35, asked=12),
    _Told(share=0.09, n_trees=120, depth=6, rate=0.12, asked=14),
    _Told(share=0.045, n_trees=80, depth=6, rate=0.2, asked=14),
)
N_GLANCE_TREES = sum(told.n_trees for told in GLANCES)


def learn(
    *,
    table: Table,
    learns: Booleans,
    rng: np.random.Generator,
    n_trees: int | None = None,
    on_tree: Callable[[], None] = lambda: None,
) -> learnt.Forest:
    """Learn a forest from the looks at some meters, plain against spliced.

    Parameters
    ----------
    table : Table
        The looks.
    learns : (n_meters,) bool
        Which meters are learnt from.
    rng : numpy.random.Generator
        Chance; the same one, the same forest.
    n_trees : int
        Trees; None: as many as the kind of look learns out.
    on_tree : callable
        Called after each tree.

    Returns
    -------
    learnt.Forest
        The trees. [log odds]

    Raises
    ------
    learnt.WrongForest
        These meters have plain looks alone, or spliced ones alone.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> table, dice = examples.looks(), np.random.default_rng(1)
    >>> forest = learn(table=table, learns=np.ones(40, dtype=bool), rng=dice, n_trees=9)
    >>> told = trees.score(forest=forest, columns=table.columns)
    >>> bool(told[table.splice < 0].mean() < told[table.splice >= 0].mean())
    True
    """
    if n_trees is None:
        n_trees = N_TREES_BY_HOURS if splicing.has_hours(table=table) else N_TREES_BY_DAYS
    ours = learns[table.meter]
    plain = np.flatnonzero(ours & (table.splice < 0))
    spliced = np.flatnonzero(
        ours & (table.splice >= 0) & (table.day - table.splice >= FIRST_LEARNT_DAY)
    )
    plain = rng.permutation(plain)[:PLAIN_MOST]
    spliced = rng.permutation(spliced)[:SPLICED_MOST]
    rows = np.concatenate([plain, spliced])
    outcome = np.arange(len(rows)) >= len(plain)
    weight = np.where(outcome, SPLICED_WEIGHT * len(plain) / max(len(spliced), 1), 1.0)
    return trees.grow(
        columns=table.columns[:, rows],
        outcome=outcome,
        weight=weight.astype(np.float32),
        traits=table.names,
        n_trees=n_trees,
        depth=DEPTH,
        rate=RATE,
        rng=rng,
        on_tree=on_tree,
    )


def learn_glances(
    *,
    table: Table,
    said: Scores,
    learns: Booleans,
    rng: np.random.Generator,
    on_tree: Callable[[], None] = lambda: None,
) -> tuple[learnt.Glance, ...]:
    """Learn from a part of the traits which looks the judge, who said this, would raise.

    Parameters
    ----------
    table : Table
        The looks, by daily totals.
    said : (n_looks,) float32
        What the judge said of each. [log odds]
    learns : (n_meters,) bool
        Which meters are learnt from.
    rng : numpy.random.Generator
        Chance; the same one, the same glances.
    on_tree : callable
        Called after each tree.

    Returns
    -------
    tuple of learnt.Glance
        Each at what the one before let pass.

    Raises
    ------
    learnt.WrongForest
        The judge would raise none of these looks, or each.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> table, dice = examples.looks(), np.random.default_rng(1)
    >>> everybody, said = np.ones(40, dtype=bool), table.columns.mean(axis=0)
    >>> found = learn_glances(table=table, said=said, learns=everybody, rng=dice)
    >>> len(found), [len(glance.forest.column) for glance in found]
    (3, [24, 120, 80])
    """
    ours = learns[table.meter]
    plain = ours & (table.splice < 0)
    high = said >= np.quantile(said[plain], 1.0 - RAISED_SHARE)
    let_pass, glances = ours, []
    for names, told in zip(_glance_traits(), GLANCES, strict=True):
        rows = rng.permutation(np.flatnonzero(let_pass))[: 2 * PLAIN_MOST]
        columns = table.columns[[table.names.index(name) for name in names]]
        forest = trees.grow(
            columns=columns[:, rows],
            outcome=high[rows],
            weight=np.ones(len(rows), dtype=np.float32),
            traits=names,
            n_trees=told.n_trees,
            depth=told.depth,
            rate=told.rate,
            rng=rng,
            asked=told.asked,
            on_tree=on_tree,
        )
        score = np.where(let_pass, trees.score(forest=forest, columns=columns), NEVER)
        limit = float(np.quantile(score[plain], 1.0 - told.share))
        glances.append(learnt.Glance(forest=forest, limit=limit))
        let_pass = ours & (score >= limit)
    return tuple(glances)


def score_of(*, judge: learnt.Judge, table: Table) -> Singles:
    """Return what a judge says of each look, by days or by hours; ``NEVER`` where it looks away.

    Parameters
    ----------
    judge : learnt.Judge
        Who is asked.
    table : Table
        The looks.

    Returns
    -------
    (n_looks,) float32
        What he says. [log odds]

    Raises
    ------
    learnt.WrongForest
        He asks about other traits.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> np.unique(score_of(judge=examples.judge(), table=examples.looks()))
    array([-99.,  -4.], dtype=float32)
    """
    by_hours = splicing.has_hours(table=table)
    forest = judge.hours if by_hours else judge.days
    glances = () if by_hours else judge.glances  # every look at hours is a closer one
    return _behind_glances(forest=forest, glances=glances, table=table)


def crossed(
    *,
    table: Table,
    fold: Integers,
    rng: np.random.Generator,
    n_trees: int | None = None,
    on_tree: Callable[[], None] = lambda: None,
) -> Singles:
    """Return each look's score by a judge that never saw its meter, glances and all.

    Parameters
    ----------
    table : Table
        The looks.
    fold : (n_meters,) int64
        The part each meter was dealt into; each is judged by the others. [number]
    rng : numpy.random.Generator
        Chance.
    n_trees : int
        Trees of each judge; None: as many as the kind of look learns out.
    on_tree : callable
        Called after each tree.

    Returns
    -------
    (n_looks,) float32
        What is said of each. [log odds at the mixture learnt from]

    Raises
    ------
    learnt.WrongForest
        A part has plain looks alone, or spliced ones alone.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> table, dice = examples.looks(by_hours=True), np.random.default_rng(1)
    >>> said = crossed(table=table, fold=np.arange(40) % 2, rng=dice, n_trees=9)
    >>> bool(said[table.splice < 0].mean() < said[table.splice >= 0].mean())
    True
    """
    score = np.empty(len(table.meter), dtype=np.float32)
    for one in np.unique(fold):
        apart = fold[table.meter] == one
        forest = learn(table=table, learns=fold != one, rng=rng, n_trees=n_trees, on_tree=on_tree)
        glances: tuple[learnt.Glance, ...] = ()
        if not splicing.has_hours(table=table):
            said = trees.score(forest=forest, columns=table.columns)
            glances = learn_glances(
                table=table, said=said, learns=fold != one, rng=rng, on_tree=on_tree
            )
        score[apart] = _behind_glances(forest=forest, glances=glances, table=table)[apart]
    return score


def stated(*, score: Scores, table: Table) -> tuple[float, float]:
    """Return intercept and slope of the log odds of an alarm over its score.

    The odds that another household came in, were it one a meter-year: alarms of plain windows
    count by the meter-year, those after a splice by the splice.

    Parameters
    ----------
    score : (n_looks,) float32
        What was said of each look by a judge that never saw its meter. [log odds]
    table : Table
        The looks.

    Returns
    -------
    intercept, slope : float
        Of the stated log odds. [log odds]

    Raises
    ------
    logistic.NotATable, logistic.NotSettled
        Too few alarms, or all of one kind.

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> table = examples.looks()
    >>> intercept, slope = stated(score=10.0 * table.columns.mean(axis=0), table=table)
    >>> slope > 0.0
    True
    """
    most, is_splice = alarms.highest(score=score, table=table)
    asked = most >= STATED_FROM
    fit = logistic.fit(
        columns=most[asked, None].astype(np.float64),
        outcome=is_splice[asked],
        ridge=STATED_RIDGE,
    )
    everybody = np.ones(int(table.meter_of_case.max()) + 1, dtype=bool)
    n_splices = np.count_nonzero(table.splice_of_case >= 0)
    mixture = np.log(alarms.years(table=table, chosen=everybody) / n_splices)
    return fit.intercept + float(mixture), float(fit.slopes[0])


def stating(*, forest: learnt.Forest, intercept: float, slope: float) -> learnt.Forest:
    """Return the forest whose score is ``intercept + slope * score``.

    Parameters
    ----------
    forest : learnt.Forest
        What was learnt.
    intercept, slope : float
        Of the stated log odds. [log odds]

    Returns
    -------
    learnt.Forest
        The same trees with other leaves.

    Raises
    ------

    Examples
    --------
    >>> from lamplighter.insight.change import examples
    >>> days = examples.judge().days
    >>> told = stating(forest=days, intercept=1.0, slope=0.5)
    >>> told.intercept, told.leaf
    (1.0, array([[-2.,  2.]], dtype=float32))
    """
    return replace(
        forest,
        intercept=intercept + slope * forest.intercept,
        leaf=(slope * forest.leaf).astype(np.float32),
    )


def _behind_glances(
    *, forest: learnt.Forest, glances: tuple[learnt.Glance, ...], table: Table
) -> Singles:
    said = trees.score(forest=forest, columns=_told(forest, table))
    for glance in glances:
        passed = trees.score(forest=glance.forest, columns=_told(glance.forest, table))
        said = np.where(passed >= glance.limit, said, np.float32(NEVER))
    return said


def _told(forest: learnt.Forest, table: Table) -> Singles:
    """Return the rows a forest asks about."""
    if forest.traits == table.names:
        return table.columns
    row_of = {name: row for row, name in enumerate(table.names)}
    for name in forest.traits:
        if name not in row_of:
            raise learnt.WrongForest(f"asks about {name}, which is not told")
    return table.columns[[row_of[name] for name in forest.traits]]


def _glance_traits() -> tuple[tuple[str, ...], ...]:
    """Return the names of what each glance is told: signs, and at last the control group too."""
    signs = (*screen.SIGNS, *(f"usual_{name}" for name in screen.SIGNS))
    ones = np.ones((1, process.DAYS), dtype=np.float32)
    zero = np.zeros(1, dtype=np.int64)
    control = following.of_days(
        own=ones, common=ones[0], day=zero + process.DAYS - 1, point=zero, peers=zero,
        apart=zero[:, None],
    )  # fmt: skip
    return signs, signs, (*signs, *control)
