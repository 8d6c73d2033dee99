"""The rows of one delivery on their way from the file to the landing, with the books kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from lamplighter.facts.intake import reasons, sources
from lamplighter.facts.intake.conversion import Conversion
from lamplighter.facts.intake.mappings import NUMBER_COLUMN, ROW, names_in
from lamplighter.facts.intake.reasons import FileRefused
from lamplighter.facts.intake.records import Refusal
from lamplighter.facts.intake.repeats import Repeats

Progress = Callable[[float, int], None]  # share of the file read, rows read


@dataclass(slots=True, kw_only=True)
class Reading:
    """Reads one file once. After the last batch the counts are whole."""

    source: sources.Source
    conversion: Conversion
    on_progress: Progress
    n_read: int = 0
    n_identical: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    n_refused: int = 0
    is_over: bool = False

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Hand the rows that fit to the landing.

        Raises
        ------
        FileRefused
            The file cannot be read on, or too many of its rows cannot be used.
        """
        mapping = self.conversion.mapping
        repeats = None if mapping.record.dedupes_itself else Repeats(record=mapping.record)
        for raw in self.source.batches(columns=self._columns()):
            self._set_aside(raw)
            for place in range(len(mapping.shapes)):
                checked = self.conversion.check(raw=raw, place=place)
                self.n_read += checked.n_read
                self._refuse(checked.refusals)
                rows = checked.rows if repeats is None else self._once(checked.rows, repeats)
                if rows.num_rows:
                    yield rows
            self.on_progress(raw.share, self.n_read)
        self.is_over = True
        self.check_share(n_refused=self.n_refused)

    def check_share(self, *, n_refused: int) -> None:
        """Refuse the whole file when too large a part of it cannot be used.

        Raises
        ------
        FileRefused
            The share is beyond policy.
        """
        limits = self.conversion.limits
        too_many = n_refused > limits.most_quarantined_share * self.n_read
        if too_many and self.n_read >= limits.fewest_rows_for_share:
            raise FileRefused("TOO_MANY_BAD_ROWS", f"{n_refused} / {self.n_read}{self._examples()}")

    def _columns(self) -> list[str]:
        mapping = self.conversion.mapping
        needed = list(mapping.sources)
        templates = [c.template for shape in mapping.shapes for c in shape.columns if c.template]
        numbered = any(ROW in names_in(template) for template in templates)
        if numbered and NUMBER_COLUMN in self.source.header and NUMBER_COLUMN not in needed:
            needed.append(NUMBER_COLUMN)
        return needed

    def _set_aside(self, raw: sources.RawBatch) -> None:
        broken = [
            Refusal(
                row_number=row.row * len(self.conversion.mapping.shapes),
                field="",
                value="",
                reason=reasons.WRONG_COLUMN_COUNT,
                detail=f"{len(row.cells)} ≠ {len(self.source.header)}",
            )
            for row in raw.broken
        ]
        self.n_read += len(broken)
        self._refuse(broken)

    def _once(self, rows: pa.RecordBatch, repeats: Repeats) -> pa.RecordBatch:
        parted = repeats.part(rows=rows)
        self.n_identical += parted.n_identical
        key = ", ".join(self.conversion.mapping.record.key)
        self._refuse(
            [
                Refusal(row_number=number, field=key, value="", reason=reasons.CONFLICTING_REPEAT)
                for number in parted.conflicting
            ]
        )
        return parted.rows

    def _refuse(self, refusals: list[Refusal]) -> None:
        self.refusals += refusals
        self.n_refused += len({refusal.row_number for refusal in refusals})
        most = self.conversion.limits.most_quarantined_rows
        if self.n_refused > most:
            raise FileRefused("TOO_MANY_BAD_ROWS", f"> {most}{self._examples()}")

    def _examples(self) -> str:
        """Name the most frequent trouble, since the whole list is not kept for a refused file."""
        counted: dict[tuple[str, str], int] = {}
        for refusal in self.refusals:
            trouble = (refusal.field, refusal.reason)
            counted[trouble] = counted.get(trouble, 0) + 1
        worst = sorted(counted.items(), key=lambda item: -item[1])[:3]
        return "".join(f" · {name or '-'}: {code} × {n}" for (name, code), n in worst)
