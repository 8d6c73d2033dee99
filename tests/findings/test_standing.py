"""How accounts stood: against hand loops, and against a world that ended on that day."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.facts.billing import allocation
from lamplighter.findings.shard import standing
from tests.findings import making as m

seeds = st.integers(0, 2**32 - 1)
days_ago = st.integers(0, m.N_DAYS)


def bills_of(facts, account, *, day):
    table = facts.bills
    return [
        i
        for i in range(len(table.account_id))
        if table.account_id[i] == account and table.issued_day[i] <= day
    ]


def paid_of(facts, account, *, day):
    table = facts.payments
    return [
        (int(table.day[i]), int(table.amount_fen[i]))
        for i in range(len(table.account_id))
        if table.account_id[i] == account and table.day[i] <= day
    ]


@settings(deadline=None, max_examples=60)
@given(places=st.lists(st.integers(0, 4), max_size=20))
def test_places_of_accounts_in_any_order(places):
    facts = m.shard(1)
    ids = facts.accounts.account_id[np.array(places, np.int64)]

    assert facts.index_of(ids).tolist() == places


@settings(deadline=None, max_examples=60)
@given(seed=seeds, ago=days_ago)
def test_nothing_later_than_the_day_is_known(seed, ago):
    facts, day = m.shard(seed), m.TODAY - ago

    stood = standing.standing(facts=facts, day=day)
    ended = standing.standing(facts=m.until(facts, day), day=day)

    for field in fields(stood):
        np.testing.assert_array_equal(getattr(stood, field.name), getattr(ended, field.name))


@settings(deadline=None, max_examples=60)
@given(seed=seeds, ago=days_ago)
def test_open_amounts_and_late_days_are_those_of_a_clerk_paying_the_oldest_first(seed, ago):
    facts, day = m.shard(seed), m.TODAY - ago

    of = standing.standing(facts=facts, day=day)

    row = 0
    for account in facts.accounts.account_id.tolist():
        paid = paid_of(facts, account, day=day)
        billed = 0
        for i in bills_of(facts, account, day=day):
            amount, due = int(facts.bills.amount_fen[i]), int(facts.bills.due_day[i])
            before, billed = billed, billed + amount
            total = sum(fen for _, fen in paid)
            assert of.open_fen[row] == max(amount, 0) - min(max(total - before, 0), max(amount, 0))
            by_due = sum(fen for paid_day, fen in paid if paid_day <= due)
            assert of.paid_by_due_fen[row] == min(max(by_due - before, 0), max(amount, 0))
            settled = settled_day(paid, billed, due)
            assert of.settled_day[row] == settled
            if due > day:
                assert np.isnan(of.late_days[row])
            else:
                end = day if settled == allocation.NEVER else settled
                assert of.late_days[row] == (max(end - due, 0) if amount > 0 else 0)
            row += 1
    assert row == len(of.account)


def settled_day(paid, billed, due):
    if sum(fen for _, fen in paid) < billed:
        return allocation.NEVER
    if billed <= 0:
        return due
    for place in range(len(paid)):
        rest = [sum(fen for _, fen in paid[: end + 1]) for end in range(place, len(paid))]
        if min(rest) >= billed:
            return paid[place][0]
    raise AssertionError(paid)


@settings(deadline=None, max_examples=60)
@given(seed=seeds, ago=days_ago, n_months=st.integers(1, 13))
def test_by_month_puts_the_newest_closed_bill_last(seed, ago, n_months):
    facts, day = m.shard(seed), m.TODAY - ago
    of = standing.standing(facts=facts, day=day)

    table = standing.by_month(of=of, values=of.amount_fen, n_months=n_months)

    for place, account in enumerate(facts.accounts.account_id.tolist()):
        closed = [
            float(facts.bills.amount_fen[i])
            for i in bills_of(facts, account, day=day)
            if facts.bills.due_day[i] <= day
        ][-n_months:]
        expected = [np.nan] * (n_months - len(closed)) + closed
        np.testing.assert_array_equal(table[place], expected)


@settings(deadline=None, max_examples=60)
@given(seed=seeds, ago=days_ago)
def test_the_newest_open_bill_and_the_oldest_debt(seed, ago):
    facts, day = m.shard(seed), m.TODAY - ago
    of = standing.standing(facts=facts, day=day)

    waiting = standing.newest_open_bill(of=of)
    issued, overdue = standing.oldest_open_day(of=of)

    for place in range(len(facts.accounts)):
        own = [i for i in range(len(of.account)) if of.account[i] == place and of.open_fen[i] > 0]
        in_window = [i for i in own if of.due_day[i] > day]
        expected = of.amount_fen[in_window[-1]] / 100 if in_window else np.nan
        np.testing.assert_equal(waiting[place], expected)
        assert issued[place] == (of.issued_day[own[0]] if own else 0)
        assert overdue[place] == (max(day - of.due_day[own[0]], 0) if own else 0)


@settings(deadline=None, max_examples=60)
@given(seed=seeds, ago=days_ago, since_ago=st.integers(1, 400))
def test_partial_share_counts_payments_that_leave_something_billed_open(seed, ago, since_ago):
    facts, day = m.shard(seed), m.TODAY - ago
    of = standing.standing(facts=facts, day=day)
    since = day - since_ago

    share = standing.partial_share(of=of, since_day=since)

    for place, account in enumerate(facts.accounts.account_id.tolist()):
        paid, seen, partial = 0, 0, 0
        for paid_day, fen in paid_of(facts, account, day=day):
            paid += fen
            billed = sum(
                int(facts.bills.amount_fen[i]) for i in bills_of(facts, account, day=paid_day)
            )
            if paid_day >= since:
                seen += 1
                partial += paid < billed
        assert share[place] == pytest.approx(partial / seen if seen else np.nan, nan_ok=True)


@settings(deadline=None, max_examples=60)
@given(seed=seeds, ago=days_ago)
def test_months_of_history_are_whole_months_since_the_first_bill(seed, ago):
    facts, day = m.shard(seed), m.TODAY - ago
    of = standing.standing(facts=facts, day=day)

    months = standing.months_of_history(of=of)

    for place, account in enumerate(facts.accounts.account_id.tolist()):
        own = bills_of(facts, account, day=day)
        if not own:
            assert months[place] == 0
            continue
        begun, now = m.as_date(facts.bills.issued_day[own[0]]), m.as_date(day)
        apart = 12 * (now.year - begun.year) + now.month - begun.month
        assert months[place] == max(apart - (now.day < begun.day), 0)
