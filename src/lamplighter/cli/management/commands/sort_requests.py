"""``lamplighter sort_requests --as-of DAY``: every request by its words, and what is new."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lamplighter.cli import arguments
from lamplighter.findings.demand import learnt, reading
from lamplighter.findings.demand import services as requests
from lamplighter.policy import loader


class Command(BaseCommand):
    """Sorts what came in since the last time."""

    help = "Sort the customers' requests by their words, and look for topics that are new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as-of",
            type=arguments.past_day,
            required=True,
            metavar="DAY",
            help="last local day",
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
            raise CommandError(f"requests were not sorted: {error}") from error
        self.stdout.write(
            f"{done.n_sorted} requests sorted, {done.n_left_to_people} of them left to people; "
            f"{done.n_topics} topics are new"
        )
