"""What the kernels are asked, against hand loops."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.facts.billing.models import METHODS, OUTCOMES
from lamplighter.findings.shard import inputs, standing
from lamplighter.insight.grading import histories
from tests.findings import making as m

seeds = st.integers(0, 2**32 - 1)


def now(facts):
    return standing.standing(facts=facts, day=facts.as_of_day)


def own(table, account):
    return [i for i in range(len(table.account_id)) if table.account_id[i] == account]


@settings(deadline=None, max_examples=60)
@given(seed=seeds)
def test_unanswered_reminders_are_delivered_for_todays_debt_and_after_the_last_payment(seed):
    facts = m.shard(seed)
    of = now(facts)

    counts = inputs.unanswered_reminders(facts=facts, of=of)

    for place, account in enumerate(facts.accounts.account_id.tolist()):
        still_open = [
            i for i in range(len(of.account)) if of.account[i] == place and of.open_fen[i] > 0
        ]
        paid = [int(facts.payments.day[i]) for i in own(facts.payments, account)]
        expected = sum(
            bool(facts.reminders.is_delivered[i])
            and facts.reminders.day[i] > of.issued_day[still_open[0]]
            and all(facts.reminders.day[i] > day for day in paid)
            for i in own(facts.reminders, account)
            if still_open
        )
        assert counts[place] == expected


@settings(deadline=None, max_examples=60)
@given(seed=seeds)
def test_a_confirmed_d_holds_for_the_debt_that_was_open_until_a_payment_answers_it(seed):
    facts = m.shard(seed)
    of = now(facts)

    confirmed = inputs.grading_histories(facts=facts, of=of).is_d_confirmed

    for place, account in enumerate(facts.accounts.account_id.tolist()):
        day = facts.accounts.d_confirmed_day[place]
        debt = [of.issued_day[i] for i in range(len(of.account))
                if of.account[i] == place and of.open_fen[i] > 0]  # fmt: skip
        paid = [int(facts.payments.day[i]) for i in own(facts.payments, account)]
        holds = bool(debt) and day > debt[0] and all(day > one for one in paid)
        assert confirmed[place] == holds


@settings(deadline=None, max_examples=60)
@given(seed=seeds)
def test_reminded_months_are_calendar_months_with_the_running_one_last(seed):
    facts = m.shard(seed)

    table = inputs.reminded_months(facts=facts)

    for place, account in enumerate(facts.accounts.account_id.tolist()):
        expected = [False] * 12
        for i in own(facts.reminders, account):
            sent = m.as_date(facts.reminders.day[i])
            ago = 12 * (m.AS_OF.year - sent.year) + m.AS_OF.month - sent.month
            if facts.reminders.is_delivered[i] and 0 <= ago < 12:
                expected[11 - ago] = True
        assert table[place].tolist() == expected


@settings(deadline=None, max_examples=60)
@given(seed=seeds, within=st.integers(0, 60))
def test_paid_otherwise_is_the_share_of_failed_debits_made_up_for_soon(seed, within):
    facts = m.shard(seed)
    of = now(facts)
    rules = replace(m.RULES, night=replace(m.RULES.night, paid_after_debit_days=within))
    since = of.day - rules.night.recent_days

    seen = inputs.sightings(
        facts=facts,
        of=of,
        usage_of_own_past=np.full(len(facts.accounts), np.nan),
        festival_use=np.full(len(facts.accounts), np.nan),
        rules=rules,
    )

    for place, account in enumerate(facts.accounts.account_id.tolist()):
        failed = [
            int(facts.debits.day[i])
            for i in own(facts.debits, account)
            if facts.debits.day[i] > since and OUTCOMES[facts.debits.outcome[i]] != "PAID"
        ]
        other = [
            int(facts.payments.day[i])
            for i in own(facts.payments, account)
            if METHODS[facts.payments.method[i]] != "BANK_DEBIT"
        ]
        recent = [
            METHODS[facts.payments.method[i]]
            for i in own(facts.payments, account)
            if since < facts.payments.day[i] <= of.day
        ]
        by_hand = facts.accounts.method[place] in (METHODS.index("COUNTER"), METHODS.index("CASH"))
        afar = (
            sum(method in ("WALLET", "APP") for method in recent) / len(recent)
            if by_hand and recent
            else np.nan
        )
        np.testing.assert_equal(seen.paid_from_afar_share[place], afar)
        made_up = sum(any(day <= paid <= day + within for paid in other) for day in failed)
        expected = made_up / len(failed) if failed else np.nan
        np.testing.assert_equal(seen.paid_otherwise_share[place], expected)


@settings(deadline=None, max_examples=60)
@given(seed=seeds)
def test_what_speaks_for_a_cause_looks_at_late_bills_of_the_recent_days(seed):
    facts = m.shard(seed)
    of, night = now(facts), m.RULES.night

    seen = inputs.sightings(
        facts=facts,
        of=of,
        usage_of_own_past=np.full(len(facts.accounts), np.nan),
        festival_use=np.full(len(facts.accounts), np.nan),
        rules=m.RULES,
    )

    windows = list(zip(night.return_windows[::2], night.return_windows[1::2], strict=True))
    for place in range(len(facts.accounts)):
        late = [
            i
            for i in range(len(of.account))
            if of.account[i] == place
            and of.day - night.recent_days < of.due_day[i] <= of.day
            and of.late_days[i] > 0
        ]
        overdue = any(
            of.account[i] == place and of.open_fen[i] > 0 and of.due_day[i] < of.day
            for i in range(len(of.account))
        )
        # The oldest open bill decides, and a bill never falls due before an older one.
        reminded = inputs.reminded_months(facts=facts)[place].sum()
        assert seen.in_arrears[place] == (
            overdue
            or len(late) >= night.pattern_late_bills
            or reminded >= night.pattern_reminded_months
        )
        paid = [i for i in late if of.open_fen[i] == 0]
        share = len(paid) / len(late) if late else np.nan
        assert seen.late_paid_share[place] == pytest.approx(share, nan_ok=True)
        middle = np.median([of.late_days[i] for i in late]) if late else np.nan
        np.testing.assert_equal(seen.days_late[place], middle)
        on_return = sum(
            any(
                date.fromisoformat(first)
                <= m.as_date(of.settled_day[i])
                <= date.fromisoformat(last)
                for first, last in windows
            )
            for i in paid
        )
        share = on_return / len(late) if late else np.nan
        assert seen.return_paid_share[place] == pytest.approx(share, nan_ok=True)


@settings(deadline=None, max_examples=60)
@given(seed=seeds)
def test_yearly_sums_are_of_whole_years_and_only_where_bills_cover_them(seed):
    facts = m.shard(seed)
    of = now(facts)

    energy, billed, paid, in_time = inputs.yearly(of=of, n_years=3)

    for place in range(len(facts.accounts)):
        bills = [i for i in range(len(of.account)) if of.account[i] == place]
        for years_ago in range(3):
            known = [
                of.energy_kwh[i]
                for i in bills
                if 365 * years_ago <= of.day - of.last_day[i] < 365 * (years_ago + 1)
                and np.isfinite(of.energy_kwh[i])
            ]
            expected = sum(known) if len(known) >= 11 else np.nan
            np.testing.assert_allclose(energy[place, 2 - years_ago], expected)
        last = [i for i in bills if of.day - of.last_day[i] < 365 and of.due_day[i] <= of.day]
        assert billed[place] == pytest.approx(sum(max(of.amount_fen[i], 0) for i in last) / 100)
        assert paid[place] <= billed[place] + 1e-9
        kept = [of.paid_by_due_fen[i] >= of.amount_fen[i] for i in last]
        np.testing.assert_equal(in_time[place], sum(kept) / len(kept) if kept else np.nan)


def test_a_waiting_grade_has_waited_whole_months_only():
    facts = m.shard(1, n_accounts=2)
    waiting = replace(
        facts.before,
        grade=np.array(["C", "C"]),
        candidate_grade=np.array(["A", ""]),
        candidate_since_day=np.array([inputs_day(2026, 9, 25), 0]),
    )

    history = inputs.grading_histories(facts=replace(facts, before=waiting), of=now(facts))

    assert history.candidate_months.tolist() == [1, 0]  # 25 September to 24 November
    assert [histories.GRADES[code] for code in history.candidate_grade] == ["A", "N"]
    assert [histories.GRADES[code] for code in history.previous_grade] == ["C", "C"]


def inputs_day(year, month, day):
    return date(year, month, day).toordinal() - m.EPOCH.toordinal()
