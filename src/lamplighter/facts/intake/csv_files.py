"""Reading CSV: decoded, checked and split in blocks, never the whole file at once."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.csv

from lamplighter.facts.intake import sources
from lamplighter.facts.intake.reasons import FileRefused
from lamplighter.facts.intake.sources import BATCH_ROWS, BrokenRow, Opening, RawBatch

CHUNK_BYTES = 1 << 20


class CsvSource:
    """An open CSV file."""

    def __init__(self, opening: Opening) -> None:
        self.opening = opening
        self.size = sources.size_of(file=opening.file, limits=opening.limits)
        self.header, self.n_head_bytes = self._read_header()

    def batches(self, *, columns: Sequence[str]) -> Iterator[RawBatch]:
        """Read the file from its beginning, see `sources.Source`."""
        names = sources.named(names=self.header)
        broken: list[tuple[int, str]] = []

        def set_aside(row: pa.csv.InvalidRow) -> str:
            broken.append((row.number, row.text))
            return "skip"

        limits = self.opening.limits
        with _Decoded(self.opening) as stream:
            stream.skip(self.n_head_bytes)
            try:
                reader = pa.csv.open_csv(
                    stream,
                    read_options=pa.csv.ReadOptions(
                        use_threads=False, column_names=names, block_size=limits.longest_line_bytes
                    ),
                    parse_options=pa.csv.ParseOptions(
                        delimiter=self.opening.form.delimiter,
                        newlines_in_values=True,
                        ignore_empty_lines=False,
                        invalid_row_handler=set_aside,
                    ),
                    convert_options=pa.csv.ConvertOptions(
                        column_types=dict.fromkeys(names, pa.string()),
                        include_columns=list(columns) or names,
                        strings_can_be_null=False,
                        check_utf8=False,  # the stream is our own
                    ),
                )
                yield from self._numbered(reader, broken, stream)
            except pa.ArrowInvalid as error:
                if stream.refusal is not None:
                    raise stream.refusal from error
                if "CSV file is empty" in str(error) or "Empty CSV" in str(error):
                    return
                if "straddl" in str(error) or "block" in str(error):
                    raise FileRefused(
                        "LINE_TOO_LONG", f"> {limits.longest_line_bytes} B"
                    ) from error
                raise FileRefused("UNREADABLE", str(error)[:200]) from error

    def _numbered(
        self, reader: pa.csv.CSVStreamingReader, broken: list[tuple[int, str]], stream: "_Decoded"
    ) -> Iterator[RawBatch]:
        """Number the rows: those set aside have numbers too, and the good ones lie between."""
        head = self.opening.form.header_row
        taken = 0  # rows of the file already handed on, good or broken
        n_set_aside = 0
        for block in reader:
            aside = broken[n_set_aside:]
            n_set_aside = len(broken)
            numbers = _numbers_around(
                first=taken + 1, n_good=block.num_rows, aside=[number for number, _ in aside]
            )
            taken += block.num_rows + len(aside)
            self._stay_within(taken)
            left = [self._broken(head + number, text) for number, text in aside]
            for start in range(0, max(block.num_rows, 1), BATCH_ROWS):
                part = block.slice(start, BATCH_ROWS)
                rows = numbers[start : start + BATCH_ROWS] + head
                rows, cells = sources.without_blank_rows(rows=rows, cells=part)
                share = stream.n_read / self.size
                yield RawBatch(rows=rows, cells=cells, broken=tuple(left), share=share)
                left = []
        aside = broken[n_set_aside:]
        if aside:
            rest = tuple(self._broken(head + number, text) for number, text in aside)
            names = reader.schema
            nothing = pa.RecordBatch.from_arrays(
                [pa.array([], f.type) for f in names], schema=names
            )
            yield RawBatch(rows=np.empty(0, np.int64), cells=nothing, broken=rest, share=1.0)

    def _stay_within(self, n_rows: int) -> None:
        if n_rows > self.opening.limits.most_rows:
            raise FileRefused("TOO_MANY_ROWS", f"> {self.opening.limits.most_rows}")

    def _broken(self, row: int, text: str) -> BrokenRow:
        return BrokenRow(row=row, cells=tuple(_cells(text, self.opening.form.delimiter)))

    def _read_header(self) -> tuple[tuple[str, ...], int]:
        """Return the header's cells and the length of all up to its end, in bytes of UTF-8."""
        form = self.opening.form
        with _Decoded(self.opening) as stream:
            head = stream.read_head(self.opening.limits.longest_line_bytes)
        end, record = 0, ""
        for _ in range(max(form.header_row, 1)):
            start = end
            end = _end_of_record(head, start)
            record = head[start:end]
        cells = _cells(record, form.delimiter)
        if form.header_row == 0:
            return tuple(str(place) for place, _ in enumerate(cells, start=1)), 0
        return tuple(cell.strip() for cell in cells), len(head[:end].encode())


class _Decoded(io.RawIOBase):
    """The file's text as UTF-8, refused at the first byte that is none of its encoding."""

    def __init__(self, opening: Opening) -> None:
        super().__init__()
        self.file = opening.file.open("rb")
        name = opening.form.encoding
        plain = codecs.lookup(name).name
        self.encoding = "utf-8-sig" if plain == "utf-8" else name
        self.decoder = codecs.getincrementaldecoder(self.encoding)("strict")
        self.refusal: FileRefused | None = None
        self.waiting = b""
        self.n_read = 0
        self.n_quotes = 0

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.file.close()
        super().close()

    def read(self, size: int = -1) -> bytes:
        while len(self.waiting) < size or size < 0:
            chunk = self._next_chunk()
            if chunk is None:
                break
            self.waiting += chunk
        size = len(self.waiting) if size < 0 else size
        answer, self.waiting = self.waiting[:size], self.waiting[size:]
        return answer

    def skip(self, n_bytes: int) -> None:
        self.read(n_bytes)

    def read_head(self, n_bytes: int) -> str:
        return self.read(n_bytes).decode("utf-8", errors="ignore")

    def _next_chunk(self) -> bytes | None:
        raw = self.file.read(CHUNK_BYTES)
        try:
            text = self.decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            # error.start counts from the bytes the decoder still held back
            place = self.n_read + len(raw) - len(error.object) + error.start
            self._refuse("WRONG_ENCODING", f"{self.encoding}, byte {place + 1}")
        if "\x00" in text:
            self._refuse("NUL_BYTE", f"byte {self.n_read + max(raw.find(0), 0) + 1}")
        self.n_read += len(raw)
        self.n_quotes += text.count('"')
        if not raw and self.n_quotes % 2:
            self._refuse("OPEN_QUOTE", f'{self.n_quotes} × "')
        return text.encode() if raw or text else None

    def _refuse(self, code: str, detail: str) -> None:
        self.refusal = FileRefused(code, detail)
        raise self.refusal


def _numbers_around(*, first: int, n_good: int, aside: list[int]) -> np.ndarray:
    """Return the numbers of the good rows from *first* on, leaving out those set aside."""
    numbers = np.arange(first, first + n_good + len(aside), dtype=np.int64)
    return numbers[~np.isin(numbers, aside)] if aside else numbers


def _end_of_record(text: str, start: int) -> int:
    """Return where the record ends that begins at *start*; a quoted line break does not end it."""
    n_quotes, place = 0, start
    while place < len(text):
        line_end = text.find("\n", place)
        line_end = len(text) if line_end < 0 else line_end + 1
        n_quotes += text.count('"', place, line_end)
        place = line_end
        if n_quotes % 2 == 0:
            break
    return place


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:  # a cell beyond the csv module's own limit
        return text.split(delimiter)
