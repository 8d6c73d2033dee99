"""``lamplighter publish_articles [FOLDER]``"""

import getpass
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as told

from lamplighter.action.service.knowledge import errors, services, starting
from lamplighter.cli import commands


class Command(commands.SpokenCommand):
    help = told(
        "Publish the articles of a folder for every unit; without one, those that come along. "
        "An article that reads as before is left alone, so this can be run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder",
            nargs="?",
            type=Path,
            default=starting.ARTICLES,
            help=_("a folder of article files (.toml)"),
        )

    def handle(self, *, folder: Path, **_options: Any) -> None:
        if not folder.is_dir():
            raise CommandError(_("%(folder)s is no folder") % {"folder": folder})
        now = timezone.now()
        try:
            drafts = starting.drafts(folder=folder)
            published = services.publish_all(
                drafts=drafts,
                actor=f"operator:{getpass.getuser()}"[:60],
                now=now,
            )
        except errors.ArticleWrong as error:
            said = _("%(error)s; nothing of this folder was published")
            raise CommandError(said % {"error": error}) from error
        said = _("%(n)s articles, %(new)s new or changed")
        self.stdout.write(said % {"n": len(drafts), "new": published})
