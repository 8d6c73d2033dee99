"""A decided shard as tables: the kept file and the rows for the pages come from the same arrays."""

import hashlib
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lamplighter.findings.deciding import Decided, Usage, area_of_points
from lamplighter.findings.facts import NO_AREA, Floats, ShardFacts
from lamplighter.findings.forecasting import Forecasts
from lamplighter.findings.learnt import Learnt
from lamplighter.findings.rules import KERNELS, Rules
from lamplighter.insight.arrears import risk
from lamplighter.insight.causes import causes, evidence
from lamplighter.insight.grading import grades, histories, trace
from lamplighter.insight.habits import profile
from lamplighter.insight.value import value

STRONGEST = 4  # reasons kept; the page shows them in this order
SIGNAL_DIGITS = 3


def accounts_table(*, decided: Decided, forecasts: Forecasts, rules: Rules) -> pa.Table:
    """Return one row an account, ascending by id; columns as the table AccountFinding."""
    facts, of = decided.facts, decided.stood
    n = of.n_accounts
    due = of.total(of.open_fen, np.ones(len(of.account), np.bool_)) / 100.0
    overdue = of.total(of.open_fen, of.is_closed) / 100.0
    money = {
        name: _rounded(kwh * forecasts.price_cny_per_kwh, 2)
        for name, kwh in (
            ("forecast_amount_cny", forecasts.energy_kwh),
            ("forecast_low_cny", forecasts.low_kwh),
            ("forecast_high_cny", forecasts.high_kwh),
        )
    }
    columns: dict[str, Any] = {
        "account_id": facts.accounts.account_id,
        "area_id": pa.array(facts.accounts.area_id, mask=facts.accounts.area_id == NO_AREA),
        **_grade_columns(decided=decided, rules=rules),
        **_risk_columns(decided),
        **_cause_columns(decided),
        **_value_columns(decided),
        "forecast_energy_kwh": _rounded(forecasts.energy_kwh, 2),
        **money,
        "balance_due_cny": np.round(due, 2),
        "overdue_cny": np.round(overdue, 2),
        "days_overdue": decided.histories.days_overdue,
        "months_reminded": decided.histories.is_reminded.sum(axis=1),
        "profile": _profiles(decided),
    }
    return pa.table({name: _array(values, n) for name, values in columns.items()})


def signals_table(*, decided: Decided, rules: Rules) -> pa.Table:
    """Return one row a signal: changes by point and day, then jumps, then high use by rank."""
    usage = decided.usage
    rows: list[dict[str, Any]] = []
    if usage is not None:
        rows = [
            *_changes(decided, usage),
            *_jumps(decided, usage, jump_days=rules.jumps.jump_days),
            *_high(decided, usage),
        ]
    return pa.Table.from_pylist(rows, schema=SIGNALS)


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
    form = {"compression": "zstd", "store_schema": False, "version": "2.6"}
    with pq.ParquetWriter(written, table.schema, **form) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(origin)
    return written.getvalue()


