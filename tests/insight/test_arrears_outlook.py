"""What would change a risk: whoever does it stands in the band that was said."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.insight.arrears import features, learning, outlook, risk, scorecard
from lamplighter.policy import loader
from tests.insight import payers

RULES = loader.load(name="risk", on=date(2026, 11, 25))
POLICY = loader.numbers_for(policy=RULES, shape=risk.RiskPolicy)
FIT = replace(
    loader.numbers_for(policy=RULES, shape=learning.FitPolicy),
    min_accounts_to_learn=500,
    min_unpaid_to_learn=50,
)
RECENCY, HORIZON, MONTHS = 0.7, 12, payers.MONTHS
seeds = st.integers(min_value=0, max_value=2**32 - 1)


@pytest.fixture(scope="module")
def card() -> scorecard.Scorecard:
    many = payers.histories(1, accounts=4000)
    known = outlook.features_of(histories=many, recency=RECENCY)
    chance = 0.05 + 0.8 * np.nan_to_num(known.values[:, known.names.index("late_share")])
    unpaid = np.random.default_rng(2).random(len(many)) < chance
    return learning.fit(features=known, outcome=unpaid, policy=FIT)


def band_by_hand(now: outlook.PaymentHistories, row: int, card, *, bills: int, pays: bool):
    """Live through the bills one by one, and foresee with the kernels' own functions."""
    table = {
        name: getattr(now, name)[row].tolist()
        for name in ("billed_cny", "paid_cny", "delay_months")
    }
    due = now.open_bill_cny[row]
    known = [max(b, 0.0) for b in [*table["billed_cny"], due] if b == b]
    usual = sum(known) / len(known)
    for number in range(bills):
        bill = due if due == due and number == 0 else usual
        table["billed_cny"].append(bill)
        table["paid_cny"].append(max(bill, 0.0))
        table["delay_months"].append(0.0)
    if bills and due == due:
        due = usual
    method = now.method_code[row : row + 1]
    by_rule = risk.start(
        method_code=method,
        months_billed=np.array([now.bills_closed[row] + bills]),
        months_late=now.bills_late[row : row + 1],
        is_overdue=np.array([bool(now.is_overdue[row]) and not pays]),
        policy=POLICY,
    )
    found = features.features(
        **{name: np.array([values[-MONTHS:]]) for name, values in table.items()},
        open_bill_cny=np.array([due]),
        size=now.size[row : row + 1],
        method_code=method,
        recency=RECENCY,
    )
    scores = scorecard.score(scorecard=card, features=found)
    both = risk.assess(
        by_rule=by_rule,
        by_card=risk.learned(scores=scores, scorecard=card, policy=POLICY),
        months_billed=np.array([now.bills_issued[row] + bills]),
        policy=POLICY,
    )
    return int(both.band[0]), float(both.probability[0])


@given(seed=seeds)
@settings(max_examples=15, deadline=None)
def test_whoever_does_it_stands_in_the_band_that_was_said_and_no_sooner(card, seed):
    now = payers.histories(seed)
    by = outlook.Foreseeing(card=card, recency=RECENCY, policy=POLICY)
    today = outlook.foresee(histories=now, by=by)

    found = outlook.what_would_change(histories=now, by=by, horizon_bills=HORIZON)

    for row in np.flatnonzero(found.bills_in_time >= 0):
        bills, pays = int(found.bills_in_time[row]), bool(found.pays_debt[row])
        band, chance = band_by_hand(now, row, card, bills=bills, pays=pays)
        assert band == found.band[row] > today.band[row]
        assert chance == pytest.approx(found.probability[row])
        assert pays == now.is_overdue[row]
        if bills > 0 and pays:
            assert band_by_hand(now, row, card, bills=bills - 1, pays=True)[0] == today.band[row]
        elif bills > 1:
            assert band_by_hand(now, row, card, bills=bills - 1, pays=False)[0] == today.band[row]


@given(seed=seeds)
@settings(max_examples=15, deadline=None)
def test_a_method_is_named_only_where_it_alone_lowers_the_band(card, seed):
    now = payers.histories(seed)
    by = outlook.Foreseeing(card=card, recency=RECENCY, policy=POLICY)
    today = outlook.foresee(histories=now, by=by)

    found = outlook.what_would_change(histories=now, by=by, horizon_bills=HORIZON)

    for code in range(len(risk.METHODS)):
        told = np.flatnonzero(found.method == code)
        changed = replace(now, method_code=np.full(len(now), code, np.int8))
        then = outlook.foresee(histories=changed, by=by)
        assert risk.METHODS[code] in outlook.OFFERED_METHODS or not told.size
        assert np.all(then.band[told] == found.method_band[told])
        assert np.all(then.band[told] > today.band[told])


@given(seed=seeds)
@settings(max_examples=15, deadline=None)
def test_a_part_of_the_accounts_is_told_the_same(card, seed):
    now = payers.histories(seed)
    by = outlook.Foreseeing(card=card, recency=RECENCY, policy=POLICY)
    order = np.random.default_rng(seed).permutation(len(now))[:17]

    whole = outlook.what_would_change(histories=now, by=by, horizon_bills=HORIZON)
    part = outlook.what_would_change(histories=now.rows(order), by=by, horizon_bills=HORIZON)

    for name in outlook.Outlook.__slots__:
        assert getattr(whole, name)[order].tobytes() == getattr(part, name).tobytes()


def test_the_lowest_band_the_unbilled_and_nobody_are_told_nothing(card):
    by = outlook.Foreseeing(card=None, recency=RECENCY, policy=POLICY)
    now = payers.histories(5)
    blank = np.full_like(now.billed_cny, np.nan)
    unbilled = replace(
        now,
        billed_cny=blank,
        paid_cny=blank,
        delay_months=blank,
        open_bill_cny=np.full(len(now), np.nan),
    )

    found = outlook.what_would_change(histories=unbilled, by=by, horizon_bills=HORIZON)
    low = outlook.foresee(histories=now, by=by).band == risk.LOW
    told = outlook.what_would_change(histories=now, by=by, horizon_bills=HORIZON)
    nobody = outlook.what_would_change(
        histories=now.rows(np.zeros(len(now), np.bool_)), by=by, horizon_bills=HORIZON
    )

    assert np.all(found.bills_in_time == outlook.NONE)
    assert low.any()
    assert not told.exists[low].any()
    assert len(nobody.band) == 0


def test_refuses_to_look_nowhere():
    by = outlook.Foreseeing(card=None, recency=RECENCY, policy=POLICY)
    now = payers.histories(5)

    with pytest.raises(outlook.NoHorizon, match="0 bills"):
        outlook.what_would_change(histories=now, by=by, horizon_bills=0)
    with pytest.raises(outlook.NoHorizon, match="-1 bills"):
        outlook.after(histories=now, pays_debt=now.is_overdue, bills=-1)
