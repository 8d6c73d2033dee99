"""The chance that the next bill stays unpaid, where it comes from, and its band."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.insight.arrears import logistic
from lamplighter.insight.arrears.scorecard import Scorecard, Scores

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
Counts = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

KERNEL_VERSION = "arrears/4"
BANDS = ("HIGH", "MEDIUM", "LOW")
HIGH, MEDIUM, LOW = range(3)
BASES = ("START", "LEARNED")  # by rule from policy numbers; by the scorecard
START, LEARNED = range(2)
METHODS = ("BANK_DEBIT", "WALLET", "APP", "COUNTER", "CASH")
# S1-05 names five data of payment behaviour; the size of the contract is the sixth.
REASONS = (
    "PAY_TIME",
    "PAY_AMOUNT",
    "ARREARS_COUNT",
    "ARREARS_AMOUNT",
    "PAY_METHOD",
    "CONTRACT_SIZE",
)
_FEATURES_OF = {
    "PAY_TIME": (
        *("delay_last", "delay_before", "delay_third", "delay_worst", "delay_worst_before"),
        *("delay_mean", "delay_weighted", "delay_step", "lateness_mean", "early_share"),
        "months_since_late",
    ),
    "PAY_AMOUNT": (
        *("paid_share_last", "paid_share_before", "paid_share_weighted", "paid_share_worst"),
        *("paid_share_best", "paid_last_log_cny", "paid_before_log_cny", "paid_mean_log_cny"),
        *("paid_most_log_cny", "paid_of_size", "paid_of_charges"),
    ),
    "ARREARS_COUNT": ("late_share", "late_over_a_month_share", "late_streak", "unpaid_share"),
    "ARREARS_AMOUNT": (
        *("open_bill_log_cny", "open_bill_jump", "bill_trend", "bill_spread"),
        *("open_bill_in_payments", "charge_last_log_cny", "charges_mean_log_cny"),
        *("charges_of_size", "open_bill_of_size", "bills_of_size_mean", "bills_of_size_most"),
        *("bills_of_size_least", "size_left_log_cny"),
    ),
    "PAY_METHOD": ("method",),
    "CONTRACT_SIZE": ("size_log",),
}
REASON_OF = {name: reason for reason, names in _FEATURES_OF.items() for name in names}
_REASON_OF_SIDE = REASON_OF | {reason: reason for reason in REASONS}  # subscores bear its name


class NotAccounts(ValueError):
    """The arrays do not describe the same accounts, or a count is impossible."""


class PolicyImpossible(ValueError):
    """The policy's numbers contradict one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPolicy:
    """Numbers of the risk bands and of the start by rule; field names are policy row keys."""

    high_from: float  # probability
    medium_from: float  # probability
    min_months_to_score: int  # of bills, below which the rule speaks
    start_probability: tuple[float, ...]  # per METHODS, and last for an unknown method
    start_weight_months: float  # the start counts like so many months of bills
    start_overdue_odds: float  # factor on the odds while a bill is overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class Risks:
    """Risk of each account; the reasons and the base add up to its log odds."""

    probability: Floats  # (n_accounts,)
    band: Codes  # (n_accounts,) place in BANDS
    basis: Codes  # (n_accounts,) place in BASES
    base_log_odds: Floats  # (n_accounts,)
    reasons: Floats  # (n_accounts, n_reasons) [log odds], columns as REASONS

    def strongest(self, *, reasons: int) -> Codes:
        """Return the places in REASONS that raise each risk most, −1 where none is left."""
        order = np.argsort(-self.reasons, axis=1, kind="stable")[:, :reasons]
        raises = np.take_along_axis(self.reasons, order, axis=1) > 0.0
        return np.where(raises, order, -1).astype(np.int8)


