"""Opening a file of any format."""

from collections.abc import Callable
from pathlib import Path

from lamplighter.facts.intake import csv_files, parquet_files, sources, xlsx_files
from lamplighter.facts.intake.limits import Limits
from lamplighter.facts.intake.mappings import FileForm

READERS: dict[str, Callable[[sources.Opening], sources.Source]] = {
    "csv": csv_files.CsvSource,
    "xlsx": xlsx_files.XlsxSource,
    "parquet": parquet_files.ParquetSource,
}


def open_source(*, file: Path, form: FileForm, limits: Limits) -> sources.Source:
    """Open a file and read its header.

    Raises
    ------
    FileRefused
        The file is not what its form says, or is beyond the limits.
    """
    return READERS[form.format](sources.Opening(file=file, form=form, limits=limits))
