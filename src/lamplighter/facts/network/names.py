"""The names of people as pages show them, by the way the ledger names them."""

from collections.abc import Iterable

from lamplighter.facts.network.models import Staff

STAFF = "staff:"


def of_actors(*, actors: Iterable[str]) -> dict[str, str]:
    """Return the names of those actors that are of the staff. One query at most."""
    numbers = {actor.removeprefix(STAFF) for actor in actors if actor.startswith(STAFF)}
    if not numbers:
        return {}
    rows = Staff.objects.filter(number__in=numbers).values_list("number", "name")
    return {f"{STAFF}{number}": name for number, name in rows}
