"""What is seen of an account in arrears, brought to evidence between 0 (absent) and 1 (present)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

EVIDENCES = (
    "bank_debit",
    "debits_never_funded",
    "debits_at_times_funded",
    "pays_otherwise_after_failure",
    "late_but_pays",
    "few_days_late",
    "home_empty",
    "family_away",
    "pays_on_return",
    "pays_from_afar",
    "fills_at_festivals",
    "dispute_open",
    "hardship",
    "pays_in_parts",
    "reminders_unanswered",
)


class NotSightings(ValueError):
    """The arrays do not describe the same accounts."""


class ImpossibleSighting(ValueError):
    """A count is negative, a share lies outside 0…1, or parts exceed their whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingPolicy:
    """Where a sighting counts as evidence; field names are policy row keys."""

    min_debit_attempts: int  # before debits say anything
    few_days_at_most: float  # days; up to this the bill was late but soon paid
    many_days_from: float  # days; from this on "few days late" is fully absent
    empty_home_share: float  # of own past use; at or below, the home counts as empty
    lived_in_share: float  # of own past use; at or above, it counts as lived in
    unanswered_reminders: int  # delivered; from this on fully present
    afar_full_share: float  # of payments; from this on fully present
    festival_use_none: float  # of the weeks before; up to this the home is as full as ever
    festival_use_full: float  # of the weeks before; from this on it clearly fills


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """One row an account, seen over the last six months. NaN: not known."""

    in_arrears: Booleans  # (n,) has arrears or a pattern of paying late: others get no cause
    has_bank_debit: Booleans  # (n,)
    debits_paid: Counts  # (n,) attempts that were paid
    debits_insufficient: Counts  # (n,) attempts refused for want of money
    debits_other_failed: Counts  # (n,) no mandate, account closed, other
    paid_otherwise_share: Floats  # (n,) of failed debits, then paid by another method [1]
    late_paid_share: Floats  # (n,) of late bills, paid in the end [1]
    days_late: Floats  # (n,) median of the late bills [days]
    usage_of_own_past: Floats  # (n,) recent use over the same season before [1]
    has_family_away: Booleans  # (n,) a child working away, or only elders and children at home
    return_paid_share: Floats  # (n,) of late bills, paid in the weeks of return (festivals) [1]
    # Of payments of an account that pays by hand, those that came by wallet or app: somebody pays
    # for those at home. NaN for accounts whose own way is such a way.
    paid_from_afar_share: Floats  # (n,) [1]
    festival_use: Floats  # (n,) use in the weeks of return over the weeks before [1]
    has_open_dispute: Booleans  # (n,) about a bill; speaks for DISPUTE and nothing else
    has_hardship: Booleans  # (n,) accepted as such, with evidence
    partial_share: Floats  # (n,) of payments that covered only a part [1]
    unanswered_reminders: Counts  # (n,) delivered, no payment since
    remedies_tried: Counts  # (n,) different remedies that were tried and recorded

    def __len__(self) -> int:
        return len(self.in_arrears)

    def rows(self, index: Booleans | Counts) -> "Sightings":
        return Sightings(**{name: getattr(self, name)[index] for name in self.__slots__})


