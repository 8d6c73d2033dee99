"""The rules a night decides by: each kernel's numbers, and the version they came from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lamplighter.facts.billing import pricing, rates
from lamplighter.findings import judges
from lamplighter.insight.arrears import learning, risk
from lamplighter.insight.causes import causes, evidence
from lamplighter.insight.change import lists, terms
from lamplighter.insight.forecast import month
from lamplighter.insight.grading import histories
from lamplighter.insight.habits import profile
from lamplighter.insight.habits import terms as habit_terms
from lamplighter.insight.judge import learnt
from lamplighter.insight.segments import terms as segment_terms
from lamplighter.insight.value import growth, value
from lamplighter.policy import loader

KERNELS = {
    "grading": histories.KERNEL_VERSION,
    "arrears": risk.KERNEL_VERSION,
    "causes": causes.KERNEL_VERSION,
    "value": value.KERNEL_VERSION,
    "habits": "habits/4",
    "change": learnt.KERNEL_VERSION,
    "forecast": "forecast/4",
    "segments": segment_terms.KERNEL_VERSION,
    "inputs": "inputs/5",  # how facts become what the kernels ask
}
POLICIES = (
    *("causes", "forecast", "grading", "habits", "night", "risk", "segments", "tariffs", "value"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NightPolicy:
    """Numbers of the night itself; field names are policy row keys."""

    history_days: int
    recent_days: int
    pattern_late_bills: int
    pattern_reminded_months: int
    training_bills: int
    training_accounts_at_most: int
    paid_after_debit_days: int
    return_windows: tuple[str, ...]
    price_bills: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All rules of one night."""

    versions: dict[str, str]
    night: NightPolicy
    grading: histories.GradingPolicy
    outlook_months: int
    risk: risk.RiskPolicy
    risk_outlook_bills: int
    recency: float
    fit: learning.FitPolicy
    causes: causes.CausePolicy
    sightings: evidence.SightingPolicy
    value: value.ValuePolicy
    neighbours: habit_terms.NeighbourPolicy
    profile: profile.ProfilePolicy
    change: terms.ChangePolicy
    change_judge: learnt.Judge
    jumps: lists.JumpPolicy
    high_use: lists.HighUsePolicy
    forecast: month.ForecastPolicy
    tariff_fit_share: float
    rates: rates.Rates
    growth: growth.GrowthPolicy
    segments: segment_terms.SegmentPolicy
    self_served_methods: tuple[str, ...]


def rules_on(
    *,
    day: date,
    instead: Iterable[loader.Policy] = (),
    own: judges.OwnJudge | None = None,
) -> Rules:
    """Return the rules in force on a day; *instead* takes the place of policies of its names.

    Changes are judged by a station's *own* judge, or by the one that ships.

    Raises
    ------
    loader.PolicyUnknown
        A policy was not in force yet.
    loader.PolicyRowUnknown
        A policy lacks a number.
    """
    given = {policy.name: policy for policy in instead}
    policies = {name: given.get(name) or loader.load(name=name, on=day) for name in POLICIES}
    numbers = loader.numbers_for
    habits = policies["habits"]
    return Rules(
        versions={name: policy.version for name, policy in policies.items()}
        | ({} if own is None else {judges.KEY: own.version}),
        night=numbers(policy=policies["night"], shape=NightPolicy),
        grading=numbers(policy=policies["grading"], shape=histories.GradingPolicy),
        outlook_months=policies["grading"].integer("outlook_months"),
        risk=numbers(policy=policies["risk"], shape=risk.RiskPolicy),
        risk_outlook_bills=policies["risk"].integer("outlook_bills"),
        recency=policies["risk"].number("recency"),
        fit=numbers(policy=policies["risk"], shape=learning.FitPolicy),
        causes=numbers(policy=policies["causes"], shape=causes.CausePolicy),
        sightings=numbers(policy=policies["causes"], shape=evidence.SightingPolicy),
        value=numbers(policy=policies["value"], shape=value.ValuePolicy),
        neighbours=numbers(policy=habits, shape=habit_terms.NeighbourPolicy),
        profile=numbers(policy=habits, shape=profile.ProfilePolicy),
        change=numbers(policy=habits, shape=terms.ChangePolicy),
        change_judge=judges.of_changes() if own is None else own.judge,
        jumps=numbers(policy=habits, shape=lists.JumpPolicy),
        high_use=numbers(policy=habits, shape=lists.HighUsePolicy),
        forecast=numbers(policy=policies["forecast"], shape=month.ForecastPolicy),
        tariff_fit_share=policies["forecast"].number("tariff_fit_share"),
        rates=_rates(policies["tariffs"]),
        growth=numbers(policy=policies["value"], shape=growth.GrowthPolicy),
        segments=numbers(policy=policies["segments"], shape=segment_terms.SegmentPolicy),
        self_served_methods=tuple(policies["segments"].row("self_served_methods").value),
    )


def _rates(policy: loader.Policy) -> rates.Rates:
    codes = pricing.codes(policy=policy)
    return rates.rates_of(tariffs=[pricing.tariff(policy=policy, code=code) for code in codes])
