"""Looking into an XLSX file before anything opens it: what it unpacks to, and what its cells are.

The directory of a ZIP file may lie, so each part is really unpacked, in small pieces, and counted.
"""

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from lamplighter.facts.intake.limits import Limits
from lamplighter.facts.intake.reasons import CELL_ERROR, FORMULA, FileRefused

PIECE = 1 << 16
SMALL_PART = 1 << 20  # below this a strong compression harms nobody
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})\Z")


@dataclass(slots=True)
class SheetCells:
    """What stands in a sheet: its reach, and the cells that hold no value of their own."""

    last_row: int = 0
    last_column: int = 0
    bad: dict[tuple[int, int], str] = field(default_factory=dict)  # (row, column) from 1: reason


def look_into(*, file: Path, sheet: str, limits: Limits) -> tuple[str, SheetCells]:
    """Check the whole file and return the name and the cells of one sheet, the first by default.

    Raises
    ------
    FileRefused
        No XLSX, encrypted, unpacks to too much, has no such sheet or one that spans too much.
    """
    try:
        with zipfile.ZipFile(file) as archive, file.open("rb") as raw:
            parts = {info.filename: info for info in archive.infolist()}
            _check_directory(parts, limits)
            unpacked = 0
            small: dict[str, bytes] = {}
            for name, info in parts.items():
                keep = name in {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"}
                content = bytearray()
                for piece in _unpacked(raw, info, limits):
                    unpacked += len(piece)
                    if keep:
                        content += piece
                    if unpacked > limits.most_uncompressed_bytes:
                        raise FileRefused("ZIP_BOMB", f"> {limits.most_uncompressed_bytes} B")
                if keep:
                    small[name] = bytes(content)
            title, part = _sheet_part(small, sheet)
            cells = _Cells(limits)
            cells.read(_unpacked(raw, parts[part], limits))
            return title, cells.found
    except (zipfile.BadZipFile, zlib.error, struct.error, expat.ExpatError, KeyError) as error:
        raise FileRefused("UNREADABLE", f"XLSX: {error}"[:200]) from error


def _check_directory(parts: dict[str, zipfile.ZipInfo], limits: Limits) -> None:
    if any(info.flag_bits & 0x1 for info in parts.values()):
        raise FileRefused("UNREADABLE", "XLSX: encrypted")
    if sum(info.file_size for info in parts.values()) > limits.most_uncompressed_bytes:
        raise FileRefused("ZIP_BOMB", f"> {limits.most_uncompressed_bytes} B")


def _unpacked(raw: BinaryIO, info: zipfile.ZipInfo, limits: Limits) -> Iterator[bytes]:
    """Unpack one part piece by piece, without trusting the sizes the directory gives."""
    raw.seek(info.header_offset)
    header = LOCAL_HEADER.unpack(raw.read(LOCAL_HEADER.size))
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise FileRefused("UNREADABLE", f"XLSX: compression {info.compress_type}")
    place = info.header_offset + LOCAL_HEADER.size + header[9] + header[10]
    left, out = info.compress_size, 0
    inflate = zlib.decompressobj(-15) if info.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0:
        raw.seek(place)
        packed = raw.read(min(PIECE, left))
        if not packed:
            raise FileRefused("UNREADABLE", "XLSX: cut off")
        place += len(packed)
        left -= len(packed)
        while packed:
            piece = inflate.decompress(packed, PIECE * 16) if inflate else packed
            packed = inflate.unconsumed_tail if inflate else b""
            out += len(piece)
            most = max(SMALL_PART, limits.largest_compression_ratio * info.compress_size)
            if out > most or out > limits.most_uncompressed_bytes:
                raise FileRefused("ZIP_BOMB", f"{info.filename[:80]}: > {int(most)} B")
            yield piece
            if inflate and inflate.eof:
                return


def _sheet_part(small: dict[str, bytes], sheet: str) -> tuple[str, str]:
    """Return the sheet's name and the part of the file that holds it."""
    targets: dict[str, str] = {}
    sheets: list[tuple[str, str]] = []

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith("Relationship"):
            targets[attributes["Id"]] = attributes["Target"]

    def book(tag: str, attributes: dict[str, str]) -> None:
        if tag.rsplit(":", 1)[-1] == "sheet":
            ids = [value for name, value in attributes.items() if name.endswith(":id")]
            sheets.append((attributes["name"], ids[0]))

    _walk(iter([small["xl/_rels/workbook.xml.rels"]]), relation)
    _walk(iter([small["xl/workbook.xml"]]), book)
    for name, relation_id in sheets:
        if not sheet or name == sheet:
            target = targets[relation_id]
            place = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
            return name, posixpath.normpath(place)
    raise FileRefused("NO_SUCH_SHEET", f"{sheet} · {', '.join(name for name, _ in sheets)[:200]}")


def _walk(pieces: Iterator[bytes], start: Callable[[str, dict[str, str]], None]) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _no_doctype
    for piece in pieces:
        parser.Parse(piece, False)
    parser.Parse(b"", True)


def _no_doctype(*_declaration: object) -> None:
    raise FileRefused("UNREADABLE", "XLSX: DOCTYPE")


class _Cells:
    """Walks over a sheet's cells."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.found = SheetCells()
        self.row = self.column = 0

    def read(self, pieces: Iterator[bytes]) -> None:
        _walk(pieces, self.start)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rsplit(":", 1)[-1]
        if tag == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
        elif tag == "c":
            place = CELL.match(attributes.get("r", ""))
            self.column = _column_number(place[1]) if place else self.column + 1
            self.row = int(place[2]) if place else self.row
            self.reach()
            if attributes.get("t") == "e":
                self.found.bad[self.row, self.column] = CELL_ERROR
        elif tag == "f":
            self.found.bad[self.row, self.column] = FORMULA
        if len(self.found.bad) > self.limits.most_quarantined_rows:
            raise FileRefused("TOO_MANY_BAD_ROWS", f"> {self.limits.most_quarantined_rows}")

    def reach(self) -> None:
        found = self.found
        found.last_row = max(found.last_row, self.row)
        found.last_column = max(found.last_column, self.column)
        if found.last_row * found.last_column > self.limits.most_cells:
            raise FileRefused(
                "TOO_MANY_CELLS",
                f"{found.last_row} × {found.last_column} > {self.limits.most_cells}",
            )


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
