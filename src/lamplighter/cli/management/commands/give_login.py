"""``lamplighter give_login NUMBER``"""

import getpass
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lamplighter.facts.network import services as network


class Command(BaseCommand):
    help = "Let a person of the staff sign in, with a new password that is shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="the person's number in the staff list")

    def handle(self, *, number: str, **_options: Any) -> None:
        password = secrets.token_urlsafe(12)
        try:
            network.make_login(
                staff_number=number,
                password=password,
                actor=f"operator:{getpass.getuser()}"[:80],
                now=timezone.now(),
            )
        except network.StaffUnknown as error:
            raise CommandError(f"nobody of the staff has the number {number}") from error
        except network.LoginTaken as error:
            raise CommandError(f"the log-in {number} belongs to somebody else") from error
        self.stdout.write(f"{number}\t{password}")
