"""What each finding rests on, as one code and its numbers: every door has its own words for them.

Nothing is computed here that the night has not found; nothing of a person is in it but numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lamplighter.findings.queries import Finding, SignalFound

WAITS = ("HELD_UNTIL_IT_LASTS", "D_AWAITS_CONFIRMATION")
WHOLE_YEAR = 12
NOTICEABLE = 0.05  # log-odds below which a reason is not worth a word
SIGNS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A finding's code and the numbers its words need."""

    about: str  # GRADE, RISK, CAUSE, CHANGE, VALUE or FORECAST
    code: str
    numbers: Mapping[str, Any]


def grade(*, finding: Finding) -> Told:
    """Return the rule that decided the night's grade, with the numbers of all that applied."""
    numbers: dict[str, Any] = {"grade": finding.machine.get("GRADE", finding.grade)}
    steps = finding.grade_trace
    for step in steps:
        numbers |= {**step["inputs"], **step["limits"]}
    if not steps:
        return Told(about="GRADE", code="NO_TRACE", numbers=numbers)
    decides = steps[-1]
    if decides["rule"] not in WAITS:
        decides = next((s for s in reversed(steps) if s["says"] == numbers["grade"]), decides)
    # Fewer months than a year were brought to a whole one: then it is no count of months seen.
    numbers["is_brought_to_a_year"] = numbers.get("months_of_history", WHOLE_YEAR) < WHOLE_YEAR
    return Told(about="GRADE", code=decides["rule"], numbers=numbers)


def risk(*, finding: Finding) -> Told:
    """Return how likely the next bill stays unpaid in time, and what raises and lowers that."""
    found = [r for r in finding.risk_reasons if abs(r["log_odds"]) >= NOTICEABLE]
    ranked = sorted(found, key=lambda reason: -abs(reason["log_odds"]))
    numbers = {
        "probability": finding.risk_probability,
        "raises": [r["code"] for r in ranked if r["log_odds"] > 0],
        "lowers": [r["code"] for r in ranked if r["log_odds"] < 0],
    }
    code = "BY_RULE" if finding.risk_is_rule_based else "LEARNED"
    return Told(about="RISK", code=code, numbers=numbers)


def cause(*, finding: Finding) -> Told:
    """Return the likely cause of arrears with the signs for it, or the likeliest where unknown."""
    others = [
        (code, share)
        for code, share in sorted(finding.cause_probabilities.items(), key=lambda p: (-p[1], p[0]))
        if code not in {finding.cause, "UNKNOWN"}
    ]
    numbers = {
        "probability": finding.cause_probability,
        "signs": [r["code"] for r in finding.cause_reasons if r["log_odds"] >= NOTICEABLE][:SIGNS],
        "others": others[:SIGNS],
    }
    return Told(about="CAUSE", code=finding.cause, numbers=numbers)


def change(*, signal: SignalFound) -> Told:
    """Return a change of use, or a high use, with its size and how sure it is."""
    numbers = {
        "day": signal.changed_date,
        "kwh": signal.size_kwh_per_day,
        "low": signal.size_low_kwh_per_day,
        "high": signal.size_high_kwh_per_day,
        "before": signal.level_before_kwh_per_day,
        "after": signal.level_after_kwh_per_day,
        "probability": signal.probability,
    }
    return Told(about="CHANGE", code=signal.kind or signal.list, numbers=numbers)


def value(*, finding: Finding) -> Told:
    """Return what the account contributes, how it grows, and what decided the band."""
    numbers = {
        "yearly_cny": finding.value_yearly_cny,
        "growth": finding.value_growth_ratio,
        "reasons": list(finding.value_reasons),
    }
    band = finding.machine.get("VALUE", finding.value_band)
    return Told(about="VALUE", code=band, numbers=numbers)


def segment(*, finding: Finding) -> Told:
    """Return the group of customers an account belongs to; its words are its policy's."""
    return Told(about="SEGMENT", code=finding.segment, numbers={})


def forecast(*, finding: Finding, so_far: Mapping[str, Any]) -> Told:
    """Return the running month's bill as it is expected, and what was measured of it so far."""
    numbers = {
        "mid": finding.forecast_amount_cny,
        "low": finding.forecast_low_cny,
        "high": finding.forecast_high_cny,
        **so_far,
    }
    return Told(about="FORECAST", code="MONTH", numbers=numbers)


def newest_changes(*, signals: Sequence[SignalFound], since: date) -> list[SignalFound]:
    """Return the newest change and other recent ones, newest first, then a high use.

    Each change comes once, from the history where it stands there too. What changed before *since*,
    or has changed again, is no longer asked about.
    """
    seen: dict[tuple[str, Any], SignalFound] = {}
    for signal in sorted(signals, key=lambda s: s.list != "CHANGE"):  # the history has the interval
        if signal.kind and signal.changed_date is not None:
            seen.setdefault((signal.kind, signal.changed_date), signal)
    dated = [(s.changed_date, s) for s in seen.values() if s.changed_date is not None]
    newest = [s for day, s in sorted(dated, key=lambda pair: pair[0], reverse=True) if day >= since]
    asked = newest[:1] + [signal for signal in newest[1:] if signal.is_recent]
    return asked + [s for s in signals if s.list == "HIGH_USE"]
