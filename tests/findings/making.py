"""Small random shards, and the same facts as plain rows for hand loops."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from lamplighter.facts.billing.columns import Bills, Debits, Payments, Reminders
from lamplighter.findings import rules as night_rules
from lamplighter.findings.shard.facts import (
    EPOCH,
    NO_AREA,
    Accounts,
    Before,
    Points,
    ShardFacts,
    day_number,
)
from lamplighter.findings.shard.learnt import Learnt
from lamplighter.insight.value import value

AS_OF = date(2026, 11, 24)
TODAY = day_number(AS_OF)
RULES = night_rules.rules_on(day=AS_OF)
NOTHING_LEARNT = Learnt(card=None, limits=value.Limits(high_kwh=5000.0, medium_kwh=2000.0))
N_DAYS = 500


def shard(seed: int, *, n_accounts: int = 5, with_readings: bool = False) -> ShardFacts:
    """Return a shard of anything that tables may hold: gaps, credits, orphans of all kinds."""
    dice = np.random.default_rng(seed)
    ids = np.sort(dice.choice(np.arange(10, 90), n_accounts, replace=False)).astype(np.int64)
    return ShardFacts(
        shard=3,
        as_of=AS_OF,
        accounts=_accounts(dice, ids),
        points=_points(dice, ids) if with_readings else no_points(),
        bills=_bills(dice, ids),
        payments=_payments(dice, ids),
        debits=_debits(dice, ids),
        reminders=_reminders(dice, ids),
        before=nothing_before(n_accounts),
    )


def _accounts(dice: np.random.Generator, ids: np.ndarray) -> Accounts:
    n = len(ids)
    return Accounts(
        account_id=ids,
        area_id=np.where(dice.random(n) < 0.2, NO_AREA, dice.integers(1, 4, n)).astype(np.int64),
        capacity_kva=np.where(dice.random(n) < 0.3, np.nan, 8.0),
        method=dice.integers(-1, 5, n).astype(np.int64),
        category=ids % 6 - 1,  # not drawn: the other draws stay what they were
        tariff=ids % 7 - 1,
        kind=ids % 4 - 1,
        **{
            name: dice.random(n) < 0.2
            for name in ("has_family_away", "has_dispute", "has_hardship", "has_theft")
        },
        remedies_tried=dice.integers(0, 4, n).astype(np.int64),
        d_confirmed_day=np.where(dice.random(n) < 0.4, TODAY - dice.integers(0, 120, n), 0),
    )


def nothing_before(n: int) -> Before:
    return Before(
        grade=np.full(n, "", "U1"),
        candidate_grade=np.full(n, "", "U1"),
        candidate_since_day=np.zeros(n, np.int64),
        segment=np.full(n, -1, np.int8),
    )


def _calendar(n_days: int) -> np.ndarray:
    return np.datetime64(AS_OF) + np.arange(1 - n_days, 1)


def no_points(n_days: int = N_DAYS) -> Points:
    nobody = np.empty(0, np.int64)
    return Points(
        point_id=nobody,
        account_id=nobody,
        energy_kwh=np.empty((0, n_days)),
        days=_calendar(n_days),
        n_settled=n_days,
        shaped=np.empty(0, np.int64),
        shapes=np.empty((0, 0, 24)),
    )


def _points(dice: np.random.Generator, ids: np.ndarray) -> Points:
    owners = np.sort(np.concatenate([ids, ids[:1]]))  # the first has two
    energy = dice.gamma(20.0, 0.4, (len(owners), N_DAYS))
    energy[dice.random(energy.shape) < 0.03] = np.nan
    return Points(
        point_id=np.arange(len(owners), dtype=np.int64) + 700,
        account_id=owners,
        energy_kwh=energy,
        days=_calendar(N_DAYS),
        n_settled=N_DAYS,
        shaped=np.empty(0, np.int64),
        shapes=np.empty((0, 0, 24)),
    )


def _bills(dice: np.random.Generator, ids: np.ndarray) -> Bills:
    rows = []
    for account in ids.tolist():
        issued = TODAY - int(dice.integers(0, 35))
        for _ in range(int(dice.integers(0, 15))):
            amount = int(dice.choice([0, -900, 3000, 12000, 8050], p=[0.05, 0.05, 0.3, 0.3, 0.3]))
            energy = float(dice.choice([np.nan, 80.0, 210.5]))
            rows.append([account, issued - 33, issued - 4, issued, issued + 8, amount, energy])
            issued -= int(dice.integers(26, 34))
    rows.sort(key=lambda row: (row[0], row[3]))
    table = np.array(rows, np.float64).reshape(-1, 7)
    names = ("account_id", "first_day", "last_day", "issued_day", "due_day", "amount_fen")
    columns: dict[str, Any] = {name: table[:, i].astype(np.int64) for i, name in enumerate(names)}
    return Bills(**columns, energy_kwh=table[:, 6])


def _events(dice: np.random.Generator, ids: np.ndarray, *, most: int, highest: int) -> np.ndarray:
    rows = [
        (account, TODAY - int(dice.integers(0, N_DAYS)), int(dice.integers(0, highest)))
        for account in ids.tolist()
        for _ in range(int(dice.integers(0, most)))
    ]
    return np.array(sorted(rows), np.int64).reshape(-1, 3)


def _payments(dice: np.random.Generator, ids: np.ndarray) -> Payments:
    rows = _events(dice, ids, most=16, highest=6)
    amount = dice.choice([3000, 8050, 12000, 500, 20000, -400], len(rows)).astype(np.int64)
    return Payments(account_id=rows[:, 0], day=rows[:, 1], method=rows[:, 2], amount_fen=amount)


def _debits(dice: np.random.Generator, ids: np.ndarray) -> Debits:
    rows = _events(dice, ids, most=10, highest=5)
    return Debits(account_id=rows[:, 0], day=rows[:, 1], outcome=rows[:, 2])


def _reminders(dice: np.random.Generator, ids: np.ndarray) -> Reminders:
    rows = _events(dice, ids, most=10, highest=2)
    return Reminders(
        account_id=rows[:, 0], day=rows[:, 1], is_delivered=rows[:, 2].astype(np.bool_)
    )


def rows_of(table: Any, where: np.ndarray) -> Any:
    """Return the chosen rows of a table of facts."""
    return replace(
        table, **{name: getattr(table, name)[where] for name in table.__dataclass_fields__}
    )


def until(facts: ShardFacts, day: int) -> ShardFacts:
    """Return the facts without anything that happened after a day."""
    return replace(
        facts,
        bills=rows_of(facts.bills, facts.bills.issued_day <= day),
        payments=rows_of(facts.payments, facts.payments.day <= day),
        debits=rows_of(facts.debits, facts.debits.day <= day),
        reminders=rows_of(facts.reminders, facts.reminders.day <= day),
    )


def only(facts: ShardFacts, account_ids: np.ndarray) -> ShardFacts:
    """Return the facts of some of the accounts, as if the shard had no others."""
    tables = ("accounts", "points", "bills", "payments", "debits", "reminders")
    parts: dict[str, Any] = {}
    for name in tables:
        table = getattr(facts, name)
        chosen = np.isin(table.account_id, account_ids)
        if name == "points":
            parts[name] = replace(
                table,
                point_id=table.point_id[chosen],
                account_id=table.account_id[chosen],
                energy_kwh=table.energy_kwh[chosen],
            )
        else:
            parts[name] = rows_of(table, chosen)
    chosen = np.isin(facts.accounts.account_id, account_ids)
    return replace(facts, before=rows_of(facts.before, chosen), **parts)


def as_date(day: int) -> date:
    return date.fromordinal(EPOCH.toordinal() + int(day))