def start(
    *,
    method_code: Codes,
    months_billed: Counts,
    months_late: Counts,
    is_overdue: Booleans,
    policy: RiskPolicy,
) -> Risks:
    """Foresee by rule, for accounts without enough history and stations without a scorecard.

    The start of the payment method counts like some months of bills (a beta prior), the account's
    own months are added, and an overdue bill multiplies the odds::

        p = (w · start[method] + late) / (w + billed),   odds · overdue factor

    Parameters
    ----------
    method_code : (n_accounts,) int8
        Place in METHODS. [code] −1: not known.
    months_billed : (n_accounts,) int64
        Months with a bill that are over. [months]
    months_late : (n_accounts,) int64
        Of these, months not paid within their window. [months]
    is_overdue : (n_accounts,) bool
        A bill is open beyond its due date. [1]
    policy : RiskPolicy
        The numbers.

    Returns
    -------
    Risks
        All with basis START. Reasons: own months as ARREARS_COUNT, an overdue bill as PAY_TIME,
        the method against an unknown one as PAY_METHOD.

    Raises
    ------
    NotAccounts
        Shapes disagree, an unknown code, or more late months than billed ones.
    PolicyImpossible
        A probability outside 0…1, or bands the wrong way round.

    Examples
    --------
    >>> policy = RiskPolicy(
    ...     high_from=0.5,
    ...     medium_from=0.2,
    ...     min_months_to_score=6,
    ...     start_probability=(0.1, 0.1, 0.1, 0.2, 0.2, 0.2),
    ...     start_weight_months=6.0,
    ...     start_overdue_odds=4.0,
    ... )
    >>> start(
    ...     method_code=np.array([0, 3], dtype=np.int8),
    ...     months_billed=np.array([0, 4]),
    ...     months_late=np.array([0, 4]),
    ...     is_overdue=np.array([False, True]),
    ...     policy=policy,
    ... ).probability.round(2)
    array([0.1 , 0.81])
    """
    _refuse_contradiction(policy)
    _refuse_impossible(method_code, months_billed, months_late, is_overdue)
    prior = np.array(policy.start_probability)[method_code]  # −1 takes the last
    weight = policy.start_weight_months
    own = (weight * prior + months_late) / (weight + months_billed)
    base = np.full(len(prior), _log_odds(np.array(policy.start_probability))[-1])
    reasons = np.zeros((len(prior), len(REASONS)))
    reasons[:, REASONS.index("PAY_METHOD")] = _log_odds(prior) - base
    reasons[:, REASONS.index("ARREARS_COUNT")] = _log_odds(own) - _log_odds(prior)
    overdue = np.log(policy.start_overdue_odds)
    reasons[:, REASONS.index("PAY_TIME")] = np.where(is_overdue, overdue, 0.0)
    return _risks(base, reasons, np.full(len(prior), START, dtype=np.int8), policy)


def learned(*, scores: Scores, scorecard: Scorecard, policy: RiskPolicy) -> Risks:
    """Turn a scorecard's scores into risks with reasons.

    Parameters
    ----------
    scores : Scores
        What the scorecard said.
    scorecard : Scorecard
        The card that said it.
    policy : RiskPolicy
        The bands.

    Returns
    -------
    Risks
        All with basis LEARNED. A reason is by how much the log odds would fall if all its features
        were in their commonest bins; what two reasons say only together is in the base.

    Raises
    ------
    NotAccounts
        The scores are not of this card, or it has a feature without a reason.
    PolicyImpossible
        Bands the wrong way round.

    Examples
    --------
    >>> from lamplighter.insight.arrears import scorecard
    >>> from lamplighter.insight.arrears.features import Features
    >>> late = scorecard.Card(
    ...     name="late_share", edges=(0.5,), points=(0.0, 2.0, 1.0), accounts=(9, 1, 0), reference=0
    ... )
    >>> card = Scorecard(
    ...     cards=(late,), tables=(), base=-2.0, trained_accounts=10, trained_share=0.1
    ... )
    >>> table = Features(names=("late_share",), values=np.array([[0.8]]))
    >>> policy = RiskPolicy(
    ...     high_from=0.5,
    ...     medium_from=0.2,
    ...     min_months_to_score=6,
    ...     start_probability=(0.1,) * 6,
    ...     start_weight_months=6.0,
    ...     start_overdue_odds=4.0,
    ... )
    >>> found = learned(
    ...     scores=scorecard.score(scorecard=card, features=table), scorecard=card, policy=policy
    ... )
    >>> found.probability, REASONS[found.strongest(reasons=1)[0, 0]]
    (array([0.5]), 'ARREARS_COUNT')
    """
    from lamplighter.insight.arrears import tallying  # late: pages must not wait for numba

    _refuse_contradiction(policy)
    unknown = [name for name in scorecard.names if name not in REASON_OF]
    parts = (scores.contributions.shape[1], scores.joint.shape[1])
    if unknown or parts != (len(scorecard.cards), len(scorecard.tables)):
        raise NotAccounts(f"{parts} cards and tables, without a reason: {unknown}")
    accounts = len(scores.log_odds)
    sides = [[_REASON_OF_SIDE[name] for name in table.names] for table in scorecard.tables]
    base, reasons = tallying.reasons_of(
        np.ascontiguousarray(scores.contributions.T),
        np.ascontiguousarray(scores.joint.T),
        np.ascontiguousarray(scores.joint_without.transpose(2, 1, 0)),
        np.array([REASONS.index(REASON_OF[name]) for name in scorecard.names], np.int64),
        np.array([[REASONS.index(r) for r in side] for side in sides], np.int64).reshape(-1, 2),
        float(scorecard.base),
        len(REASONS),
    )
    return _risks(base, reasons, np.full(accounts, LEARNED, dtype=np.int8), policy)


