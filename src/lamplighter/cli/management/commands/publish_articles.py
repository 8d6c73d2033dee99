"""``lamplighter publish_articles [FOLDER]``"""

import getpass
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lamplighter.action.service.knowledge import errors, services, starting


class Command(BaseCommand):
    help = (
        "Publish the articles of a folder for every unit; without one, those that come along. "
        "An article that reads as before is left alone, so this can be run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=starting.ARTICLES)

    def handle(self, *, folder: Path, **_options: Any) -> None:
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder")
        now = timezone.now()
        try:
            drafts = starting.drafts(folder=folder)
            published = services.publish_all(
                drafts=drafts,
                actor=f"operator:{getpass.getuser()}"[:60],
                now=now,
            )
        except errors.ArticleWrong as error:
            raise CommandError(f"{error}; nothing of this folder was published") from error
        self.stdout.write(f"{len(drafts)} articles, {published} new or changed")
