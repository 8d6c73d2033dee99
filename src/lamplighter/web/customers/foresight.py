"""What was found of an account, in sentences: the policies hold them, the findings the numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import exp
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from lamplighter.findings.queries import Finding, GradeStep, SignalFound
from lamplighter.policy import loader
from lamplighter.policy.loader import Policy, Words
from lamplighter.web.customers import words
from lamplighter.web.frame import codes, formats

NOTICEABLE = 0.05  # log-odds below which a reason is not worth a line
LIKELY_CAUSES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceStep:
    """One rule of the grade, as `frame/rule_trace.html` takes it."""

    text: str
    is_met: bool | None
    detail: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A sentence and how strongly it counts."""

    text: str
    weight: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A change of use, asked and not asserted."""

    kind: str
    day: date | None
    size: str
    kwh_per_day: float
    is_recent: bool
    sureness: float | None
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeBox:
    """The grade, why, what would change it, and how it came to be."""

    grade: str
    reason: str
    steps: tuple[TraceStep, ...]
    outlook: str
    changes: tuple[GradeStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskBox:
    """The chance that the next bill stays unpaid in its window, and what speaks for it."""

    band: str
    probability: float | None
    is_rule_based: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseBox:
    """The likely cause of arrears, or that it has to be asked."""

    cause: str
    sentence: str
    probability: float | None
    is_sure: bool
    others: tuple[tuple[str, float], ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueBox:
    """What the account contributes."""

    band: str
    yearly_cny: Decimal | None
    growth_ratio: float | None
    reasons: tuple[str, ...]


def said(*, text: Words) -> str:
    """Return a policy's text in the language of the page."""
    return text.in_language(translation.get_language() or "zh-hans")


def _sentence(policy: Policy, key: str, numbers: Mapping[str, Any]) -> str:
    return said(text=policy.text(key)).format_map(numbers)


def grade_box(*, finding: Finding, changes: list[GradeStep], on: date) -> GradeBox:
    """Return the grade with its trace, in the words of the policy of that night."""
    policy = loader.load(name="grading", on=on)
    steps = tuple(_step(policy, step) for step in finding.grade_trace)
    return GradeBox(
        grade=finding.grade,
        reason=steps[-1].text if steps else "",
        steps=steps,
        outlook=_outlook(policy, finding.grade_would_change, grade=finding.grade),
        changes=tuple(changes),
    )


def _step(policy: Policy, step: Mapping[str, Any]) -> TraceStep:
    numbers = {**step["inputs"], **step["limits"]}
    limits = [policy.row(key) for key in step["limits"]]
    rule = step["rule"]
    if rule == "NEVER_REMINDED" and numbers.get("reminded_months"):
        rule = "SOMETIMES_REMINDED"  # rules may allow grade A a month with a reminder
    return TraceStep(
        text=_sentence(policy, f"sentence.{rule}", numbers),
        is_met=True,
        detail=_("Limit: %(limits)s. Says %(grade)s.")
        % {
            "limits": "; ".join(f"{said(text=row.about)} {row.value}" for row in limits),
            "grade": step["says"],
        }
        if limits
        else _("Says %(grade)s.") % {"grade": step["says"]},
        source=f"{said(text=policy.title)}, {policy.valid_from.isoformat()}" if limits else "",
    )


def _outlook(policy: Policy, change: Any, *, grade: str) -> str:
    if not change:
        return _sentence(policy, "outlook.NOTHING", {})
    if grade == "N":
        return _sentence(policy, "outlook.NEW", change)
    if not change["pays_debt"]:
        return _sentence(policy, "outlook.QUIET", change)
    key = "outlook.PAY_AND_QUIET" if change["quiet_months"] else "outlook.PAY_NOW"
    return _sentence(policy, key, change)


def risk_box(*, finding: Finding, on: date) -> RiskBox | None:
    """Return the risk with what raises it; None where there is nothing to pay."""
    if not finding.risk_band:
        return None
    policy = loader.load(name="risk", on=on)
    return RiskBox(
        band=finding.risk_band,
        probability=finding.risk_probability,
        is_rule_based=finding.risk_is_rule_based,
        reasons=_reasons(policy, "reason", finding.risk_reasons),
    )


def _reasons(policy: Policy, prefix: str, found: list[dict[str, Any]]) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            text=_sentence(policy, f"{prefix}.{reason['code']}", {}),
            weight=_("odds ×%(times)s")
            % {"times": formats.number(value=exp(reason["log_odds"]), digits=1)},
        )
        for reason in found
        if reason["log_odds"] >= NOTICEABLE
    )


def cause_box(*, finding: Finding, on: date) -> CauseBox | None:
    """Return the likely cause of arrears; None where there is no pattern of arrears."""
    if not finding.cause:
        return None
    policy = loader.load(name="causes", on=on)
    ranked = sorted(finding.cause_probabilities.items(), key=lambda pair: (-pair[1], pair[0]))
    others = [pair for pair in ranked if pair[0] not in {finding.cause, "UNKNOWN"}]
    return CauseBox(
        cause=finding.cause,
        sentence=_sentence(policy, f"cause.{finding.cause}", {}),
        probability=finding.cause_probability,
        is_sure=finding.cause != "UNKNOWN",
        others=tuple(
            (str(codes.word_for(kind="cause", code=code).label), probability)
            for code, probability in others[:LIKELY_CAUSES]
        ),
        reasons=_reasons(policy, "sentence", finding.cause_reasons),
    )


