"""``lamplighter replay``: past nights decided again, beside what was decided then."""

import io
import json
from argparse import ArgumentParser
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as told
from rich.console import Console

from lamplighter.action.worklist import beside
from lamplighter.action.worklist import services as worklist
from lamplighter.cli import arguments, bars, commands, failures, languages, replay_report
from lamplighter.facts.customers import lines as customers
from lamplighter.facts.network import queries as network
from lamplighter.findings.replay import keeping, queries, wishes
from lamplighter.findings.replay.queries import ReplayFacts
from lamplighter.findings.services import replay_asking, replaying
from lamplighter.insight.spread import engines, running
from lamplighter.kernel.viewer import Role, Viewer
from lamplighter.policy import candidates, loader

ACTOR = "cli:replay"
# The operators of an installation see all of it.
OPERATOR = Viewer(staff_id=0, staff_number="", name="", role=Role.BRANCH, org_name="", org_path="")
OWN_OPTIONS = (
    *("as_of", "month", "first", "to", "known_at", "against", "policy", "areas", "work"),
    *("workers", "json", "language"),
)
SHOWN = 20
LEAST_WIDTH = 110
TOLD_MOST = 100_000
WRONG_WISH = (
    wishes.WishImpossible,
    candidates.CandidateRefused,
    loader.PolicyFileWrong,
    loader.PolicyUnknown,
    loader.PolicyRowUnknown,
    network.AreaUnknown,
)


