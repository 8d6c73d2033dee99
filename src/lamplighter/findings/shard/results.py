"""A decided shard as tables: the kept file and the rows for the pages come from the same arrays."""

import hashlib
import io
import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lamplighter.findings import packing
from lamplighter.findings import records as packed_records
from lamplighter.findings.rules import KERNELS, Rules
from lamplighter.findings.shard.deciding import Decided, Usage, area_of_points
from lamplighter.findings.shard.facts import NO_AREA, Booleans, Floats, Integers, ShardFacts
from lamplighter.findings.shard.forecasting import Forecasts
from lamplighter.findings.shard.learnt import Learnt
from lamplighter.insight.arrears import risk
from lamplighter.insight.causes import causes
from lamplighter.insight.change import terms
from lamplighter.insight.grading import grades, histories
from lamplighter.insight.segments.terms import NATURES, SEGMENTS
from lamplighter.insight.value import value

SIGNAL_DIGITS = 3  # of a kWh a day: a watt-hour


def accounts_table(*, decided: Decided, forecasts: Forecasts, rules: Rules) -> pa.Table:
    """Return one row an account, ascending by id; columns as the table AccountFinding."""
    facts, of = decided.facts, decided.stood
    n = of.n_accounts
    due = of.total(of.open_fen, np.ones(len(of.account), np.bool_)) / 100.0
    overdue = of.total(of.open_fen, of.is_closed) / 100.0
    columns: dict[str, Any] = {
        "account_id": facts.accounts.account_id,
        "area_id": pa.array(facts.accounts.area_id, mask=facts.accounts.area_id == NO_AREA),
        **_grade_columns(decided=decided, rules=rules),
        **_risk_columns(decided),
        **_cause_columns(decided),
        **_value_columns(decided),
        "forecast_energy_kwh": _rounded(forecasts.energy_kwh, 2),
        "forecast_amount_cny": _rounded(forecasts.amount_cny, 2),
        "forecast_low_cny": _rounded(forecasts.low_cny, 2),
        "forecast_high_cny": _rounded(forecasts.high_cny, 2),
        "forecast_basis": forecasts.basis,
        "segment": np.array(SEGMENTS)[decided.segments.segment],
        "segment_conditions": decided.segments.conditions.astype(np.int16),
        "segment_nature": np.array(NATURES)[decided.segments.nature],
        "balance_due_cny": np.round(due, 2),
        "overdue_cny": np.round(overdue, 2),
        "days_overdue": decided.histories.days_overdue,
        "months_reminded": decided.histories.is_reminded.sum(axis=1),
        "profile": _profiles(decided, n_parts=len(rules.profile.part_hours)),
    }
    return pa.table({name: _array(values, n) for name, values in columns.items()})


def signals_table(*, decided: Decided, rules: Rules) -> pa.Table:
    """Return one row a signal: changes by point and day, then jumps, then high use by rank."""
    usage = decided.usage
    if usage is None:
        return SIGNALS.empty_table()
    return pa.concat_tables(
        [
            _changes(decided, usage),
            _jumps(decided, usage, jump_days=rules.jumps.jump_days),
            _high(decided, usage),
        ]
    )


SIGNALS = pa.schema(
    [
        ("account_id", pa.int64()),
        ("area_id", pa.int64()),
        ("usage_point_id", pa.int64()),
        ("list", pa.string()),
        ("kind", pa.string()),
        ("changed_date", pa.date32()),
        ("size_kwh_per_day", pa.float64()),
        ("size_low_kwh_per_day", pa.float64()),
        ("size_high_kwh_per_day", pa.float64()),
        ("level_before_kwh_per_day", pa.float64()),
        ("level_after_kwh_per_day", pa.float64()),
        ("probability", pa.float64()),
        ("is_recent", pa.bool_()),
        ("rank", pa.int64()),
    ]
)


def as_bytes(*, table: pa.Table, origin: dict[str, str]) -> bytes:
    """Return a table as Parquet, with where it comes from: the same gives the same bytes."""
    written = io.BytesIO()
    # Dictionaries and statistics cost more to make, and to read, than they spare in so few rows.
    form = {"compression": "zstd", "store_schema": False, "version": "2.6"}
    form |= {"use_dictionary": False, "write_statistics": False}
    with pq.ParquetWriter(written, table.schema, **form) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(origin)
    return written.getvalue()


def provenance(
    *, facts: ShardFacts, rules: Rules, learnt: Learnt, known_at: datetime
) -> dict[str, str]:
    """Return where the results of one shard come from, as the metadata of its files."""
    return {
        "as_of": facts.as_of.isoformat(),
        "known_at": known_at.astimezone(UTC).isoformat(),
        "kernels": _json(KERNELS),
        "policies": _json(rules.versions),
        "inputs_sha256": facts.sha256(),
        "learnt_sha256": _learnt_sha256(learnt),
    }


