"""What a mapping file says: which of their columns is which of our fields, and in what form."""

from dataclasses import dataclass
from string import Formatter
from zoneinfo import ZoneInfo

from lamplighter.facts.intake.records import RecordType
from lamplighter.policy.loader import Words

ROW = "row"  # {row} in a template: the row's number in the file
DAY_RECORD_OF_CURVES = "interval_day"
NUMBER_COLUMN = "隔离行号"
REASON_COLUMN = "隔离原因"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """How their file is written."""

    format: str  # csv, xlsx, parquet
    time_zone: ZoneInfo
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str = ""  # the first when empty
    header_row: int = 1  # 0: no header, columns are named 1, 2, 3 …


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Where one of our fields comes from; exactly one of source, constant, template, points."""

    field: str
    source: str | None = None
    constant: str | None = None
    template: str | None = None
    points: tuple[str, ...] = ()  # a day's curve: one column a point
    formats: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] | None = None
    unit: str = ""
    missing: tuple[str, ...] = ("",)

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the file this field needs."""
        if self.source is not None:
            return (self.source,)
        if self.template is not None:
            return tuple(name for name in names_in(self.template) if name != ROW)
        return self.points


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One record made from a row of the file."""

    columns: tuple[Column, ...]
    skip: tuple[tuple[str, tuple[str, ...]], ...] = ()  # file column, values that mean: no record


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A checked mapping file. Every row of the file makes one record of each shape."""

    name: str
    title: Words
    record: RecordType
    file: FileForm
    shapes: tuple[Shape, ...]
    text: str
    sha256: str

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the file that are needed, each once."""
        found: dict[str, None] = {}
        for shape in self.shapes:
            for column in shape.columns:
                found |= dict.fromkeys(column.sources)
            found |= dict.fromkeys(name for name, _ in shape.skip)
        return tuple(found)


def names_in(template: str) -> list[str]:
    """Return the column names of a template.

    >>> names_in("CARD-{户号}-{row}")
    ['户号', 'row']

    Raises
    ------
    ValueError
        The braces do not match.
    """
    return [name for _, name, _, _ in Formatter().parse(template) if name is not None]


def pieces_of(template: str) -> list[tuple[str, str | None]]:
    """Return a template's pieces: a text, and the column that follows it (None at the end)."""
    return [(text, name) for text, name, _, _ in Formatter().parse(template)]
