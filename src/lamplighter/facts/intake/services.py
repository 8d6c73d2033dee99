"""Receiving deliveries: a file is taken in wholly, with its books, or not at all."""

import hashlib
import tempfile
from collections.abc import Mapping as Table
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from lamplighter.facts.intake import archive, limits, opening, quarantine, reasons, sources
from lamplighter.facts.intake.conversion import Conversion
from lamplighter.facts.intake.limits import Limits
from lamplighter.facts.intake.mappings import Mapping
from lamplighter.facts.intake.models import Delivery, QuarantinedRow
from lamplighter.facts.intake.quarantine import WordsOf
from lamplighter.facts.intake.reading import Progress, Reading
from lamplighter.facts.intake.reasons import FileRefused
from lamplighter.facts.intake.records import Doorway, Landed, LandingContext, Refusal
from lamplighter.ledger import services as ledger


class CountsDoNotAddUp(RuntimeError):
    """A landing lost or invented rows; nothing of the delivery is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What became of a file."""

    delivery_id: int
    file_name: str
    record: str
    state: str
    refusal: str  # "CODE: detail" where the whole file was refused
    n_read: int
    n_imported: int
    n_unchanged: int
    n_quarantined: int
    is_repeat: bool  # the same file came before with the same mapping: nothing was done


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Where things are kept outside the database, and the key that seals personal fields."""

    archive_folder: Path
    lake_folder: Path
    field_key: bytes


def receive(
    *,
    file: Path,
    mapping: Mapping,
    doorways: Table[str, Doorway],
    received_by: str,
    now: datetime,
    stores: Stores,
    org_path: str = "",
    words: WordsOf = reasons.row_reason,
    on_progress: Progress = lambda _share, _rows: None,
) -> DeliveryReport:
    """Archive a file, take its rows in, and return what became of them.

    The file is received once per content and mapping: the second time the earlier report comes
    back. A file that was refused as a whole is tried anew, since what it needed may be there now;
    so is one whose import was interrupted.

    *org_path* is the organisation unit whose people may see the delivery (and those above them);
    empty: operators alone. *words* puts a row's reason into words; *on_progress* is told the
    share of the file that was read and the rows so far.

    Raises
    ------
    CountsDoNotAddUp
        A landing broke its contract.
    OSError
        The file or the archive cannot be read or written.
    """
    kept = archive.keep(file=file, archive_folder=stores.archive_folder)
    delivery_id = _register(file.name, kept, mapping, received_by, org_path, now)
    with transaction.atomic(durable=True):
        # Whoever else receives the same file waits here, then finds it done.
        delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
        if delivery.state == Delivery.State.IMPORTED:
            return _report(delivery, is_repeat=True)
        intake = _Intake(
            delivery=delivery,
            file=kept.path,
            mapping=mapping,
            doorway=doorways[mapping.record.name],
            stores=stores,
            limits=limits.limits_on(day=now.astimezone(mapping.file.time_zone).date()),
            received_by=received_by,
            now=now,
            words=words,
        )
        try:
            with transaction.atomic():
                intake.take_in(on_progress)
        except FileRefused as error:
            intake.refuse(error)
    return _report(delivery, is_repeat=False)


def _register(
    file_name: str,
    kept: archive.Kept,
    mapping: Mapping,
    received_by: str,
    org_path: str,
    now: datetime,
) -> int:
    """Write that the file is here, unless it was before, and return its delivery."""
    same = Delivery.objects.filter(sha256=kept.sha256, mapping_sha256=mapping.sha256)
    with transaction.atomic(durable=True):
        if not same.exists():
            fresh = Delivery(
                file_name=file_name[-255:],
                sha256=kept.sha256,
                size_bytes=kept.size_bytes,
                record=mapping.record.name,
                mapping_name=mapping.name[:120],
                mapping_sha256=mapping.sha256,
                mapping_text=mapping.text,
                state=Delivery.State.RECEIVED,
                refusal="",
                received_at=now,
                received_by=received_by,
                org_path=org_path,
            )
            # Somebody may deliver the same file at this very moment: the first one counts.
            Delivery.objects.bulk_create([fresh], ignore_conflicts=True)
            ledger.record(
                "intake.delivery.received",
                subject=f"file:{kept.sha256}",
                actor=received_by,
                at=now,
                record=mapping.record.name,
                size_bytes=kept.size_bytes,
            )
        return same.values_list("pk", flat=True).get()


@dataclass(slots=True, kw_only=True)
class _Intake:
    """One delivery being taken in, inside its transaction."""

    delivery: Delivery
    file: Path
    mapping: Mapping
    doorway: Doorway
    stores: Stores
    limits: Limits
    received_by: str
    now: datetime
    words: WordsOf

    def take_in(self, on_progress: Progress) -> None:
        """Read, land, check the books, and write what became of the rows."""
        source = opening.open_source(file=self.file, form=self.mapping.file, limits=self.limits)
        sources.check_header(header=source.header, needed=self.mapping.sources, limits=self.limits)
        today = self.now.astimezone(self.mapping.file.time_zone).date()
        conversion = Conversion(mapping=self.mapping, limits=self.limits, today=today)
        reading = Reading(source=source, conversion=conversion, on_progress=on_progress)
        with tempfile.TemporaryDirectory(dir=self.stores.archive_folder) as scratch:
            landed = self.doorway.land(rows=reading.batches(), context=self._context(Path(scratch)))
        if not reading.is_over:
            raise CountsDoNotAddUp(f"{self.mapping.record.name}: the landing did not read all rows")
        refusals = sorted([*reading.refusals, *landed.refusals], key=lambda r: r.row_number)
        n_refused = len({refusal.row_number for refusal in refusals})
        reading.refusals = refusals
        reading.check_share(n_refused=n_refused)
        self._write_counts(reading, landed, n_refused)
        self._write_quarantine(refusals)
        self._record("intake.delivery.imported")

    def refuse(self, error: FileRefused) -> None:
        """Write why the whole file cannot be used; nothing else of it remains."""
        self.delivery.state = Delivery.State.REFUSED
        self.delivery.refusal = f"{error.code}: {error.detail}"
        self.delivery.finished_at = self.now
        self.delivery.n_read = self.delivery.n_imported = 0
        self.delivery.n_unchanged = self.delivery.n_quarantined = 0
        self.delivery.save()
        self._record("intake.delivery.refused", reason=error.code)

    def _context(self, scratch: Path) -> LandingContext:
        both = f"{self.delivery.sha256}{self.delivery.mapping_sha256}"
        return LandingContext(
            delivery_id=self.delivery.pk,
            delivery_sha256=hashlib.sha256(both.encode()).hexdigest(),
            now=self.now,
            actor=self.received_by,
            field_key=self.stores.field_key,
            lake_folder=self.stores.lake_folder,
            scratch_folder=scratch,
            on_progress=lambda _rows: None,
            most_refusals=self.limits.most_quarantined_rows,
        )

    def _write_counts(self, reading: Reading, landed: Landed, n_refused: int) -> None:
        n_unchanged = landed.n_unchanged + reading.n_identical
        if landed.n_imported + n_unchanged + n_refused != reading.n_read:
            raise CountsDoNotAddUp(
                f"{self.mapping.record.name}: {reading.n_read} read, {landed.n_imported} imported, "
                f"{n_unchanged} unchanged, {n_refused} quarantined"
            )
        self.delivery.state = Delivery.State.IMPORTED
        self.delivery.refusal = ""
        self.delivery.finished_at = self.now
        self.delivery.n_read = reading.n_read
        self.delivery.n_imported = landed.n_imported
        self.delivery.n_unchanged = n_unchanged
        self.delivery.n_quarantined = n_refused
        self.delivery.save()

    def _write_quarantine(self, refusals: list[Refusal]) -> None:
        if not refusals:
            return
        n_shapes = len(self.mapping.shapes)
        personal = {field.name for field in self.mapping.record.fields if field.is_personal}
        QuarantinedRow.objects.bulk_create(
            QuarantinedRow(
                delivery=self.delivery,
                row_number=refusal.row_number // n_shapes,
                field=refusal.field[:60],
                value="***" if refusal.field in personal and refusal.value else refusal.value[:200],
                reason=refusal.reason[:60],
                detail=refusal.detail[:300],
            )
            for refusal in refusals[: self.limits.quarantine_sample]
        )
        quarantine.write(
            target=quarantine.place_of(
                archive_folder=self.stores.archive_folder,
                delivery_id=self.delivery.pk,
                form=self.mapping.file,
            ),
            file=self.file,
            form=self.mapping.file,
            limits=self.limits,
            why=quarantine.reasons_by_row(
                delivery_id=self.delivery.pk, refusals=refusals, n_shapes=n_shapes, words=self.words
            ),
        )

    def _record(self, name: str, **more: str) -> None:
        ledger.record(
            name,
            subject=f"delivery:{self.delivery.pk}",
            actor=self.received_by,
            at=self.now,
            record=self.delivery.record,
            n_read=self.delivery.n_read,
            n_imported=self.delivery.n_imported,
            n_unchanged=self.delivery.n_unchanged,
            n_quarantined=self.delivery.n_quarantined,
            **more,
        )


def _report(delivery: Delivery, *, is_repeat: bool) -> DeliveryReport:
    return DeliveryReport(
        delivery_id=delivery.pk,
        file_name=delivery.file_name,
        record=delivery.record,
        state=delivery.state,
        refusal=delivery.refusal,
        n_read=delivery.n_read,
        n_imported=delivery.n_imported,
        n_unchanged=delivery.n_unchanged,
        n_quarantined=delivery.n_quarantined,
        is_repeat=is_repeat,
    )
