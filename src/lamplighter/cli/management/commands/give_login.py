"""``lamplighter give_login NUMBER``"""

import getpass
import secrets
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lamplighter.facts.network import queries as network
from lamplighter.facts.network import services as network_services


class Command(BaseCommand):
    help = "Let a person of the staff sign in, with a new password that is shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="the person's number in the staff list")

    def handle(self, *, number: str, **_options: Any) -> None:
        try:
            staff_id = network.staff_of_number(number=number)
        except network.NumberUnknown as error:
            raise CommandError(f"nobody of the staff has the number {number}") from error
        password = secrets.token_urlsafe(12)
        user, _created = User.objects.get_or_create(username=number)
        user.set_password(password)
        user.save()
        try:
            network_services.give_login(
                staff_id=staff_id,
                user_id=user.pk,
                actor=f"operator:{getpass.getuser()}"[:80],
                now=timezone.now(),
            )
        except network_services.LoginTaken as error:
            raise CommandError(f"the log-in {number} belongs to somebody else") from error
        self.stdout.write(f"{number}\t{password}")
