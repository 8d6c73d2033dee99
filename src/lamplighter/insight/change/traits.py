"""What a learnt judge is told of one point on one day: the last two weeks against ten before."""

import numpy as np
import numpy.typing as npt

from lamplighter.insight.habits.arrays import Integers, Singles

WEEKS = 12  # two new, eight that they are compared with, two older
MEMORY_WEEKS = 28  # the last week is looked for in all of these
E5, E4, E3 = np.float32(1e-5), np.float32(1e-4), np.float32(1e-3)


def block(*, values: Singles, day: Integers, point: Integers, weeks: int) -> Singles:
    """Return the weeks that end with each case's day, the oldest first.

    Parameters
    ----------
    values : (n_days, n_points) float32
        Any quantity. [any]
    day, point : (n_cases,) int64
        Row and column of each case's last day.
    weeks : int
        How many. [week]

    Returns
    -------
    (weeks, 7, n_cases) float32
        Weeks; NaN before the first day. [any]

    Raises
    ------
    IndexError
        A case lies outside the array.

    Examples
    --------
    >>> values = np.arange(8, dtype=np.float32)[:, None]
    >>> block(values=values, day=np.array([7]), point=np.array([0]), weeks=2)[:, :, 0]
    array([[nan, nan, nan, nan, nan, nan,  0.],
           [ 1.,  2.,  3.,  4.,  5.,  6.,  7.]], dtype=float32)
    """
    back = np.arange(7 * weeks - 1, -1, -1)
    flat, width = values.reshape(-1), values.shape[1]
    at = day * width + point
    out = np.empty((7 * weeks, len(day)), dtype=np.float32)
    for place, days in enumerate(back):
        np.take(flat, at - days * width, out=out[place], mode="clip")
    early = int(np.min(day, initial=7 * weeks)) + 1
    if early < 7 * weeks:
        out[back[:, None] > day[None, :]] = np.nan
    return out.reshape(weeks, 7, len(day))


def of_days(
    *, memory: Singles, common: Singles, weekday: npt.NDArray[np.integer]
) -> dict[str, Singles]:
    """Return the traits that daily totals show.

    Parameters
    ----------
    memory : (MEMORY_WEEKS, 7, n_cases) float32
        Each point's own movement, weeks that end with the case's day. [log] NaN: before all.
    common : (WEEKS, 7, n_cases) float32
        The common movement of the last of these weeks. [log]
    weekday : (n_cases,) int64
        Weekday of the last day, Monday 0.

    Returns
    -------
    dict of (n_cases,) float32
        Traits by name. [log ratios, ratios, correlations]

    Raises
    ------
    ValueError
        The weeks are not as many as stated.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> calm = rng.normal(size=(28, 7, 1)).astype(np.float32)
    >>> calm[-1] += 9.0  # the last week stands far above
    >>> found = of_days(memory=calm, common=0.0 * calm[-12:], weekday=np.array([6]))
    >>> bool(found["level_1"][0] > 5.0)
    True
    """
    if len(memory) != MEMORY_WEEKS or len(common) != WEEKS:
        raise ValueError(f"{len(memory)} and {len(common)} weeks")
    weeks = memory[-WEEKS:]
    usual = weeks[2:-2].mean(axis=0)
    new, late = weeks[-1] - usual, weeks[-2] - usual
    past = (weeks[2:-2] - usual) * np.float32(8.0 / 7.0)  # each against the other seven
    older = weeks[:2] - usual
    found: dict[str, Singles] = {}
    _levels(found, new, late, past, older)
    _patterns(found, new, late, past)
    _shape_of_week(found, weeks, usual, weekday, new, past)
    _steps(found, weeks, new, late, past)
    _nearest(found, memory, past)
    _response(found, weeks, common)
    return found


def _ratio(now: Singles, then: Singles, least: np.float32 = E5) -> Singles:
    return np.log((now + least) / (then + least))


def _squares(values: Singles, axis: int | tuple[int, ...] = 0) -> Singles:
    return np.asarray(np.square(values).mean(axis=axis))


def _levels(
    found: dict[str, Singles], new: Singles, late: Singles, past: Singles, older: Singles
) -> None:
    one, two = new.mean(axis=0), late.mean(axis=0)
    both = (one + two) / np.float32(2.0)
    level = past.mean(axis=1)
    usual = np.sqrt(_squares(level) + E5)
    pairs = (level[1:] + level[:-1]) / np.float32(2.0)
    most = np.abs(level).max(axis=0)
    found["level_1"] = np.abs(one) / usual
    found["level_2"] = np.abs(both) / np.sqrt(_squares(pairs) + E5)
    found["level_1_log"], found["level_2_log"] = np.abs(one), np.abs(both)
    found["level_signed"] = one / np.sqrt(
        (np.square(level).sum(axis=0) + np.square(older.mean(axis=1)).sum(axis=0)) / 10 + E5
    )
    found["level_3_days"] = np.abs(new[-3:].mean(axis=0)) / usual
    found["level_past_most"] = np.log(most + np.float32(0.005))
    found["drift"] = np.abs(level[-4:].mean(axis=0) - level[:4].mean(axis=0)) / usual


