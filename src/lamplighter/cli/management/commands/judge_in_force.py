"""``lamplighter judge_in_force``: which judge of habit changes nights go by, and from when."""

import getpass
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as told

from lamplighter.cli import arguments, commands, judge_words, languages
from lamplighter.facts.network import queries as network
from lamplighter.findings import judge_turns, judges
from lamplighter.findings.services import judging


class Command(commands.SpokenCommand):
    help = told(
        "Let nights from a day on go by a judge of habit changes that learn_judge wrote, or by the "
        "one that ships again; without arguments, show which was in force since when. Nights "
        "before that day keep their judge."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("file", nargs="?", type=Path, help=_("what learn_judge wrote"))
        which.add_argument("--ships", action="store_true", help=_("back to the judge that ships"))
        parser.add_argument(
            "--from",
            dest="from_day",
            type=arguments.day,
            metavar="DAY",
            help=_("last day looked at of the first night that goes by it; after today"),
        )
        parser.add_argument("--decided-by", metavar="NUMBER", help=_("the person's number"))
        parser.add_argument("--because", metavar="WHY", help=_("the person's reasons"))
        parser.add_argument(
            "--although-it-sees-less",
            action="store_true",
            help=_("put it in force although it is surely the worse one"),
        )
        parser.add_argument(
            "--language", choices=("zh", "en"), help=_("default: that of the terminal")
        )

    def handle(
        self,
        *,
        file: Path | None,
        ships: bool,
        from_day: date | None,
        decided_by: str | None,
        because: str | None,
        although_it_sees_less: bool,
        language: str | None,
        **_options: Any,
    ) -> None:
        if file is not None or ships:
            if from_day is None or decided_by is None or because is None:
                raise CommandError(_("name --from, --decided-by and --because: a person decides"))
            _put(file, from_day, decided_by, because, although=although_it_sees_less)
        for line in judge_words.turns(
            turns=judge_turns.turns(), language=language or languages.of_the_terminal()
        ):
            self.stdout.write(line)


def _put(
    file: Path | None, from_day: date, decided_by: str, because: str, *, although: bool
) -> None:
    now = timezone.now()
    viewer = network.viewer_of_staff(number=decided_by)
    if viewer is None:
        said = _("nobody of the staff has the number %(number)s")
        raise CommandError(said % {"number": decided_by})
    try:
        judging.put_in_force(
            judge=None if file is None else judges.from_bytes(content=file.read_bytes()),
            from_day=from_day,
            today=arguments.today(),
            because=because,
            viewer=viewer,
            actor=f"operator:{getpass.getuser()}"[:80],
            now=now,
            although_he_sees_less=although,
        )
    except OSError as error:
        said = _("%(file)s cannot be read: %(error)s")
        raise CommandError(said % {"file": file, "error": error.strerror}) from error
    except (judges.JudgeFileWrong, judges.JudgeOfOtherKernel) as error:
        said = _("%(file)s holds no judge that fits; nothing was put in force: %(error)s")
        raise CommandError(said % {"file": file, "error": error}) from error
    except judging.SeesLess as error:
        said = _(
            "%(judge)s sees less than the judge that ships: --although-it-sees-less puts it in"
            " force all the same"
        )
        raise CommandError(said % {"judge": error}) from error
    except (judging.TooLate, judging.ReasonMissing) as error:
        said = _("nothing was put in force: %(error)s")
        raise CommandError(said % {"error": error}) from error
