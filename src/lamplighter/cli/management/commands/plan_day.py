from argparse import ArgumentParser
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as told

from lamplighter.action.worklist import rules as worklist_rules
from lamplighter.action.worklist import services as worklist
from lamplighter.cli import arguments, commands
from lamplighter.findings import queries as findings


class Command(commands.SpokenCommand):
    help = told("Plan the work of every customer manager for one day, from the newest night.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "day",
            type=arguments.day,
            metavar="DAY",
            help=_("the day whose work is planned, e.g. 2026-11-25"),
        )

    def handle(self, *, day: date, **_options: Any) -> None:
        night = findings.newest_night()
        if night is None:
            raise CommandError(_("there is no finished night yet: run nightly first"))
        if night.as_of_day >= day:
            said = _("the newest night looked at %(day)s: plan a later day")
            raise CommandError(said % {"day": night.as_of_day})
        plans = worklist.plan_all(
            day=day,
            night_id=night.night_id,
            rules=worklist_rules.rules_in_force(on=day),
            zone=ZoneInfo(settings.TIME_ZONE),
            now=timezone.now(),
            actor="lamplighter:plan_day",
        )
        self.stderr.write(_("%(n)s plans for %(day)s") % {"n": len(plans), "day": day})