def _patterns(found: dict[str, Singles], new: Singles, late: Singles, past: Singles) -> None:
    spread = _squares(past, 1)
    usual, most = spread.mean(axis=0), spread.max(axis=0)
    one, two = _squares(new), _squares(late)
    both = (one + two) / np.float32(2.0)
    found["spread_1"], found["spread_2"] = _ratio(one, usual), _ratio(both, usual)
    found["spread_1_most"] = _ratio(one, most)
    found["spread_noise"] = np.log(usual + E5)
    middle = (new.mean(axis=0) + late.mean(axis=0)) / np.float32(2.0)
    found["spread_about_level"] = _ratio(np.maximum(both - np.square(middle), 0.0), usual)
    shape_1, shape_2 = new - new.mean(axis=0), late - late.mean(axis=0)
    shape = past - past.mean(axis=1)[:, None]
    of_1, of_2, of_past = _squares(shape_1), _squares(shape_2), _squares(shape, 1)
    usual_shape = of_past.mean(axis=0)
    found["pattern_1"] = _ratio(of_1, usual_shape)
    found["pattern_least"] = _ratio(np.minimum(of_1, of_2), usual_shape)
    found["pattern_1_most"] = _ratio(of_1, of_past.max(axis=0))
    found["pattern_2_most"] = _ratio((of_1 + of_2) / np.float32(2.0), of_past.max(axis=0))
    pair = (shape_1 + shape_2) / np.float32(2.0)
    pairs = _squares((shape[1:] + shape[:-1]) / np.float32(2.0), 1)
    found["pattern_pair"] = _ratio(_squares(pair), pairs.mean(axis=0))
    found["pattern_pair_most"] = _ratio(_squares(pair), pairs.max(axis=0))
    found["pattern_pair_log"] = np.log(_squares(pair) + E5)
    weekday_noise = _squares(past) + np.float32(4e-4)
    found["distance_1"] = np.log((np.square(new) / weekday_noise).mean(axis=0) + np.float32(0.05))
    found["distance_2"] = np.log((np.square(late) / weekday_noise).mean(axis=0) + np.float32(0.05))
    found["distance_pair"] = np.log(
        (np.square(pair) / weekday_noise).mean(axis=0) + np.float32(0.02)
    )
    found["distance_least"] = np.sqrt((np.square(new[-5:]) / weekday_noise[-5:]).min(axis=0))
    found["agreement"] = (shape_1 * shape_2).mean(axis=0) / np.sqrt(of_1 * of_2 + E5 * E3)


def _shape_of_week(
    found: dict[str, Singles],
    weeks: Singles,
    usual: Singles,
    weekday: npt.NDArray[np.integer],
    new: Singles,
    past: Singles,
) -> None:
    centred = usual - usual.mean(axis=0)
    size = _squares(centred)
    pair = (weeks[-1] + weeks[-2]) / np.float32(2.0)
    for name, shape in (("1", weeks[-1]), ("2", pair)):
        about = shape - shape.mean(axis=0)
        both, own = (about * centred).mean(axis=0), _squares(about)
        found[f"week_correlation_{name}"] = both / np.sqrt(size * own + np.float32(1e-7))
        found[f"week_slope_{name}"] = both / (size + E4)
        found[f"week_size_{name}"] = _ratio(own, size, E4)
    found["week_size_log"] = np.log(size + E5)
    noise = np.sqrt(_squares(past, (0, 1)) + E4)
    now = pair - pair.mean(axis=0)
    row = np.arange(now.shape[1])

    def on(values: Singles, day: int) -> Singles:
        return np.asarray(values[(day - weekday - 1) % 7, row])

    now_end = (on(now, 5) + on(now, 6)) / np.float32(2.0)
    then_end = (on(centred, 5) + on(centred, 6)) / np.float32(2.0)
    found["weekend_now"], found["weekend_then"] = now_end, then_end
    found["weekend_moved"] = (now_end - then_end) / noise
    moved = now - centred
    found["sunday_moved"] = (on(moved, 6) - on(moved, 5)) / noise
    found["friday_moved"] = on(moved, 4) / noise
    found["highest"], found["lowest"] = new.max(axis=0) / noise, new.min(axis=0) / noise
    found["past_highest"] = past.max(axis=(0, 1)) / noise
    found["past_lowest"] = past.min(axis=(0, 1)) / noise


