"""Taking organisation units in; a parent may stand after its children in the file."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from django.db import connection

from lamplighter.facts.intake import reasons, version_landing
from lamplighter.facts.intake.records import Landed, LandingContext, Refusal
from lamplighter.facts.network.models import OrgUnit
from lamplighter.ledger import services as ledger

LONGEST_PATH = 400
Row = dict[str, Any]


def land_org_units(*, rows: Iterator[pa.RecordBatch], context: LandingContext) -> Landed:
    """Take organisation units in. A known unit may change its name, not its place or kind."""
    with connection.cursor() as cursor:
        version_landing.lock_table(cursor=cursor, table=OrgUnit._meta.db_table)
    waiting: dict[str, Row] = {}
    for batch in rows:
        waiting |= {row["code"]: row for row in batch.to_pylist()}
    known = {unit.code: unit for unit in OrgUnit.objects.select_related("parent").order_by("id")}
    refusals: list[Refusal] = []
    changed: list[OrgUnit] = []
    n_unchanged = n_new = 0
    for code in [code for code in waiting if code in known]:
        row, unit = waiting.pop(code), known[code]
        parent = unit.parent.code if unit.parent else None
        if (row["parent_code"], row["kind"]) != (parent, unit.kind):
            refusals.append(_refusal(row, reasons.MOVED_UNIT, detail=f"{unit.kind} {unit.path}"))
        elif row["name"] != unit.name:
            unit.name = row["name"]
            changed.append(unit)
        else:
            n_unchanged += 1
    OrgUnit.objects.bulk_update(changed, ["name"], batch_size=1_000)
    while ready := [
        row for row in waiting.values() if row["parent_code"] is None or row["parent_code"] in known
    ]:
        fresh = []
        for row in ready:
            del waiting[row["code"]]
            unit = _unit(row, known)
            if len(unit.path) > LONGEST_PATH or "/" in unit.code:
                refusals.append(_refusal(row, reasons.TOO_LONG, detail=unit.path[:100]))
            else:
                fresh.append(unit)
        known |= {unit.code: unit for unit in OrgUnit.objects.bulk_create(fresh, batch_size=1_000)}
        n_new += len(fresh)
    refusals += [_orphan(row, waiting) for row in waiting.values()]
    if n_new or changed:
        ledger.record(
            "network.org_unit.imported",
            subject=f"delivery:{context.delivery_id}",
            actor=context.actor,
            at=context.now,
            n_new=n_new,
            changed={unit.code: ["name"] for unit in changed},
        )
    return Landed(n_imported=n_new + len(changed), n_unchanged=n_unchanged, refusals=refusals)


def _unit(row: Row, known: dict[str, OrgUnit]) -> OrgUnit:
    parent = known.get(row["parent_code"]) if row["parent_code"] else None
    above = parent.path if parent else "/"
    return OrgUnit(
        code=row["code"],
        kind=row["kind"],
        name=row["name"],
        parent=parent,
        path=f"{above}{row['code']}/",
    )


def _orphan(row: Row, waiting: dict[str, Row]) -> Refusal:
    """Say why a unit found no parent: nobody knows it, or the way up comes back to the unit."""
    seen: set[str] = set()
    parent = row["parent_code"]
    while parent in waiting and parent not in seen:
        seen.add(parent)
        parent = waiting[parent]["parent_code"]
    reason = reasons.PARENT_RING if parent in waiting else reasons.UNKNOWN_PARENT
    return _refusal(row, reason)


def _refusal(row: Row, reason: str, *, detail: str = "") -> Refusal:
    return Refusal(
        row_number=row["row_number"],
        field="parent_code",
        value=row["parent_code"] or "",
        reason=reason,
        detail=detail,
    )
