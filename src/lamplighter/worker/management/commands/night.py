"""``lamplighter night``: wait for yesterday's readings, run its night and plan the day."""

import time
from argparse import ArgumentParser
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from lamplighter.worker import crew, nights

WATCH_LOCK = 0x4E57


class Command(BaseCommand):
    """The worker begins it at the night's hour; it ends when the day is planned."""

    help = (
        "等昨日读数到齐后运行夜间研判, 再排好当日计划, 然后退出. "
        "Wait for yesterday's readings, run its night, plan the day, then end."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--workers", type=int, default=crew.usual_size(), metavar="N", help="进程数 (processes)"
        )

    def handle(self, *, workers: int, **_options: Any) -> None:
        if workers < 1:
            raise CommandError("--workers: 1 或以上 (1 or more)")
        with connection.cursor() as cursor:  # the database lets go when this process ends
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [WATCH_LOCK])
            (is_mine,) = cursor.fetchone() or (False,)
        if not is_mine:
            self.stderr.write("另一进程正在值守 (another process is at it)")
            return
        setting = nights.Setting(
            zone=ZoneInfo(settings.TIME_ZONE),
            demo_today=settings.DEMO_TODAY,
            clock=timezone.now,
            lake_folder=settings.LAKE_FOLDER,
            results_folder=settings.RESULTS_FOLDER,
            learnt_folder=settings.LEARNT_FOLDER,
            crew=crew.crew_of(workers),
        )
        try:
            while not nights.run(setting):
                time.sleep(setting.policy().integer("night_seconds"))
        finally:
            setting.crew.dismiss()
