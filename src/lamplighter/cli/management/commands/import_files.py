"""``lamplighter import_files``: take a file, or a folder of files, in."""

import getpass
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as told
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from lamplighter.cli import arguments, commands
from lamplighter.facts import receiving
from lamplighter.facts.intake import mapping_files, reasons
from lamplighter.facts.intake.services import DeliveryReport, Stores
from lamplighter.facts.network import queries as network
from lamplighter.facts.receiving import Listed


class Command(commands.SpokenCommand):
    """Takes files in by their mappings; exits with 1 when a file was refused as a whole."""

    help = told("Import a file with --mapping, or a folder with its manifest.json and --mappings.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help=_("a file, or a folder with a manifest"))
        parser.add_argument("--mapping", type=Path, help=_("mapping file (.toml) of a single file"))
        parser.add_argument(
            "--mappings", type=Path, help=_("folder of mapping files; default: PATH")
        )
        parser.add_argument("--manifest", type=Path, help=_("default: PATH/manifest.json"))
        parser.add_argument(
            "--unit",
            default="",
            metavar="CODE",
            help=_("organisation unit whose people may see the delivery; default: operators alone"),
        )
        parser.add_argument(
            "--received-at",
            type=arguments.past_moment,
            metavar="MOMENT",
            help=_("when the facts became known, e.g. 2026-11-25T06:00+08:00; default now"),
        )

    def handle(
        self,
        *,
        path: Path,
        mapping: Path | None,
        mappings: Path | None,
        manifest: Path | None,
        received_at: datetime | None,
        unit: str,
        **_options: Any,
    ) -> None:
        try:
            listed = _listed(path, mapping, mappings, manifest)
            org_path = network.path_of_unit(code=unit) if unit else ""
            reports = self._receive(listed, received_at or timezone.now(), org_path)
        except network.OrgUnitUnknown as error:
            said = _("there is no organisation unit %(code)s")
            raise CommandError(said % {"code": unit}) from error
        except (mapping_files.MappingWrong, receiving.ManifestWrong) as error:
            raise CommandError(error.words.in_language(get_language() or "")) from error
        except OSError as error:
            said = _("%(file)s cannot be read: %(error)s")
            raise CommandError(said % {"file": error.filename, "error": error.strerror}) from error
        n_refused = sum(report.state == "REFUSED" for report in reports)
        if n_refused:
            said = _("%(n)s of %(all)s files refused; nothing of them remains")
            raise CommandError(said % {"n": n_refused, "all": len(reports)})

    def _receive(self, listed: list[Listed], now: datetime, org_path: str) -> list[DeliveryReport]:
        stores = Stores(
            archive_folder=settings.ARCHIVE_FOLDER,
            lake_folder=settings.LAKE_FOLDER,
            field_key=settings.FIELD_KEY,
        )
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn(_("{rows} rows").format(rows="{task.fields[rows]:,}")),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        ) as progress:
            tasks = [
                progress.add_task(entry.file.name, total=1.0, rows=0, start=False)
                for entry in listed
            ]

            def show(number: int, share: float, rows: int) -> None:
                progress.start_task(tasks[number])
                progress.update(tasks[number], completed=share, rows=rows)

            reports = []
            for number, report in enumerate(
                receiving.receive_folder(
                    listed=listed,
                    received_by=f"operator:{getpass.getuser()}"[:80],
                    now=now,
                    stores=stores,
                    org_path=org_path,
                    on_progress=show,
                )
            ):
                reports.append(report)
                show(number, 1.0, report.n_read)
                self.stdout.write(_line(report))
        return reports


def _listed(
    path: Path, mapping: Path | None, mappings: Path | None, manifest: Path | None
) -> list[Listed]:
    if path.is_dir():
        if mapping is not None:
            raise CommandError(_("--mapping goes with a single file; a folder has its manifest"))
        return receiving.read_manifest(
            manifest=manifest or path / receiving.MANIFEST, mappings=mappings or path
        )
    if mapping is None:
        said = _("%(file)s: name the mapping file with --mapping")
        raise CommandError(said % {"file": path})
    if not path.is_file():
        raise CommandError(_("there is no file %(file)s") % {"file": path})
    return [Listed(file=path, mapping=mapping)]


def _line(report: DeliveryReport) -> str:
    head = f"#{report.delivery_id}\t{report.file_name}\t{report.record}\t{report.state}"
    if report.state == "REFUSED":
        code, _colon, detail = report.refusal.partition(": ")
        words = reasons.file_reason(code=code).in_language(get_language() or "")
        return f"{head}\t{words}: {detail}"
    counts = [
        _("read %(n)s") % {"n": report.n_read},
        _("imported %(n)s") % {"n": report.n_imported},
        _("unchanged %(n)s") % {"n": report.n_unchanged},
        _("quarantined %(n)s") % {"n": report.n_quarantined},
    ]
    again = [_("already known")] if report.is_repeat else []
    return "\t".join([head, *counts, *again])
