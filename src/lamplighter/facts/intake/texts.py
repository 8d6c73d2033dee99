"""Converting texts, codes and flags."""

import pyarrow as pa
import pyarrow.compute as pc

from lamplighter.facts.intake import cells, reasons
from lamplighter.facts.intake.cells import Converted, Task, Unusable

CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
ROUNDED = r"^\d(?:\.\d+)?[eE]\+\d{2,}$"
UNUSABLE_TEXTS = (
    (CONTROL, reasons.CONTROL_CHARACTER),
    (r"^'*=", reasons.FORMULA),
    (r"^#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)$", reasons.CELL_ERROR),
    (ROUNDED, reasons.DIGITS_LOST),
)
UNUSABLE = "|".join(f"(?:{pattern})" for pattern, _ in UNUSABLE_TEXTS)  # one look finds none
FLAGS = {
    **dict.fromkeys(["是", "有", "真", "y", "yes", "true", "t", "1", "√"], "true"),
    **dict.fromkeys(["否", "无", "假", "n", "no", "false", "f", "0", "×"], "false"),
}
ANY = "*"


def convert_text(*, array: pa.Array, task: Task) -> Converted:
    """Return texts, trimmed; formulas, rounded numbers and control characters are refused."""
    if pa.types.is_dictionary(array.type) and cells.is_text(array.type):
        words = convert_text(array=array.dictionary, task=task)
        indices = array.indices
        return Converted(
            values=words.values.take(indices),
            reasons=None if words.reasons is None else words.reasons.take(indices),
        )
    texts = cells.trimmed(array=array, task=task)
    if task.column.values is not None:
        texts = _translated(texts, task)
    found = Converted(values=texts)
    limit = task.field.longest
    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    if longest > limit:
        found = cells.refuse_where(
            converted=found, wrong=pc.greater(pc.utf8_length(texts), limit), reason=reasons.TOO_LONG
        )
        found = cells.refuse_where(
            converted=found,
            wrong=pc.greater(pc.binary_length(texts), task.limits.longest_cell_bytes),
            reason=reasons.TOO_LONG,
        )
    if not pc.any(pc.match_substring_regex(texts, UNUSABLE)).as_py():
        return found
    for pattern, reason in UNUSABLE_TEXTS:
        wrong = pc.match_substring_regex(texts, pattern)
        found = cells.refuse_where(converted=found, wrong=wrong, reason=reason)
    return found


def convert_choice(*, array: pa.Array, task: Task) -> Converted:
    """Return codes of ours: by the mapping's values, or as they are where it gives none."""
    known = dict(task.column.values or [(choice, choice) for choice in task.field.choices])

    def parse(word: str) -> str | None:
        ours = known.get(word, known.get(ANY))
        if ours is None:
            raise Unusable(reasons.UNKNOWN_CHOICE)
        return ours or None

    texts = cells.trimmed(array=array, task=task)
    return cells.by_word(texts=texts, parse=parse, kind=pa.string())


def convert_flag(*, array: pa.Array, task: Task) -> Converted:
    """Return flags from yes and no in the usual words, or by the mapping's values."""
    if pa.types.is_boolean(array.type):
        return Converted(values=array)
    known = dict(task.column.values or FLAGS)

    def parse(word: str) -> bool | None:
        ours = known.get(word) or known.get(word.lower()) or known.get(ANY)
        if ours is None or ours not in {"true", "false"}:
            raise Unusable(reasons.NOT_A_FLAG)
        return ours == "true"

    texts = cells.trimmed(array=array, task=task)
    return cells.by_word(texts=texts, parse=parse, kind=pa.bool_())


def _translated(texts: pa.Array, task: Task) -> pa.Array:
    """Replace the values the mapping names; a free text keeps those it does not name."""
    known = dict(task.column.values or ())

    def parse(word: str) -> str | None:
        return known.get(word, known.get(ANY, word)) or None

    return cells.by_word(texts=texts, parse=parse, kind=pa.string()).values
