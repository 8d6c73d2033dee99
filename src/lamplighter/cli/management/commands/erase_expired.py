"""``lamplighter erase_expired``: let go of personal data and of words whose time is over."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from lamplighter.action.service import services as service
from lamplighter.action.service.attachments import services as attachments
from lamplighter.action.service.progress import services as progress
from lamplighter.action.service.records import services as records
from lamplighter.cli import commands
from lamplighter.facts.customers import erasure as customers
from lamplighter.findings.contests.services import erasure as contests
from lamplighter.policy import loader

ACTOR = "lamplighter:erase_expired"
KINDS = {
    "contacts": gettext_noop("customers' contacts"),
    "survey_answers": gettext_noop("survey answers"),
    "facets": gettext_noop("facets"),
    "contests": gettext_noop("contests"),
    "decisions": gettext_noop("decisions"),
    "endings": gettext_noop("endings"),
    "reviews": gettext_noop("reviews"),
    "words_of_orders": gettext_noop("words of orders"),
    "forms_of_steps": gettext_noop("forms of steps"),
    "customers_answers": gettext_noop("customers' answers"),
    "files_of_orders": gettext_noop("files of orders"),
    "files_of_nobody": gettext_noop("files of nobody"),
}


class Command(commands.SpokenCommand):
    help = gettext_noop(
        "Erase contacts, answers, words and files whose time is over; run it each night."
    )

    def handle(self, **_options: Any) -> None:
        now, zone = timezone.now(), ZoneInfo(settings.TIME_ZONE)
        today = _today(now=now, zone=zone)
        policy = loader.load(name="personal_data", on=today)
        run: dict[str, Any] = {"today": today, "now": now, "actor": ACTOR, "policy": policy}
        counts = customers.purge_expired(**run) | contests.purge_expired(**run, zone=zone)
        words: dict[str, Any] = {"today": today, "now": now, "actor": ACTOR}
        folder = settings.ATTACHMENTS_FOLDER
        counts |= {
            "words_of_orders": service.erase_expired(**words),
            "forms_of_steps": records.erase_expired(**words),
            "customers_answers": progress.erase_expired(**words),
            "files_of_orders": attachments.purge_expired(**words, folder=folder),
            "files_of_nobody": attachments.collect_orphans(
                now=now,
                folder=folder,
                policy=loader.load(name=attachments.POLICY, on=today),
                actor=ACTOR,
            ),
        }
        erased = _(", ").join(f"{n} {_(KINDS[kind])}" for kind, n in counts.items())
        said = _("%(day)s: %(erased)s erased (%(rules)s)")
        self.stdout.write(said % {"day": today, "erased": erased, "rules": policy.version})


def _today(*, now: datetime, zone: ZoneInfo) -> date:
    demo: date | None = settings.DEMO_TODAY
    return demo or now.astimezone(zone).date()
