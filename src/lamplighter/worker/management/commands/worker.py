"""``lamplighter worker``: watch the clocks, tell other systems, keep the house clean."""

import ipaddress
import os
import signal
import socket
import sys
from argparse import ArgumentParser
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lamplighter.gateway.webhooks import sending
from lamplighter.policy import loader
from lamplighter.worker import crew, loop, services
from lamplighter.worker.apart import Apart
from lamplighter.worker.jobs import JOBS, NIGHT
from lamplighter.worker.setting import Setting


class Command(BaseCommand):
    """Runs until it is stopped; seldom typed, so its few words stand in both languages."""

    help = (
        "后台任务, 与网站同时运行: 承诺计时、事件推送、每夜研判与当日计划、到期清除、数据整理. "
        "Run beside the site: promises' clocks, webhooks, the night's foresight and the day's "
        "plans, erasure, upkeep of the lake."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        once = "做完到期的任务即退出 (do what is due, then end)"
        parser.add_argument("--once", action="store_true", help=once)
        stands = "只列出各任务的情况 (only show how the jobs stand)"
        parser.add_argument("--list", action="store_true", help=stands)
        processes = "研判用几个进程, 0 为不研判 (processes of a night; 0: no nights here)"
        parser.add_argument(
            "--night-workers", type=int, default=crew.usual_size(), metavar="N", help=processes
        )

    def handle(self, *, once: bool, list: bool, night_workers: int, **_options: Any) -> None:
        if night_workers < 0:
            raise CommandError("--night-workers: 0 或以上 (0 or more)")
        setting = _setting(night_workers=night_workers)
        has_nights = night_workers > 0 and not once  # a night may have to wait for hours
        jobs = [job for job in JOBS if has_nights or job.name != NIGHT]
        holder = f"{socket.gethostname()}:{os.getpid()}"[:80]
        loop.start(jobs=jobs, setting=setting)
        if list:
            for job in services.standings():
                done = job.done_at.isoformat() if job.done_at else "never"
                self.stdout.write(
                    f"{job.name}\tnext {job.next_at.isoformat()}\tdone {done}\t"
                    f"{job.holder or 'free'}\t{job.failure}"
                )
        elif once:
            self.stdout.write(" ".join(loop.once(jobs=jobs, setting=setting, holder=holder)))
        else:
            stop = Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
            try:
                loop.run(jobs=jobs, setting=setting, holder=holder, stop=stop)
            finally:
                setting.night.end()


def _setting(*, night_workers: int) -> Setting:
    now, zone = timezone.now(), ZoneInfo(settings.TIME_ZONE)
    today = settings.DEMO_TODAY or now.astimezone(zone).date()
    policy = loader.load(name="programs", on=today)
    networks = tuple(ipaddress.ip_network(network) for network in settings.WEBHOOK_NETWORKS)
    return Setting(
        zone=zone,
        demo_today=settings.DEMO_TODAY,
        demo_ahead=settings.DEMO_CLOCK_AHEAD,
        field_key=settings.FIELD_KEY,
        lake_folder=settings.LAKE_FOLDER,
        attachments_folder=settings.ATTACHMENTS_FOLDER,
        night=Apart([sys.executable, "-m", "django", "night", "--workers", str(night_workers)]),
        limits=sending.Limits(networks=networks, seconds=policy.number("webhook_seconds_at_most")),
        clock=timezone.now,
    )
