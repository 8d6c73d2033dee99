"""Made-up accounts with months of bills and payments."""

import numpy as np

from lamplighter.insight.arrears import outlook

MONTHS = 12


def histories(seed: int, *, accounts: int = 60) -> outlook.PaymentHistories:
    dice = np.random.default_rng(seed)
    known = dice.integers(0, MONTHS + 1, accounts)
    billed = dice.gamma(2.0, 60.0, (accounts, MONTHS)).round(2)
    billed[dice.random(billed.shape) < 0.03] *= -1.0  # a credit note
    billed[np.arange(MONTHS)[None, :] < MONTHS - known[:, None]] = np.nan
    weak = dice.random(accounts) ** 2
    late = dice.random(billed.shape) < weak[:, None]
    delay = np.where(np.isnan(billed), np.nan, late * dice.gamma(1.5, 0.4, billed.shape))
    paid = np.where(late, 0.0, np.maximum(billed, 0.0))
    has_open = dice.random(accounts) < 0.6
    earlier = np.where(known == MONTHS, dice.integers(0, 20, accounts), 0)
    closed = known + earlier
    return outlook.PaymentHistories(
        billed_cny=billed,
        paid_cny=paid,
        delay_months=delay,
        open_bill_cny=np.where(has_open, dice.gamma(2.0, 60.0, accounts).round(2), np.nan),
        size=np.where(dice.random(accounts) < 0.2, np.nan, 8.0),
        method_code=dice.integers(-1, 5, accounts).astype(np.int8),
        bills_issued=closed + has_open,
        bills_closed=closed,
        bills_late=np.nansum(delay > 0.0, axis=1) + (earlier * weak).astype(np.int64),
        is_overdue=dice.random(accounts) < weak,
    )
