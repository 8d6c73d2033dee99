"""Two sides of one night held against each other. No database, no clock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lamplighter.findings import packing

ABOUT = {
    "GRADE": "grade",
    "WAITING": "candidate_grade",  # to be granted in time, or to be confirmed by a person
    "RISK": "risk_band",
    "CAUSE": "cause",
}
DECISIONS = tuple(ABOUT.values())
NUMBERS = (
    *("risk_probability", "cause_probability", "value_band", "segment", "forecast_amount_cny"),
    *("forecast_low_cny", "forecast_high_cny", "balance_due_cny", "overdue_cny"),
    *("days_overdue", "months_reminded", "candidate_since_day"),
)
TOLD = (*DECISIONS, "grade_rule", *NUMBERS)  # what makes an account differ
ALSO = ("grade_trace", "risk_reasons", "cause_reasons")  # told of an account that differs
A_BATCH = 2_000


# What persons decided in place of a finding: by account and what it is about.
Ruled = Mapping[tuple[int, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a night: its accounts, and what persons had decided as far as it knows."""

    file: Path
    ruled: Ruled


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many accounts of an area are found so on one side and so on the other."""

    area_id: int | None
    about: str
    before: str  # empty: nothing, or the side does not know the account
    after: str
    n_accounts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """An account that the two sides find otherwise; a side that does not know it is empty."""

    account_id: int
    area_id: int | None
    shard: int
    before: dict[str, Any]
    after: dict[str, Any]

    @property
    def is_decision(self) -> bool:
        """Whether the grade, the one that waits, the risk band or the cause differs."""
        return any(self.before.get(name) != self.after.get(name) for name in DECISIONS)


def counts(*, before: Side, after: Side) -> list[Counted]:
    """Count the accounts by area and what each side says of them; whole, unchanged ones too."""
    columns = ["account_id", "area_id", *DECISIONS]
    both = _joined(before, after, columns)
    area = pc.coalesce(both["area_id_after"], both["area_id"])
    found = []
    for about, name in ABOUT.items():
        table = pa.table(
            {
                "area": area,
                "before": pc.fill_null(both[name], ""),
                "after": pc.fill_null(both[f"{name}_after"], ""),
            }
        )
        grouped = table.group_by(["area", "before", "after"]).aggregate([([], "count_all")])
        found += [
            Counted(
                area_id=row["area"],
                about=about,
                before=row["before"],
                after=row["after"],
                n_accounts=row["count_all"],
            )
            for row in grouped.to_pylist()
        ]
    return sorted(found, key=lambda c: (c.about, c.area_id or 0, c.before, c.after))


def changes(*, before: Side, after: Side) -> Iterator[Changed]:
    """Yield the accounts that differ in anything that is told, by shard and account."""
    both = _joined(before, after, ["account_id", "area_id", "shard", *TOLD])
    unlike = pc.or_(pc.is_null(both["grade"]), pc.is_null(both["grade_after"]))
    for name in TOLD:
        old, new = both[name], both[f"{name}_after"]
        same = pc.fill_null(pc.equal(old, new), False)
        neither = pc.and_(pc.is_null(old), pc.is_null(new))
        unlike = pc.or_(unlike, pc.invert(pc.or_(same, neither)))
    shard = pc.coalesce(both["shard_after"], both["shard"])
    found = both.append_column("in_shard", shard).filter(unlike)
    ordered = found.sort_by([("in_shard", "ascending"), ("account_id", "ascending")])
    for start in range(0, len(ordered), A_BATCH):
        rows = ordered.slice(start, A_BATCH).to_pylist()
        ids = [row["account_id"] for row in rows]
        also = [_also(side.file, ids) for side in (before, after)]
        for row in rows:
            yield Changed(
                account_id=row["account_id"],
                area_id=_either(row["area_id_after"], row["area_id"]),
                shard=row["in_shard"],
                before=_side(row, "", also[0]),
                after=_side(row, "_after", also[1]),
            )


def _also(file: Path, account_ids: list[int]) -> dict[int, dict[str, Any]]:
    rows = pq.read_table(
        file,
        columns=["account_id", *ALSO],
        filters=[("account_id", "in", account_ids)],
    ).to_pylist()
    return {
        row["account_id"]: {name: packing.PACKINGS[name].unpack(row[name]) for name in ALSO}
        for row in rows
    }


def _either(one: int | None, other: int | None) -> int | None:
    return other if one is None else one


def _joined(before: Side, after: Side, columns: list[str]) -> pa.Table:
    one, two = (_shown(side, columns) for side in (before, after))
    return one.join(two, "account_id", join_type="full outer", right_suffix="_after")


def _shown(side: Side, columns: list[str]) -> pa.Table:
    """Return a side's accounts with what persons decided in place of what was computed."""
    table = pq.read_table(side.file, columns=columns)
    for about, name in ABOUT.items():
        ruled = {account: value for (account, of), value in side.ruled.items() if of == about}
        if ruled and name in columns:
            ids, said = table["account_id"].to_pylist(), table[name].to_pylist()
            shown = [ruled.get(a, value) for a, value in zip(ids, said, strict=True)]
            place = table.schema.get_field_index(name)
            table = table.set_column(place, name, pa.array(shown, pa.string()))
    return table


def _side(row: dict[str, Any], suffix: str, also: dict[int, dict[str, Any]]) -> dict[str, Any]:
    if row[f"grade{suffix}"] is None:
        return {}
    return {name: row[f"{name}{suffix}"] for name in TOLD} | also[row["account_id"]]
