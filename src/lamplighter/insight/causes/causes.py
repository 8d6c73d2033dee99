"""Why an account is in arrears: probabilities that abstain when the evidence does not tell."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.causes.evidence import (
    EVIDENCES,
    SightingPolicy,
    Sightings,
    evidence,
)

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
Booleans = npt.NDArray[np.bool_]

KERNEL_VERSION = "causes/2"
CAUSES = (
    "UNFUNDED_DEBIT",
    "SHORT_BALANCE",
    "ABSENT_FAMILY",
    "DISPUTE",
    "HARDSHIP",
    "WILFUL",
    "UNKNOWN",
)
UNFUNDED, SHORT, ABSENT, DISPUTE, HARDSHIP, WILFUL, UNKNOWN = range(len(CAUSES))
NO_CAUSE = -1  # the account is not in arrears, so there is nothing to explain


class PolicyImpossible(ValueError):
    """The policy's table is incomplete, contradicts itself or is unfair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CausePolicy:
    """The table of likelihoods; field names are policy row keys, columns as CAUSES."""

    prior: tuple[float, ...]  # share of each cause among accounts in arrears
    abstain_below: float  # probability of the best cause
    min_known_evidence: int  # evidences that are known, below which nobody can tell
    min_remedies_for_wilful: int
    # The chance of each evidence given the cause.
    bank_debit: tuple[float, ...]
    debits_never_funded: tuple[float, ...]
    debits_at_times_funded: tuple[float, ...]
    pays_otherwise_after_failure: tuple[float, ...]
    late_but_pays: tuple[float, ...]
    few_days_late: tuple[float, ...]
    home_empty: tuple[float, ...]
    family_away: tuple[float, ...]
    pays_on_return: tuple[float, ...]
    pays_from_afar: tuple[float, ...]
    fills_at_festivals: tuple[float, ...]
    dispute_open: tuple[float, ...]
    hardship: tuple[float, ...]
    pays_in_parts: tuple[float, ...]
    reminders_unanswered: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """The cause of each account's arrears and why it is thought so."""

    cause: Codes  # (n,) place in CAUSES, −1 where there are no arrears
    probability: Floats  # (n, 7) columns as CAUSES, rows add up to 1; NaN without arrears
    best: Codes  # (n,) likeliest named cause, also where the kernel abstains; −1 without arrears
    rival: Codes  # (n,) next likeliest, UNKNOWN included; −1 without arrears
    prior_log_odds: Floats  # (n,) of best against rival before any evidence; NaN without arrears
    reasons: Floats  # (n, 15) what each evidence adds to these log odds; NaN without arrears

    def strongest(self, *, reasons: int) -> Codes:
        """Return the places in EVIDENCES that speak most for the best cause, −1 where none does."""
        order = np.argsort(-self.reasons, axis=1, kind="stable")[:, :reasons]
        speaks = np.take_along_axis(self.reasons, order, axis=1) > 0.0
        return np.where(speaks, order, -1).astype(np.int8)


