"""Who did something, in words: the ledger names people by number and everybody else by a code."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from lamplighter.facts.network import names

CLOCK = "clock"
CUSTOMER = "customer"
OPERATOR = "operator:"


def called(*, actors: Iterable[str]) -> dict[str, str]:
    """Return what each actor of the ledger is called. One query at most.

    People of the staff by their name, or their number where they are no longer known; whoever
    held a customer's link as the customer; what found a missed promise as the clock; who brought a
    file by a command as that operator; jobs and other commands as the system.
    """
    wanted = set(actors)
    people = names.of_actors(actors=wanted)
    others = {CLOCK: _("the clock"), CUSTOMER: _("the customer")}
    return {actor: people.get(actor) or others.get(actor) or _other(actor) for actor in wanted}


def _other(actor: str) -> str:
    if actor.startswith(names.STAFF):
        return actor.removeprefix(names.STAFF)
    if actor.startswith(OPERATOR):
        return _("operator %(name)s") % {"name": actor.removeprefix(OPERATOR)}
    return _("the system")
