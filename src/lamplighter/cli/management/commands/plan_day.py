from argparse import ArgumentParser
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lamplighter.action.worklist import rules as worklist_rules
from lamplighter.action.worklist import services as worklist
from lamplighter.cli import arguments
from lamplighter.findings import queries as findings


class Command(BaseCommand):
    help = "Plan the work of every customer manager for one day, from the newest night."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("day", type=arguments.day, metavar="DAY", help="YYYY-MM-DD")

    def handle(self, *, day: date, **_options: Any) -> None:
        night = findings.newest_night()
        if night is None:
            raise CommandError("there is no finished night yet: run nightly first")
        if night.as_of_day >= day:
            raise CommandError(f"the newest night looked at {night.as_of_day}: plan a later day")
        plans = worklist.plan_all(
            day=day,
            night_id=night.night_id,
            rules=worklist_rules.rules_in_force(on=day),
            zone=ZoneInfo(settings.TIME_ZONE),
            now=timezone.now(),
            actor="lamplighter:plan_day",
        )
        self.stderr.write(f"{len(plans)} plans for {day}")
