"""``lamplighter sort_requests --as-of DAY``: every request by its words, and what is new."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as told

from lamplighter.cli import arguments, commands
from lamplighter.findings.demand import learnt, reading
from lamplighter.findings.demand import services as requests
from lamplighter.policy import loader


class Command(commands.SpokenCommand):
    """Sorts what came in since the last time."""

    help = told("Sort the customers' requests by their words, and look for topics that are new.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as-of",
            type=arguments.past_day,
            required=True,
            metavar="DAY",
            help=_("last local day"),
        )

    def handle(self, *, as_of: date, **_options: Any) -> None:
        try:
            done = requests.sort_requests(
                as_of=as_of,
                learnt_folder=Path(settings.LEARNT_FOLDER),
                zone=ZoneInfo(settings.TIME_ZONE),
                actor="cli:sort_requests",
                now=timezone.now(),
            )
        except (
            loader.PolicyUnknown,
            learnt.TypeWithoutExamples,
            reading.ExamplesWrong,
        ) as error:
            said = _("requests were not sorted: %(error)s")
            raise CommandError(said % {"error": error}) from error
        said = _("%(n)s requests sorted, %(left)s of them left to people; %(new)s topics are new")
        self.stdout.write(
            said % {"n": done.n_sorted, "left": done.n_left_to_people, "new": done.n_topics}
        )
