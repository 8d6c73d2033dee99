"""From how accounts stood to what each kernel asks."""

import numpy as np

from lamplighter.facts.billing import allocation
from lamplighter.facts.billing.columns import METHODS, OUTCOMES
from lamplighter.findings.rules import Rules
from lamplighter.findings.shard import standing as stood
from lamplighter.findings.shard.facts import (
    Booleans,
    Floats,
    Integers,
    ShardFacts,
    month_number,
    whole_months,
)
from lamplighter.findings.shard.standing import Standing
from lamplighter.insight.arrears import features as arrears_features
from lamplighter.insight.arrears import outlook
from lamplighter.insight.causes import evidence
from lamplighter.insight.grading import histories

BANK_DEBIT = METHODS.index("BANK_DEBIT")
FROM_AFAR = (METHODS.index("WALLET"), METHODS.index("APP"))
BY_HAND = (METHODS.index("COUNTER"), METHODS.index("CASH"))
YEAR = 365


def payment_histories(*, facts: ShardFacts, of: Standing) -> outlook.PaymentHistories:
    """Return what foresees whether the next bill is paid in its window."""
    late = np.nan_to_num(of.late_days) > 0
    closed = np.bincount(of.account[of.is_closed], minlength=of.n_accounts)
    return outlook.PaymentHistories(
        billed_cny=stood.by_month(of=of, values=of.amount_fen / 100.0),
        paid_cny=stood.by_month(of=of, values=of.paid_by_due_fen / 100.0),
        delay_months=stood.by_month(of=of, values=of.late_days / stood.DAYS_IN_A_MONTH),
        open_bill_cny=stood.newest_open_bill(of=of),
        size=facts.accounts.capacity_kva,
        method_code=facts.accounts.method.astype(np.int8),
        bills_issued=np.bincount(of.account, minlength=of.n_accounts).astype(np.int64),
        bills_closed=closed.astype(np.int64),
        bills_late=np.bincount(of.account[late], minlength=of.n_accounts).astype(np.int64),
        is_overdue=stood.oldest_open_day(of=of)[1] > 0,
    )


def risk_features(*, facts: ShardFacts, of: Standing, rules: Rules) -> arrears_features.Features:
    """Return the features that a scorecard is learnt from."""
    return outlook.features_of(
        histories=payment_histories(facts=facts, of=of), recency=rules.recency
    )


def reminded_months(*, facts: ShardFacts) -> Booleans:
    """Return (n_accounts, 12): the month had a delivered reminder; the running month last."""
    table = np.zeros((len(facts.accounts), histories.WINDOW_MONTHS), np.bool_)
    delivered = facts.reminders.is_delivered
    account = facts.index_of(facts.reminders.account_id[delivered])
    this_month = int(month_number(np.array([facts.as_of_day]))[0])
    ago = this_month - month_number(facts.reminders.day[delivered])
    shown = (ago >= 0) & (ago < histories.WINDOW_MONTHS)
    table[account[shown], histories.WINDOW_MONTHS - 1 - ago[shown]] = True
    return table


def unanswered_reminders(*, facts: ShardFacts, of: Standing) -> Integers:
    """Return the delivered reminders for the debt open now that no payment has answered."""
    since = unanswered_since(of=of)
    account = facts.index_of(facts.reminders.account_id)
    day = facts.reminders.day
    counts = facts.reminders.is_delivered & (day > since[account]) & (day <= of.day)
    return np.bincount(account[counts], minlength=of.n_accounts).astype(np.int64)


def unanswered_since(*, of: Standing) -> Integers:
    """Return the day since which the debt open now is unanswered; tomorrow where there is none."""
    issued, _overdue = stood.oldest_open_day(of=of)
    last: Integers = np.maximum(issued, stood.last_payment_day(of=of))
    since: Integers = np.where(issued > 0, last, of.day + 1)
    return since


