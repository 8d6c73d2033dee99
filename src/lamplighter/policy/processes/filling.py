"""What is written into the form of a step: each kind of field read strictly, as it is kept."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from lamplighter.policy.processes.shapes import Field, Step

TEXT_AT_MOST = 1000
YEARS = range(1900, 2200)  # in which a customer or a meter may have a day
FLAGS = ("YES", "NO")
_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,6})?", re.ASCII)
_PHONE = re.compile(r"\+?[\d -]{3,20}", re.ASCII)
_FILE = re.compile(r"[1-9]\d{0,18}", re.ASCII)


class FieldWrong(ValueError):
    """A field of a step's form is empty and may not be, or holds what its kind does not allow."""

    def __init__(self, field: Field, *, is_missing: bool) -> None:
        super().__init__(f"{field.code} {'missing' if is_missing else field.kind}")
        self.field, self.is_missing = field, is_missing


class FieldUnknown(LookupError):
    """The form of the step has no such field."""


def filled(*, step: Step, said: Mapping[str, str], zone: ZoneInfo) -> dict[str, str]:
    """Return the fields of a step that were filled in, each as it is kept.

    Numbers keep their digits, days are ISO days, moments ISO moments in UTC, flags YES or NO,
    files the number of the file.

    Parameters
    ----------
    step
        Whose form it is.
    said
        Field → what was written; a field that is absent or blank is empty.
    zone
        Where a moment without a zone was written.

    Raises
    ------
    FieldWrong
        The first field, in the order of the form, that cannot be kept.
    FieldUnknown
        A field that the form does not have.
    """
    unknown = sorted(set(said) - {field.code for field in step.fields})
    if unknown:
        raise FieldUnknown(f"{step.code} {unknown[0]}")
    kept = {}
    for field in step.fields:
        text = said.get(field.code, "").replace("\x00", "").strip()
        if text:
            kept[field.code] = _kept(field, text, zone=zone)
        elif field.is_required:
            raise FieldWrong(field, is_missing=True)
    return kept


def _kept(field: Field, text: str, *, zone: ZoneInfo) -> str:
    try:
        return _read(field, text, zone=zone)
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise FieldWrong(field, is_missing=False) from error


def _read(field: Field, text: str, *, zone: ZoneInfo) -> str:
    if field.kind in {"NUMBER", "READING"}:
        if not _NUMBER.fullmatch(text) or (field.kind == "READING" and Decimal(text) < 0):
            raise ValueError(field.kind)
        return str(Decimal(text))
    if field.kind == "DATE":
        day = date.fromisoformat(text)
        _check_year(day)
        return day.isoformat()
    if field.kind == "MOMENT":
        moment = datetime.fromisoformat(text)
        _check_year(moment)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return aware.astimezone(UTC).isoformat()
    patterns = {"PHONE": _PHONE, "FILE": _FILE, "PHOTO": _FILE}
    if field.kind in patterns:
        if not patterns[field.kind].fullmatch(text):
            raise ValueError(field.kind)
        return text
    if field.kind in {"CHOICE", "FLAG"}:
        known = FLAGS if field.kind == "FLAG" else [code for code, _ in field.options]
        if text not in known:
            raise ValueError(field.kind)
        return text
    if len(text) > TEXT_AT_MOST:
        raise ValueError(field.kind)
    return text


def _check_year(day: date) -> None:
    """Raise ValueError for a slip of a digit."""
    if day.year not in YEARS:
        raise ValueError(f"year {day.year}")
