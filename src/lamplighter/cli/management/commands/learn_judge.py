"""``lamplighter learn_judge``: a judge of habit changes from the station's own meters."""

from argparse import ArgumentParser
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as told
from rich.console import Console

from lamplighter.cli import arguments, bars, commands, failures, judge_words, languages
from lamplighter.findings.judges import OwnJudge
from lamplighter.findings.services import judging
from lamplighter.insight.judge import own
from lamplighter.policy import loader

SEED = 20141101


class Command(commands.SpokenCommand):
    help = told(
        "Learn a judge of habit changes from the daily totals of the station's own meters, hold it "
        "against the judge that ships on meters kept apart, and write it into a file. Nothing is "
        "put in force: see judge_in_force."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as-of",
            type=arguments.past_day,
            metavar="DAY",
            help=_("last local day learnt from; default yesterday"),
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
            "--into", type=Path, metavar="FILE", help=_("default: among the learnt")
        )
        seed = _("of chance; default %(seed)s") % {"seed": SEED}
        parser.add_argument("--seed", type=int, default=SEED, help=seed)
        parser.add_argument(
            "--windows", type=arguments.count, help=_("fewer: quicker and weaker; default policy")
        )
        parser.add_argument(
            "--trees", type=arguments.count, help=_("fewer: quicker and weaker; default policy")
        )
        parser.add_argument(
            "--language", choices=("zh", "en"), help=_("default: that of the terminal")
        )

    def handle(
        self,
        *,
        as_of: date | None,
        known_at: datetime | None,
        into: Path | None,
        seed: int,
        windows: int | None,
        trees: int | None,
        language: str | None,
        **_options: Any,
    ) -> None:
        now = timezone.now()
        if seed < 0:
            raise CommandError(_("--seed is 0 or more"))
        if into is not None and into.exists():
            raise CommandError(_("%(file)s exists") % {"file": into})
        asked = judging.Asked(
            as_of=as_of or arguments.today() - timedelta(1),
            known_at=known_at or now,
            lake_folder=Path(settings.LAKE_FOLDER),
            seed=seed,
            windows=windows,
            trees=trees,
        )
        try:
            judge = _learn(asked)
            name = f"judge-{asked.as_of}-{judge.version.rpartition('#')[2]}.judge"
            file = into or Path(settings.LEARNT_FOLDER) / "judges" / name
            judging.keep(judge=judge, file=file)
        except (judging.TooFewMeters, own.NothingToLearn, loader.PolicyUnknown) as error:
            said = _("no judge was learnt: %(why)s")
            raise CommandError(said % {"why": failures.why(error)}) from error
        except FileExistsError as error:
            raise CommandError(_("%(file)s exists") % {"file": file}) from error
        for line in judge_words.learnt(
            about=judge.about, file=str(file), language=language or languages.of_the_terminal()
        ):
            self.stdout.write(line)


def _learn(asked: judging.Asked) -> OwnJudge:
    doing = {"windows": _("Drawing windows"), "trees": _("Learning")}
    with bars.bars(doing, console=Console(stderr=True)) as on_progress:
        return judging.learn(asked=asked, on_progress=on_progress)
