"""From raw rows of a file to rows in our types, and a refusal for every value that does not fit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lamplighter.facts.intake import cells, quantities, reasons, texts, times
from lamplighter.facts.intake.cells import Converted, Task
from lamplighter.facts.intake.limits import Limits
from lamplighter.facts.intake.mappings import (
    NUMBER_COLUMN,
    ROW,
    Column,
    Mapping,
    Shape,
    pieces_of,
)
from lamplighter.facts.intake.records import ROW_NUMBER, Field, FieldKind, Refusal
from lamplighter.facts.intake.sources import RawBatch

TYPES: dict[FieldKind, pa.DataType] = {
    FieldKind.TEXT: pa.string(),
    FieldKind.CHOICE: pa.string(),
    FieldKind.INTEGER: pa.int64(),
    FieldKind.NUMBER: pa.float64(),
    FieldKind.DAY: pa.date32(),
    FieldKind.MOMENT: pa.timestamp("us", "UTC"),
    FieldKind.FLAG: pa.bool_(),
    FieldKind.NUMBERS: pa.list_(pa.float64()),
}
CONVERTERS: dict[FieldKind, Callable[..., Converted]] = {
    FieldKind.TEXT: texts.convert_text,
    FieldKind.CHOICE: texts.convert_choice,
    FieldKind.INTEGER: quantities.convert_integer,
    FieldKind.DECIMAL: quantities.convert_decimal,
    FieldKind.NUMBER: quantities.convert_number,
    FieldKind.DAY: times.convert_day,
    FieldKind.MOMENT: times.convert_moment,
    FieldKind.FLAG: texts.convert_flag,
}
HIDDEN = "***"
SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The rows of one shape: those that fit, and why the others do not."""

    rows: pa.RecordBatch
    n_read: int
    refusals: list[Refusal]


def arrow_type(*, field: Field) -> pa.DataType:
    """Return the Arrow type a field's values have."""
    if field.kind is FieldKind.DECIMAL:
        return pa.decimal128(18, field.decimals)
    return TYPES[field.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """Turns batches of one file into rows, as one mapping says.

    A row's number is its number in the file times the number of shapes, plus the shape's place:
    unique in the delivery, in the file's order.
    """

    mapping: Mapping
    limits: Limits
    today: date

    def row_in_file(self, row_number: int) -> int:
        """Return the file's row of a row number."""
        return row_number // len(self.mapping.shapes)

    def check(self, *, raw: RawBatch, place: int) -> Checked:
        """Convert one shape of a batch."""
        shape = self.mapping.shapes[place]
        raw = _without_skipped(raw, shape)
        numbers = raw.rows * len(self.mapping.shapes) + place
        given = {column.field: column for column in shape.columns}
        arrays, wrong = [], []
        for field in self.mapping.record.fields:
            column = given.get(field.name)
            if column is None:
                arrays.append(pa.nulls(len(raw.rows), arrow_type(field=field)))
                continue
            source = _source_of(column, raw)
            found = self._converted(source, field, column)
            found = _with_bad_cells(found, column, raw)
            if field.is_required:
                absent = pc.is_null(found.values)
                if found.reasons is not None:
                    absent = pc.and_(absent, pc.is_null(found.reasons))
                found = cells.refuse_where(converted=found, wrong=absent, reason=reasons.MISSING)
            arrays.append(found.values)
            if found.reasons is not None:
                wrong.append((field, source, found.reasons))
        rows = pa.RecordBatch.from_arrays(
            [*arrays, pa.array(numbers)],
            names=[*(field.name for field in self.mapping.record.fields), ROW_NUMBER],
        )
        return _split(rows, numbers, wrong)

    def _converted(self, source: pa.Array, field: Field, column: Column) -> Converted:
        if pa.types.is_null(source.type):
            return Converted(values=pa.nulls(len(source), arrow_type(field=field)))
        task = Task(
            field=field,
            column=column,
            form=self.mapping.file,
            limits=self.limits,
            today=self.today,
        )
        if field.kind is FieldKind.NUMBERS:
            return _curves(source, task)
        return CONVERTERS[field.kind](array=source, task=task)


def _source_of(column: Column, raw: RawBatch) -> pa.Array:
    """Return a field's raw values: a column of the file, a constant, a filled template, points."""
    n_rows = len(raw.rows)
    if column.source is not None:
        return raw.cells.column(column.source)
    if column.constant is not None:
        return pa.repeat(column.constant, n_rows)
    if column.points:
        return pa.StructArray.from_arrays(
            [raw.cells.column(point) for point in column.points], names=list(column.points)
        )
    parts: list[pa.Array | pa.Scalar] = []
    for text, name in pieces_of(column.template or ""):
        parts.append(pa.repeat(text, n_rows))
        if name == ROW:
            parts.append(_numbers_for_templates(raw))
        elif name is not None:
            parts.append(pc.utf8_trim_whitespace(cells.as_texts(array=raw.cells.column(name))))
    if not parts:
        return pa.repeat("", n_rows)
    return pc.binary_join_element_wise(*parts, "", null_handling="emit_null")


def _numbers_for_templates(raw: RawBatch) -> pa.Array:
    """Return what {row} stands for: a corrected row keeps the number it had in its first file."""
    if NUMBER_COLUMN in raw.cells.schema.names:
        first = pc.utf8_trim_whitespace(cells.as_texts(array=raw.cells.column(NUMBER_COLUMN)))
        is_number = pc.match_substring_regex(first, r"^\d+$")
        return pc.if_else(is_number, first, pa.array(raw.rows).cast(pa.string()))
    return pa.array(raw.rows).cast(pa.string())


def _curves(source: pa.StructArray, task: Task) -> Converted:
    """Return each row's points as one list; a missing point is NaN, a wrong one refuses the row."""
    n_points = len(task.column.points)
    values = np.empty((len(source), n_points))
    found = Converted(values=pa.nulls(len(source), pa.string()))
    for place in range(n_points):
        point = quantities.convert_number(array=source.field(place), task=task)
        filled = pc.fill_null(point.values, float("nan"))
        values[:, place] = filled.to_numpy(zero_copy_only=False)
        if point.reasons is not None:
            known = found.reasons if found.reasons is not None else found.values
            found = Converted(values=found.values, reasons=pc.coalesce(known, point.reasons))
    offsets = np.arange(0, values.size + 1, n_points, dtype=np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), pa.array(values.ravel()))
    return Converted(values=lists, reasons=found.reasons)


