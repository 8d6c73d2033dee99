"""Which segment each account is in: the first rule that applies, held against noise."""

from functools import cache

import numpy as np
import numpy.typing as npt

from lamplighter.insight.segments import terms
from lamplighter.insight.segments.terms import (
    CONDITIONS,
    EMPTY,
    GROWS,
    ITSELF,
    KNOWN,
    LARGE,
    LATE,
    MUCH,
    NATURES,
    SEGMENTS,
    Booleans,
    Codes,
    SegmentPolicy,
    Segments,
    Traits,
)

NOWHERE = -1
# Which conditions a segment rests on: who is in it holds these by the limits to leave.
HOLDS = {
    "EMPTY": (EMPTY,),
    "KEY_USER": (LARGE,),
    "PAYMENT_HELP": (LATE,),
    "BUSINESS_GROWING": (GROWS,),
    "HOME_GROWING": (GROWS,),
    "HOME_STAR": (MUCH,),
}


def segment(*, traits: Traits, much_kwh: float, previous: Codes, policy: SegmentPolicy) -> Segments:
    """Put each account into exactly one segment.

    The rules are asked in the order of ``terms.SEGMENTS``; the first that applies counts. A
    condition is entered by one limit and left by another (hysteresis, as of a Schmitt trigger
    [1]_), so that an account near a limit stays where it was.

    Parameters
    ----------
    traits : Traits
        What is known of each account.
    much_kwh : float
        A year's energy from which use is among the station's largest. [kWh]
    previous : (n_accounts,) int8
        Each account's segment until now, NOWHERE where it had none. [place in SEGMENTS]
    policy : SegmentPolicy
        The numbers.

    Returns
    -------
    Segments
        One segment for each account, whatever is missing: what is not known does not hold.

    Raises
    ------
    terms.NotAccounts
        Shapes disagree, a code is unknown, or a quantity is negative.
    terms.PolicyImpossible
        The numbers contradict one another.

    References
    ----------
    .. [1] O. H. Schmitt, "A thermionic trigger," J. Sci. Instrum., vol. 15, no. 1, pp. 24-26,
       1938, doi:10.1088/0950-7671/15/1/305.

    Examples
    --------
    >>> from lamplighter.insight.segments import examples
    >>> two = Traits(
    ...     nature=np.zeros(2, np.int8), closed_bills=np.array([24, 24]),
    ...     yearly_kwh=np.array([3900.0, 3900.0]), capacity_kva=np.array([8.0, 8.0]),
    ...     late_bills=np.array([0, 2]), growth_beyond=np.array([0.0, 0.0]),
    ...     serves_itself=np.array([True, True]),
    ... )
    >>> before = np.array([SEGMENTS.index("HOME_STAR"), SEGMENTS.index("PAYMENT_HELP")], np.int8)
    >>> found = segment(
    ...     traits=two, much_kwh=4000.0, previous=before, policy=examples.POLICY
    ... )
    >>> [SEGMENTS[place] for place in found.segment]
    ['HOME_STAR', 'PAYMENT_HELP']
    """
    terms.refuse(policy)
    _refuse(traits, previous)
    plain = _conditions(
        traits, much_kwh, policy, held=np.zeros((len(CONDITIONS), len(traits)), bool)
    )
    kept = _conditions(traits, much_kwh, policy, held=_held(previous))
    table = rule_table()
    bits = _packed(kept)
    chosen = table[traits.nature, bits]
    return Segments(
        segment=chosen,
        conditions=bits,
        nature=traits.nature,
        is_held=chosen != table[traits.nature, _packed(plain)],
    )


@cache
def rule_table() -> Codes:
    """Return the segment of every nature and every set of conditions.

    Parameters
    ----------
    None

    Returns
    -------
    (n_natures, 2 ** n_conditions) int8
        Place in SEGMENTS; every cell is filled, so that nobody is in none or in two.

    Raises
    ------
    AssertionError
        A rule is missing for some set.

    Examples
    --------
    >>> table = rule_table()
    >>> SEGMENTS[table[terms.FARM, 1 << KNOWN]]
    'FARM'
    """
    bits = np.arange(1 << len(CONDITIONS))
    holds = [bits >> place & 1 == 1 for place in range(len(CONDITIONS))]
    nature = np.arange(len(NATURES))[:, None]
    home, shop = nature == terms.HOUSEHOLD, nature == terms.BUSINESS
    always = np.ones_like(nature, dtype=bool)
    rules: dict[str, Booleans] = {
        "NOT_YET_KNOWN": ~holds[KNOWN] | (nature == terms.UNKNOWN_NATURE),
        "EMPTY": always & holds[EMPTY],
        "KEY_USER": ~home & holds[LARGE],
        "PUBLIC_BODY": (nature == terms.PUBLIC) & holds[KNOWN],
        "FARM": (nature == terms.FARM) & holds[KNOWN],
        "PAYMENT_HELP": always & holds[LATE],
        "BUSINESS_GROWING": shop & holds[GROWS],
        "BUSINESS_STEADY": shop & holds[KNOWN],
        "HOME_GROWING": home & holds[GROWS],
        "HOME_STAR": home & holds[MUCH],
        "HOME_SELF_SERVED": home & holds[ITSELF],
        "HOME_AT_COUNTER": home & holds[KNOWN],
    }
    assert tuple(rules) == SEGMENTS  # noqa: S101 the order of the rules is the order of the names
    table = np.full((len(NATURES), len(bits)), NOWHERE, np.int8)
    for place, applies in enumerate(rules.values()):
        table[(table == NOWHERE) & applies] = place
    assert (table != NOWHERE).all()  # noqa: S101 every set of conditions has its segment
    table.flags.writeable = False
    return table


