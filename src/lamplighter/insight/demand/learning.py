"""Learning types from labelled families of texts, and how sure to be, from families left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lamplighter.insight.demand import products
from lamplighter.insight.demand.grams import Grams, Vectors, learn, vectors
from lamplighter.insight.demand.texts import Letters

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

KERNEL_VERSION = "demand/1"
SHARPNESS_FROM, SHARPNESS_TO = 0.5, 100.0  # where the sharpness is looked for
GOLDEN = (5.0**0.5 - 1.0) / 2.0
NEVER = 1.01  # a probability nothing reaches


class TooFewToLearn(ValueError):
    """Fewer than two types, or a type with fewer than two families."""


class FamilyTorn(ValueError):
    """Texts of one family bear different types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandPolicy:
    """Numbers a manager may change; field names are policy row keys."""

    ridge: float  # weight of the penalty
    texts_at_least: int  # texts a run of characters must occur in
    longest_characters: int  # of a text that are looked at
    precision_wanted: float  # share of the proposals that are right, at least
    answers_at_least: int  # proposals on families left out, below which nothing is promised


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the model says of each family's probe when that family was left out of learning."""

    scores: Floats  # (n_families, n_types)
    truth: Indices  # (n_families,) column of the right type
    texts: tuple[str, ...]  # (n_families,) the probe


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What was learnt."""

    types: tuple[str, ...]
    groups: tuple[str, ...]  # of each type
    grams: Grams
    weights: Floats  # (n_columns, n_types), single precision held in double
    start: float  # score of a type before a word was read
    sharpness: float  # probabilities are softmax(sharpness · scores)
    answer_from: float  # probability from which a type is proposed
    group_answer_from: float  # the same for a group of types
    n_texts: int
    n_families: int
    held: Held


def fit(
    *,
    texts: Sequence[str],
    types: Sequence[str],
    families: Sequence[str],
    groups: Mapping[str, str],
    letters: Letters,
    policy: DemandPolicy,
) -> Model:
    """Learn types from labelled texts.

    Each family counts once, as the mean of its texts' vectors; one against the rest by least
    squares with a ridge, solved among families (kernel form) [1]_. In that form the answer for a
    family left out is known without learning again [2]_: those answers set the sharpness of the
    probabilities (least log loss of "the best type is right", after [3]_) and the lowest
    probability that keeps the wanted precision. The words and their rarity are
    learnt from all families.

    Parameters
    ----------
    texts, types, families : (n_texts,) str
        Labelled texts; all texts of a family bear one type.
    groups : mapping of str
        Group of each type.
    letters : Letters
        Tables of single characters.
    policy : DemandPolicy
        Numbers in force.

    Returns
    -------
    Model
        Types in alphabetical order; the same for any order of the families.

    Raises
    ------
    TooFewToLearn
        Fewer than two types, or a type with fewer than two families.
    FamilyTorn
        A family bears two types.
    NothingToKnow
        No run of characters is shared by enough texts.

    References
    ----------
    .. [1] R. Rifkin, A. Klautau, "In defense of one-vs-all classification," Journal of Machine
       Learning Research, vol. 5, pp. 101-141, 2004.
    .. [2] R. Rifkin, R. Lippert, "Notes on regularized least squares," MIT-CSAIL-TR-2007-025, 2007.
    .. [3] C. Guo et al., "On calibration of modern neural networks," ICML, 2017.

    Examples
    --------
    >>> numbers = DemandPolicy(ridge=0.1, texts_at_least=1, longest_characters=99,
    ...                        precision_wanted=0.9, answers_at_least=1)
    >>> found = fit(texts=["没电", "停电", "交费", "缴费"], types=["F", "F", "P", "P"],
    ...             families=["a", "b", "c", "d"], groups={"F": "F", "P": "P"},
    ...             letters=Letters(simple={}, sounds={}), policy=numbers)
    >>> found.types, bool(found.held.scores[0].argmax() == 0)
    (('F', 'P'), True)
    """
    names = tuple(sorted(set(types)))
    heads = _heads(types, families)
    order = sorted(heads)
    of_family = {family: number for number, family in enumerate(order)}
    truth = np.array([names.index(heads[family]) for family in order], dtype=np.int64)
    if len(names) < 2 or np.bincount(truth, minlength=len(names)).min() < 2:
        raise TooFewToLearn(f"{len(names)} types, {len(order)} families")
    grams = learn(
        texts=texts,
        letters=letters,
        longest=policy.longest_characters,
        texts_at_least=policy.texts_at_least,
    )
    rows = vectors(texts=texts, grams=grams)
    members = np.array([of_family[family] for family in families], dtype=np.int64)
    means = products.means(rows=rows, groups=members, n_groups=len(order))
    start = 1.0 / len(names)
    wanted = np.eye(len(names))[truth] - start
    ridge = policy.ridge * np.eye(len(order))
    inverse = np.linalg.inv(products.gram(rows=means) + ridge).astype(np.float64)
    shares: Floats = inverse @ wanted
    # In single precision, so that a model that was kept in a file is the one that was learnt.
    single = products.turned_times(rows=means, weights=shares).astype(np.float32)
    weights: Floats = single.astype(np.float64)
    held = _held(texts, members, grams, means, inverse, shares, weights)
    return _with_limits(
        held=replace(held, scores=held.scores + start, truth=truth),
        policy=policy,
        types=names,
        groups=tuple(groups[name] for name in names),
        grams=grams,
        weights=weights,
        start=start,
        n_texts=len(texts),
        n_families=len(order),
    )


def _with_limits(*, held: Held, policy: DemandPolicy, **learnt: object) -> Model:
    sharpness = _sharpness(held)
    chances = probabilities(scores=held.scores, sharpness=sharpness)
    groups = np.array(learnt["groups"])
    best = chances.argmax(axis=1)
    of_group = np.stack([chances[:, groups == name].sum(axis=1) for name in sorted(set(groups))])
    best_group = np.array(sorted(set(groups)))[of_group.argmax(axis=0)]
    return Model(
        held=held,
        sharpness=sharpness,
        answer_from=lowest_for(
            sure=chances.max(axis=1), is_right=best == held.truth, policy=policy
        ),
        group_answer_from=lowest_for(
            sure=of_group.max(axis=0), is_right=best_group == groups[held.truth], policy=policy
        ),
        **learnt,  # type: ignore[arg-type] # the caller names every field left
    )


def probabilities(*, scores: Floats, sharpness: float) -> Floats:
    """Return softmax(sharpness · scores).

    Parameters
    ----------
    scores : (n_texts, n_types) float64
        Finite scores. [1]
    sharpness : float
        Above zero. [1]

    Returns
    -------
    (n_texts, n_types) float64
        Each row adds up to one. [1]

    Raises
    ------
    Nothing

    Examples
    --------
    >>> probabilities(scores=np.array([[0.0, 0.0]]), sharpness=5.0)
    array([[0.5, 0.5]])
    """
    lifted = sharpness * (scores - scores.max(axis=1, keepdims=True))
    raised = np.exp(lifted)
    share: Floats = raised / raised.sum(axis=1, keepdims=True)
    return share


def lowest_for(*, sure: Floats, is_right: Booleans, policy: DemandPolicy) -> float:
    """Return the lowest probability from which proposals are right as often as wanted.

    Parameters
    ----------
    sure : (n_texts,) float64
        Probability of each proposal. [1]
    is_right : (n_texts,) bool
        Whether the proposal is right.
    policy : DemandPolicy
        Wanted precision, and how many proposals must stand behind it.

    Returns
    -------
    float
        A probability; 1.01 where no limit keeps the precision, so that nothing is proposed. [1]

    Raises
    ------
    Nothing

    Examples
    --------
    >>> numbers = DemandPolicy(ridge=1, texts_at_least=1, longest_characters=9,
    ...                        precision_wanted=0.6, answers_at_least=1)
    >>> lowest_for(sure=np.array([0.9, 0.7, 0.4]), is_right=np.array([True, True, False]),
    ...            policy=numbers)
    0.4
    """
    order = np.argsort(-sure, kind="stable")
    n = np.arange(1, len(order) + 1)
    kept = np.cumsum(is_right[order]) / n >= policy.precision_wanted
    kept &= n >= policy.answers_at_least
    # Equal probabilities stand or fall together.
    kept &= np.append(sure[order][1:] < sure[order][:-1], True)
    return float(sure[order][np.flatnonzero(kept)[-1]]) if kept.any() else NEVER


def _heads(types: Sequence[str], families: Sequence[str]) -> dict[str, str]:
    heads: dict[str, str] = {}
    for kind, family in zip(types, families, strict=True):
        if heads.setdefault(family, kind) != kind:
            raise FamilyTorn(f"{family}: {heads[family]} and {kind}")
    return heads


def _probes(texts: Sequence[str], members: Indices) -> list[int]:
    """Return one text of each family, in turn its first, second, third … by order of characters."""
    of_family: dict[int, list[int]] = {}
    for number, family in enumerate(members):
        of_family.setdefault(int(family), []).append(number)
    return [
        sorted(found, key=lambda number: texts[number])[family % len(found)]
        for family, found in sorted(of_family.items())
    ]


def _held(
    texts: Sequence[str],
    members: Indices,
    grams: Grams,
    means: Vectors,
    inverse: Floats,
    shares: Floats,
    weights: Floats,
) -> Held:
    """Return the scores, less the start, of one text a family by what the others taught."""
    probes = _probes(texts, members)
    # To a model that never met the family, its own runs are as unknown as those of any new text.
    by_column = products.turned(rows=means)
    foreign = replace(
        grams,
        columns={
            run: column
            for run, column in grams.columns.items()
            if by_column.starts[column + 1] - by_column.starts[column] > 1
        },
    )
    told = tuple(texts[n] for n in probes)
    rows = replace(vectors(texts=told, grams=foreign), n_columns=means.n_columns)
    scores = products.times(rows=rows, weights=weights)
    scores -= _own_part(rows, by_column, inverse, shares)
    return Held(scores=scores, truth=np.zeros(0, dtype=np.int64), texts=told)


def _own_part(probes: Vectors, by_column: Vectors, inverse: Floats, shares: Floats) -> Floats:
    """Return what each probe's own family adds to its scores.

    Without family i the shares are shares − inverse[:, i] · shares[i] / inverse[i, i].
    """
    out = np.empty((len(probes), shares.shape[1]))
    for family in range(len(probes)):
        alike = shared_weight(rows=by_column, probe=probes, number=family)
        out[family] = alike @ inverse[:, family] / inverse[family, family] * shares[family]
    return out


def shared_weight(*, rows: Vectors, probe: Vectors, number: int) -> Floats:
    """Return the product of one vector with every text of a turned table.

    Parameters
    ----------
    rows : Vectors
        Texts turned: one row for each column, (n_columns, n_texts).
    probe : Vectors
        Vectors, one of which is asked for.
    number : int
        Row of the probe.

    Returns
    -------
    (n_texts,) float64
        Products; for rows of unit length, cosines. [1]

    Raises
    ------
    Nothing

    Examples
    --------
    >>> rows = Vectors(starts=np.array([0, 1, 2]), columns=np.array([1, 1]),
    ...                values=np.array([3.0, 4.0]), n_columns=2)
    >>> shared_weight(rows=products.turned(rows=rows), probe=rows, number=0)
    array([ 9., 12.])
    """
    part = slice(probe.starts[number], probe.starts[number + 1])
    columns, values = probe.columns[part], probe.values[part]
    begins, ends = rows.starts[columns], rows.starts[columns + 1]
    lengths = ends - begins
    if not lengths.sum():
        return np.zeros(rows.n_columns)
    steps = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    cells = np.repeat(begins, lengths) + steps
    weights = rows.values[cells] * np.repeat(values, lengths)
    alike: Floats = np.bincount(
        rows.columns[cells], weights=weights, minlength=rows.n_columns
    ).astype(np.float64)
    return alike


def _sharpness(held: Held) -> float:
    """Find, by golden section, the sharpness at which "the best type is right" is best foretold."""
    low, high = np.log(SHARPNESS_FROM), np.log(SHARPNESS_TO)
    for _ in range(60):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        if _log_loss(held, np.exp(left)) < _log_loss(held, np.exp(right)):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2.0))


def _log_loss(held: Held, sharpness: float) -> float:
    chances = probabilities(scores=held.scores, sharpness=sharpness)
    is_right = chances.argmax(axis=1) == held.truth
    foretold = np.where(is_right, chances.max(axis=1), 1.0 - chances.max(axis=1))
    return float(-np.log(np.maximum(foretold, 1e-12)).mean())
