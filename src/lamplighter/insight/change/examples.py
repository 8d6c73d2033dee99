"""One small home for the examples in this room's docstrings."""

from dataclasses import replace

import numpy as np

from lamplighter.insight.change.terms import ChangePolicy
from lamplighter.insight.habits import neighbours
from lamplighter.insight.habits import terms as habit_terms
from lamplighter.insight.judge import following, learnt, process, screen, splicing, traits

POLICY = ChangePolicy(
    windows_days=(7, 14, 28, 56),
    references_days=(28, 56, 56, 56),
    measured_share=0.7,
    softening_share=0.1,
    noise_floor=0.03,
    scale_prior_windows=6.0,
    peers_min=20,
    level_threshold=5.0,
    habit_threshold=5.0,
    turnovers_per_year=0.05,
    shape_weight=4.0,
    least_size_share=0.15,
    spacing_days=28,
    max_changes=5,
    search_days=10,
    size_days=56,
    size_interval=0.8,
    vacancy_share=0.12,
    appliance_ratio_max=1.8,
    appliance_days_min=28,
    recent_days=21,
    probability_intercept=-2.0,
    probability_slope=3.0,
    rhythm_slope=3.0,
)

NEIGHBOURS = habit_terms.NeighbourPolicy(
    min_days=28,
    neighbours_min=5,
    neighbours_shrink=10.0,
    low_share=0.05,
    response_prior_days=120.0,
    response_max=2.5,
    export_share=0.05,
    slip_ratio=300.0,
    slip_kwh=1000.0,
)


def doubling_home() -> neighbours.Adjusted:
    """Return a lone home of 200 days that uses 5 kWh a day, and 10 from its 101st day on.

    Parameters
    ----------

    Returns
    -------
    neighbours.Adjusted
        One point with mild noise and no neighbours.

    Raises
    ------

    Examples
    --------
    >>> doubling_home().adjusted_kwh.shape
    (1, 200)
    """
    noise = np.exp(np.random.default_rng(7).normal(0.0, 0.1, 200))
    energy = np.where(np.arange(200) < 100, 5.0, 10.0) * noise
    return neighbours.take_out_common(
        energy_kwh=energy[None],
        days=np.datetime64("2026-01-01") + np.arange(200),
        group=np.array([1]),
        policy=NEIGHBOURS,
    )


def judge() -> learnt.Judge:
    """Return a judge that learnt nothing: it goes by the level of the last week alone.

    Parameters
    ----------

    Returns
    -------
    learnt.Judge
        One question for the glance, one for the judge; none about hours.

    Raises
    ------

    Examples
    --------
    >>> judge().every
    3
    """
    signs = (*screen.SIGNS, *(f"usual_{name}" for name in screen.SIGNS))
    none = np.zeros(1, dtype=np.int64)
    followed = following.of_days(
        own=np.zeros((1, process.DAYS), dtype=np.float32),
        common=np.zeros(process.DAYS, dtype=np.float32),
        day=none + process.DAYS - 1, point=none, peers=none, apart=none[:, None],
    )  # fmt: skip
    names = (*signs, *traits.NAMES, *followed)
    return learnt.Judge(
        every=3,
        glances=(learnt.Glance(forest=_stump(signs, "sign_level_7", 3.0), limit=0.0),),
        days=_stump(names, "level_1", 4.0),
        hours=_stump(names, "level_1", 4.0),
    )


def looks(*, by_hours: bool = False) -> splicing.Table:
    """Return 800 made-up looks at windows of 40 meters: after a splice all traits stand higher.

    Parameters
    ----------
    by_hours : bool
        The looks show the hours of days too.

    Returns
    -------
    splicing.Table
        Ten looks at a plain window of each meter, two at each of five spliced ones.

    Raises
    ------

    Examples
    --------
    >>> table = looks()
    >>> table.columns.shape[1], len(table.splice_of_case)
    (800, 240)
    """
    names = (*judge().days.traits, *(("root_step",) if by_hours else ()))
    n_meters, n_splices = 40, 5
    meter_of_case = np.concatenate([np.arange(n_meters), np.repeat(np.arange(n_meters), n_splices)])
    splice_of_case = np.where(np.arange(len(meter_of_case)) < n_meters, -1, 200)
    case = np.concatenate(
        [np.repeat(np.arange(n_meters), 10), np.repeat(np.arange(n_meters, len(meter_of_case)), 2)]
    )
    splice = splice_of_case[case]
    day = np.where(
        splice < 0, 90 + 30 * (np.arange(len(case)) % 10), 206 + np.arange(len(case)) % 2
    )
    columns = np.random.default_rng(7).normal(size=(len(names), len(case))).astype(np.float32)
    return splicing.Table(
        names=names,
        columns=columns + np.float32(0.5) * (splice >= 0).astype(np.float32),
        meter=meter_of_case[case],
        case=case,
        day=day,
        splice=splice,
        since=np.where(splice < 0, day, 201),
        meter_of_case=meter_of_case,
        splice_of_case=splice_of_case,
    )


def _stump(names: tuple[str, ...], asked: str, limit: float) -> learnt.Forest:
    return learnt.Forest(
        traits=names,
        intercept=0.0,
        column=np.array([[names.index(asked)]]),
        limit=np.array([[limit]], dtype=np.float32),
        leaf=np.array([[-4.0, 4.0]], dtype=np.float32),
    )


def until(*, adjusted: neighbours.Adjusted, n_days: int) -> neighbours.Adjusted:
    """Return the same points as of an earlier day.

    Parameters
    ----------
    adjusted : neighbours.Adjusted
        Points by days.
    n_days : int
        How many of the days. [day]

    Returns
    -------
    neighbours.Adjusted
        The first days of it.

    Raises
    ------

    Examples
    --------
    >>> until(adjusted=doubling_home(), n_days=50).energy_kwh.shape
    (1, 50)
    """
    return replace(
        adjusted,
        days=adjusted.days[:n_days],
        energy_kwh=adjusted.energy_kwh[:, :n_days],
        adjusted_kwh=adjusted.adjusted_kwh[:, :n_days],
        log_factor=adjusted.log_factor[:, :n_days],
    )
