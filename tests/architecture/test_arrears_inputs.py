"""What may be looked at to foresee arrears: a list, with the reason for each entry.

Whoever adds an input adds it here and says why. Sex, age, schooling, family, complaints, attitude
and where one lives are no inputs, by decision: the first are nobody's merit or fault, a complaint
is a right (Q2), and attitude is not stored at all (Q3).
"""

import inspect
from dataclasses import fields

from lamplighter.findings.shard import inputs
from lamplighter.insight.arrears import features, outlook, risk

ALLOWED = {
    "billed_cny": "S1-05: the amounts that were due",
    "paid_cny": "S1-05: pay amount",
    "delay_months": "S1-05: pay time",
    "open_bill_cny": "S1-05: arrears amount to come",
    "size": "the contract's capacity: what a bill is measured by",
    "method_code": "S1-05: pay method",
}
COUNTED = {
    "bills_issued": "S1-05: arrears count, of how many",
    "bills_closed": "S1-05: arrears count, of how many",
    "bills_late": "S1-05: arrears count",
    "is_overdue": "S1-05: arrears now",
}
NUMBERS = {"recency", "is_credit_line"}  # how to read the inputs, the same for everybody


def test_the_features_are_made_from_the_list_alone():
    asked = set(inspect.signature(features.features).parameters)

    assert asked == set(ALLOWED) | NUMBERS
    assert {f.name for f in fields(outlook.PaymentHistories)} == set(ALLOWED) | set(COUNTED)


def test_every_feature_belongs_to_a_reason_that_a_person_is_told():
    assert set(features.NAMES) == set(risk.REASON_OF)
    assert set(risk.REASON_OF.values()) <= set(risk.REASONS)


def test_the_night_hands_over_payments_and_contract_only():
    source = inspect.getsource(inputs.payment_histories)

    for name in ("has_family_away", "has_dispute", "has_hardship", "has_theft", "area_id", "grade"):
        assert name not in source