class Command(commands.SpokenCommand):
    help = told(
        "Decide past nights again: as known then or now, by the rules in force or on trial."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        days = parser.add_mutually_exclusive_group(required=True)
        days.add_argument("--as-of", type=arguments.day, metavar="DAY", help=_("one night"))
        days.add_argument(
            "--month", type=arguments.month, metavar="YYYY-MM", help=_("each night of a month")
        )
        days.add_argument(
            "--from", dest="first", type=arguments.day, metavar="DAY", help=_("with --to")
        )
        parser.add_argument("--to", type=arguments.day, metavar="DAY", help=_("with --from"))
        parser.add_argument(
            "--known-at",
            type=arguments.moment,
            metavar="MOMENT",
            help=_("what was recorded until then counts; or 'now'; default: as the kept night"),
        )
        parser.add_argument(
            "--against",
            type=arguments.moment,
            metavar="MOMENT",
            help=_("the other knowledge to compare with; default: as the kept night"),
        )
        parser.add_argument(
            "--policy",
            action="append",
            default=[],
            metavar="FILE",
            help=_(
                "rules on trial: a file <policy>/<day>.toml, or <policy>/<day> among the"
                " candidates; may be given several times"
            ),
        )
        parser.add_argument(
            "--areas", nargs="+", metavar="CODE", help=_("only these areas' shards")
        )
        parser.add_argument(
            "--work",
            choices=("last", "each", "none"),
            default="last",
            help=_("compare the work of the last night's morrow, of each, or not; default last"),
        )
        parser.add_argument(
            "--workers", type=arguments.count, default=1, help=_("processes; default 1")
        )
        parser.add_argument("--json", action="store_true", help=_("print JSON instead of tables"))
        parser.add_argument(
            "--language", choices=("zh", "en"), help=_("default: that of the terminal")
        )

    def handle(self, *, work: str, workers: int, language: str | None, **options: Any) -> None:
        places = places_of_this_installation()
        try:
            replay_id = replay_asking.request(
                wish=_wish(**options),
                results_folder=places.results_folder,
                now=timezone.now(),
                requested_by=ACTOR,
            )
        except WRONG_WISH as error:
            raise CommandError(_said(error)) from error
        engine = engines.serial() if workers == 1 else engines.processes(workers)
        try:
            self._run(replay_id, places=places, engine=engine, work=work)
        except (
            replaying.ReplayAlreadyRunning,
            running.ShardFailed,
            engines.WorkerLost,
        ) as error:
            said = _("replay %(id)s did not finish: %(why)s")
            raise CommandError(said % {"id": replay_id, "why": failures.why(error)}) from error
        report = _report(replay_id)
        if options["json"]:
            content = replay_report.as_json(report)
            self.stdout.write(json.dumps(content, ensure_ascii=False, indent=1))
            return
        text = io.StringIO()
        replay_report.show(
            report,
            console=Console(file=text, width=max(Console().width, LEAST_WIDTH)),
            language=language or languages.of_the_terminal(),
            shown=SHOWN,
        )
        self.stdout.write(text.getvalue())

    def _run(
        self, replay_id: int, *, places: replaying.Places, engine: engines.Engine, work: str
    ) -> None:
        connection.ensure_connection()
        doing = {"learn": _("Learning"), "replay": _("Replaying"), "work": _("Planning")}
        with bars.bars(doing, console=Console(stderr=True)) as on_progress:
            replaying.run(
                replay_id=replay_id,
                places=places,
                engine=engine,
                clock=timezone.now,
                actor=ACTOR,
                on_progress=on_progress,
            )
            facts = _facts(replay_id)
            n_days = (facts.last_day - facts.first_day).days + 1
            nights = [facts.first_day + timedelta(n) for n in range(n_days)]
            if work != "none":
                worklist.compare(
                    replay=worklist.Replayed(
                        replay_id=replay_id,
                        folder=keeping.folder_of(
                            replay_id=replay_id, replays_folder=places.replays_folder
                        ),
                        known_at={
                            "BEFORE": facts.known_before_at,
                            "AFTER": facts.known_after_at,
                        },
                        nights=nights if work == "each" else nights[-1:],
                    ),
                    zone=ZoneInfo(places.zone),
                    now=timezone.now(),
                    actor=ACTOR,
                    on_progress=on_progress,
                )


def places_of_this_installation() -> replaying.Places:
    """Return where this installation keeps lake, nights and replays."""
    return replaying.Places(
        lake_folder=Path(settings.LAKE_FOLDER),
        results_folder=Path(settings.RESULTS_FOLDER),
        replays_folder=Path(settings.REPLAYS_FOLDER),
        zone=settings.TIME_ZONE,
    )


def _said(error: Exception) -> str:
    """Return why a replay cannot be made, in the language spoken."""
    if isinstance(error, loader.Refused):
        return error.words.in_language(get_language() or "")
    if isinstance(error, network.AreaUnknown):
        return _("there is no station area %(codes)s") % {"codes": error}
    return _("the rules cannot be used: %(error)s") % {"error": error}


def _wish(
    *,
    as_of: date | None,
    month: tuple[date, date] | None,
    first: date | None,
    to: date | None,
    known_at: datetime | None,
    against: datetime | None,
    policy: list[str],
    areas: list[str] | None,
    **_options: Any,
) -> wishes.Wish:
    if (first is None) != (to is None):
        raise CommandError(_("--from and --to go together"))
    days = month or ((first, to) if first and to else (as_of, as_of))
    if days[0] is None or days[1] is None:
        raise CommandError(_("name the night: --as-of, --month, or --from and --to"))
    files = [candidates.find(wanted=one, folder=Path(settings.CANDIDATES_FOLDER)) for one in policy]
    return wishes.Wish(
        first_day=days[0],
        last_day=days[1],
        known_at=known_at,
        against=against,
        candidates=tuple(wishes.candidate_of(file=file, today=arguments.today()) for file in files),
        area_ids=None if areas is None else network.area_ids_of(codes=areas),
    )


def _facts(replay_id: int) -> ReplayFacts:
    found = queries.replay(viewer=OPERATOR, on=timezone.localdate(), replay_id=replay_id)
    if found is None:
        said = _("replay %(id)s decided no account that has a station area")
        raise CommandError(said % {"id": replay_id})
    return found


def _report(replay_id: int) -> replay_report.Report:
    on = timezone.localdate()
    who: dict[str, Any] = {"viewer": OPERATOR, "on": on}
    changes = queries.changes(**who, replay_id=replay_id, limit=TOLD_MOST, only_decisions=False)
    doors = customers.lines_of(**who, account_ids=[c.account_id for c in changes.changes])
    return replay_report.Report(
        replay=_facts(replay_id),
        nights=queries.nights(replay_id=replay_id),
        pairs={
            about: queries.by_day(**who, replay_id=replay_id, about=about)
            for about in replay_report.ABOUT
        },
        changes=changes,
        numbers={account_id: door.account_number for account_id, door in doors.items()},
        work=beside.person_days(**who, replay_id=replay_id),
    )
