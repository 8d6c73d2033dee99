"""One shard decided: facts and rules in, findings out. No database, no clock, no files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lamplighter.findings import judges
from lamplighter.findings.rules import Rules
from lamplighter.findings.shard import (
    area_sums,
    foreseen,
    inputs,
    scored,
    segmenting,
    standing,
    watching,
)
from lamplighter.findings.shard import settled as settled_days
from lamplighter.findings.shard.facts import NO_AREA, Booleans, Floats, Integers, ShardFacts
from lamplighter.findings.shard.known import NOTHING, Known
from lamplighter.findings.shard.learnt import Learnt
from lamplighter.findings.shard.sharing import Shared
from lamplighter.findings.shard.standing import Standing
from lamplighter.insight.arrears import outlook as risk_outlook
from lamplighter.insight.arrears import risk
from lamplighter.insight.causes import causes, evidence
from lamplighter.insight.change import detect, lists, terms
from lamplighter.insight.grading import grades, histories, outlook
from lamplighter.insight.habits import neighbours, profile
from lamplighter.insight.segments.terms import Segments
from lamplighter.insight.value import growth, value

N_YEARS = 3
USUAL_DAYS = 28
YEAR_OF_WEEKS = 364
LONG_RETURN_DAYS = 14
WEEKS_BEFORE = np.timedelta64(45, "D"), np.timedelta64(14, "D")  # the return, from … to


# All that bears on what the use of a shard says: how far back it is read, and the kernels' numbers.
USAGE_POLICIES = ("habits", "night", judges.KEY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the kernels say of the usage points; None where the shard has no readings."""

    adjusted: neighbours.Adjusted
    profiles: profile.Profiles
    changes: terms.Changes
    known: Known  # for the nights after
    jumps: lists.Jumps
    high: lists.HighUse


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """All that was found in one shard; arrays are by account."""

    facts: ShardFacts
    stood: Standing
    histories: histories.Histories
    grades: grades.Grades
    outlook: outlook.Outlook
    risks: risk.Risks
    risk_outlook: risk_outlook.Outlook
    causes: causes.Causes
    values: value.Values
    segments: Segments
    usage: Usage | None
    known: Known  # for the nights after


def decide(
    *,
    facts: ShardFacts,
    rules: Rules,
    learnt: Learnt,
    shared: Shared | None = None,
    known: Known = NOTHING,
) -> Decided:
    """Run every kernel on one shard; what another decision of the same facts has is not redone.

    What is *known* from other nights saves time and changes nothing.
    """
    of = standing.standing(facts=facts, day=facts.as_of_day)
    history = inputs.grading_histories(facts=facts, of=of)
    usage = (shared or Shared()).once(
        what="usage",
        rules=rules,
        policies=USAGE_POLICIES,
        find=lambda: _usage(facts=facts, rules=rules, known=known),
    )
    seen = sightings(facts=facts, of=of, rules=rules)
    energy, billed, paid, in_time = inputs.yearly(of=of, n_years=N_YEARS)
    payments = inputs.payment_histories(facts=facts, of=of)
    ahead = foreseen.on(
        account_id=facts.accounts.account_id,
        histories=history,
        payments=payments,
        rules=rules,
        card=learnt.card,
        kept=known.of_accounts,
    )
    values = value.values(
        yearly_energy_kwh=energy,
        billed_cny=billed,
        paid_cny=paid,
        in_time_share=in_time,
        area=facts.accounts.area_id,
        limits=learnt.limits,
        policy=rules.value,
    )
    return Decided(
        facts=facts,
        stood=of,
        histories=history,
        grades=grades.grade(histories=history, policy=rules.grading),
        outlook=ahead.outlook,
        risks=ahead.risks,
        risk_outlook=ahead.risk_outlook,
        causes=causes.causes(sightings=seen, sighting_policy=rules.sightings, policy=rules.causes),
        values=values,
        segments=segmenting.found(
            facts=facts,
            of=of,
            yearly_kwh=energy[:, -1],
            values=values,
            much_kwh=learnt.limits.high_kwh,
            rules=rules,
        ),
        usage=usage,
        known=replace(NOTHING if usage is None else usage.known, of_accounts=ahead),
    )


def sightings(*, facts: ShardFacts, of: Standing, rules: Rules) -> evidence.Sightings:
    """Return what speaks for one cause of arrears or another, in bills and in use."""
    return inputs.sightings(
        facts=facts,
        of=of,
        usage_of_own_past=_usage_of_own_past(facts=facts),
        festival_use=_festival_use(facts=facts, windows=rules.night.return_windows),
        rules=rules,
    )


def _usage(*, facts: ShardFacts, rules: Rules, known: Known) -> Usage | None:
    points = facts.points
    if not _is_anything_measured(points.energy_kwh):
        return None
    group = area_of_points(facts)
    settled = settled_days.on(points=points, group=group, rules=rules, kept=known.settled_days)
    adjusted = neighbours.take_out_common(
        energy_kwh=points.energy_kwh,
        days=points.days,
        group=group,
        policy=rules.neighbours,
        settled=settled.days,
    )
    shifts = scored.on(adjusted=adjusted, days=settled, rules=rules, kept=known.of_shifts)
    heard = watching.watched(
        points=points,
        energy_kwh=adjusted.energy_kwh,
        judge=rules.change_judge,
        by_days=known.by_days,
        by_hours=known.by_hours,
        settled=settled_days.as_read(kept=settled, adjusted=adjusted),
    )
    return Usage(
        adjusted=adjusted,
        profiles=profile.profile(
            adjusted=adjusted,
            policy=rules.profile,
            shapes=points.shapes,
            shaped=points.shaped,
            usual=settled.usual if adjusted.n_settled == settled.days.n_days else None,
        ),
        changes=detect.find_changes(
            adjusted=adjusted,
            policy=rules.change,
            judge=rules.change_judge,
            said=heard.said,
            settled=None if shifts is None else shifts.shifts,
        ),
        known=Known(
            settled_days=settled,
            of_shifts=shifts,
            by_days=heard.by_days,
            by_hours=heard.by_hours,
        ),
        jumps=lists.sudden_jumps(adjusted=adjusted, policy=rules.jumps),
        high=lists.high_use(adjusted=adjusted, policy=rules.high_use),
    )


