"""What would change a risk: the fewest bills paid in time, found by foreseeing again."""

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from lamplighter.insight.arrears import features, risk, scorecard

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
Counts = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

OFFERED_METHODS = ("BANK_DEBIT", "WALLET", "APP")  # what a station can offer instead of a queue
NONE = -1


class NoHorizon(ValueError):
    """There is no bill to look ahead to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentHistories:
    """All that the risk of an account is foreseen from; tables as :func:`features.features`."""

    billed_cny: Floats  # (n, n_months), newest closed bill last
    paid_cny: Floats  # (n, n_months)
    delay_months: Floats  # (n, n_months)
    open_bill_cny: Floats  # (n,) NaN: none
    size: Floats  # (n,)
    method_code: Codes  # (n,)
    bills_issued: Counts  # (n,) ever, the open one included
    bills_closed: Counts  # (n,) ever, their window over
    bills_late: Counts  # (n,) of the closed ones
    is_overdue: Booleans  # (n,) a bill is open beyond its due day

    def __len__(self) -> int:
        return len(self.open_bill_cny)

    def rows(self, index: Counts | Booleans) -> "PaymentHistories":
        return PaymentHistories(**{f.name: getattr(self, f.name)[index] for f in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseeing:
    """By what the risk is foreseen."""

    card: scorecard.Scorecard | None  # None: by rule alone
    recency: float
    policy: risk.RiskPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The nearest lower band and the way to it; −1 and today's band where there is none."""

    pays_debt: Booleans  # (n,) the overdue bill has to be paid now
    bills_in_time: Counts  # (n,) further bills paid in full and in time
    band: Codes  # (n,) band then
    probability: Floats  # (n,) chance then
    method: Codes  # (n,) place in risk.METHODS that alone brings a lower band
    method_band: Codes  # (n,) band with that method

    @property
    def exists(self) -> Booleans:
        found: Booleans = (self.bills_in_time != NONE) | (self.method != NONE)
        return found


def features_of(*, histories: PaymentHistories, recency: float) -> features.Features:
    """Return the features of some histories.

    Parameters
    ----------
    histories : PaymentHistories
        One row an account.
    recency : float
        Weight of a month against the month after it, 0…1.

    Returns
    -------
    Features
        As :func:`features.features`.

    Raises
    ------
    features.NotMonths, features.NegativeAmount
        As that says.

    Examples
    --------
    >>> from lamplighter.insight.arrears import examples
    >>> found = features_of(histories=examples.HISTORIES, recency=0.7)
    >>> found.values[:, found.names.index("late_share")]
    array([1., 0.])
    """
    return features.features(
        billed_cny=histories.billed_cny,
        paid_cny=histories.paid_cny,
        delay_months=histories.delay_months,
        open_bill_cny=histories.open_bill_cny,
        size=histories.size,
        method_code=histories.method_code,
        recency=recency,
    )


def foresee(*, histories: PaymentHistories, by: Foreseeing) -> risk.Risks:
    """Return the risk of each account: by the card where it has enough bills, else by rule.

    Parameters
    ----------
    histories : PaymentHistories
        One row an account.
    by : Foreseeing
        Card, recency and policy.

    Returns
    -------
    Risks
        As :func:`risk.assess`.

    Raises
    ------
    features.NotMonths, features.NegativeAmount, risk.NotAccounts, risk.PolicyImpossible
        As those say.

    Examples
    --------
    >>> from lamplighter.insight.arrears import examples
    >>> found = foresee(histories=examples.HISTORIES, by=examples.BY_RULE)
    >>> found.probability.round(2), [risk.BANDS[band] for band in found.band]
    (array([0.81, 0.08]), ['HIGH', 'LOW'])
    """
    by_rule = risk.start(
        method_code=histories.method_code,
        months_billed=histories.bills_closed,
        months_late=histories.bills_late,
        is_overdue=histories.is_overdue,
        policy=by.policy,
    )
    if by.card is None:
        return by_rule
    known = features_of(histories=histories, recency=by.recency)
    scores = scorecard.score(scorecard=by.card, features=known)
    return risk.assess(
        by_rule=by_rule,
        by_card=risk.learned(scores=scores, scorecard=by.card, policy=by.policy),
        months_billed=histories.bills_issued,
        policy=by.policy,
    )


def after(*, histories: PaymentHistories, pays_debt: Booleans, bills: int) -> PaymentHistories:
    """Return the histories as they would be after some bills, each paid in full and in time.

    Whoever pays the debt pays it today. The open bill is the first of the bills; the others, and
    the bill that is open afterwards where one is open today, are as large as the mean of the
    account's known bills. Nothing else changes.

    Parameters
    ----------
    histories : PaymentHistories
        As they are today.
    pays_debt : (n_accounts,) bool
        Who pays what is overdue. [1]
    bills : int
        How many bills pass.

    Returns
    -------
    PaymentHistories
        With the oldest months out of sight.

    Raises
    ------
    NoHorizon
        The bills are negative.

    Examples
    --------
    >>> from lamplighter.insight.arrears import examples
    >>> then = after(histories=examples.HISTORIES, pays_debt=np.array([True, False]), bills=2)
    >>> then.billed_cny[0], then.delay_months[0], then.bills_late, then.is_overdue
    (array([80., 90.]), array([0., 0.]), array([6, 0]), array([False, False]))
    """
    if bills < 0:
        raise NoHorizon(f"{bills} bills")
    return _after_each(histories, pays_debt=pays_debt, bills=bills)[-1]


