"""``lamplighter api_tokens issue|list|revoke``"""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as told

from lamplighter.cli import arguments, commands
from lamplighter.facts.network import services as network
from lamplighter.facts.network.tokens import queries, services
from lamplighter.policy import loader


class Command(commands.SpokenCommand):
    help = told("Give programs tokens of the interface, list them, and revoke them.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        issue = verbs.add_parser("issue", help=_("issue a token; its secret is shown once"))
        issue.add_argument("number", help=_("the number in the staff list of whom it acts as"))
        issue.add_argument("name", help=_("which program has it"))
        issue.add_argument("--days", type=arguments.count, help=_("for how many days it is good"))
        verbs.add_parser("list", help=_("list all tokens, without their secrets"))
        revoke = verbs.add_parser("revoke", help=_("end a token at once"))
        revoke.add_argument("token_id", type=int, help=_("the first column of the list"))

    def handle(self, *, verb: str, **options: Any) -> None:
        actor = f"operator:{getpass.getuser()}"[:80]
        if verb == "issue":
            self._issue(options["number"], options["name"], options["days"], actor)
        elif verb == "revoke":
            try:
                services.revoke(token_id=options["token_id"], actor=actor, now=timezone.now())
            except services.TokenUnknown as error:
                said = _("there is no token %(id)s")
                raise CommandError(said % {"id": options["token_id"]}) from error
        else:
            self._list()

    def _issue(self, number: str, name: str, days: int | None, actor: str) -> None:
        now = timezone.now()
        try:
            issued = services.issue(
                staff_number=number,
                name=name,
                n_days=days,
                actor=actor,
                now=now,
                policy=loader.load(name=services.POLICY, on=arguments.today()),
            )
        except network.StaffUnknown as error:
            said = _("nobody of the staff has the number %(number)s")
            raise CommandError(said % {"number": number}) from error
        except services.TokenWrong as error:
            said = _("no token was issued: %(error)s")
            raise CommandError(said % {"error": error}) from error
        self.stdout.write(f"{issued.token_id}\t{issued.secret}\t{issued.expires_at.isoformat()}")

    def _list(self) -> None:
        now = timezone.now()
        for token in queries.every():
            used = token.last_used_at.isoformat() if token.last_used_at else "never used"
            state = "good" if token.is_good(now=now) else "ended"
            self.stdout.write(
                f"{token.token_id}\t{token.staff_number}\t{token.name}\t…{token.tail}\t"
                f"{token.expires_at.isoformat()}\t{used}\t{state}"
            )
