"""All doors of facts at once: what deliveries may carry, and files or whole folders of them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from lamplighter.facts.billing import landing as billing
from lamplighter.facts.customers import landing as customers
from lamplighter.facts.customers import reasons as customers_reasons
from lamplighter.facts.intake import mapping_files, reasons, services
from lamplighter.facts.intake.records import Doorway, RecordType
from lamplighter.facts.intake.services import DeliveryReport, Stores
from lamplighter.facts.metering import landing as metering
from lamplighter.facts.metering import reasons as metering_reasons
from lamplighter.facts.network import landing as network
from lamplighter.policy.loader import Refused, Words

MANIFEST = "manifest.json"
Progress = Callable[[float, int], None]


class ManifestWrong(Refused):
    """A folder's list of files cannot be used; the text says what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A file of a manifest with its mapping."""

    file: Path
    mapping: Path


@cache
def doorways() -> Mapping[str, Doorway]:
    """Return every record type that a delivery may carry, with the room that takes it in."""
    rooms = (network.DOORWAYS, customers.DOORWAYS, metering.DOORWAYS, billing.DOORWAYS)
    return {doorway.record.name: doorway for room in rooms for doorway in room}


def records() -> Mapping[str, RecordType]:
    """Return the record types by name."""
    return {name: doorway.record for name, doorway in doorways().items()}


def row_reason(*, code: str) -> Words:
    """Return why a row could not be used, in words, whichever room refused it."""
    for room in (customers_reasons.ROW_REASONS, metering_reasons.ROW_REASONS):
        if code in room:
            return room[code]
    return reasons.row_reason(code=code)


def receive_file(
    *,
    file: Path,
    mapping_file: Path,
    received_by: str,
    now: datetime,
    stores: Stores,
    org_path: str = "",
    on_progress: Progress = lambda _share, _rows: None,
) -> DeliveryReport:
    """Take one file in, see `services.receive`.

    Raises
    ------
    mapping_files.MappingWrong
        The mapping cannot be used.
    services.CountsDoNotAddUp
        A landing broke its contract.
    """
    return services.receive(
        file=file,
        mapping=mapping_files.load(file=mapping_file, records=records()),
        doorways=doorways(),
        received_by=received_by,
        now=now,
        stores=stores,
        org_path=org_path,
        words=row_reason,
        on_progress=on_progress,
    )


def read_manifest(*, manifest: Path, mappings: Path) -> list[Listed]:
    """Return the files a manifest lists, in its order, all of them there.

    A manifest is JSON: ``{"deliveries": [{"file": "户档案.csv", "mapping": "customer"}, …]}``.
    Files lie beside it; mappings lie in the folder *mappings*.

    Raises
    ------
    ManifestWrong
        It is no such JSON, leads out of its folder, or names a file or mapping that is absent.
    """
    try:
        content: Any = json.loads(manifest.read_text(encoding="utf-8-sig"))
        rows = [(row["file"], row["mapping"]) for row in content["deliveries"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        shape = '{"deliveries": [{"file": …, "mapping": …}]}'
        raise ManifestWrong(
            f"{manifest}: write {shape} ({error!r})",
            f"{manifest}: 清单应写成 {shape} ({error!r})",
        ) from error
    listed = []
    for name, mapping in rows:
        file = manifest.parent / str(name)
        path = mappings / f"{str(mapping).removesuffix('.toml')}.toml"
        if not file.resolve().is_relative_to(manifest.parent.resolve()):
            raise ManifestWrong(
                f"{manifest}: {name} lies outside its folder",
                f"{manifest}: {name} 不在清单所在的文件夹内",
            )
        for needed in (file, path):
            if not needed.is_file():
                raise ManifestWrong(
                    f"{manifest}: there is no file {needed}", f"{manifest}: 没有文件 {needed}"
                )
        listed.append(Listed(file=file, mapping=path))
    return listed


def receive_folder(
    *,
    listed: list[Listed],
    received_by: str,
    now: datetime,
    stores: Stores,
    org_path: str = "",
    on_progress: Callable[[int, float, int], None] = lambda _file, _share, _rows: None,
) -> Iterator[DeliveryReport]:
    """Take files in one after the other, each in its own transaction.

    All mappings are checked before the first file is touched. *on_progress* is told which file
    (from 0), the share of it that was read, and its rows so far.

    Raises
    ------
    mapping_files.MappingWrong
        A mapping cannot be used.
    """
    known = records()
    mappings = [mapping_files.load(file=entry.mapping, records=known) for entry in listed]
    for number, (entry, mapping) in enumerate(zip(listed, mappings, strict=True)):
        yield services.receive(
            file=entry.file,
            mapping=mapping,
            doorways=doorways(),
            received_by=received_by,
            now=now,
            stores=stores,
            org_path=org_path,
            words=row_reason,
            on_progress=partial(on_progress, number),
        )