def causes(*, sightings: Sightings, sighting_policy: SightingPolicy, policy: CausePolicy) -> Causes:
    """Weigh the evidence for each cause of arrears (S4-20) by Bayes' rule, evidences independent.

    ::

        log P(c | e) = log prior[c] + Σ_known  e · log p[c] + (1 − e) · log(1 − p[c])  + const

    WILFUL has probability zero unless the policy's number of remedies was tried and recorded, and
    UNFUNDED_DEBIT unless there is a bank debit. An open dispute speaks for DISPUTE only: its row
    has to be level over all other causes. UNKNOWN is named when the best cause is less likely than
    the policy asks, or too little is known.

    Parameters
    ----------
    sightings : Sightings
        One row an account; accounts that are not in arrears get no cause.
    sighting_policy : SightingPolicy
        Limits of the evidence.
    policy : CausePolicy
        Priors and likelihoods.

    Returns
    -------
    Causes
        Prior and reasons add up to log(P(best) / P(rival)) exactly.

    Raises
    ------
    PolicyImpossible
        A row without seven chances inside 0…1, priors that do not add up to 1, a dispute row that
        speaks about other causes, or no remedy asked for before WILFUL.
    NotSightings, ImpossibleSighting
        As :func:`evidence.evidence`.

    Examples
    --------
    >>> sightings = Sightings(
    ...     in_arrears=np.array([True]),
    ...     has_bank_debit=np.array([True]),
    ...     debits_paid=np.array([0]),
    ...     debits_insufficient=np.array([6]),
    ...     debits_other_failed=np.array([0]),
    ...     paid_otherwise_share=np.array([0.9]),
    ...     late_paid_share=np.array([1.0]),
    ...     days_late=np.array([10.0]),
    ...     usage_of_own_past=np.array([1.0]),
    ...     has_family_away=np.array([False]),
    ...     return_paid_share=np.array([np.nan]),
    ...     paid_from_afar_share=np.array([np.nan]),
    ...     festival_use=np.array([np.nan]),
    ...     has_open_dispute=np.array([False]),
    ...     has_hardship=np.array([False]),
    ...     partial_share=np.array([0.0]),
    ...     unanswered_reminders=np.array([0]),
    ...     remedies_tried=np.array([0]),
    ... )
    >>> limits = SightingPolicy(
    ...     min_debit_attempts=2,
    ...     few_days_at_most=5.0,
    ...     many_days_from=30.0,
    ...     empty_home_share=0.2,
    ...     lived_in_share=0.7,
    ...     unanswered_reminders=3,
    ...     afar_full_share=0.2,
    ...     festival_use_none=1.2,
    ...     festival_use_full=1.6,
    ... )
    >>> level = (0.5,) * 7
    >>> policy = CausePolicy(
    ...     prior=(0.5, 0.2, 0.1, 0.05, 0.05, 0.05, 0.05),
    ...     abstain_below=0.6,
    ...     min_known_evidence=6,
    ...     min_remedies_for_wilful=3,
    ...     bank_debit=level,
    ...     debits_never_funded=(0.9, 0.1, 0.4, 0.3, 0.4, 0.4, 0.3),
    ...     debits_at_times_funded=level,
    ...     pays_otherwise_after_failure=level,
    ...     late_but_pays=level,
    ...     few_days_late=level,
    ...     home_empty=level,
    ...     family_away=level,
    ...     pays_on_return=level,
    ...     pays_from_afar=level,
    ...     fills_at_festivals=level,
    ...     dispute_open=(0.1, 0.1, 0.1, 0.9, 0.1, 0.1, 0.1),
    ...     hardship=level,
    ...     pays_in_parts=level,
    ...     reminders_unanswered=level,
    ... )
    >>> found = causes(sightings=sightings, sighting_policy=limits, policy=policy)
    >>> CAUSES[found.cause[0]], [EVIDENCES[e] for e in found.strongest(reasons=1)[0]]
    ('UNFUNDED_DEBIT', ['debits_never_funded'])
    >>> hand = 0.5 * 0.9 / (0.45 + 0.02 + 0.04 + 0.05 * (0.3 * 0.1 / 0.9 + 0.4 + 0.3))
    >>> bool(np.isclose(found.probability[0, UNFUNDED], hand)), found.probability[0, WILFUL].item()
    (True, 0.0)
    """
    _refuse_unfair(policy)
    seen = evidence(sightings=sightings, policy=sighting_policy)
    log_prior = np.log(np.array(policy.prior))
    weights = _weights(seen, policy)
    total = np.tile(log_prior, (len(sightings), 1))
    for part in weights:
        total += part
    total[:, WILFUL] = np.where(
        sightings.remedies_tried >= policy.min_remedies_for_wilful, total[:, WILFUL], -np.inf
    )
    total[:, UNFUNDED] = np.where(sightings.has_bank_debit, total[:, UNFUNDED], -np.inf)
    probability = _normalised(total)
    best = np.argmax(total[:, :UNKNOWN], axis=1)
    rest = total.copy()
    rest[np.arange(len(rest)), best] = -np.inf
    rival = np.argmax(rest, axis=1)
    rows = np.arange(len(sightings))
    known = np.count_nonzero(~np.isnan(seen), axis=1)
    sure = probability[rows, best] >= policy.abstain_below
    cause = np.where(sure & (known >= policy.min_known_evidence), best, UNKNOWN)
    asked = sightings.in_arrears
    reasons = np.column_stack([part[rows, best] - part[rows, rival] for part in weights])
    return Causes(
        cause=np.where(asked, cause, NO_CAUSE).astype(np.int8),
        probability=np.where(asked[:, None], probability, np.nan),
        best=np.where(asked, best, NO_CAUSE).astype(np.int8),
        rival=np.where(asked, rival, NO_CAUSE).astype(np.int8),
        prior_log_odds=np.where(asked, log_prior[best] - log_prior[rival], np.nan),
        reasons=np.where(asked[:, None], reasons, np.nan),
    )


def _weights(seen: Floats, policy: CausePolicy) -> list[Floats]:
    """Return what each evidence adds to each cause's log probability: (n, 7) per evidence."""
    weights = []
    for column, name in enumerate(EVIDENCES):
        chance = np.array(getattr(policy, name))
        present, absent = np.log(chance), np.log1p(-chance)
        value = seen[:, column, None]
        weights.append(np.where(np.isnan(value), 0.0, absent + value * (present - absent)))
    return weights


def _normalised(total: Floats) -> Floats:
    raised = np.exp(total - total.max(axis=1, keepdims=True, initial=-np.inf))
    whole = np.zeros(len(total))
    for column in range(total.shape[1]):  # one order of sums in every shard
        whole += raised[:, column]
    shares: Floats = raised / whole[:, None]
    return shares


def _refuse_unfair(policy: CausePolicy) -> None:
    for name in ("prior", *EVIDENCES):
        row = getattr(policy, name)
        if len(row) != len(CAUSES) or not all(0.0 < chance < 1.0 for chance in row):
            raise PolicyImpossible(f"{name} {row}")
    if abs(sum(policy.prior) - 1.0) > 1e-9:
        raise PolicyImpossible(f"prior adds up to {sum(policy.prior)}")
    others = {chance for place, chance in enumerate(policy.dispute_open) if place != DISPUTE}
    if len(others) != 1 or policy.dispute_open[DISPUTE] <= min(others):
        raise PolicyImpossible(f"dispute_open may speak for DISPUTE only: {policy.dispute_open}")
    if policy.min_remedies_for_wilful < 1 or not 0.0 < policy.abstain_below <= 1.0:
        raise PolicyImpossible(
            f"{policy.min_remedies_for_wilful} remedies, abstain {policy.abstain_below}"
        )
