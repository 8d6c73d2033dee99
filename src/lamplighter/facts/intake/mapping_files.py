"""Reading mapping files: everything unknown, absent or contradictory is said, with its place."""

import codecs
import hashlib
import re
import tomllib
from collections.abc import Mapping as Table
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lamplighter.facts.intake import remedies
from lamplighter.facts.intake.mappings import (
    DAY_RECORD_OF_CURVES,
    Column,
    FileForm,
    Mapping,
    Shape,
    names_in,
)
from lamplighter.facts.intake.records import Field, FieldKind, RecordType
from lamplighter.facts.intake.units import factors_of
from lamplighter.policy.loader import Refused, Words, not_toml

TOP_KEYS = {"record", "zh", "en", "file", "columns", "unpivot", "curve", "skip"}
FILE_KEYS = {"format", "encoding", "delimiter", "sheet", "header_row", "time_zone"}
COLUMN_KEYS = {"from", "constant", "template", "format", "values", "unit", "missing"}
UNPIVOT_KEYS = {"constants", "columns", "templates", "skip"}
CURVE_KEYS = {"day", "day_format", "columns", "prefix", "count", "first", "digits", "unit"}
CURVE_KEYS |= {"missing"}
FORMATS = ("csv", "xlsx", "parquet")


class MappingWrong(Refused):
    """A mapping file cannot be used; the text names the file, the line, the key and the remedy."""


