"""``lamplighter nightly --as-of DAY``"""

from argparse import ArgumentParser
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as told
from rich.console import Console

from lamplighter.cli import arguments, bars, commands, failures, places
from lamplighter.findings import queries as findings
from lamplighter.findings.areas import services as areas
from lamplighter.findings.services import night


class Command(commands.SpokenCommand):
    help = told("Run the foresight of one night: grades, risks, causes, signals, value, forecasts.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as-of",
            type=arguments.past_day,
            required=True,
            metavar="DAY",
            help=_("last local day"),
        )
        parser.add_argument(
            "--known-at",
            type=arguments.past_moment,
            metavar="MOMENT",
            help=_(
                "use only what was recorded until then, e.g. 2026-11-25T06:00+08:00; default now"
            ),
        )
        parser.add_argument(
            "--rules-of",
            type=arguments.day,
            metavar="DAY",
            help=_("use the rules in force on another day; default: the night's own day"),
        )
        parser.add_argument(
            "--workers", type=arguments.count, default=1, help=_("processes; default 1")
        )
        parser.add_argument(
            "--engine",
            choices=places.ENGINES,
            help=_(
                "where the parts run; default: this process, or processes when there are workers"
            ),
        )
        parser.add_argument(
            "--scheduler", metavar="ADDRESS", help=_("of a cluster, e.g. tls://10.20.0.5:8786")
        )

    def handle(
        self,
        *,
        as_of: date,
        known_at: datetime | None,
        rules_of: date | None,
        workers: int,
        engine: str | None,
        scheduler: str | None,
        **_options: Any,
    ) -> None:
        moment = known_at or findings.unfinished_known_at(as_of=as_of) or timezone.now()
        chosen = places.engine_of(
            name=engine, workers=workers, scheduler=scheduler, files=settings.CLUSTER_FILES
        )
        connection.ensure_connection()
        doing = {"learn": _("Learning from past bills"), "find": _("Deciding")}
        with bars.bars(doing, console=Console()) as on_progress:
            try:
                night_id = night.run(
                    as_of=as_of,
                    known_at=moment,
                    rules_day=rules_of,
                    places=night.Places(
                        lake_folder=Path(settings.LAKE_FOLDER),
                        results_folder=Path(settings.RESULTS_FOLDER),
                        zone=settings.TIME_ZONE,
                        mirror=places.mirror_of(home=settings.HOME, store=settings.STORE),
                    ),
                    engine=chosen,
                    clock=timezone.now,
                    actor="cli:nightly",
                    on_progress=on_progress,
                )
            except failures.OF_A_NIGHT as error:
                said = _("the night of %(day)s did not finish: %(why)s")
                raise CommandError(said % {"day": as_of, "why": failures.why(error)}) from error
        said = _("night %(id)s: %(day)s, known at %(moment)s")
        self.stdout.write(said % {"id": night_id, "day": as_of, "moment": moment.isoformat()})
        newest = findings.newest_night()
        if newest is not None and newest.night_id == night_id:  # not for a night of the past
            n_areas = areas.sum_up(
                lake_folder=Path(settings.LAKE_FOLDER),
                zone=ZoneInfo(settings.TIME_ZONE),
                actor="cli:nightly",
                now=timezone.now(),
            )
            self.stdout.write(_("%(n)s station areas summed up") % {"n": n_areas})
            call_command("sort_requests", as_of=as_of, stdout=self.stdout)