def _is_anything_measured(energy_kwh: np.ndarray) -> bool:
    """Tell whether any day is there; mostly one of the last."""
    last = energy_kwh[:, -USUAL_DAYS:]
    return bool(np.isfinite(last).any() or np.isfinite(energy_kwh).any())


def area_of_points(facts: ShardFacts) -> Integers:
    """Return the station area of each usage point, NO_AREA where there is none."""
    if not len(facts.accounts):
        return np.full(len(facts.points.point_id), NO_AREA, np.int64)
    return facts.accounts.area_id[facts.index_of(facts.points.account_id)]


def _usage_of_own_past(*, facts: ShardFacts) -> Floats:
    """Return recent use over the same days a year of weeks ago, by account; NaN: not known."""
    energy = facts.points.energy_kwh
    shares = np.full(len(facts.accounts), np.nan)
    if energy.shape[1] < YEAR_OF_WEEKS + USUAL_DAYS or not len(facts.points.point_id):
        return shares
    now = _mean(energy[:, -USUAL_DAYS:])
    then = _mean(energy[:, -USUAL_DAYS - YEAR_OF_WEEKS : -YEAR_OF_WEEKS])
    known = np.isfinite(now) & np.isfinite(then) & (then > 0)
    account = facts.index_of(facts.points.account_id)
    n = len(facts.accounts)
    recent = np.bincount(account[known], weights=np.maximum(now[known], 0.0), minlength=n)
    past = np.bincount(account[known], weights=then[known], minlength=n)
    has = past > 0
    shares[has] = recent[has] / past[has]
    return shares


def _festival_use(*, facts: ShardFacts, windows: Sequence[str]) -> Floats:
    """Return use in the newest long return of families over the weeks before it; NaN: not known.

    Of the windows, pairs of first and last day, only long ones say enough: Spring Festival.
    """
    shares = np.full(len(facts.accounts), np.nan)
    days, points = facts.points.days, facts.points
    edges = np.array(windows, "datetime64[D]").reshape(-1, 2)
    is_long = (edges[:, 1] - edges[:, 0]).astype(np.int64) >= LONG_RETURN_DAYS
    edges = edges[is_long & (edges[:, 1] <= np.datetime64(facts.as_of, "D"))]
    if not len(edges) or not len(points.point_id):
        return shares
    first, last = edges[-1]
    during = _mean(points.energy_kwh[:, (days >= first) & (days <= last)])
    weeks_before = (days >= first - WEEKS_BEFORE[0]) & (days < first - WEEKS_BEFORE[1])
    before = _mean(points.energy_kwh[:, weeks_before])
    known = np.isfinite(during) & np.isfinite(before) & (before > 0)
    account, n = facts.index_of(points.account_id), len(facts.accounts)
    there = np.bincount(account[known], weights=np.maximum(during[known], 0.0), minlength=n)
    usual = np.bincount(account[known], weights=before[known], minlength=n)
    has = usual > 0
    shares[has] = there[has] / usual[has]
    return shares


def _mean(energy: np.ndarray) -> Floats:
    there = np.isfinite(energy)
    n = there.sum(axis=1)
    total = np.where(there, energy, 0.0).sum(axis=1, dtype=np.float64)
    mean: Floats = np.where(n * 2 >= energy.shape[1], total / np.maximum(n, 1), np.nan)
    return mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What one shard adds to what is learnt from all: past bills with their end, contributions."""

    features: np.ndarray  # (n_rows, n_features)
    was_unpaid: Booleans  # (n_rows,)
    contribution_kwh: Floats  # (n_accounts,)
    areas: growth.AreaSums


def lesson(*, facts: ShardFacts, rules: Rules) -> Lesson:
    """Return past bills as they looked when issued, and whether their window ended unpaid."""
    now = standing.standing(facts=facts, day=facts.as_of_day)
    energy, billed, paid, _in_time = inputs.yearly(of=now, n_years=1)
    tables: list[Any] = []
    outcomes: list[Any] = []
    place = now.place_from_newest
    for months_ago in range(rules.night.training_bills):
        bills = np.flatnonzero((place == months_ago) & (now.amount_fen > 0))
        for issued in np.unique(now.issued_day[bills]):
            chosen = bills[now.issued_day[bills] == issued]
            then = standing.standing(facts=facts, day=int(issued))
            waiting = np.isfinite(standing.newest_open_bill(of=then))[now.account[chosen]]
            rows = inputs.risk_features(facts=facts, of=then, rules=rules)
            tables.append(rows.values[now.account[chosen]][waiting])
            unpaid = now.paid_by_due_fen[chosen] < now.amount_fen[chosen]
            outcomes.append(unpaid[waiting])
    width = inputs.risk_features(facts=facts, of=now, rules=rules).values.shape[1]
    return Lesson(
        features=np.concatenate(tables) if tables else np.empty((0, width)),
        was_unpaid=np.concatenate(outcomes) if outcomes else np.empty(0, np.bool_),
        contribution_kwh=value.contribution(
            energy_kwh=energy[:, -1], billed_cny=billed, paid_cny=paid
        ),
        areas=area_sums.of_shard(facts=facts, of=now),
    )
