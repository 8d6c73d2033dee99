"""From how an account stands to its segment."""

import numpy as np

from lamplighter.facts.customers.kinds import CATEGORIES, KINDS
from lamplighter.findings.rules import Rules
from lamplighter.findings.shard import standing as stood
from lamplighter.findings.shard.facts import Floats, ShardFacts
from lamplighter.findings.shard.standing import Standing
from lamplighter.insight.arrears import risk
from lamplighter.insight.segments import segments, terms
from lamplighter.insight.value import value

# What an account is, by its class of supply; a person's "other" use is that of a household.
NATURE_OF = {
    "RESIDENTIAL": terms.HOUSEHOLD,
    "GENERAL": terms.BUSINESS,
    "LARGE_INDUSTRY": terms.BUSINESS,
    "AGRICULTURE": terms.FARM,
    "OTHER": terms.BUSINESS,
}


def found(
    *,
    facts: ShardFacts,
    of: Standing,
    yearly_kwh: Floats,
    values: value.Values,
    much_kwh: float,
    rules: Rules,
) -> terms.Segments:
    """Return each account's segment, from nothing but its supply, its use and its payments."""
    late = stood.by_month(of=of, values=of.late_days) > 0
    methods = np.array([name in rules.self_served_methods for name in risk.METHODS] + [False])
    traits = terms.Traits(
        nature=natures(facts=facts),
        closed_bills=np.bincount(of.account[of.is_closed], minlength=of.n_accounts).astype(
            np.int64
        ),
        yearly_kwh=yearly_kwh,
        capacity_kva=facts.accounts.capacity_kva,
        late_bills=late.sum(axis=1).astype(np.int64),
        growth_beyond=values.growth - values.usual_growth,
        serves_itself=methods[facts.accounts.method],
    )
    return segments.segment(
        traits=traits,
        much_kwh=much_kwh,
        previous=facts.before.segment,
        policy=rules.segments,
    )


def natures(*, facts: ShardFacts) -> terms.Codes:
    """Return what each account is; UNKNOWN without an agreement."""
    of_category = np.array(
        [NATURE_OF[name] for name in CATEGORIES] + [terms.UNKNOWN_NATURE], np.int8
    )
    nature = of_category[facts.accounts.category]
    person, body = KINDS.index("PERSON"), KINDS.index("INSTITUTION")
    other = facts.accounts.category == CATEGORIES.index("OTHER")
    nature[other & (facts.accounts.kind == person)] = terms.HOUSEHOLD
    known = facts.accounts.category >= 0
    nature[known & (facts.accounts.kind == body)] = terms.PUBLIC
    return nature
