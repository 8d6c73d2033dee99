"""What all conversions of a column share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lamplighter.facts.intake.limits import Limits
from lamplighter.facts.intake.mappings import Column, FileForm
from lamplighter.facts.intake.records import Field


class Unusable(ValueError):
    """One value cannot be used; the text is the reason's code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A column in our type, null where its value is absent or cannot be used."""

    values: pa.Array
    reasons: pa.Array | None = None  # string, null where the value is fine; None: all are fine


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One column to convert, with all that its conversion depends on."""

    field: Field
    column: Column
    form: FileForm
    limits: Limits
    today: date


def plain(*, array: pa.Array) -> pa.Array:
    """Return an array of a dictionary's values, or the array itself."""
    if pa.types.is_dictionary(array.type):
        return array.dictionary_decode()
    return array


def is_text(kind: pa.DataType) -> bool:
    """Tell whether an Arrow type holds texts, as such or as numbered words."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def as_texts(*, array: pa.Array) -> pa.Array:
    """Return any column as texts: numbers without a needless point, the rest as Arrow writes it.

    >>> as_texts(array=pa.array([7.0, 7.5, None])).to_pylist()
    ['7', '7.5', None]
    """
    array = plain(array=array)
    if pa.types.is_string(array.type):
        return array
    texts = array.cast(pa.string())
    if pa.types.is_floating(array.type):
        texts = pc.replace_substring_regex(texts, r"\.0$", "")
    return texts


def trimmed(*, array: pa.Array, task: Task) -> pa.Array:
    """Return texts without blanks around them, null where the mapping calls them missing."""
    texts = pc.utf8_trim_whitespace(as_texts(array=array))
    missing = {"", *task.column.missing}
    return pc.if_else(
        pc.is_in(texts, pa.array(sorted(missing), pa.string())), pa.scalar(None, pa.string()), texts
    )


def by_word(*, texts: pa.Array, parse: Callable[[str], Any], kind: pa.DataType) -> Converted:
    """Convert each different text once. *parse* raises `Unusable` with the reason's code."""
    words = texts.dictionary_encode()
    values: list[Any] = []
    reasons: list[str | None] = []
    for word in words.dictionary.to_pylist():
        try:
            values.append(parse(word))
            reasons.append(None)
        except Unusable as error:
            values.append(None)
            reasons.append(str(error))
    converted = pa.array(values, kind).take(words.indices)
    if not any(reasons):
        return Converted(values=converted)
    return Converted(values=converted, reasons=pa.array(reasons, pa.string()).take(words.indices))


def mended(*, fast: pa.Array, texts: pa.Array, parse: Callable[[str], Any]) -> Converted:
    """Fill by hand what a fast conversion left null although there is a text."""
    left = pc.and_(pc.is_null(fast), pc.is_valid(texts))
    if not pc.any(left).as_py():
        return Converted(values=fast)
    hard = by_word(texts=texts.filter(left), parse=parse, kind=fast.type)
    values = pc.replace_with_mask(fast, left, hard.values)
    if hard.reasons is None:
        return Converted(values=values)
    nothing = pa.nulls(len(fast), pa.string())
    return Converted(values=values, reasons=pc.replace_with_mask(nothing, left, hard.reasons))


def refuse_where(*, converted: Converted, wrong: pa.Array, reason: str) -> Converted:
    """Refuse the values where *wrong* is true (null: not wrong) unless refused already."""
    wrong = pc.fill_null(wrong, False)
    if not pc.any(wrong).as_py():
        return converted
    reasons = converted.reasons
    if reasons is None:
        reasons = pa.nulls(len(wrong), pa.string())
    fresh = pc.if_else(wrong, pa.scalar(reason), pa.scalar(None, pa.string()))
    nothing = pa.scalar(None, converted.values.type)
    return Converted(
        values=pc.if_else(wrong, nothing, converted.values),
        reasons=pc.coalesce(reasons, fresh),
    )