def value_box(*, finding: Finding, on: date) -> ValueBox | None:
    """Return what the account contributes; None where that is not known."""
    if not finding.value_band:
        return None
    policy = loader.load(name="value", on=on)
    return ValueBox(
        band=finding.value_band,
        yearly_cny=finding.value_yearly_cny,
        growth_ratio=finding.value_growth_ratio,
        reasons=tuple(_sentence(policy, f"reason.{code}", {}) for code in finding.value_reasons),
    )


def questions(*, signals: list[SignalFound], on: date) -> tuple[Question, ...]:
    """Return each change once, newest first, as the questions its policy asks.

    A change comes from the history where it stands there too, as in the explanation beside it.
    """
    policy = loader.load(name="questions", on=on)
    seen: dict[tuple[str, date | None], SignalFound] = {}
    for signal in sorted(signals, key=lambda s: s.list != "CHANGE"):
        if signal.kind and signal.changed_date is not None:
            seen.setdefault((signal.kind, signal.changed_date), signal)
    newest = sorted(seen.values(), key=lambda s: s.changed_date or on, reverse=True)
    return tuple(_question(policy, signal) for signal in newest)


def _question(policy: Policy, signal: SignalFound) -> Question:
    write = formats.day if signal.is_recent else formats.day_long
    day = write(value=signal.changed_date) if signal.changed_date else ""
    amount = abs(signal.size_kwh_per_day)
    if signal.kind == "RETURN" and signal.level_after_kwh_per_day is not None:
        amount = signal.level_after_kwh_per_day  # what is used again, not what was added
    kwh = formats.number(value=amount, digits=0 if amount >= 10 else 1)
    numbers = {"date": day, "kwh": kwh}
    rows = policy.rows_below(f"{signal.kind}.questions")
    return Question(
        kind=signal.kind,
        day=signal.changed_date,
        size=_size(signal),
        is_recent=signal.is_recent,
        kwh_per_day=round(signal.size_kwh_per_day, 2),
        sureness=signal.probability,
        texts=tuple(_sentence(policy, row.key, numbers) for row in rows),
    )


def _size(signal: SignalFound) -> str:
    digits = 1
    size = formats.signed(text=formats.number(value=signal.size_kwh_per_day, digits=digits))
    if signal.size_low_kwh_per_day is None or signal.size_high_kwh_per_day is None:
        return _("%(size)s kWh a day") % {"size": size}
    return _("%(size)s kWh a day (%(low)s to %(high)s)") % {
        "size": size,
        "low": formats.number(value=signal.size_low_kwh_per_day, digits=digits),
        "high": formats.number(value=signal.size_high_kwh_per_day, digits=digits),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a rhythm: its name, its value, and how tall it is drawn beside the others."""

    label: str
    text: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How the account uses electricity over the year, the week and the day."""

    sentences: tuple[str, ...]
    seasons: tuple[Part, ...]
    weekdays: tuple[Part, ...]
    parts_of_day: tuple[Part, ...]
    n_days: int


def habit(*, profile: Mapping[str, Any], on: date) -> Habit | None:
    """Return the habits in words and small bars; None without readings."""
    if not profile:
        return None
    policy = loader.load(name="habits", on=on)
    starts = policy.row("part_hours").value
    ends = [*starts[1:], 24]
    hours = [f"{a:02}–{b:02}" for a, b in zip(starts, ends, strict=True)]
    seasons = [words.word(kind="season", code=code) for code in words.SEASONS]
    weekdays = [str(label) for label in words.WEEKDAYS]
    return Habit(
        sentences=_habit_sentences(profile),
        seasons=_parts(seasons, profile.get("season_kwh"), unit="kWh"),
        weekdays=_parts(weekdays, profile.get("weekday_ratio"), unit="×"),
        parts_of_day=_parts(hours, profile.get("part_share"), unit="%"),
        n_days=profile.get("n_days") or 0,
    )


def _parts(labels: list[str], values: Any, *, unit: str) -> tuple[Part, ...]:
    known = [value for value in values or () if value is not None]
    if not known:
        return ()
    most = max(known) or 1.0
    parts = []
    for label, value in zip(labels, values, strict=True):
        if value is None:
            continue
        text = {
            "kWh": f"{formats.number(value=value, digits=1)} kWh",
            "×": f"×{formats.number(value=value, digits=2)}",
            "%": f"{formats.number(value=100 * value, digits=0)}%",
        }[unit]
        parts.append(Part(label=label, text=text, share=max(value / most, 0.0)))
    return tuple(parts)


def _habit_sentences(profile: Mapping[str, Any]) -> tuple[str, ...]:
    said_of: list[str] = []
    usual, weekend = profile.get("mean_12m_kwh"), profile.get("weekend_ratio")
    heating, cooling = profile.get("heating_share"), profile.get("cooling_share")
    if usual is not None:
        said_of.append(
            _("On average %(kwh)s kWh a day over the last year.")
            % {"kwh": formats.number(value=usual, digits=1)}
        )
    if weekend is not None:
        said_of.append(
            _("A weekend day is %(times)s times a working day.")
            % {"times": formats.number(value=weekend, digits=2)}
        )
    for share, text in (
        (heating, _("Cold months add %(share)s%% of the year's energy.")),
        (cooling, _("Hot months add %(share)s%% of the year's energy.")),
    ):
        if share is not None:
            said_of.append(text % {"share": formats.number(value=100 * share, digits=0)})
    if profile.get("zero_days"):
        said_of.append(
            _("%(n)d days without any use in the last year.") % {"n": int(profile["zero_days"])}
        )
    return tuple(said_of)
