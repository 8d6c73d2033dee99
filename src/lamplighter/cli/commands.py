"""What all commands share: they are read in the language of the terminal."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext

from lamplighter.cli import languages


class SpokenCommand(BaseCommand):
    """A command whose help, results and errors are in the terminal's language.

    *help* is the English text, marked by ``gettext_noop``. Where a command has an option
    ``--language``, what it does and says goes by that.
    """

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        with languages.spoken():
            parser = super().create_parser(prog_name, subcommand, **options)
            parser.description = gettext(self.help)
        return parser

    def execute(self, *arguments: Any, **options: Any) -> str | None:
        with languages.spoken(options.get("language")):
            return super().execute(*arguments, **options)
