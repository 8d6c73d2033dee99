"""``lamplighter give_login NUMBER``"""

import getpass
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as told

from lamplighter.cli import commands
from lamplighter.facts.network import services as network


class Command(commands.SpokenCommand):
    help = told("Let a person of the staff sign in, with a new password that is shown once.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help=_("the person's number in the staff list"))
        parser.add_argument(
            "--forget-second-step",
            action="store_true",
            help=_("ask for no code any more, as for somebody whose telephone is lost"),
        )

    def handle(self, *, number: str, forget_second_step: bool, **_options: Any) -> None:
        password = secrets.token_urlsafe(12)
        try:
            network.make_login(
                staff_number=number,
                password=password,
                actor=f"operator:{getpass.getuser()}"[:80],
                now=timezone.now(),
                forgets_second_step=forget_second_step,
            )
        except network.StaffUnknown as error:
            said = _("nobody of the staff has the number %(number)s")
            raise CommandError(said % {"number": number}) from error
        except network.LoginTaken as error:
            said = _("the log-in %(number)s belongs to somebody else")
            raise CommandError(said % {"number": number}) from error
        self.stdout.write(f"{number}\t{password}")