def assess(*, by_rule: Risks, by_card: Risks, months_billed: Counts, policy: RiskPolicy) -> Risks:
    """Take the scorecard where an account has enough months, the rule elsewhere.

    Parameters
    ----------
    by_rule : Risks
        From :func:`start`.
    by_card : Risks
        From :func:`learned`, of the same accounts.
    months_billed : (n_accounts,) int64
        Months with a bill, the running one included. [months]
    policy : RiskPolicy
        Says how many are enough.

    Returns
    -------
    Risks
        With the basis of each account.

    Raises
    ------
    NotAccounts
        The accounts are not the same.

    Examples
    --------
    >>> policy = RiskPolicy(
    ...     high_from=0.5,
    ...     medium_from=0.2,
    ...     min_months_to_score=6,
    ...     start_probability=(0.1,) * 6,
    ...     start_weight_months=6.0,
    ...     start_overdue_odds=4.0,
    ... )
    >>> months = np.array([0, 12])
    >>> by_rule = start(
    ...     method_code=np.array([0, 0], dtype=np.int8),
    ...     months_billed=months,
    ...     months_late=np.array([0, 0]),
    ...     is_overdue=np.array([False, False]),
    ...     policy=policy,
    ... )
    >>> card = Scorecard(cards=(), tables=(), base=0.0, trained_accounts=10, trained_share=0.5)
    >>> said = Scores(
    ...     probability=np.full(2, 0.5),
    ...     log_odds=np.zeros(2),
    ...     contributions=np.empty((2, 0)),
    ...     places=np.empty((2, 0), dtype=np.int64),
    ...     joint=np.empty((2, 0)),
    ...     joint_without=np.empty((2, 0, 3)),
    ... )
    >>> by_card = learned(scores=said, scorecard=card, policy=policy)
    >>> both = assess(by_rule=by_rule, by_card=by_card, months_billed=months, policy=policy)
    >>> both.probability, [BASES[b] for b in both.basis], [BANDS[b] for b in both.band]
    (array([0.1, 0.5]), ['START', 'LEARNED'], ['LOW', 'HIGH'])
    """
    shape = months_billed.shape
    if by_rule.probability.shape != shape or by_card.probability.shape != shape:
        raise NotAccounts(f"{by_rule.probability.shape}, {by_card.probability.shape}, {shape}")
    by_history = months_billed >= policy.min_months_to_score
    return Risks(
        probability=np.where(by_history, by_card.probability, by_rule.probability),
        band=np.where(by_history, by_card.band, by_rule.band),
        basis=np.where(by_history, by_card.basis, by_rule.basis),
        base_log_odds=np.where(by_history, by_card.base_log_odds, by_rule.base_log_odds),
        reasons=np.where(by_history[:, None], by_card.reasons, by_rule.reasons),
    )


def _risks(base: Floats, reasons: Floats, basis: Codes, policy: RiskPolicy) -> Risks:
    log_odds = base.copy()
    for column in range(len(REASONS)):  # one order of sums in every shard
        log_odds += reasons[:, column]
    probability = logistic.probability_of(log_odds=log_odds)
    band = np.where(probability >= policy.medium_from, MEDIUM, LOW)
    band = np.where(probability >= policy.high_from, HIGH, band).astype(np.int8)
    return Risks(
        probability=probability, band=band, basis=basis, base_log_odds=base, reasons=reasons
    )


def _log_odds(probability: Floats) -> Floats:
    return np.log(probability) - np.log1p(-probability)


def _refuse_contradiction(policy: RiskPolicy) -> None:
    starts = policy.start_probability
    if len(starts) != len(METHODS) + 1 or not all(0.0 < chance < 1.0 for chance in starts):
        raise PolicyImpossible(f"start_probability {starts}")
    if not 0.0 < policy.medium_from <= policy.high_from <= 1.0:
        raise PolicyImpossible(f"medium {policy.medium_from}, high {policy.high_from}")
    if not (policy.start_weight_months > 0.0 and policy.start_overdue_odds >= 1.0):
        raise PolicyImpossible(f"{policy.start_weight_months}, {policy.start_overdue_odds}")


def _refuse_impossible(method: Codes, billed: Counts, late: Counts, overdue: Booleans) -> None:
    shapes = {method.shape, billed.shape, late.shape, overdue.shape}
    if len(shapes) != 1 or method.ndim != 1:
        raise NotAccounts(f"{sorted(shapes)}")
    wrong_code = np.count_nonzero((method < -1) | (method >= len(METHODS)))
    wrong_count = np.count_nonzero((late < 0) | (late > billed))
    if wrong_code or wrong_count:
        raise NotAccounts(f"{wrong_code} methods, {wrong_count} counts of {method.size}")