@lru_cache(maxsize=8)  # the same for every shard of a night
def _learnt_sha256(learnt: Learnt) -> str:
    return hashlib.sha256(_json(learnt.to_dict()).encode()).hexdigest()


def _array(values: Any, n: int) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        return pa.array(values, mask=~np.isfinite(values))
    array = pa.array(values)
    if len(array) != n:
        raise ValueError(f"{len(array)} values for {n} accounts")
    return array


def _rounded(values: Floats, digits: int) -> Floats:
    rounded: Floats = np.round(values, digits)
    return rounded


def _json(content: Any) -> str:
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def _grade_columns(*, decided: Decided, rules: Rules) -> dict[str, Any]:
    graded, ahead = decided.grades, decided.outlook
    waits = np.asarray(graded.candidate_grade != graded.grade)
    before = decided.facts.before
    since = np.where(
        waits,
        np.where(graded.is_candidate_kept, before.candidate_since_day, decided.facts.as_of_day),
        0,
    )
    names = np.array(histories.GRADES)
    kept = packing.GRADE_TRACE.records(of=decided.histories, graded=graded, policy=rules.grading)
    way = packing.GRADE_WOULD_CHANGE.records(
        grade=ahead.grade, pays_debt=ahead.pays_debt, quiet_months=ahead.quiet_months
    )
    return {
        "grade": names[graded.grade],
        "grade_rule": np.array(grades.RULES)[graded.rule],
        "grade_trace": _packed(kept),
        "grade_would_change": _packed(way, where=ahead.quiet_months >= 0),
        "candidate_grade": np.where(waits, names[graded.candidate_grade], ""),
        "candidate_since_day": pa.array(since, mask=since == 0),
    }


def _packed(records: packed_records.Records, *, where: Booleans | None = None) -> pa.Array:
    """Return records as a column of bytes; null where they say nothing."""
    form = pa.binary(records.dtype.itemsize)
    there = None
    if where is not None and not where.all():
        there = pa.array(where).buffers()[1]
    return pa.Array.from_buffers(form, len(records), [there, pa.py_buffer(records.tobytes())])


def _risk_columns(decided: Decided) -> dict[str, Any]:
    risks = decided.risks
    has_bills = np.bincount(decided.stood.account, minlength=decided.stood.n_accounts) > 0
    bands = np.where(has_bills, np.array(risk.BANDS)[risks.band], "")
    reasons = packing.RISK_REASONS.records(risks.reasons)
    way = packing.RISK_WOULD_CHANGE.records(ahead=decided.risk_outlook)
    return {
        "risk_probability": np.where(has_bills, np.round(risks.probability, 6), np.nan),
        "risk_band": bands,
        "risk_is_rule_based": risks.basis == risk.START,
        "risk_reasons": _packed(reasons, where=reasons["code"][:, 0] != packing.NO_CODE),
        "risk_would_change": _packed(way, where=has_bills & decided.risk_outlook.exists),
    }


def _cause_columns(decided: Decided) -> dict[str, Any]:
    found = decided.causes
    names = np.array([*causes.CAUSES, ""])  # the last also serves −1
    has = found.cause >= 0
    stated = np.full(len(has), np.nan)
    stated[has] = found.probability[np.flatnonzero(has), found.cause[has]]
    shares = packing.CAUSE_PROBABILITIES.records(found.probability)
    reasons = packing.CAUSE_REASONS.records(found.reasons)
    return {
        "cause": names[found.cause],
        "cause_probability": np.round(stated, 6),
        "cause_probabilities": _packed(shares, where=has),
        "cause_reasons": _packed(reasons, where=has & (reasons["code"][:, 0] != packing.NO_CODE)),
    }


def _value_columns(decided: Decided) -> dict[str, Any]:
    values = decided.values
    known = np.isfinite(values.contribution_kwh)
    of = decided.stood
    last_year = of.is_closed & (of.day - of.last_day < 365)
    billed = of.total(np.maximum(of.amount_fen, 0), last_year) / 100.0
    reasons = packing.VALUE_REASONS.records(values.reasons)
    return {
        "value_band": np.where(known, np.array(value.BANDS)[values.band], ""),
        "value_yearly_cny": np.round(billed, 2),
        "value_growth_ratio": np.round(np.expm1(values.growth), 4),
        "value_reasons": _packed(reasons, where=reasons["bits"] != 0),
    }