def changes(*, nature: int, conditions: int) -> tuple[tuple[str, str], ...]:
    """Tell which single condition, the other way round, would give another segment.

    Parameters
    ----------
    nature : int
        Place in NATURES.
    conditions : int
        Bits of CONDITIONS that hold.

    Returns
    -------
    tuple of (condition, segment)
        In the order of CONDITIONS; empty where no single one would.

    Raises
    ------
    IndexError
        There is no such nature or set of conditions.

    Examples
    --------
    >>> changes(nature=terms.HOUSEHOLD, conditions=1 << KNOWN | 1 << LATE)[-1]
    ('PAYS_LATE', 'HOME_AT_COUNTER')
    """
    row = rule_table()[nature]
    here = row[conditions]
    flipped = [(name, row[conditions ^ 1 << place]) for place, name in enumerate(CONDITIONS)]
    return tuple((name, SEGMENTS[there]) for name, there in flipped if there != here)


def deciding(*, nature: int, conditions: int) -> tuple[str, ...]:
    """Return the conditions that put an account where it is: without any of them it is elsewhere.

    Parameters
    ----------
    nature : int
        Place in NATURES.
    conditions : int
        Bits of CONDITIONS that hold.

    Returns
    -------
    tuple of str
        Conditions that hold and decide, in their order; empty where the nature alone does.

    Raises
    ------
    IndexError
        There is no such nature or set of conditions.

    Examples
    --------
    >>> deciding(nature=terms.HOUSEHOLD, conditions=1 << KNOWN | 1 << LATE)
    ('IS_KNOWN', 'PAYS_LATE')
    """
    moved = {name for name, _segment in changes(nature=nature, conditions=conditions)}
    return tuple(
        name for place, name in enumerate(CONDITIONS) if conditions >> place & 1 and name in moved
    )


def _held(previous: Codes) -> Booleans:
    """Return, by condition and account, which conditions the present segment rests on."""
    rests = np.zeros((len(CONDITIONS), len(SEGMENTS) + 1), bool)
    for name, conditions in HOLDS.items():
        rests[list(conditions), SEGMENTS.index(name)] = True
    return np.asarray(rests[:, np.where(previous == NOWHERE, len(SEGMENTS), previous)])


def _conditions(
    traits: Traits, much_kwh: float, policy: SegmentPolicy, *, held: Booleans
) -> Booleans:
    """Return (n_conditions, n_accounts); what is held is left by the further limit."""
    use = traits.yearly_kwh

    def limit(place: int, enter: float, leave: float) -> npt.NDArray[np.float64]:
        return np.where(held[place], leave, enter)

    # A number that is not known compares as false: it does not hold.
    return np.stack(
        [
            (traits.closed_bills >= policy.known_bills) & (traits.nature != terms.UNKNOWN_NATURE),
            use < limit(EMPTY, policy.empty_kwh, policy.empty_leave_kwh),
            (traits.capacity_kva >= policy.large_kva)
            | (use >= limit(LARGE, policy.large_kwh, policy.large_leave_kwh)),
            traits.late_bills >= limit(LATE, policy.late_bills, policy.late_leave_bills + 1),
            traits.growth_beyond >= limit(GROWS, policy.grows_from, policy.grows_leave),
            use >= limit(MUCH, much_kwh, much_kwh * policy.much_leave_share),
            traits.serves_itself,
        ]
    )


def _packed(conditions: Booleans) -> npt.NDArray[np.uint8]:
    weights = (1 << np.arange(len(CONDITIONS))).astype(np.uint8)
    return np.asarray((conditions * weights[:, None]).sum(axis=0, dtype=np.uint8))


def _refuse(traits: Traits, previous: Codes) -> None:
    shapes = {getattr(traits, name).shape for name in Traits.__dataclass_fields__}
    if shapes | {previous.shape} != {(len(traits),)}:
        raise terms.NotAccounts(f"{sorted(shapes | {previous.shape})}")
    if len(traits) == 0:
        return
    if traits.nature.min() < 0 or traits.nature.max() >= len(NATURES):
        raise terms.NotAccounts(f"natures {traits.nature.min()} to {traits.nature.max()}")
    if previous.min() < NOWHERE or previous.max() >= len(SEGMENTS):
        raise terms.NotAccounts(f"segments {previous.min()} to {previous.max()}")
    least = min(traits.closed_bills.min(), traits.late_bills.min())
    if least < 0 or np.any(traits.capacity_kva < 0.0) or np.any(np.isinf(traits.yearly_kwh)):
        raise terms.NotAccounts("a count or a capacity is negative, or a use is infinite")