def load(*, file: Path, records: Table[str, RecordType]) -> Mapping:
    """Read one mapping file.

    Raises
    ------
    MappingWrong
        The file is absent, no UTF-8, or its content is not a mapping.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(file.name, file.name, remedies.NOT_READABLE, said=error) from error
    return parse(text=text, name=file.stem, records=records)


def parse(*, text: str, name: str, records: Table[str, RecordType]) -> Mapping:
    """Check the text of a mapping and return what it says.

    Raises
    ------
    MappingWrong
        Not TOML; an unknown record, field, key, unit, encoding, zone or format; a required field
        without a source; a field with two sources.
    """
    return _Reader(text=text, name=name).mapping(records)


def _wrong(where_en: str, where_zh: str, remedy: str, **told: object) -> MappingWrong:
    words = remedies.REMEDIES[remedy]
    return MappingWrong(
        f"{where_en}: {words.en.format(**told)}", f"{where_zh}: {words.zh.format(**told)}"
    )


class _Reader:
    """Walks through one mapping and knows where it stands."""

    def __init__(self, *, text: str, name: str) -> None:
        self.text = text
        self.name = name

    def wrong(self, key: str, remedy: str, **told: object) -> MappingWrong:
        last = re.escape(key.rsplit(".", 1)[-1].split("[")[0])
        pattern = rf"^\s*(?:\[+[^\]]*\b{last}\b|.*\b{last}\b\"?\s*=)"
        found = re.search(pattern, self.text, re.MULTILINE)
        line = self.text.count("\n", 0, found.start()) + 1 if found else 0
        if found:
            line += found.group().count("\n")
        file = f"{self.name}.toml"
        if not line:
            return _wrong(f"{file}, {key}", f"{file}, {key}", remedy, **told)
        return _wrong(f"{file}, line {line}, {key}", f"{file} 第 {line} 行 {key}", remedy, **told)

    def mapping(self, records: Table[str, RecordType]) -> Mapping:
        try:
            data = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise MappingWrong(*not_toml(error, where=f"{self.name}.toml")) from error
        self.known(data, TOP_KEYS, at="")
        record = self.record(data, records)
        base = self.columns(self.table(data, "columns"), record)
        skip = self.skip(self.table(data, "skip"), at="skip")
        if "curve" in data:
            base |= self.curve(self.table(data, "curve"), record)
        shapes = [Shape(columns=tuple(base.values()), skip=skip)]
        if "unpivot" in data:
            shapes = self.unpivot(self.table(data, "unpivot"), base, record, skip)
        for shape in shapes:
            self.complete(shape, record)
        return Mapping(
            name=self.name,
            title=Words(
                zh=self.string(data, "zh", self.name), en=self.string(data, "en", self.name)
            ),
            record=record,
            file=self.form(self.table(data, "file")),
            shapes=tuple(shapes),
            text=self.text,
            sha256=hashlib.sha256(self.text.encode()).hexdigest(),
        )

    def record(self, data: dict[str, Any], records: Table[str, RecordType]) -> RecordType:
        name = data.get("record")
        if name == "interval_reading" and "curve" in data:
            name = DAY_RECORD_OF_CURVES
        if not isinstance(name, str) or name not in records:
            raise self.wrong(
                "record", remedies.NO_RECORD, given=repr(name), known=", ".join(sorted(records))
            )
        return records[name]

    def form(self, table: dict[str, Any]) -> FileForm:
        self.known(table, FILE_KEYS, at="file.")
        kind = table.get("format")
        if kind not in FORMATS:
            raise self.wrong(
                "file.format", remedies.NO_FORMAT, given=repr(kind), known=", ".join(FORMATS)
            )
        encoding = self.string(table, "encoding", "utf-8", at="file.")
        delimiter = self.string(table, "delimiter", ",", at="file.")
        header_row = table.get("header_row", 1)
        zone = self.string(table, "time_zone", "Asia/Shanghai", at="file.")
        try:
            if not codecs.lookup(encoding)._is_text_encoding:
                raise LookupError
        except LookupError:
            raise self.wrong("file.encoding", remedies.NO_ENCODING, given=repr(encoding)) from None
        if len(delimiter) != 1 or ord(delimiter) > 127:
            raise self.wrong("file.delimiter", remedies.NO_DELIMITER)
        if isinstance(header_row, bool) or not isinstance(header_row, int) or header_row < 0:
            raise self.wrong("file.header_row", remedies.NO_HEADER_ROW)
        try:
            return FileForm(
                format=kind,
                encoding=encoding,
                delimiter=delimiter,
                sheet=self.string(table, "sheet", "", at="file."),
                header_row=header_row,
                time_zone=ZoneInfo(zone),
            )
        except (ZoneInfoNotFoundError, ValueError):
            raise self.wrong("file.time_zone", remedies.NO_TIME_ZONE, given=repr(zone)) from None

    def columns(self, table: dict[str, Any], record: RecordType) -> dict[str, Column]:
        found = {}
        for name, content in table.items():
            key = f"columns.{name}"
            field = self.field(name, record, at=key)
            if not isinstance(content, dict):
                raise self.wrong(key, remedies.NO_COLUMN_TABLE, name=name)
            found[name] = self.column(field, content, at=key)
        return found

    def column(self, field: Field, table: dict[str, Any], *, at: str) -> Column:
        self.known(table, COLUMN_KEYS, at=f"{at}.")
        if len({"from", "constant", "template"} & set(table)) != 1:
            raise self.wrong(at, remedies.NOT_ONE_SOURCE)
        template = self.string(table, "template", None, at=f"{at}.")
        if template is not None:
            try:
                names_in(template)
            except ValueError:
                raise self.wrong(f"{at}.template", remedies.NO_TEMPLATE) from None
        unit = self.string(table, "unit", "", at=f"{at}.") or ""
        self.turns(unit, field, at=f"{at}.unit")
        formats = table.get("format", [])
        source = table.get("from")
        constant = table.get("constant")
        return Column(
            field=field.name,
            source=None if source is None else str(source),
            constant=None if constant is None else self.as_text(constant),
            template=template,
            formats=self.strings(
                [formats] if isinstance(formats, str) else formats, f"{at}.format"
            ),
            values=self.values(field, table.get("values"), at=f"{at}.values"),
            unit=unit,
            missing=self.strings(table.get("missing", [""]), f"{at}.missing"),
        )

    def turns(self, unit: str, field: Field, *, at: str) -> None:
        known = factors_of(unit=field.unit)
        if unit and not known:
            raise self.wrong(at, remedies.UNIT_OF_NONE, given=repr(unit))
        if unit and unit not in known:
            told = {"given": repr(unit), "ours": repr(field.unit), "known": ", ".join(known)}
            raise self.wrong(at, remedies.NO_SUCH_UNIT, **told)

    def values(self, field: Field, table: Any, *, at: str) -> tuple[tuple[str, str], ...] | None:
        if table is None:
            return None
        if not isinstance(table, dict) or not table:
            raise self.wrong(at, remedies.NO_VALUES)
        pairs = tuple((key, self.as_text(value)) for key, value in table.items())
        for _, ours in pairs:
            if field.kind is FieldKind.CHOICE and ours not in {*field.choices, ""}:
                known = ", ".join(field.choices)
                raise self.wrong(at, remedies.NO_CHOICE, given=repr(ours), known=known)
        return pairs

    def curve(self, table: dict[str, Any], record: RecordType) -> dict[str, Column]:
        self.known(table, CURVE_KEYS, at="curve.")
        if record.name != DAY_RECORD_OF_CURVES:
            raise self.wrong("curve", remedies.NOT_OF_CURVES)
        if ("columns" in table) == ("prefix" in table):
            raise self.wrong("curve", remedies.NOT_ONE_KIND_OF_POINTS)
        points = self.strings(table.get("columns", []), "curve.columns")
        if "prefix" in table:
            count, first = table.get("count"), table.get("first", 1)
            digits = table.get("digits", 1)
            if not all(isinstance(n, int) for n in (count, first, digits)) or not count:
                raise self.wrong("curve.count", remedies.NO_COUNT)
            prefix = self.string(table, "prefix", "", at="curve.")
            points = tuple(f"{prefix}{n:0{digits}d}" for n in range(first, first + count))
        if len(points) not in {24, 48, 96, 144, 288, 1440}:
            raise self.wrong("curve", remedies.NO_DIVISION, n=len(points))
        values = self.field("values", record, at="curve")
        unit = self.string(table, "unit", "", at="curve.") or ""
        self.turns(unit, values, at="curve.unit")
        missing = self.strings(table.get("missing", [""]), "curve.missing")
        found = {"values": Column(field="values", points=points, unit=unit, missing=missing)}
        if "day" in table:
            formats = table.get("day_format", [])
            found["day"] = Column(
                field="day",
                source=str(table["day"]),
                formats=self.strings(
                    [formats] if isinstance(formats, str) else formats, "curve.day_format"
                ),
            )
        return found

    def unpivot(
        self,
        table: dict[str, Any],
        base: dict[str, Column],
        record: RecordType,
        skip: tuple[tuple[str, tuple[str, ...]], ...],
    ) -> list[Shape]:
        self.known(table, {"record"}, at="unpivot.")
        shapes = []
        for number, part in enumerate(table.get("record", [])):
            at = f"unpivot.record[{number}]"
            if not isinstance(part, dict):
                raise self.wrong(at, remedies.NO_PARTS)
            self.known(part, UNPIVOT_KEYS, at=f"{at}.")
            columns = dict(base)
            for kind, key in (
                ("columns", "from"),
                ("constants", "constant"),
                ("templates", "template"),
            ):
                for name, content in self.table(part, kind).items():
                    field = self.field(name, record, at=f"{at}.{kind}.{name}")
                    given = content if isinstance(content, dict) else {key: content}
                    columns[name] = self.column(field, given, at=f"{at}.{kind}.{name}")
            own = self.skip(self.table(part, "skip"), at=f"{at}.skip")
            shapes.append(Shape(columns=tuple(columns.values()), skip=skip + own))
        if not shapes:
            raise self.wrong("unpivot", remedies.NO_PARTS)
        return shapes

    def skip(self, table: dict[str, Any], *, at: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return tuple((name, self.strings(values, f"{at}.{name}")) for name, values in table.items())

    def complete(self, shape: Shape, record: RecordType) -> None:
        given = {column.field for column in shape.columns}
        absent = [f.name for f in record.fields if f.is_required and f.name not in given]
        if absent:
            told = {"record": record.name, "absent": ", ".join(absent), "first": absent[0]}
            raise self.wrong("columns", remedies.INCOMPLETE, **told)

    def field(self, name: str, record: RecordType, *, at: str) -> Field:
        for field in record.fields:
            if field.name == name:
                return field
        known = ", ".join(field.name for field in record.fields)
        told = {"record": record.name, "given": repr(name), "known": known}
        raise self.wrong(at, remedies.NO_FIELD, **told)

    def known(self, table: dict[str, Any], keys: set[str], *, at: str) -> None:
        for key in table:
            if key not in keys:
                raise self.wrong(f"{at}{key}", remedies.NO_KEY, known=", ".join(sorted(keys)))

    def table(self, data: dict[str, Any], key: str) -> dict[str, Any]:
        content = data.get(key, {})
        if not isinstance(content, dict):
            raise self.wrong(key, remedies.NO_TABLE, name=key)
        return content

    def string(self, table: dict[str, Any], key: str, default: Any, *, at: str = "") -> Any:
        content = table.get(key, default)
        if content is not None and not isinstance(content, str):
            raise self.wrong(f"{at}{key}", remedies.NO_TEXT)
        return content

    def strings(self, content: Any, at: str) -> tuple[str, ...]:
        if not isinstance(content, list):
            raise self.wrong(at, remedies.NO_LIST)
        return tuple(self.as_text(value) for value in content)

    @staticmethod
    def as_text(value: Any) -> str:
        return str(value).lower() if isinstance(value, bool) else str(value)
