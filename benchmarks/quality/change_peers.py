"""Peers on the same splices: ruptures' KernelCPD on the level, two windows of plain day shapes."""

from typing import Any

import numpy as np
import numpy.typing as npt

from lamplighter.insight.judge import alarms, splicing
from lamplighter.insight.judge.splicing import Meters

Floats = npt.NDArray[np.float64]

KERNEL_DAYS = 84  # KernelCPD sees so many days up to each look
KERNEL_EVERY = 6  # it is slow: every other look of ours
AFTER_DAYS, BEFORE_DAYS = 14, 56


def compare(meters: Meters, *, seed: int, n_starts: int) -> dict[str, Any]:
    """Return each peer's hits at one false alarm per meter-year, set on these very windows.

    Nothing is learnt, so no meters are kept apart: the threshold flatters a peer, if anything.
    """
    rng = np.random.default_rng(seed)
    fold = rng.permutation(len(meters.energy_kwh)) % 5
    plain: dict[str, list[Floats]] = {}
    spliced: dict[str, list[Floats]] = {}
    for _ in range(50 * n_starts):
        if len(plain.get("windows", ())) >= n_starts:
            break
        start = int(rng.integers(0, max(1, len(meters.days) - splicing.WINDOW_DAYS + 1)))
        panel = splicing.panel(meters=meters, start=start, fold=fold, n_splices=1, rng=rng)
        if panel is None:
            continue
        plain.setdefault("windows", []).append(np.zeros(0))
        for name, score in _scores(panel.energy_kwh, panel.hours).items():
            plain.setdefault(name, []).append(score[panel.splice < 0])
            mine = np.flatnonzero(panel.splice >= 0)
            days = panel.splice[mine][:, None] + np.arange(splicing.HIT_DAYS)
            spliced.setdefault(name, []).append(score[mine[:, None], days])
    return {
        name: _judge(np.concatenate(plain[name]), np.concatenate(spliced[name]))
        for name in plain
        if name != "windows"
    }


def _scores(energy: Floats, hours: npt.NDArray[np.float32] | None) -> dict[str, Floats]:
    found = {"KernelCPD (rbf) on log days": kernel_cpd(energy)}
    if hours is None:
        found["two windows of week shapes"] = _week_shapes(energy)
    else:
        found["two windows of day shapes"] = _day_shapes(hours)
    return found


def kernel_cpd(energy: Floats) -> Floats:
    """Return on each look how much one split of the last days gains, by ruptures' rbf kernel."""
    import ruptures  # a peer of the benchmarks alone

    logs = np.log(np.maximum(np.nan_to_num(energy), 1e-3))
    score = np.full(energy.shape, -np.inf)
    for row, series in enumerate(logs):
        for day in range(splicing.SETTLED_DAYS, energy.shape[1], KERNEL_EVERY):
            window = series[day + 1 - KERNEL_DAYS : day + 1]
            cost = ruptures.KernelCPD(kernel="rbf", min_size=5).fit(window[:, None])
            at = cost.predict(n_bkps=1)[0]
            if at > KERNEL_DAYS - 21:  # a split that is news
                whole = cost.cost.error(0, KERNEL_DAYS)
                score[row, day] = whole - cost.cost.error(0, at) - cost.cost.error(at, KERNEL_DAYS)
    return score


def _day_shapes(hours: npt.NDArray[np.float32]) -> Floats:
    total = hours.sum(axis=2, keepdims=True)
    share = np.where(total > 0.0, hours / np.where(total > 0.0, total, 1.0), 1.0 / 24.0)
    return _distance(np.nan_to_num(share, nan=1.0 / 24.0))


def _week_shapes(energy: Floats) -> Floats:
    level = np.nan_to_num(energy, nan=float(np.nanmean(energy)))
    n_days = level.shape[1]
    week = np.stack([np.roll(level, back, axis=1) for back in range(7)], axis=2)
    week[:, :6] = 1.0
    day = np.arange(n_days)
    ordered = np.stack([week[:, day, (day - weekday) % 7] for weekday in range(7)], axis=2)
    return _distance(ordered / ordered.sum(axis=2, keepdims=True))


def _distance(share: npt.NDArray[np.floating]) -> Floats:
    """Return the Hellinger distance of the mean shapes of the last days and of those before."""
    sums = np.zeros((share.shape[0], share.shape[1] + 1, share.shape[2]))
    np.cumsum(share, axis=1, out=sums[:, 1:])
    day = np.arange(splicing.SETTLED_DAYS, share.shape[1]) + 1
    now = (sums[:, day] - sums[:, day - AFTER_DAYS]) / AFTER_DAYS
    then = (sums[:, day - AFTER_DAYS] - sums[:, day - AFTER_DAYS - BEFORE_DAYS]) / BEFORE_DAYS
    score = np.full(share.shape[:2], -np.inf)
    score[:, day - 1] = 1.0 - np.sqrt(np.maximum(now * then, 0.0)).sum(axis=2)
    return score


def _judge(plain: Floats, spliced: Floats) -> dict[str, Any]:
    watched = len(plain) * (splicing.WINDOW_DAYS - splicing.SETTLED_DAYS) / 365.25
    known = plain[np.isfinite(plain)]
    low, high = float(known.min()), float(known.max()) + 1e-9
    for _ in range(30):
        middle = (low + high) / 2.0
        if _alarms(plain, middle) / watched > 1.0:
            low = middle
        else:
            high = middle
    return {
        "hit_rate": round(float(np.mean(spliced.max(axis=1) >= high)), 3),
        "splices": len(spliced),
        "false_alarms_per_meter_year": round(_alarms(plain, high) / watched, 3),
    }


def _alarms(score: Floats, threshold: float) -> int:
    count = 0
    for row in score >= threshold:
        quiet_until = 0
        for day in np.flatnonzero(row):
            if day >= quiet_until:
                count, quiet_until = count + 1, int(day) + alarms.DEAD_DAYS
    return count