def evidence(*, sightings: Sightings, policy: SightingPolicy) -> Floats:
    """Turn sightings into evidence.

    Shares enter as they are, days and use along a straight line between the policy's two limits.

    Parameters
    ----------
    sightings : Sightings
        One row an account.
    policy : SightingPolicy
        The limits.

    Returns
    -------
    (n_accounts, 15) float64
        Columns as EVIDENCES; 0 absent, 1 present, NaN not known. [1]

    Raises
    ------
    NotSightings
        Shapes or kinds of numbers disagree.
    ImpossibleSighting
        A negative count, a share outside 0…1, limits the wrong way round.

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
    ...     paid_from_afar_share=np.array([0.1]),
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
    >>> evidence(sightings=sightings, policy=limits)
    array([[1. , 1. , 0. , 0.9, 1. , 0.8, 0. , 0. , nan, 0.5, nan, 0. , 0. ,
            0. , 0. ]])
    """
    _refuse_impossible(sightings, policy)
    attempts = sightings.debits_paid + sightings.debits_insufficient + sightings.debits_other_failed
    told = attempts >= policy.min_debit_attempts
    funded = _share(sightings.debits_paid, attempts, known=told)
    short = _share(sightings.debits_insufficient, attempts, known=told)
    never = np.where(told, np.where(sightings.debits_paid == 0, short, 0.0), np.nan)
    mixed = np.where(funded > 0.0, np.minimum(1.0, 2.0 * np.minimum(funded, short)), 0.0)
    use = sightings.usage_of_own_past
    unanswered = sightings.unanswered_reminders / policy.unanswered_reminders
    columns = (
        sightings.has_bank_debit.astype(np.float64),
        never,
        np.where(told, mixed, np.nan),
        sightings.paid_otherwise_share,
        sightings.late_paid_share,
        _between(sightings.days_late, none=policy.many_days_from, full=policy.few_days_at_most),
        _between(use, none=policy.lived_in_share, full=policy.empty_home_share),
        sightings.has_family_away.astype(np.float64),
        sightings.return_paid_share,
        np.minimum(1.0, sightings.paid_from_afar_share / policy.afar_full_share),
        _between(
            sightings.festival_use,
            none=policy.festival_use_none,
            full=policy.festival_use_full,
        ),
        sightings.has_open_dispute.astype(np.float64),
        sightings.has_hardship.astype(np.float64),
        sightings.partial_share,
        np.minimum(1.0, unanswered),
    )
    return np.column_stack(columns)


def _share(part: Counts, whole: Counts, *, known: Booleans) -> Floats:
    found: Floats = np.full(len(part), np.nan)
    np.divide(part, whole, out=found, where=known & (whole > 0))
    return found


def _between(value: Floats, *, none: float, full: float) -> Floats:
    return np.clip((value - none) / (full - none), 0.0, 1.0)


SHARES = (
    *("paid_otherwise_share", "late_paid_share", "return_paid_share", "paid_from_afar_share"),
    "partial_share",
)


def _refuse_impossible(sightings: Sightings, policy: SightingPolicy) -> None:
    shapes = {getattr(sightings, name).shape for name in sightings.__slots__}
    if len(shapes) != 1 or sightings.in_arrears.ndim != 1:
        raise NotSightings(f"{sorted(shapes)}")
    kind_of = {name: getattr(sightings, name).dtype.kind for name in sightings.__slots__}
    floats = (*SHARES, "days_late", "usage_of_own_past", "festival_use")
    for name, kind in kind_of.items():
        wanted = "f" if name in floats else "b" if name.startswith(("has_", "in_")) else "i"
        if kind != wanted:
            raise NotSightings(f"{name} is of kind {kind}, not {wanted}")
    wrong = {}
    for name, kind in kind_of.items():
        values = getattr(sightings, name)
        if kind != "b" and (values < 0).any():
            wrong[name] = int((values < 0).sum())
        if name in SHARES and (values > 1.0).any():
            wrong[name] = int((values > 1.0).sum())
    if wrong:
        raise ImpossibleSighting(f"of {len(sightings)}: {wrong}")
    days = 0.0 <= policy.few_days_at_most < policy.many_days_from
    use = 0.0 <= policy.empty_home_share < policy.lived_in_share
    fills = 0.0 <= policy.festival_use_none < policy.festival_use_full
    afar = 0.0 < policy.afar_full_share <= 1.0
    use = use and fills and afar
    if not (days and use and policy.min_debit_attempts >= 1 and policy.unanswered_reminders >= 1):
        raise ImpossibleSighting(f"{policy}")