def _with_bad_cells(found: Converted, column: Column, raw: RawBatch) -> Converted:
    """Refuse the values whose cell holds a formula or an error."""
    for reason in {cell.reason for cell in raw.bad_cells}:
        rows = [c.row for c in raw.bad_cells if c.reason == reason and c.column in column.sources]
        wrong = pa.array(np.isin(raw.rows, rows))
        found = cells.refuse_where(converted=found, wrong=wrong, reason=reason)
    return found


def _without_skipped(raw: RawBatch, shape: Shape) -> RawBatch:
    """Leave out the rows that, as the mapping says, make no record of this shape."""
    if not shape.skip:
        return raw
    skipped = np.zeros(len(raw.rows), dtype=bool)
    for name, values in shape.skip:
        found = pc.utf8_trim_whitespace(cells.as_texts(array=raw.cells.column(name)))
        found = pc.fill_null(found, "")
        hit = pc.is_in(found, pa.array(values, pa.string()))
        skipped |= hit.to_numpy(zero_copy_only=False)
    if not skipped.any():
        return raw
    return RawBatch(
        rows=raw.rows[~skipped],
        cells=raw.cells.filter(pa.array(~skipped)),
        bad_cells=raw.bad_cells,
        share=raw.share,
    )


def _split(
    rows: pa.RecordBatch,
    numbers: npt.NDArray[np.int64],
    wrong: list[tuple[Field, pa.Array, pa.Array]],
) -> Checked:
    """Part the rows that fit from those with at least one wrong value."""
    if not wrong:
        return Checked(rows=rows, n_read=len(numbers), refusals=[])
    bad = np.zeros(len(numbers), dtype=bool)
    refusals = []
    for field, source, why in wrong:
        places = np.flatnonzero(pc.is_valid(why).to_numpy(zero_copy_only=False))
        bad[places] = True
        shown = source.take(pa.array(places))
        values = shown.to_pylist()
        codes = why.take(pa.array(places)).to_pylist()
        for at, value, code in zip(places, values, codes, strict=True):
            refusals.append(
                Refusal(
                    row_number=int(numbers[at]),
                    field=field.name,
                    value=shown_value(field=field, value=value),
                    reason=code,
                )
            )
    refusals.sort(key=lambda refusal: refusal.row_number)
    return Checked(rows=rows.filter(pa.array(~bad)), n_read=len(numbers), refusals=refusals)


def shown_value(*, field: Field, value: object) -> str:
    """Return a value as quarantine pages may show it: personal ones never, long ones cut.

    >>> shown_value(field=Field(name="phone", kind=FieldKind.TEXT, is_personal=True), value="139")
    '***'
    """
    if value is None:
        return ""
    if field.is_personal:
        return HIDDEN
    if isinstance(value, dict):  # the points of a curve
        value = ", ".join(str(point) for point in value.values())
    text = str(value).replace("\x00", "␀")
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"
