"""What a replayed night says of the doors that may need a contact: as `attention` says of today.

For the comparison of work only: nothing here is scoped to a viewer, and no page may call it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lamplighter.findings import estimates, packing
from lamplighter.findings.attention import DoorFinding, DoorSignal
from lamplighter.findings.contests import rulings
from lamplighter.findings.replay import keeping

MONEY = ("forecast_amount_cny", "balance_due_cny", "overdue_cny")
_FIELDS = tuple(DoorFinding.__dataclass_fields__)
_SIGNAL_FIELDS = tuple(DoorSignal.__dataclass_fields__)
_FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one side of a replay says of some areas' doors after one night."""

    findings: tuple[DoorFinding, ...]  # by account
    signals: Mapping[int, DoorSignal]  # the surest recent change, by account


def told(
    *,
    folder: Path,
    side: str,
    as_of: date,
    area_ids: Sequence[int],
    on: date,
    span_days: int,
    probability_least: float,
    known_at: datetime,
) -> Told:
    """Return the doors that owe anything or whose habit changed lately.

    Where a person had decided about a finding, as known at a moment, theirs stands in its place.
    """
    here = [("area_id", "in", list(area_ids))]
    signals = _signals(
        keeping.signals_of(folder=folder, side=side, day=as_of),
        here=here,
        after=on - timedelta(span_days),
        until=on,
        probability_least=probability_least,
    )
    table = pq.read_table(
        keeping.accounts_of(folder=folder, side=side, day=as_of),
        columns=list(_FIELDS),
        filters=here,
    )
    owes = pc.or_(pc.greater(table["balance_due_cny"], 0), pc.greater(table["overdue_cny"], 0))
    speaks = pc.is_in(table["account_id"], pa.array(sorted(signals), pa.int64()))
    rows = table.filter(pc.or_(owes, speaks)).sort_by("account_id").to_pylist()
    ids = [row["account_id"] for row in rows]
    ruled = rulings.values_of(account_ids=ids, on=on, known_at=known_at)
    findings = tuple(_as_ruled(_finding(row), ruled) for row in rows)
    return Told(findings=findings, signals=signals)


def areas_decided(*, folder: Path, side: str, as_of: date) -> frozenset[int]:
    """Return the areas whose accounts a side decided."""
    table = pq.read_table(
        keeping.accounts_of(folder=folder, side=side, day=as_of), columns=["area_id"]
    )
    return frozenset(area for area in pc.unique(table["area_id"]).to_pylist() if area is not None)


def _signals(
    file: Path, *, here: list[Any], after: date, until: date, probability_least: float
) -> dict[int, DoorSignal]:
    wanted = [
        *here,
        ("list", "in", ["JUMP", "CHANGE"]),
        ("is_recent", "==", True),
        ("changed_date", ">", after),
        ("changed_date", "<=", until),
        ("probability", ">=", probability_least),
    ]
    table = pq.read_table(file, columns=list(_SIGNAL_FIELDS), filters=wanted)
    order = [("account_id", "ascending"), ("probability", "descending"), ("list", "descending")]
    found = [DoorSignal(**row) for row in table.sort_by(order).to_pylist()]
    surest: dict[int, DoorSignal] = {}
    for signal in estimates.of_history(signals=found, changes=found):
        surest.setdefault(signal.account_id, signal)
    return surest


def _finding(row: dict[str, Any]) -> DoorFinding:
    money = {name: _money(row[name]) for name in MONEY}
    shares = packing.CAUSE_PROBABILITIES.unpack(row["cause_probabilities"])
    return DoorFinding(**{**row, **money, "cause_probabilities": shares})


def _as_ruled(finding: DoorFinding, ruled: Mapping[tuple[int, str], str]) -> DoorFinding:
    """Put what a person decided in the place of what was computed, as `attention` does."""
    of = {
        about: value for (account, about), value in ruled.items() if account == finding.account_id
    }
    changed: dict[str, Any] = {}
    if "GRADE" in of:
        changed["grade"] = of["GRADE"]
    if "RISK" in of:
        changed |= {"risk_band": of["RISK"], "risk_probability": None}
    if "CAUSE" in of and of["CAUSE"] != finding.cause:
        shares = {of["CAUSE"]: 1.0} if of["CAUSE"] else {}
        changed |= {"cause": of["CAUSE"], "cause_probabilities": shares}
        changed["cause_probability"] = 1.0 if of["CAUSE"] else None
    return replace(finding, **changed)


def _money(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(str(amount)).quantize(_FEN)
