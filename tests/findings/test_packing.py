"""Packed findings: arrays in, the same words and numbers out, and never another word."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.findings import packing
from lamplighter.findings import records as packed_records
from lamplighter.findings.shard import deciding
from lamplighter.insight.arrears import risk
from lamplighter.insight.grading import trace
from tests.findings import making as m

seeds = st.integers(0, 2**32 - 1)


def decided(seed):
    facts = m.shard(seed, n_accounts=6, with_readings=True)
    return deciding.decide(facts=facts, rules=m.RULES, learnt=m.NOTHING_LEARNT)


@settings(deadline=None, max_examples=20)
@given(seed=seeds)
def test_a_trace_reads_as_the_rules_told_one_account_at_a_time(seed):
    found = decided(seed)
    records = packing.GRADE_TRACE.records(
        of=found.histories, graded=found.grades, policy=m.RULES.grading
    )

    for account, record in enumerate(records):
        steps = trace.trace(
            histories=found.histories,
            grades=found.grades,
            policy=m.RULES.grading,
            account=account,
        )
        told = [
            {"rule": s.rule, "inputs": dict(s.inputs), "limits": dict(s.limits), "says": s.says}
            for s in steps
        ]
        assert packing.GRADE_TRACE.unpack(record.tobytes()) == told


@settings(deadline=None, max_examples=20)
@given(seed=seeds)
def test_the_strongest_reasons_are_those_a_loop_finds(seed):
    dice = np.random.default_rng(seed)
    odds = np.round(dice.normal(0.0, 1.0, (5, len(risk.REASONS))), 3)
    odds[dice.random(odds.shape) < 0.3] = np.nan
    records = packing.RISK_REASONS.records(odds)

    for row, record in zip(odds, records, strict=True):
        said = [
            (code, value)
            for code, value in zip(risk.REASONS, row, strict=True)
            if not np.isnan(value) and abs(value) >= packing.LEAST_LOG_ODDS
        ]
        said.sort(key=lambda pair: -abs(pair[1]))
        expected = [{"code": code, "log_odds": value} for code, value in said[: packing.STRONGEST]]
        assert packing.RISK_REASONS.unpack(record.tobytes()) == expected


@settings(deadline=None, max_examples=10)
@given(seed=seeds)
def test_a_profile_reads_as_its_numbers(seed):
    found = decided(seed).usage.profiles
    points = np.arange(len(found.state))[::-1]
    records = packing.PROFILE.records(of=found, points=points)

    for point, record in zip(points, records, strict=True):
        content = packing.PROFILE.unpack(record.tobytes())
        assert set(content) == set(found.__dataclass_fields__)
        for name, shown in content.items():
            expected = np.atleast_1d(getattr(found, name)[point]).astype(float)
            seen = np.array([np.nan if v is None else v for v in np.atleast_1d(shown)], float)
            np.testing.assert_allclose(seen, expected, rtol=1e-6, atol=5e-5)


@settings(deadline=None, max_examples=20)
@given(seed=seeds)
def test_the_way_to_a_lower_risk_reads_as_it_was_found(seed):
    ahead = decided(seed).risk_outlook
    records = packing.RISK_WOULD_CHANGE.records(ahead=ahead)

    for row, record in enumerate(records):
        told = packing.RISK_WOULD_CHANGE.unpack(record.tobytes())
        bills, method = int(ahead.bills_in_time[row]), int(ahead.method[row])
        assert told == {
            "pays_debt": bool(ahead.pays_debt[row]),
            "bills_in_time": None if bills < 0 else bills,
            "band": risk.BANDS[ahead.band[row]],
            "method": None if method < 0 else risk.METHODS[method],
            "method_band": risk.BANDS[ahead.method_band[row]],
        }
        assert packing.RISK_WOULD_CHANGE.pack(told) == record.tobytes()


@pytest.mark.parametrize("form", packing.PACKINGS.values(), ids=lambda form: form.name)
def test_nothing_packs_to_nothing_and_bytes_of_another_version_read_as_nothing(form):
    empty = form.unpack(None)

    assert not empty
    assert form.pack(empty) is None
    assert form.unpack(b"") == empty
    assert form.unpack(b"\xff" * 8) == empty


def test_words_that_changed_their_places_are_not_taken_for_others():
    packed = packing.RISK_REASONS.pack([{"code": "PAY_TIME", "log_odds": 0.5}])
    turned = replace(packing.RISK_REASONS, words=tuple(reversed(risk.REASONS)))

    assert packing.RISK_REASONS.unpack(packed) == [{"code": "PAY_TIME", "log_odds": 0.5}]
    assert turned.unpack(packed) == []


@pytest.mark.parametrize(
    ("form", "content"),
    [
        (packing.RISK_REASONS, [{"code": "HOROSCOPE", "log_odds": 1.0}]),
        (packing.CAUSE_PROBABILITIES, {"HOROSCOPE": 1.0}),
        (packing.VALUE_REASONS, ["HOROSCOPE"]),
        (packing.PROFILE, {"season_kwh": [1.0, 2.0]}),
    ],
)
def test_what_has_no_place_is_refused(form, content):
    with pytest.raises(packed_records.NotPacked):
        form.pack(content)
