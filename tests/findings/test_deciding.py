"""One shard decided: what it may depend on, and shards that hold next to nothing."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.findings import packing
from lamplighter.findings.shard import deciding, forecasting, results, standing
from tests.findings import making as m

seeds = st.integers(0, 2**32 - 1)


def tables(facts, rules=m.RULES):
    decided = deciding.decide(facts=facts, rules=rules, learnt=m.NOTHING_LEARNT)
    foreseen = forecasting.forecasts(decided=decided, rules=rules)
    return (
        results.accounts_table(decided=decided, forecasts=foreseen, rules=rules),
        results.signals_table(decided=decided, rules=rules),
    )


def last_bill_rules():
    return replace(m.RULES, night=replace(m.RULES.night, training_bills=1))


@settings(deadline=None, max_examples=60)
@given(seed=seeds, share=st.floats(0, 1))
def test_a_lesson_does_not_see_what_was_paid_after_the_bill_was_issued(seed, share):
    facts = m.shard(seed, n_accounts=6)
    stood = standing.standing(facts=facts, day=facts.as_of_day)
    newest = np.full(len(facts.accounts), facts.as_of_day)
    for bill in np.flatnonzero(stood.place_from_newest == 0):
        newest[stood.account[bill]] = stood.issued_day[bill]
    later = facts.payments.day > newest[facts.index_of(facts.payments.account_id)]
    dropped = later & (np.random.default_rng(seed).random(len(later)) < share)
    other = replace(facts, payments=m.rows_of(facts.payments, ~dropped))

    one = deciding.lesson(facts=facts, rules=last_bill_rules())
    two = deciding.lesson(facts=other, rules=last_bill_rules())

    np.testing.assert_array_equal(one.features, two.features)
    assert np.all(two.was_unpaid >= one.was_unpaid) or np.any(facts.payments.amount_fen < 0)


def test_a_lesson_has_one_row_for_each_bill_that_waited_when_it_was_issued():
    for seed in range(20):
        facts = m.shard(seed, n_accounts=6)
        stood = standing.standing(facts=facts, day=facts.as_of_day)
        expected = []
        for bill in np.flatnonzero((stood.place_from_newest >= 0) & (stood.place_from_newest < 3)):
            then = standing.standing(facts=facts, day=int(stood.issued_day[bill]))
            waiting = standing.newest_open_bill(of=then)[stood.account[bill]]
            if stood.amount_fen[bill] > 0 and np.isfinite(waiting):
                expected.append(bool(stood.paid_by_due_fen[bill] < stood.amount_fen[bill]))

        learnt = deciding.lesson(facts=facts, rules=m.RULES)

        assert sorted(learnt.was_unpaid.tolist()) == sorted(expected)
        assert len(learnt.features) == len(expected)


@settings(deadline=None, max_examples=30)
@given(seed=seeds)
def test_an_account_without_readings_is_decided_by_itself_alone(seed):
    facts = m.shard(seed, n_accounts=6)
    chosen = facts.accounts.account_id[::2]

    together, _ = tables(facts)
    alone, _ = tables(m.only(facts, chosen))

    by_itself = [n for n in alone.column_names if not n.startswith("value_")]  # beside its area
    picked = together.filter(np.isin(together["account_id"].to_numpy(), chosen)).select(by_itself)
    assert picked.to_pylist() == alone.select(by_itself).to_pylist()


@settings(deadline=None, max_examples=15)
@given(seed=seeds)
def test_every_account_has_one_row_that_can_be_read_whatever_is_missing(seed):
    facts = m.shard(seed, with_readings=True)

    accounts, signals = tables(facts)

    assert accounts["account_id"].to_pylist() == facts.accounts.account_id.tolist()
    assert set(accounts["grade"].to_pylist()) <= set("ABCDN")
    for name, form in packing.PACKINGS.items():
        for packed in accounts[name].to_pylist():
            content = form.unpack(packed)
            assert form.unpack(form.pack(content)) == content
    assert set(signals["account_id"].to_pylist()) <= set(facts.accounts.account_id.tolist())


def test_a_shard_without_accounts_gives_empty_tables_of_the_same_columns():
    full = m.shard(1, with_readings=True)

    accounts, signals = tables(m.only(full, np.empty(0, np.int64)))

    assert (len(accounts), len(signals)) == (0, 0)
    assert accounts.column_names == tables(full)[0].column_names
    assert deciding.lesson(
        facts=m.only(full, np.empty(0, np.int64)), rules=m.RULES
    ).features.shape == (0, deciding.lesson(facts=full, rules=m.RULES).features.shape[1])


def test_accounts_without_bills_are_new_and_nothing_is_claimed_of_them():
    full = m.shard(5, with_readings=True)
    none = np.zeros(len(full.bills.account_id), np.bool_)
    facts = replace(
        full,
        bills=m.rows_of(full.bills, none),
        payments=m.rows_of(full.payments, np.zeros(len(full.payments.day), np.bool_)),
    )

    accounts, _ = tables(facts)

    assert set(accounts["grade"].to_pylist()) == {"N"}
    assert set(accounts["risk_probability"].to_pylist()) == {None}
    assert set(accounts["risk_band"].to_pylist()) == {""}
    assert set(accounts["balance_due_cny"].to_pylist()) == {0.0}
    assert set(accounts["forecast_energy_kwh"].to_pylist()) == {None}


def test_the_forecast_of_an_account_with_two_points_is_their_sum_or_unknown():
    facts = m.shard(3, n_accounts=3, with_readings=True)
    first = facts.accounts.account_id[0]
    bills = facts.bills
    running = replace(
        bills,
        account_id=facts.accounts.account_id,
        first_day=np.full(3, m.TODAY - 37),
        last_day=np.full(3, m.TODAY - 7),
        issued_day=np.full(3, m.TODAY - 2),
        due_day=np.full(3, m.TODAY + 6),
        amount_fen=np.full(3, 5000),
        energy_kwh=np.full(3, 100.0),
    )
    facts = replace(facts, bills=running)
    one_silent = facts.points.energy_kwh.copy()
    one_silent[np.flatnonzero(facts.points.account_id == first)[0]] = np.nan

    both, _ = tables(facts)
    silent, _ = tables(replace(facts, points=replace(facts.points, energy_kwh=one_silent)))

    usual = facts.points.energy_kwh[facts.points.account_id == first]
    by_days = float(np.nanmean(usual, axis=1).sum() * 30)
    assert both["forecast_energy_kwh"][0].as_py() == pytest.approx(by_days, rel=0.15)
    assert silent["forecast_energy_kwh"][0].as_py() is None
    assert silent["forecast_energy_kwh"][1].as_py() is not None


def test_the_digest_of_the_facts_tells_any_change_and_nothing_else():
    facts = m.shard(8, with_readings=True)
    energy = facts.points.energy_kwh.copy()
    energy[0, 0] += 0.001
    reading = replace(facts, points=replace(facts.points, energy_kwh=energy))
    amount = facts.bills.amount_fen.copy()
    amount[0] += 1
    huge = facts.bills.amount_fen.copy()
    huge[0] = 2**40
    told = [facts, reading] + [
        replace(facts, bills=replace(facts.bills, **changed))
        for changed in (
            {"amount_fen": amount},
            {"amount_fen": huge},
            {"amount_fen": huge + 1},
            {"due_day": facts.bills.due_day + 1},  # of each: they lie as they lay to each other
            {"issued_day": facts.bills.due_day, "due_day": facts.bills.issued_day},
        )
    ]

    assert m.shard(8, with_readings=True).sha256() == facts.sha256()
    assert len({one.sha256() for one in told}) == len(told)


def test_the_use_at_festivals_is_what_a_loop_finds():
    facts = m.shard(7, n_accounts=6, with_readings=True)
    first, last = date(2026, 2, 9), date(2026, 3, 3)  # the newest long return before that day

    seen = deciding.sightings(
        facts=facts, of=standing.standing(facts=facts, day=facts.as_of_day), rules=m.RULES
    ).festival_use

    days = facts.points.days.astype(object)
    for place, account in enumerate(facts.accounts.account_id.tolist()):
        during, before = 0.0, 0.0
        for point in np.flatnonzero(facts.points.account_id == account):
            use = facts.points.energy_kwh[point]
            in_return = [u for u, d in zip(use, days, strict=True) if first <= d <= last]
            weeks = [u for u, d in zip(use, days, strict=True) if 14 < (first - d).days <= 45]
            during += np.nanmean(in_return)
            before += np.nanmean(weeks)
        assert seen[place] == pytest.approx(during / before)
