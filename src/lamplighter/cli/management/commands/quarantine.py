"""``lamplighter quarantine``: fetch the rows of a delivery that could not be used."""

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lamplighter.facts.intake import queries as intake


class Command(BaseCommand):
    """Copies the quarantine file of one delivery."""

    help = (
        "Write the unusable rows of a delivery, with reasons; correct them and import them again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("delivery", type=int, help="number of the delivery")
        parser.add_argument("--output", type=Path, required=True, help="where to write")

    def handle(self, *, delivery: int, output: Path, **_options: Any) -> None:
        try:
            path = intake.quarantine_place(
                delivery_id=delivery, archive_folder=settings.ARCHIVE_FOLDER
            )
        except intake.DeliveryUnknown as error:
            raise CommandError(f"there is no delivery {delivery}") from error
        if path is None:
            raise CommandError(f"delivery {delivery} has no unusable rows")
        if output.exists():
            raise CommandError(f"{output} exists")
        shutil.copyfile(path, output)
        output.chmod(0o600)
        self.stderr.write(f"{output}: as delivered, with personal data; keep it safe")
