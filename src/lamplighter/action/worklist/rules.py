"""The dated rules of today's work, as the types that the other modules compute with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lamplighter.policy import loader
from lamplighter.policy.loader import Policy, Words

CAUSES = (
    *("UNFUNDED_DEBIT", "SHORT_BALANCE", "ABSENT_FAMILY", "DISPUTE", "HARDSHIP", "WILFUL"),
    "UNKNOWN",
)
REMEDIES = (
    *("MOVE_TO_MAIN_ACCOUNT", "SCHEDULED_REMINDER", "CONTACT_CHILD_AWAY", "SETTLE_DISPUTE"),
    *("HARDSHIP_PLAN", "PEER_AND_PERSISTENCE", "ASK_CAUSE", "CARE_VISIT", "LANDLORD_CALL"),
    "ROUND_VISIT",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """The numbers of the policy ``worklist``; units and sources stand in its file."""

    travel_minutes: int
    visits_most: int
    window_first_day_of_month: int
    window_last_day_of_month: int
    unpaid_probability_when_overdue: float
    due_probability_least: float
    helps_after_failure_ratio: float
    helps_after_not_reached_ratio: float
    attempts_span_days: int
    failed_debit_settled_days: int
    done_rests_days: int
    refused_rests_days: int
    not_reached_rests_days: int
    promise_grace_days: int
    not_reached_before_visit: int
    visit_instead_of_call_minutes: int
    benefit_least_cny: float
    left_out_kept: int
    phone_costs_cny: float
    visit_costs_cny: float
    complaint_costs_cny: float
    jump_complaint_probability: float
    repeat_complaint_probability: float
    repeat_complaints_least: int
    complaints_span_days: int
    signal_probability_least: float
    signal_span_days: int
    turnover_missed_probability: float
    turnover_months: float
    landlord_helps_probability: float
    welfare_value_cny: float
    round_flags: tuple[str, ...]
    round_every_days: int
    rounds_offered: int
    round_value_cny: float
    solver_effort: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Moderation:
    """The numbers of the policy ``contact``: how often one customer may be contacted."""

    contacts_most: int
    contacts_span_days: int
    rest_days: int
    counted_channels: tuple[str, ...]
    counted_outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What to say (S4-06)."""

    opening: Words
    ask: tuple[Words, ...]
    answers: tuple[Words, ...]
    closing: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What can be done, how long it takes and how often it helps."""

    code: str
    name: Words
    is_visit: bool
    minutes: int
    in_window_only: bool
    lasts_months: float  # this month counted
    averts_complaint_ratio: float
    helps: Mapping[str, float]  # by cause
    script: Script


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All rules in force on one day, and the versions they come from."""

    worth: Worth
    moderation: Moderation
    remedies: Mapping[str, Remedy]
    for_cause: Mapping[str, tuple[str, ...]]
    for_protected: frozenset[str]
    protected_flags: frozenset[str]
    wording: Policy
    version: str

    def in_window(self, day: date) -> bool:
        """Tell whether a day lies in the collection window (S4-03)."""
        first, last = self.worth.window_first_day_of_month, self.worth.window_last_day_of_month
        return first <= day.day <= last


def rules_in_force(*, on: date) -> Rules:
    """Return the rules of one day.

    Raises
    ------
    PolicyUnknown
        No version of a policy is in force on this day.
    PolicyRowUnknown
        A row is absent or of another kind.
    """
    worklist = loader.load(name="worklist", on=on)
    contact = loader.load(name="contact", on=on)
    remedies = loader.load(name="remedies", on=on)
    return Rules(
        worth=loader.numbers_for(policy=worklist, shape=Worth),
        moderation=loader.numbers_for(policy=contact, shape=Moderation),
        remedies={code: _remedy(policy=remedies, code=code) for code in REMEDIES},
        for_cause={cause: tuple(remedies.row(f"for_cause.{cause}").value) for cause in CAUSES},
        for_protected=frozenset(remedies.row("for_protected").value),
        protected_flags=frozenset(remedies.row("protected_flags").value),
        wording=worklist,
        version=" ".join(policy.version for policy in (worklist, contact, remedies)),
    )


def _remedy(*, policy: Policy, code: str) -> Remedy:
    at = f"remedy.{code}"
    helps = policy.rows_below(f"{at}.helps")
    return Remedy(
        code=code,
        name=policy.text(f"{at}.name"),
        is_visit=policy.flag(f"{at}.is_visit"),
        minutes=policy.integer(f"{at}.minutes"),
        in_window_only=policy.flag(f"{at}.in_window_only"),
        lasts_months=policy.number(f"{at}.lasts_months"),
        averts_complaint_ratio=policy.number(f"{at}.averts_complaint_ratio"),
        helps={row.key.rsplit(".", 1)[1]: float(row.value) for row in helps},
        script=Script(
            opening=policy.text(f"{at}.script.opening"),
            ask=_lines(policy.text(f"{at}.script.ask")),
            answers=_lines(policy.text(f"{at}.script.answers")),
            closing=policy.text(f"{at}.script.closing"),
        ),
    )


def _lines(text: Words) -> tuple[Words, ...]:
    pairs = zip(text.zh.splitlines(), text.en.splitlines(), strict=True)
    return tuple(Words(zh=zh, en=en) for zh, en in pairs)
