"""``lamplighter quarantine``: fetch the rows of a delivery that could not be used."""

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as told

from lamplighter.cli import commands
from lamplighter.facts.intake import queries as intake


class Command(commands.SpokenCommand):
    """Copies the quarantine file of one delivery."""

    help = told(
        "Write the unusable rows of a delivery, with reasons; correct them and import them again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("delivery", type=int, help=_("number of the delivery"))
        parser.add_argument("--output", type=Path, required=True, help=_("where to write"))

    def handle(self, *, delivery: int, output: Path, **_options: Any) -> None:
        try:
            path = intake.quarantine_place(
                delivery_id=delivery, archive_folder=settings.ARCHIVE_FOLDER
            )
        except intake.DeliveryUnknown as error:
            said = _("there is no delivery %(number)s")
            raise CommandError(said % {"number": delivery}) from error
        if path is None:
            said = _("delivery %(number)s has no unusable rows")
            raise CommandError(said % {"number": delivery})
        if output.exists():
            raise CommandError(_("%(file)s exists") % {"file": output})
        shutil.copyfile(path, output)
        output.chmod(0o600)
        said = _("%(file)s: as delivered, with personal data; keep it safe")
        self.stderr.write(said % {"file": output})
