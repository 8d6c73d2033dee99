"""A made-up shard, decided for nothing: what a real one needs is loaded afterwards.

Each compiled loop costs some milliseconds when it is first called. Whoever decided a shard once has
called them; workers that are forked from that process find them there. The made-up days are too few
for the judge of changes, who looks at every third day: his loops are loaded where he looks.
"""

from datetime import date, timedelta

import numpy as np

from lamplighter.facts.billing.columns import Bills, Debits, Payments, Reminders
from lamplighter.findings import rules as night_rules
from lamplighter.findings.shard import deciding, forecasting, results
from lamplighter.findings.shard.facts import EPOCH, Accounts, Before, Points, ShardFacts
from lamplighter.findings.shard.learnt import Learnt
from lamplighter.findings.shard.readings import SHAPE_SLOTS
from lamplighter.insight.arrears import scorecard
from lamplighter.insight.segments.segments import NOWHERE
from lamplighter.insight.value import value

SEED = 20141101
N_POINTS = 16
N_SHAPED = 2
N_DAYS = 80
N_SETTLED = 60
BILL_DAYS = 28  # a bill still runs on the last day
CARD = scorecard.Scorecard(
    cards=(
        scorecard.Card(
            name="late_share",
            edges=(0.5,),
            points=(0.0, 2.0, 1.0),
            accounts=(N_POINTS, 0, 0),
            reference=0,
        ),
    ),
    tables=(),
    base=-2.0,
    trained_accounts=N_POINTS,
    trained_share=0.1,
)


def decide_for_nothing() -> None:
    """Decide a made-up shard by the newest rules, up to the bytes of its tables."""
    rules = night_rules.rules_on(day=date.max)
    facts = _shard(np.random.default_rng(SEED))
    learnt = Learnt(card=CARD, limits=value.Limits(high_kwh=2.0, medium_kwh=1.0))
    decided = deciding.decide(facts=facts, rules=rules, learnt=learnt)
    foreseen = forecasting.forecasts(decided=decided, rules=rules)
    for table in (
        results.accounts_table(decided=decided, forecasts=foreseen, rules=rules),
        results.signals_table(decided=decided, rules=rules),
    ):
        results.as_bytes(table=table, origin={})


def _shard(dice: np.random.Generator) -> ShardFacts:
    ids = np.arange(N_POINTS, dtype=np.int64)
    ones, zeros = np.ones(N_POINTS, np.int64), np.zeros(N_POINTS, np.int64)
    nobody = np.empty(0, np.int64)
    account = np.repeat(ids, 2)
    last_day = N_DAYS - np.tile([2 * BILL_DAYS, BILL_DAYS], N_POINTS)
    flags = ("has_family_away", "has_dispute", "has_hardship", "has_theft")
    return ShardFacts(
        shard=0,
        as_of=EPOCH + timedelta(N_DAYS - 1),
        accounts=Accounts(
            account_id=ids,
            area_id=ids % 2,
            capacity_kva=np.full(N_POINTS, 8.0),
            method=zeros,
            category=zeros,
            tariff=zeros,
            kind=zeros,
            remedies_tried=zeros,
            d_confirmed_day=zeros,
            **{name: np.zeros(N_POINTS, np.bool_) for name in flags},
        ),
        points=_points(dice, ids),
        bills=Bills(
            account_id=account,
            first_day=last_day - BILL_DAYS + 1,
            last_day=last_day,
            issued_day=last_day + 4,
            due_day=last_day + 12,
            amount_fen=np.full(len(account), 9_000),
            energy_kwh=np.full(len(account), 150.0),
        ),
        payments=Payments(
            account_id=ids, day=ones * (N_DAYS - BILL_DAYS), amount_fen=ones * 9_000, method=zeros
        ),
        debits=Debits(account_id=nobody, day=nobody, outcome=nobody),
        reminders=Reminders(account_id=nobody, day=nobody, is_delivered=np.empty(0, np.bool_)),
        before=Before(
            grade=np.full(N_POINTS, "", "U1"),
            candidate_grade=np.full(N_POINTS, "", "U1"),
            candidate_since_day=zeros,
            segment=np.full(N_POINTS, NOWHERE, np.int8),
        ),
    )


def _points(dice: np.random.Generator, ids: np.ndarray) -> Points:
    energy = dice.gamma(8.0, 1.0, (N_POINTS, N_DAYS)).astype(np.float32)
    energy[::3, N_DAYS // 2 :] *= 3.0  # somebody else lives there
    energy[::7, N_DAYS // 2] = np.nan
    shapes = dice.gamma(8.0, 0.1, (N_SHAPED, N_DAYS, SHAPE_SLOTS)).astype(np.float32)
    return Points(
        point_id=ids,
        account_id=ids,
        energy_kwh=energy,
        days=np.datetime64(EPOCH) + np.arange(N_DAYS),
        n_settled=N_SETTLED,
        shaped=np.arange(N_SHAPED, dtype=np.int64),
        shapes=shapes,
    )