def _steps(
    found: dict[str, Singles], weeks: Singles, new: Singles, late: Singles, past: Singles
) -> None:
    n_cases = weeks.shape[2]
    days = weeks.reshape(-1, n_cases)
    step = np.abs(days[1:] - days[:-1])
    usual = step[13:-14].mean(axis=0)
    found["step_1"] = _ratio(step[-7:].mean(axis=0), usual, E3)
    found["step_2"] = _ratio(step[-14:].mean(axis=0), usual, E3)
    logs = np.log(step[13:] + np.float32(0.1) * usual + E3)
    by_week = logs[:-14].reshape(8, 7, n_cases).mean(axis=1)
    found["step_score"] = (logs[-14:].mean(axis=0) - by_week.mean(axis=0)) / (
        by_week.std(axis=0) + np.float32(0.1)
    )
    weekly = np.abs(weeks[1:] - weeks[:-1]).mean(axis=1)
    before = weekly[1:-2]
    found["week_step_1"] = _ratio(weekly[-1], before.mean(axis=0), E3)
    found["week_step_2"] = _ratio(weekly[-2], before.mean(axis=0), E3)
    found["week_step_most"] = _ratio(np.maximum(weekly[-1], weekly[-2]), before.max(axis=0), E3)
    over_two = np.abs(weeks[4:-2] - weeks[2:-4]).mean(axis=(0, 1))
    found["two_week_step"] = _ratio(np.abs(weeks[-1] - weeks[-3]).mean(axis=0), over_two, E3)
    fresh = np.concatenate([late, new])
    fresh = fresh - fresh.mean(axis=0)
    found["memory_now"] = (fresh[1:] * fresh[:-1]).mean(axis=0) / (_squares(fresh) + E5)
    flat = past.reshape(-1, n_cases)
    found["memory_then"] = (flat[1:] * flat[:-1]).mean(axis=0) / (_squares(flat) + E5)


def _nearest(found: dict[str, Singles], memory: Singles, past: Singles) -> None:
    """How far the last weeks are from any earlier week, against weeks of the past."""

    def nearest(place: int) -> tuple[Singles, Singles]:
        earlier = memory[: MEMORY_WEEKS + place - 1] - memory[place]  # a week between
        square = _squares(earlier, 1)
        about = square - np.square(earlier.mean(axis=1))
        return np.fmin.reduce(square, axis=0), np.fmin.reduce(about, axis=0)

    level_1, shape_1 = nearest(-1)
    level_2, shape_2 = nearest(-2)
    then = [nearest(place) for place in (-4, -6, -8)]
    level = np.exp(np.mean([np.log(one + E5) for one, _ in then], axis=0))
    shape = np.exp(np.mean([np.log(two + E5) for _, two in then], axis=0))
    found["nearest_1"] = _ratio(level_1, level)
    found["nearest_2"] = _ratio(np.minimum(level_1, level_2), level)
    found["nearest_shape_1"] = _ratio(shape_1, shape)
    found["nearest_shape_2"] = _ratio(np.minimum(shape_1, shape_2), shape)
    found["nearest_shape_most"] = _ratio(shape_1, np.max([two for _, two in then], axis=0))
    found["nearest_shape_log"] = np.log(np.maximum(shape_1, 0.0) + E5)
    about = past - past.mean(axis=1)[:, None]
    found["nearest_shape_noise"] = _ratio(np.maximum(shape_1, 0.0), _squares(about, (0, 1)))


def _response(found: dict[str, Singles], weeks: Singles, common: Singles) -> None:
    """How the point moved with everybody, from week to week."""
    whole = weeks + common
    shared, moved = common[1:] - common[:-1], whole[1:] - whole[:-1]
    usual = (np.square(shared[:-2])).mean(axis=(0, 1))
    slope = ((shared[:-2] * moved[:-2]).mean(axis=(0, 1)) + np.float32(0.002)) / (
        usual + np.float32(0.002)
    )
    left = moved - slope * shared
    noise = _squares(left[:-2], (0, 1))
    now = _squares(shared[-2:], (0, 1))
    found["response"] = slope
    found["unexplained_1"] = _ratio(_squares(left[-1]), noise)
    found["unexplained_2"] = _ratio(_squares(left[-2:], (0, 1)), noise)
    found["common_step_log"] = np.log(now + E5)
    found["response_moved"] = (shared[-2:] * left[-2:]).mean(axis=(0, 1)) / np.sqrt(
        now * noise + np.float32(1e-6)
    )
    usual_week = whole[2:-2].mean(axis=0)
    one, two = ((whole[place] - usual_week).mean(axis=0) for place in (-1, -2))
    found["whole_level_1"] = np.abs(one)
    found["whole_level_2"] = np.abs(one + two) / np.float32(2.0)
    found["common_level"] = np.abs((common[-1] - common[2:-2].mean(axis=0)).mean(axis=0))