def grading_histories(*, facts: ShardFacts, of: Standing) -> histories.Histories:
    """Return what the grade is decided from."""
    before = facts.before
    waited = whole_months(since=before.candidate_since_day, day=of.day)
    waits = before.candidate_since_day > 0
    return histories.Histories(
        months_of_history=stood.months_of_history(of=of),
        is_reminded=reminded_months(facts=facts),
        unpaid_reminders=unanswered_reminders(facts=facts, of=of),
        days_overdue=stood.oldest_open_day(of=of)[1],
        has_verified_theft=facts.accounts.has_theft,
        is_d_confirmed=facts.accounts.d_confirmed_day > unanswered_since(of=of),
        previous_grade=_grade_codes(before.grade),
        candidate_grade=_grade_codes(before.candidate_grade),
        candidate_months=np.where(waits, waited, 0),
    )


def _grade_codes(grades: np.ndarray) -> np.ndarray:
    unknown = histories.GRADES.index("N")
    codes = np.full(len(grades), unknown, np.int8)
    for code, grade in enumerate(histories.GRADES):
        codes[grades == grade] = code
    return codes


def sightings(
    *,
    facts: ShardFacts,
    of: Standing,
    usage_of_own_past: Floats,
    festival_use: Floats,
    rules: Rules,
) -> evidence.Sightings:
    """Return what speaks for one cause of arrears or another, over the recent days."""
    accounts, night = facts.accounts, rules.night
    since = of.day - night.recent_days
    recent = of.is_closed & (of.due_day > since)
    late = recent & (np.nan_to_num(of.late_days) > 0)
    n_late = _count(of, late)
    is_settled = of.settled_day != allocation.NEVER
    debit_account = facts.index_of(facts.debits.account_id)
    debit_recent = (facts.debits.day > since) & (facts.debits.day <= of.day)
    return evidence.Sightings(
        in_arrears=(stood.oldest_open_day(of=of)[1] > 0)
        | (n_late >= night.pattern_late_bills)
        | (reminded_months(facts=facts).sum(axis=1) >= night.pattern_reminded_months),
        has_bank_debit=(accounts.method == BANK_DEBIT) | _any(debit_account, debit_recent, of),
        debits_paid=_outcomes(facts, debit_account, debit_recent, ("PAID",)),
        debits_insufficient=_outcomes(facts, debit_account, debit_recent, ("INSUFFICIENT",)),
        debits_other_failed=_outcomes(
            facts, debit_account, debit_recent, ("NO_MANDATE", "ACCOUNT_CLOSED", "OTHER")
        ),
        paid_otherwise_share=_paid_otherwise(
            facts=facts, of=of, since=since, within_days=night.paid_after_debit_days
        ),
        late_paid_share=_share(_count(of, late & is_settled), n_late),
        days_late=_median_late(of=of, late=late),
        usage_of_own_past=usage_of_own_past,
        has_family_away=accounts.has_family_away,
        return_paid_share=_share(_count(of, late & _in_windows(of.settled_day, rules)), n_late),
        paid_from_afar_share=_paid_from_afar(facts=facts, of=of, since=since),
        festival_use=festival_use,
        has_open_dispute=accounts.has_dispute,
        has_hardship=accounts.has_hardship,
        partial_share=stood.partial_share(of=of, since_day=since),
        unanswered_reminders=unanswered_reminders(facts=facts, of=of),
        remedies_tried=accounts.remedies_tried,
    )


def _count(of: Standing, where: Booleans) -> Integers:
    return np.bincount(of.account[where], minlength=of.n_accounts).astype(np.int64)


def _share(part: Integers, whole: Integers) -> Floats:
    share: Floats = np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
    return share


def _any(account: Integers, where: Booleans, of: Standing) -> Booleans:
    found: Booleans = np.bincount(account[where], minlength=of.n_accounts) > 0
    return found


