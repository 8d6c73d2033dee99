"""What a delivery may carry, and how a room takes its rows in.

A room above intake declares its *record types* and, for each, a *landing*: a function that takes
the checked rows of one delivery, inside the transaction of that delivery, and says what became of
each. The landing sees rows that already have the right type, unit and range; it refuses those that
do not fit what is known (an unknown area, an overlap), and never raises for a row's content.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from django.utils import timezone

ROW_NUMBER = "row_number"


class FieldKind(StrEnum):
    """What a field holds; the Arrow type the rows carry it in."""

    TEXT = "TEXT"  # string
    CHOICE = "CHOICE"  # string, one of the choices
    INTEGER = "INTEGER"  # int64
    DECIMAL = "DECIMAL"  # decimal128(18, decimals): money, capacity
    NUMBER = "NUMBER"  # float64: coordinates, energy readings
    DAY = "DAY"  # date32
    MOMENT = "MOMENT"  # timestamp[us, UTC]
    FLAG = "FLAG"  # bool
    NUMBERS = "NUMBERS"  # list<float64>: the points of one day; NaN where a point is missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a record type; numbers are in *unit*, whatever the file used."""

    name: str
    kind: FieldKind
    is_required: bool = False
    is_personal: bool = False  # its value never appears in quarantine tables, logs or errors
    unit: str = ""
    choices: tuple[str, ...] = ()
    decimals: int = 2
    least: Decimal | None = None
    most: Decimal | None = None
    longest: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordType:
    """A kind of row: its fields and its natural key.

    Repeated keys inside a file are found before the landing sees them, unless the landing says
    that it does so itself (*dedupes_itself*): a store of millions of readings has better means.
    """

    name: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    dedupes_itself: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why one row could not be used. *reason* is a code the pages put into words."""

    row_number: int
    field: str
    value: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """What became of the rows: imported + unchanged + refused rows = rows taken in."""

    n_imported: int
    n_unchanged: int
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingContext:
    """What a landing needs beside the rows; nothing of it comes from settings."""

    delivery_id: int
    delivery_sha256: str  # names the delivery to stores outside the database
    now: datetime  # the moment the facts become known (recorded_at)
    actor: str
    field_key: bytes  # seals personal fields
    lake_folder: Path
    scratch_folder: Path  # empty, on disk, removed afterwards
    on_progress: Callable[[int], None]  # rows taken in so far
    most_refusals: int = 200_000  # more refuse the file; intake sets the policy's number

    @property
    def day(self) -> date:
        """The local day on which the facts become known: its rules are in force."""
        return timezone.localdate(self.now)


class Landing(Protocol):
    """Takes the rows of one delivery in."""

    def __call__(self, *, rows: Iterator[pa.RecordBatch], context: LandingContext) -> Landed:
        """Take in batches whose columns are the record type's fields (absent ones null) and
        ``row_number`` (int64, unique in the delivery, in the file's order). Single pass."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorway:
    """A record type and the room's function that takes it in."""

    record: RecordType
    land: Landing