def _profiles(decided: Decided, *, n_parts: int) -> pa.Array:
    """Return each account's habit profile: of its largest point; null without readings."""
    n = decided.stood.n_accounts
    if decided.usage is None:
        return pa.nulls(n, pa.binary(packing.PROFILE.n_bytes(n_parts=n_parts)))
    found = decided.usage.profiles
    account = decided.facts.index_of(decided.facts.points.account_id)
    size = np.nan_to_num(found.mean_12m_kwh, nan=-1.0)
    shown = np.zeros(n, np.int64)
    order = np.lexsort((size, account))  # the largest of an account comes last and stays
    shown[account[order]] = order
    has = np.bincount(account, minlength=n) > 0
    return _packed(packing.PROFILE.records(of=found, points=shown), where=has)


def _signals(decided: Decided, point: Integers, **content: Any) -> pa.Table:
    """Return the rows of one list, columns as SIGNALS; what is not said is null."""
    points = decided.facts.points
    area = area_of_points(decided.facts)[point]
    columns: dict[str, Any] = {
        "account_id": points.account_id[point],
        "area_id": pa.array(area, mask=area == NO_AREA),
        "usage_point_id": points.point_id[point],
    } | content
    arrays = [_signal_column(columns.get(field.name), field.type, len(point)) for field in SIGNALS]
    return pa.Table.from_arrays(arrays, schema=SIGNALS)


def _signal_column(values: Any, form: pa.DataType, n: int) -> pa.Array:
    if values is None:
        return pa.nulls(n, form)
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        rounded = np.round(values.astype(np.float64), SIGNAL_DIGITS)
        return pa.array(rounded, mask=~np.isfinite(rounded))
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return pa.array(values.astype("datetime64[D]"), form)
    return values if isinstance(values, pa.Array) else pa.array(values, form)


def _changes(decided: Decided, usage: Usage) -> pa.Table:
    found = _once_a_day(usage.changes)
    n = len(found)
    return _signals(
        decided,
        found.point,
        list=["CHANGE"] * n,
        kind=found.kind.astype(object),
        changed_date=found.day,
        size_kwh_per_day=found.size_kwh,
        size_low_kwh_per_day=found.size_low_kwh,
        size_high_kwh_per_day=found.size_high_kwh,
        level_before_kwh_per_day=found.before_kwh,
        level_after_kwh_per_day=found.after_kwh,
        probability=found.probability,
        is_recent=found.is_recent,
        rank=np.zeros(n, np.int64),
    )


def _once_a_day(found: terms.Changes) -> terms.Changes:
    """Leave the surest of several changes that were dated to one day of one point."""
    order = np.lexsort((-found.probability, found.day, found.point))
    point, day = found.point[order], found.day[order]
    again = np.zeros(len(order), np.bool_)
    again[1:] = (point[1:] == point[:-1]) & (day[1:] == day[:-1])
    kept = np.sort(order[~again])
    return terms.Changes(**{name: getattr(found, name)[kept] for name in found.__slots__})


def _jumps(decided: Decided, usage: Usage, *, jump_days: int) -> pa.Table:
    found, changes = usage.jumps, usage.changes
    point = np.flatnonzero(found.is_jump)
    point = point[np.argsort(found.rank[point])]
    newest = np.full(len(found.is_jump), -1, np.int64)
    recent = np.flatnonzero(changes.is_recent)
    np.maximum.at(newest, changes.point[recent], recent)
    change = newest[point]
    has = change >= 0
    # Without a change that has a date of its own: since the recent days it was seen on.
    day = np.full(len(point), usage.adjusted.days[-jump_days]).astype("datetime64[D]")
    kind = np.full(len(point), "SURGE", object)
    probability = np.full(len(point), np.nan)
    day[has] = changes.day[change[has]]
    kind[has] = changes.kind[change[has]]
    probability[has] = changes.probability[change[has]]
    return _signals(
        decided,
        point,
        list=["JUMP"] * len(point),
        kind=kind,
        changed_date=day,
        size_kwh_per_day=found.extra_kwh[point],
        level_before_kwh_per_day=found.expected_kwh[point],
        level_after_kwh_per_day=found.recent_kwh[point],
        probability=probability,
        is_recent=np.ones(len(point), np.bool_),
        rank=found.rank[point],
    )


def _high(decided: Decided, usage: Usage) -> pa.Table:
    found = usage.high
    point = np.flatnonzero(found.is_high)
    point = point[np.argsort(found.rank[point])]
    return _signals(
        decided,
        point,
        list=["HIGH_USE"] * len(point),
        kind=[""] * len(point),
        size_kwh_per_day=found.mean_kwh[point] - found.neighbours_kwh[point],
        level_before_kwh_per_day=found.neighbours_kwh[point],
        level_after_kwh_per_day=found.mean_kwh[point],
        is_recent=np.zeros(len(point), np.bool_),
        rank=found.rank[point],
    )
