"""What each proposal is worth, from arrays over all doors of one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from lamplighter.action.worklist import benefit, candidates
from lamplighter.action.worklist.doors import Door, Proposal
from lamplighter.action.worklist.rules import CAUSES, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A proposal and its worth."""

    proposal: Proposal
    benefit_fen: int
    at_stake_fen: int
    help_probability: float


def weigh(*, pairs: Sequence[tuple[Door, Proposal]], rules: Rules, day: date) -> list[Weighed]:
    """Return the worth of each proposal, in the order given."""
    if not pairs:
        return []
    worth = rules.worth
    failed, missed = _earlier(pairs)
    helps = benefit.help_probability(
        cause_probability=np.array([_cause_row(door, p) for door, p in pairs]),
        helps=np.array([_help_row(p, rules) for _, p in pairs]),
        n_failed=failed,
        n_not_reached=missed,
        after_failure_ratio=worth.helps_after_failure_ratio,
        after_not_reached_ratio=worth.helps_after_not_reached_ratio,
    )
    at_risk = _at_risk(pairs, rules=rules, day=day)
    averts = np.array([rules.remedies[p.remedy].averts_complaint_ratio for _, p in pairs])
    costs = [worth.visit_costs_cny if p.is_visit else worth.phone_costs_cny for _, p in pairs]
    values = benefit.expected_benefit(
        at_risk_cny=at_risk + _later(pairs, rules=rules),
        helps=helps,
        complaint_probability=np.array([_complaint(door, rules) for door, _ in pairs]),
        averts_complaint_ratio=averts,
        complaint_costs_cny=worth.complaint_costs_cny,
        further_cny=np.array([_welfare(door, p, rules) for door, p in pairs]),
        contact_costs_cny=np.array(costs),
    )
    fen = np.rint(values * 100).astype(np.int64)
    stake = np.rint(at_risk * 100).astype(np.int64)
    return [
        Weighed(
            proposal=p,
            benefit_fen=int(fen[n]),
            at_stake_fen=int(stake[n]),
            help_probability=float(helps[n]),
        )
        for n, (_, p) in enumerate(pairs)
    ]


def _cause_row(door: Door, proposal: Proposal) -> list[float]:
    if proposal.kind != "ARREARS" or proposal.remedy == "LANDLORD_CALL":
        return [float(cause == "UNKNOWN") for cause in CAUSES]
    probability = candidates.causes_of(door)
    row = [probability.get(cause, 0.0) for cause in CAUSES]
    return [p / max(sum(row), 1.0) for p in row]


def _help_row(proposal: Proposal, rules: Rules) -> list[float]:
    if proposal.remedy == "LANDLORD_CALL":
        return [rules.worth.landlord_helps_probability for _ in CAUSES]
    helps = rules.remedies[proposal.remedy].helps
    return [helps.get(cause, 0.0) for cause in CAUSES]


def _earlier(
    pairs: Sequence[tuple[Door, Proposal]],
) -> tuple[benefit.Floats, benefit.Floats]:
    failed, missed = np.zeros(len(pairs)), np.zeros(len(pairs))
    for n, (door, proposal) in enumerate(pairs):
        for attempt in door.attempts:
            if attempt.remedy == proposal.remedy:
                # A promise that still waits is kept off the plan, so one seen here was broken.
                failed[n] += attempt.outcome in ("REFUSED", "PROMISED", "DONE")
                missed[n] += attempt.outcome in ("NOT_REACHED", "WRONG_NUMBER")
    return failed, missed


def _at_risk(pairs: Sequence[tuple[Door, Proposal]], *, rules: Rules, day: date) -> benefit.Floats:
    worth = rules.worth
    findings = [door.finding for door, _ in pairs]
    due = [candidates.counts_due(door=door, rules=rules, day=day) for door, _ in pairs]
    owed = benefit.unpaid_amount(
        overdue_cny=np.array([float(f.overdue_cny) for f in findings]),
        due_cny=np.array([float(f.balance_due_cny) for f in findings]),
        unpaid_probability=np.array([f.risk_probability or 0.0 for f in findings]),
        when_overdue=worth.unpaid_probability_when_overdue,
        counts_due=np.array(due, dtype=bool),
    )
    at_risk = np.zeros(len(pairs))
    for n, (door, proposal) in enumerate(pairs):
        if proposal.kind == "ARREARS":
            at_risk[n] = owed[n]
        elif proposal.kind == "LANDLORD" and door.signal is not None:
            month = float(door.finding.forecast_amount_cny or 0)
            sure = door.signal.probability * worth.turnover_missed_probability
            at_risk[n] = month * worth.turnover_months * sure
    return at_risk


def _later(pairs: Sequence[tuple[Door, Proposal]], *, rules: Rules) -> benefit.Floats:
    """Return what the months after this one would leave unpaid, as far as the remedy lasts."""
    later = np.zeros(len(pairs))
    for n, (door, proposal) in enumerate(pairs):
        if proposal.kind == "ARREARS":
            months = rules.remedies[proposal.remedy].lasts_months - 1.0
            month = float(door.finding.forecast_amount_cny or 0)
            later[n] = months * month * (door.finding.risk_probability or 0.0)
    return later


def _complaint(door: Door, rules: Rules) -> float:
    jump = repeat = 0.0
    signal = door.signal
    if signal is not None and signal.list == "JUMP" and signal.size_kwh_per_day > 0:
        jump = signal.probability * rules.worth.jump_complaint_probability
    if candidates.is_repeat_complainer(door=door, rules=rules):
        repeat = rules.worth.repeat_complaint_probability
    return 1.0 - (1.0 - jump) * (1.0 - repeat)


def _welfare(door: Door, proposal: Proposal, rules: Rules) -> float:
    if proposal.remedy == "ROUND_VISIT":
        return rules.worth.round_value_cny
    is_welfare = proposal.parts[0]["code"] == "WELFARE"
    if not is_welfare or door.signal is None:
        return 0.0
    return rules.worth.welfare_value_cny * door.signal.probability
