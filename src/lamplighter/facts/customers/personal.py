"""Personal fields on their way in: sealed before even a temporary table sees them."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from lamplighter.facts.customers import phones, reasons
from lamplighter.facts.intake.records import (
    ROW_NUMBER,
    Field,
    FieldKind,
    RecordType,
    Refusal,
)
from lamplighter.kernel import sealing

PHONE = "phone"
PHONE_TAIL = "phone tail"
ID_NUMBER = "id number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A personal text in the forms in which it is kept."""

    sealed: str  # base64
    masked: str
    index: str
    tail_index: str = ""


@dataclass(slots=True, kw_only=True)
class Sealing:
    """Replaces one personal field of a stream of rows by its kept forms.

    Rows whose value cannot be used are taken out and stand in *refusals* when the stream is over.
    """

    field_name: str
    hide: Callable[[str], Hidden]
    refusals: list[Refusal] = field(default_factory=list)
    n_rows: int = 0

    def record(self, record: RecordType) -> RecordType:
        """Return the record type of the rows after sealing."""
        kept = tuple(one for one in record.fields if one.name != self.field_name)
        made = tuple(Field(name=name, kind=FieldKind.TEXT) for name in self._names())
        key = tuple(f"{part}_index" if part == self.field_name else part for part in record.key)
        return RecordType(name=record.name, fields=(*kept, *made), key=key)

    def _names(self) -> list[str]:
        return [f"{self.field_name}_{form}" for form in ("sealed", "masked", "index", "tail_index")]

    def rows(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Pass the rows on, sealed."""
        for batch in batches:
            self.n_rows += batch.num_rows
            hidden: list[Hidden | None] = []
            usable: list[bool] = []
            texts = batch.column(self.field_name).to_pylist()
            numbers = batch.column(ROW_NUMBER).to_pylist()
            for text, row_number in zip(texts, numbers, strict=True):
                one = self._hidden(text, row_number)
                usable.append(one is not None or not text)
                hidden.append(one)
            yield self._replaced(batch, hidden).filter(pa.array(usable, pa.bool_()))

    def _hidden(self, text: str | None, row_number: int) -> Hidden | None:
        if not text:
            return None
        try:
            return self.hide(text)
        except phones.PhoneUnusable as error:
            self.refusals.append(
                Refusal(
                    row_number=row_number,
                    field=self.field_name,
                    value="",
                    reason=reasons.PHONE_UNUSABLE,
                    detail=str(error),
                )
            )
            return None

    def _replaced(self, batch: pa.RecordBatch, hidden: list[Hidden | None]) -> pa.RecordBatch:
        columns = {
            name: batch.column(name) for name in batch.schema.names if name != self.field_name
        }
        for name in self._names():
            form = name.removeprefix(f"{self.field_name}_")
            columns[name] = pa.array(
                [getattr(one, form) if one else None for one in hidden], pa.string()
            )
        return pa.RecordBatch.from_pydict(columns)


def hidden_phone(*, field_key: bytes) -> Callable[[str], Hidden]:
    """Return what hides a telephone number.

    The function it returns raises phones.PhoneUnusable for a text that is no number.
    """

    def hide(text: str) -> Hidden:
        number = phones.normalised(text=text)
        return Hidden(
            sealed=_base64(sealing.seal(number, field_key)),
            masked=sealing.masked_phone(number),
            index=sealing.blind_index(number, field_key, PHONE),
            tail_index=sealing.blind_index(phones.tail(number=number), field_key, PHONE_TAIL),
        )

    return hide


def hidden_id_number(*, field_key: bytes) -> Callable[[str], Hidden]:
    """Return what hides an identity or organisation number."""

    def hide(text: str) -> Hidden:
        number = id_number_as_kept(text=text)
        return Hidden(
            sealed=_base64(sealing.seal(number, field_key)),
            masked=sealing.masked_id_number(number),
            index=sealing.blind_index(number, field_key, ID_NUMBER),
        )

    return hide


def id_number_as_kept(*, text: str) -> str:
    """Return an identity number as it is compared: no spaces, capital X."""
    return "".join(text.split()).upper()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
