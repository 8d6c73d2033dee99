"""Two decisions of the same facts by different rules: what they share changes no byte of either."""

from dataclasses import replace

import pytest

from lamplighter.findings import rules as night_rules
from lamplighter.findings.shard import deciding, forecasting, results
from lamplighter.findings.shard.sharing import Shared
from lamplighter.policy import loader
from tests.findings import making as m

# One number of each policy, and another value that moves something in a small shard.
OTHER = {
    "causes": ("abstain_below", 0.99),
    "forecast": ("shift_from", 0.05),
    "grading": ("reminded_months_a", 4),
    "habits": ("habit_threshold", 3.0),
    "night": ("price_bills", 1),
    "risk": ("medium_from", 0.01),
    "segments": ("known_bills", 2),
    "value": ("medium_quantile", 0.1),
}
RESTS_ON = {"habits", "night"}  # the use of a shard


def rules_with(name):
    """Return the night's rules with one number of one policy on trial."""
    key, value = OTHER[name]
    policy = loader.load(name=name, on=m.AS_OF)
    rows = tuple(replace(row, value=value) if row.key == key else row for row in policy.rows)
    changed = replace(policy, rows=rows, candidate_sha256="0" * 64)
    assert changed.version != policy.version
    return night_rules.rules_on(day=m.AS_OF, instead=[changed])


def decided(facts, rules, shared=None):
    found = deciding.decide(facts=facts, rules=rules, learnt=m.NOTHING_LEARNT, shared=shared)
    foreseen = forecasting.forecasts(decided=found, rules=rules, shared=shared)
    accounts = results.accounts_table(decided=found, forecasts=foreseen, rules=rules)
    return found, (accounts, results.signals_table(decided=found, rules=rules))


@pytest.mark.parametrize("name", OTHER)
def test_the_second_side_is_what_it_is_alone(name):
    other = rules_with(name)
    for seed in range(3):
        facts = m.shard(seed, n_accounts=8, with_readings=True)
        after = replace(facts, before=m.nothing_before(8))
        shared = Shared()

        first, first_tables = decided(facts, m.RULES, shared)
        second, second_tables = decided(after, other, shared)

        assert first_tables == decided(facts, m.RULES)[1]
        assert second_tables == decided(after, other)[1]
        assert (second.usage is first.usage) == (name not in RESTS_ON)


def test_some_rules_on_trial_move_something_here():
    moved = set()
    for name in OTHER:
        for seed in range(12):
            facts = m.shard(seed, n_accounts=8, with_readings=True)
            if decided(facts, m.RULES)[1] != decided(facts, rules_with(name))[1]:
                moved.add(name)
                break

    assert {"causes", "grading", "segments"} <= moved


def test_every_policy_of_a_night_is_tried_but_prices():
    assert set(OTHER) == set(night_rules.POLICIES) - {"tariffs"}