def _after_each(
    histories: PaymentHistories, *, pays_debt: Booleans, bills: int
) -> list[PaymentHistories]:
    """Return the histories as they would be after none, one … of the bills."""
    now = replace(histories, is_overdue=histories.is_overdue & ~pays_debt)
    usual = _usual_bill(histories)
    has_open = ~np.isnan(histories.open_bill_cny)
    states = [now]
    for _ in range(bills):
        bill = np.where(has_open, now.open_bill_cny, usual)
        now = replace(
            now,
            billed_cny=_later(now.billed_cny, bill),
            paid_cny=_later(now.paid_cny, np.maximum(bill, 0.0)),
            delay_months=_later(now.delay_months, np.where(np.isnan(bill), np.nan, 0.0)),
            open_bill_cny=np.where(has_open, usual, np.nan),
            bills_issued=now.bills_issued + 1,
            bills_closed=now.bills_closed + 1,
        )
        states.append(now)
    return states


def what_would_change(
    *,
    histories: PaymentHistories,
    by: Foreseeing,
    horizon_bills: int,
    today: risk.Risks | None = None,
) -> Outlook:
    """Find the fewest bills paid in time that lead to a lower band, and a method that does alone.

    Each step is foreseen like any night, so the answer is what :func:`foresee` will say of
    :func:`after`. The method is the offered one with the lowest chance, where its band is lower
    than today's; it says how accounts with that method did, not that changing is enough.

    Parameters
    ----------
    histories : PaymentHistories
        As they are today.
    by : Foreseeing
        Card, recency and policy.
    horizon_bills : int
        How many bills to look ahead.
    today : risk.Risks, optional
        What :func:`foresee` says of the histories, if known already.

    Returns
    -------
    Outlook
        Nothing for the lowest band, and for accounts of which no bill is known.

    Raises
    ------
    NoHorizon
        The horizon is below one bill.
    features.NotMonths, features.NegativeAmount, risk.NotAccounts, risk.PolicyImpossible
        As :func:`foresee`.

    Examples
    --------
    >>> from lamplighter.insight.arrears import examples
    >>> found = what_would_change(
    ...     histories=examples.HISTORIES, by=examples.BY_RULE, horizon_bills=12
    ... )
    >>> found.pays_debt, found.bills_in_time, risk.BANDS[found.band[0]]
    (array([ True, False]), array([ 1, -1]), 'MEDIUM')
    """
    if horizon_bills < 1:
        raise NoHorizon(f"{horizon_bills} bills")
    if today is None:
        today = foresee(histories=histories, by=by)
    found = Outlook(
        pays_debt=np.zeros(len(histories), np.bool_),
        bills_in_time=np.full(len(histories), NONE, np.int64),
        band=today.band.copy(),
        probability=today.probability.copy(),
        method=np.full(len(histories), NONE, np.int8),
        method_band=today.band.copy(),
    )
    asked = np.flatnonzero((today.band != risk.LOW) & ~np.isnan(_usual_bill(histories)))
    if not asked.size:
        return found
    here = histories.rows(asked)
    states = _after_each(here, pays_debt=here.is_overdue, bills=horizon_bills)
    methods = [risk.METHODS.index(name) for name in OFFERED_METHODS]
    states += [replace(here, method_code=np.full(len(here), m, np.int8)) for m in methods]
    # All at once: what is foreseen of a row does not depend on the others.
    then = foresee(histories=_together(states), by=by)
    band = then.band.reshape(len(states), -1)
    chance = then.probability.reshape(len(states), -1)
    _note_bills(found, asked, here, band[: horizon_bills + 1], chance)
    _note_methods(found, asked, methods, band[-len(methods) :], chance[-len(methods) :], today)
    return found


def _together(states: list[PaymentHistories]) -> PaymentHistories:
    names = [field.name for field in fields(PaymentHistories)]
    return PaymentHistories(
        **{name: np.concatenate([getattr(state, name) for state in states]) for name in names}
    )


def _note_bills(
    found: Outlook, asked: Counts, here: PaymentHistories, band: Codes, chance: Floats
) -> None:
    """Note the fewest bills, a row of *band* each, after which an account's band is lower."""
    lower = band > found.band[asked]
    lower[0] &= here.is_overdue  # with no bill to pass, only what a payment changes today counts
    places = np.flatnonzero(lower.any(axis=0))
    bills = np.argmax(lower[:, places], axis=0)
    found.bills_in_time[asked[places]] = bills
    found.band[asked[places]] = band[bills, places]
    found.probability[asked[places]] = chance[bills, places]
    found.pays_debt[asked[places]] = here.is_overdue[places]


def _note_methods(
    found: Outlook,
    asked: Counts,
    methods: list[int],
    band: Codes,
    chance: Floats,
    today: risk.Risks,
) -> None:
    """Note the offered method with the lowest chance, where its band is lower than today's."""
    least = today.probability[asked]
    for code, then, probability in zip(methods, band, chance, strict=True):
        lower = (then > today.band[asked]) & (probability < least)
        found.method[asked[lower]] = code
        found.method_band[asked[lower]] = then[lower]
        least = np.where(lower, probability, least)


def _usual_bill(histories: PaymentHistories) -> Floats:
    """Return the mean of the known bills, the open one included; NaN where none is known."""
    total = np.maximum(np.nan_to_num(histories.open_bill_cny), 0.0)
    count = (~np.isnan(histories.open_bill_cny)).astype(np.float64)
    for month in range(histories.billed_cny.shape[1]):  # one order of sums in every shard
        bill = histories.billed_cny[:, month]
        total += np.maximum(np.nan_to_num(bill), 0.0)
        count += ~np.isnan(bill)
    usual: Floats = np.full(len(total), np.nan)
    np.divide(total, count, out=usual, where=count > 0.0)
    return usual


def _later(table: Floats, newest: Floats) -> Floats:
    return np.concatenate([table[:, 1:], newest[:, None]], axis=1)
