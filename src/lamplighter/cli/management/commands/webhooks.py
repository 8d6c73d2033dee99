"""``lamplighter webhooks add|list|end|replay``"""

import getpass
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as told

from lamplighter.action.service import subscribers
from lamplighter.cli import commands
from lamplighter.gateway.webhooks import queries, services


class Command(commands.SpokenCommand):
    help = told("Say which systems are told what happens to orders, and tell them again.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser(
            "add", help=_("tell an address from now on; its secret is shown once")
        )
        add.add_argument(
            "number", help=_("the number in the staff list of whose orders it is told")
        )
        add.add_argument("url", help=_("where it is told, e.g. https://example.cn/orders"))
        add.add_argument(
            "names", nargs="*", metavar="EVENT", help=_("events; all when none is named")
        )
        verbs.add_parser("list", help=_("list the addresses, and how their messages stand"))
        end = verbs.add_parser("end", help=_("tell an address nothing more"))
        end.add_argument("subscription_id", type=int, help=_("the first column of the list"))
        replay = verbs.add_parser("replay", help=_("tell an address again what happened"))
        replay.add_argument("subscription_id", type=int, help=_("the first column of the list"))
        replay.add_argument("after_id", type=int, help=_("all behind this row of the ledger"))

    def handle(self, *, verb: str, **options: Any) -> None:
        acts: dict[str, Callable[..., None]] = {
            "add": self._add,
            "list": self._list,
            "end": self._end,
            "replay": self._replay,
        }
        said = {"actor": f"operator:{getpass.getuser()}"[:80], "now": timezone.now()}
        try:
            acts[verb](options, **said)
        except subscribers.SubscriptionUnknown as error:
            text = _("there is no subscription %(id)s, or it has ended")
            raise CommandError(text % {"id": error}) from error
        except subscribers.SubscriptionWrong as error:
            text = _("this cannot be told: %(error)s")
            raise CommandError(text % {"error": error}) from error

    def _add(self, options: dict[str, Any], **said: Any) -> None:
        made = services.subscribe(
            staff_number=options["number"],
            url=options["url"],
            names=options["names"],
            field_key=settings.FIELD_KEY,
            **said,
        )
        self.stdout.write(f"{made.subscription_id}\t{made.secret}")

    def _list(self, _options: dict[str, Any], **_said: Any) -> None:
        for one in queries.every():
            self.stdout.write(
                f"{one.subscription_id}\t{one.staff_number}\t{one.url}\t"
                f"{' '.join(one.names) or 'all'}\tread until {one.read_until_id}\t"
                f"{one.n_waiting} waiting, {one.n_delivered} delivered, {one.n_dead} given up\t"
                f"{'ended' if one.ended_at else 'on'}"
            )

    def _end(self, options: dict[str, Any], **said: Any) -> None:
        services.end(subscription_id=options["subscription_id"], **said)

    def _replay(self, options: dict[str, Any], **said: Any) -> None:
        services.replay(
            subscription_id=options["subscription_id"], after_id=options["after_id"], **said
        )
