"""Converting whole numbers, exact decimals and measured numbers."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation

import pyarrow as pa
import pyarrow.compute as pc

from lamplighter.facts.intake import cells, reasons, units
from lamplighter.facts.intake.cells import Converted, Task, Unusable

WIDE = pa.decimal128(28, 8)
GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z")
PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?\Z")
AROUND = re.compile(
    r"^(?:[¥￥]|CNY|RMB)\s*|\s*(?:元|圆|度|kWh|kVA|CNY|RMB|千瓦时|千伏安)$", re.IGNORECASE
)


def number_of(*, text: str) -> Decimal:
    """Read a number as people write it.

    >>> number_of(text="￥１，２３４．５０元")
    Decimal('1234.50')

    Raises
    ------
    Unusable
        The text is no number, or not a finite one.
    """
    narrow = AROUND.sub("", unicodedata.normalize("NFKC", text).strip())
    if narrow.startswith("="):
        raise Unusable(reasons.FORMULA)
    if narrow.startswith("#"):
        raise Unusable(reasons.CELL_ERROR)
    if GROUPED.match(narrow):
        narrow = narrow.replace(",", "")
    try:
        number = Decimal(narrow)
    except InvalidOperation:
        raise Unusable(reasons.NOT_A_NUMBER) from None
    if not number.is_finite():
        raise Unusable(reasons.NOT_FINITE)
    if not PLAIN.match(narrow):
        raise Unusable(reasons.NOT_A_NUMBER)
    return number


def convert_integer(*, array: pa.Array, task: Task) -> Converted:
    """Return whole numbers."""
    array = cells.plain(array=array)
    if pa.types.is_integer(array.type) and not pa.types.is_uint64(array.type):
        return _in_range(Converted(values=array.cast(pa.int64())), task)
    texts = cells.trimmed(array=array, task=task)

    def parse(word: str) -> int:
        number = number_of(text=word)
        if number != number.to_integral_value():
            raise Unusable(reasons.NOT_WHOLE)
        if abs(number) >= 10**18:
            raise Unusable(reasons.TOO_LARGE)
        return int(number)

    try:
        found = Converted(values=texts.cast(pa.int64()))
    except pa.ArrowInvalid:
        found = cells.by_word(texts=texts, parse=parse, kind=pa.int64())
    return _in_range(found, task)


def convert_decimal(*, array: pa.Array, task: Task) -> Converted:
    """Return exact decimals in the field's unit; nothing is rounded away."""
    array = cells.plain(array=array)
    kind = pa.decimal128(18, task.field.decimals)
    factor = units.factor(theirs=task.column.unit, ours=task.field.unit)
    if pa.types.is_integer(array.type) and task.column.missing == ("",):
        fast = _exact(array.cast(pa.decimal128(19, 0)).cast(WIDE), factor, kind)
        if fast.null_count == array.null_count:
            return _in_range(Converted(values=fast), task)
    texts = cells.trimmed(array=array, task=task)
    if factor == 1:
        try:  # the whole column at once, as clean files allow
            return _in_range(Converted(values=texts.cast(kind)), task)
        except pa.ArrowInvalid:
            pass

    def parse(word: str) -> Decimal:
        number = number_of(text=word)
        if abs(number.adjusted()) > 30:
            raise Unusable(reasons.TOO_LARGE if number.adjusted() > 0 else reasons.TOO_PRECISE)
        number *= factor
        if abs(number) >= Decimal(10) ** (18 - task.field.decimals):
            raise Unusable(reasons.TOO_LARGE)
        exact = round(number, task.field.decimals)
        if exact != number:
            raise Unusable(reasons.TOO_PRECISE)
        return exact

    fast = _scaled(texts, factor, kind)
    return _in_range(cells.mended(fast=fast, texts=texts, parse=parse), task)


def _scaled(texts: pa.Array, factor: Decimal, kind: pa.DataType) -> pa.Array:
    """Convert the simply written numbers of a column; the others stay null."""
    ungrouped = pc.if_else(
        pc.match_substring_regex(texts, r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"),
        pc.replace_substring(texts, ",", ""),
        texts,
    )
    simple = pc.match_substring_regex(ungrouped, r"^[+-]?\d{1,12}(\.\d{1,6})?$")
    plain = pc.if_else(simple, ungrouped, pa.scalar(None, pa.string())).cast(WIDE)
    return _exact(plain, factor, kind)


def _exact(plain: pa.Array, factor: Decimal, kind: pa.DataType) -> pa.Array:
    """Bring decimals into the field's unit; those that would lose digits become null."""
    if factor != 1:
        plain = pc.multiply(plain, pa.scalar(factor, pa.decimal128(9, 4))).cast(
            pa.decimal128(38, 12)
        )
    exact = pc.equal(pc.round(plain, ndigits=kind.scale), plain)
    small = pc.less(pc.abs(plain), pa.scalar(Decimal(10) ** (18 - kind.scale), plain.type))
    fits = pc.and_(exact, small)
    return pc.if_else(fits, plain, pa.scalar(None, plain.type)).cast(kind)


def convert_number(*, array: pa.Array, task: Task) -> Converted:
    """Return measured numbers in the field's unit; NaN and infinity are refused."""
    array = cells.plain(array=array)
    factor = float(units.factor(theirs=task.column.unit, ours=task.field.unit))
    if pa.types.is_floating(array.type) or pa.types.is_integer(array.type):
        values = array.cast(pa.float64())
        if "NaN" in task.column.missing and pa.types.is_floating(array.type):
            values = pc.if_else(pc.is_nan(values), pa.scalar(None, pa.float64()), values)
        return _finite(values, factor, task)
    texts = cells.trimmed(array=array, task=task)
    if not cells.is_text(array.type):  # decimals
        return _finite(texts.cast(pa.float64()), factor, task)
    try:
        return _finite(texts.cast(pa.float64()), factor, task)
    except pa.ArrowInvalid:
        found = cells.by_word(
            texts=texts, parse=lambda word: float(number_of(text=word)), kind=pa.float64()
        )
    if factor != 1.0:
        found = Converted(values=pc.multiply(found.values, factor), reasons=found.reasons)
    return _in_range(found, task)


def _finite(values: pa.Array, factor: float, task: Task) -> Converted:
    found = Converted(values=values)
    if not pc.all(pc.is_finite(values)).as_py():
        wrong = pc.invert(pc.is_finite(values))
        found = cells.refuse_where(converted=found, wrong=wrong, reason=reasons.NOT_FINITE)
    if factor != 1.0:
        found = Converted(values=pc.multiply(found.values, factor), reasons=found.reasons)
    return _in_range(found, task)


def _in_range(found: Converted, task: Task) -> Converted:
    """Refuse what lies outside the field's range."""
    least, most = task.field.least, task.field.most
    if least is None and most is None:
        return found
    reach = pc.min_max(found.values).as_py()
    for bound, outside, is_wrong, reason in (
        (least, reach["min"], pc.less, reasons.TOO_SMALL),
        (most, reach["max"], pc.greater, reasons.TOO_LARGE),
    ):
        if bound is None or outside is None:
            continue
        if (outside < bound) if reason == reasons.TOO_SMALL else (outside > bound):
            limit = _scalar(bound, found.values.type)
            wrong = is_wrong(found.values, limit)
            found = cells.refuse_where(converted=found, wrong=wrong, reason=reason)
    return found


def _scalar(bound: Decimal, kind: pa.DataType) -> pa.Scalar:
    if pa.types.is_decimal(kind):
        return pa.scalar(bound)
    return pa.scalar(float(bound), pa.float64())