def sha256_of(*, parts: Sequence[bytes]) -> str:
    """Return the hash of the files of one shard, in their order."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def provenance(
    *, facts: ShardFacts, rules: Rules, learnt: Learnt, known_at: datetime
) -> dict[str, str]:
    """Return where the results of one shard come from, as the metadata of its files."""
    content = _json(learnt.to_dict()).encode()
    return {
        "as_of": facts.as_of.isoformat(),
        "known_at": known_at.astimezone(UTC).isoformat(),
        "kernels": _json(KERNELS),
        "policies": _json(rules.versions),
        "inputs_sha256": facts.sha256(),
        "learnt_sha256": hashlib.sha256(content).hexdigest(),
    }


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
    n = decided.stood.n_accounts
    waits = np.asarray(graded.candidate_grade != graded.grade)
    before = decided.facts.before
    since = np.where(
        waits,
        np.where(graded.is_candidate_kept, before.candidate_since_day, decided.facts.as_of_day),
        0,
    )
    names = np.array(histories.GRADES)
    traces = [
        [
            {"rule": s.rule, "inputs": dict(s.inputs), "limits": dict(s.limits), "says": s.says}
            for s in trace.trace(
                histories=decided.histories, grades=graded, policy=rules.grading, account=i
            )
        ]
        for i in range(n)
    ]
    changes = [
        _json(
            {"grade": names[ahead.grade[i]], "pays_debt": bool(ahead.pays_debt[i])}
            | {"quiet_months": int(ahead.quiet_months[i])}
        )
        if ahead.quiet_months[i] >= 0
        else "{}"
        for i in range(n)
    ]
    return {
        "grade": names[graded.grade],
        "grade_rule": np.array(grades.RULES)[graded.rule],
        "grade_trace": [_json(steps) for steps in traces],
        "grade_would_change": changes,
        "candidate_grade": np.where(waits, names[graded.candidate_grade], ""),
        "candidate_since_day": pa.array(since, mask=since == 0),
    }


def _risk_columns(decided: Decided) -> dict[str, Any]:
    risks = decided.risks
    has_bills = np.bincount(decided.stood.account, minlength=decided.stood.n_accounts) > 0
    bands = np.where(has_bills, np.array(risk.BANDS)[risks.band], "")
    order = np.argsort(-np.abs(risks.reasons), axis=1, kind="stable")[:, :STRONGEST]
    reasons = [
        _json(
            [
                {"code": risk.REASONS[r], "log_odds": round(float(risks.reasons[i, r]), 4)}
                for r in order[i]
                if abs(risks.reasons[i, r]) >= 5e-5
            ]
        )
        for i in range(len(bands))
    ]
    return {
        "risk_probability": np.where(has_bills, np.round(risks.probability, 6), np.nan),
        "risk_band": bands,
        "risk_is_rule_based": risks.basis == risk.START,
        "risk_reasons": reasons,
    }


def _cause_columns(decided: Decided) -> dict[str, Any]:
    found = decided.causes
    names = np.array([*causes.CAUSES, ""])  # the last also serves −1
    n = len(found.cause)
    stated = np.full(n, np.nan)
    has = found.cause >= 0
    stated[has] = found.probability[np.flatnonzero(has), found.cause[has]]
    shares, reasons = [], []
    for i in range(n):
        if not has[i]:
            shares.append("{}")
            reasons.append("[]")
            continue
        row = found.probability[i]
        shares.append(
            _json({c: round(float(p), 4) for c, p in zip(causes.CAUSES, row, strict=True)})
        )
        order = np.argsort(-np.abs(np.nan_to_num(found.reasons[i])), kind="stable")[:STRONGEST]
        reasons.append(
            _json(
                [
                    {
                        "code": evidence.EVIDENCES[e],
                        "log_odds": round(float(found.reasons[i, e]), 4),
                    }
                    for e in order
                    if abs(np.nan_to_num(found.reasons[i, e])) >= 5e-5
                ]
            )
        )
    return {
        "cause": names[found.cause],
        "cause_probability": np.round(stated, 6),
        "cause_probabilities": shares,
        "cause_reasons": reasons,
    }


def _value_columns(decided: Decided) -> dict[str, Any]:
    values = decided.values
    known = np.isfinite(values.contribution_kwh)
    of = decided.stood
    last_year = of.is_closed & (of.day - of.last_day < 365)
    billed = of.total(np.maximum(of.amount_fen, 0), last_year) / 100.0
    reasons = [
        _json([code for bit, code in enumerate(value.REASONS) if int(bits) >> bit & 1])
        for bits in values.reasons
    ]
    return {
        "value_band": np.where(known, np.array(value.BANDS)[values.band], ""),
        "value_yearly_cny": np.round(billed, 2),
        "value_growth_ratio": np.round(np.expm1(values.growth), 4),
        "value_reasons": reasons,
    }


def _profiles(decided: Decided) -> list[str]:
    """Return each account's habit profile: of its largest point, rounded; {} without readings."""
    shown = ["{}"] * decided.stood.n_accounts
    if decided.usage is None:
        return shown
    found = decided.usage.profiles
    account = decided.facts.index_of(decided.facts.points.account_id)
    size = np.nan_to_num(found.mean_12m_kwh, nan=-1.0)
    for point in np.lexsort((size, account)):  # the largest of an account comes last and stays
        shown[account[point]] = _json(_profile(found, int(point)))
    return shown


