"""Small values that the examples of this package share."""

import numpy as np

from lamplighter.insight.arrears.outlook import Foreseeing, PaymentHistories
from lamplighter.insight.arrears.risk import RiskPolicy

POLICY = RiskPolicy(
    high_from=0.5,
    medium_from=0.2,
    min_months_to_score=6,
    start_probability=(0.1, 0.1, 0.1, 0.2, 0.2, 0.2),
    start_weight_months=6.0,
    start_overdue_odds=4.0,
)
BY_RULE = Foreseeing(card=None, recency=0.7, policy=POLICY)
# Paid six of eight bills late, one is overdue; and always in time.
HISTORIES = PaymentHistories(
    billed_cny=np.array([[90.0, 100.0], [50.0, 50.0]]),
    paid_cny=np.array([[0.0, 0.0], [50.0, 50.0]]),
    delay_months=np.array([[0.4, 0.2], [0.0, 0.0]]),
    open_bill_cny=np.array([80.0, np.nan]),
    size=np.array([8.0, 8.0]),
    method_code=np.array([3, 0], dtype=np.int8),
    bills_issued=np.array([9, 2]),
    bills_closed=np.array([8, 2]),
    bills_late=np.array([6, 0]),
    is_overdue=np.array([True, False]),
)