def _outcomes(
    facts: ShardFacts, account: Integers, recent: Booleans, wanted: tuple[str, ...]
) -> Integers:
    codes = [OUTCOMES.index(outcome) for outcome in wanted]
    chosen = recent & np.isin(facts.debits.outcome, codes)
    return np.bincount(account[chosen], minlength=len(facts.accounts)).astype(np.int64)


def _paid_otherwise(*, facts: ShardFacts, of: Standing, since: int, within_days: int) -> Floats:
    """Return the share of failed debits that another payment followed soon; NaN: none failed."""
    debits = facts.debits
    recent = (debits.day > since) & (debits.day <= of.day)
    failed = recent & (debits.outcome != OUTCOMES.index("PAID"))
    account = facts.index_of(debits.account_id[failed])
    span = of.day + within_days + 2
    other = of.payment_method != BANK_DEBIT
    keys = of.payment_account[other] * span + of.payment_day[other]
    first = account * span + debits.day[failed]
    followed = np.searchsorted(keys, first + within_days, side="right") > np.searchsorted(
        keys, first, side="left"
    )
    return _share(
        np.bincount(account[followed], minlength=of.n_accounts).astype(np.int64),
        np.bincount(account, minlength=of.n_accounts).astype(np.int64),
    )


def _paid_from_afar(*, facts: ShardFacts, of: Standing, since: int) -> Floats:
    """Return the share of payments by wallet or app, of accounts that pay by hand; else NaN."""
    recent = of.payment_day > since
    afar = recent & np.isin(of.payment_method, FROM_AFAR)
    account = of.payment_account
    share = _share(
        np.bincount(account[afar], minlength=of.n_accounts).astype(np.int64),
        np.bincount(account[recent], minlength=of.n_accounts).astype(np.int64),
    )
    by_hand = np.isin(facts.accounts.method, BY_HAND)
    found: Floats = np.where(by_hand, share, np.nan)
    return found


def _median_late(*, of: Standing, late: Booleans) -> Floats:
    """Return the median days the late bills were late; NaN where none was."""
    bills = np.flatnonzero(late)
    order = np.lexsort((of.late_days[bills], of.account[bills]))
    days, account = of.late_days[bills][order], of.account[bills][order]
    start = np.searchsorted(account, np.arange(of.n_accounts))
    count = np.bincount(account, minlength=of.n_accounts)
    padded = np.concatenate((days, [np.nan]))
    low = padded[np.where(count > 0, start + (count - 1) // 2, len(days))]
    high = padded[np.where(count > 0, start + count // 2, len(days))]
    median: Floats = (low + high) / 2.0
    return median


def _in_windows(days: Integers, rules: Rules) -> Booleans:
    edges = np.array(rules.night.return_windows, "datetime64[D]").astype(np.int64)
    found = np.zeros(len(days), np.bool_)
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        found |= (days >= first) & (days <= last)
    return found


def yearly(*, of: Standing, n_years: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Return energy by year (n_accounts, n_years; newest last), and the last year's billed, paid
    and in-time share.

    Energy is NaN where a year is not covered by bills; money in CNY.
    """
    age = (of.day - of.last_day) // YEAR
    energy = np.full((of.n_accounts, n_years), np.nan)
    for years_ago in range(n_years):
        chosen = (age == years_ago) & np.isfinite(of.energy_kwh)
        covered = _count(of, chosen) >= histories.WINDOW_MONTHS - 1
        column = n_years - 1 - years_ago
        energy[covered, column] = np.maximum(of.total(of.energy_kwh, chosen)[covered], 0.0)
    last = (age == 0) & of.is_closed
    billed = of.total(np.maximum(of.amount_fen, 0) / 100.0, last)
    paid = of.total((np.maximum(of.amount_fen, 0) - of.open_fen) / 100.0, last)
    in_time = _count(of, last & (of.paid_by_due_fen >= of.amount_fen))
    return energy, billed, paid, _share(in_time, _count(of, last))