def _profile(found: profile.Profiles, point: int) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for name in found.__dataclass_fields__:
        values = getattr(found, name)[point]
        if isinstance(values, np.ndarray):
            content[name] = [_number(v) for v in values]
        else:
            content[name] = _number(values)
    return content


def _number(value: Any) -> int | float | None:
    if isinstance(value, np.integer):
        return int(value)
    return round(float(value), 4) if np.isfinite(value) else None


def _signal(decided: Decided, point: int, **content: Any) -> dict[str, Any]:
    area = int(area_of_points(decided.facts)[point])
    row: dict[str, Any] = dict.fromkeys(SIGNALS.names)
    row |= {
        "account_id": int(decided.facts.points.account_id[point]),
        "area_id": None if area == NO_AREA else area,
        "usage_point_id": int(decided.facts.points.point_id[point]),
    }
    for name, entry in content.items():
        row[name] = _number(entry) if isinstance(entry, np.floating) else entry
    return row


def _changes(decided: Decided, usage: Usage) -> list[dict[str, Any]]:
    found = usage.changes
    return [
        _signal(
            decided,
            int(found.point[i]),
            list="CHANGE",
            kind=str(found.kind[i]),
            changed_date=found.day[i].astype("datetime64[D]").item(),
            size_kwh_per_day=found.size_kwh[i],
            size_low_kwh_per_day=found.size_low_kwh[i],
            size_high_kwh_per_day=found.size_high_kwh[i],
            level_before_kwh_per_day=found.before_kwh[i],
            level_after_kwh_per_day=found.after_kwh[i],
            probability=found.probability[i],
            is_recent=bool(found.is_recent[i]),
            rank=0,
        )
        for i in range(len(found))
    ]


def _jumps(decided: Decided, usage: Usage, *, jump_days: int) -> list[dict[str, Any]]:
    found, changes = usage.jumps, usage.changes
    newest = {int(p): i for i, p in enumerate(changes.point) if changes.is_recent[i]}
    rows = []
    for point in np.flatnonzero(found.is_jump)[np.argsort(found.rank[found.is_jump])]:
        change = newest.get(int(point))
        # Without a change that has a date of its own: since the recent days it was seen on.
        since = usage.adjusted.days[-jump_days] if change is None else changes.day[change]
        dated = since.astype("datetime64[D]").item()
        rows.append(
            _signal(
                decided,
                int(point),
                list="JUMP",
                kind="SURGE" if change is None else str(changes.kind[change]),
                changed_date=dated,
                size_kwh_per_day=found.extra_kwh[point],
                level_before_kwh_per_day=found.expected_kwh[point],
                level_after_kwh_per_day=found.recent_kwh[point],
                probability=None if change is None else changes.probability[change],
                is_recent=True,
                rank=int(found.rank[point]),
            )
        )
    return rows


def _high(decided: Decided, usage: Usage) -> list[dict[str, Any]]:
    found = usage.high
    return [
        _signal(
            decided,
            int(point),
            list="HIGH_USE",
            kind="",
            size_kwh_per_day=found.mean_kwh[point] - found.neighbours_kwh[point],
            level_before_kwh_per_day=found.neighbours_kwh[point],
            level_after_kwh_per_day=found.mean_kwh[point],
            is_recent=False,
            rank=int(found.rank[point]),
        )
        for point in np.flatnonzero(found.is_high)[np.argsort(found.rank[found.is_high])]
    ]
