"""The types of request as the policy names them."""

from dataclasses import dataclass
from datetime import date

from lamplighter.policy import loader
from lamplighter.policy.loader import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxonomy:
    """Types in the order of the policy, each in one group."""

    version: str
    groups: dict[str, Words]
    types: dict[str, Words]
    group_of: dict[str, str]


def taxonomy_on(*, day: date) -> Taxonomy:
    """Return the types that are in force on a day.

    Raises
    ------
    PolicyUnknown
        The policy begins later.
    PolicyRowUnknown
        A row is no text in both languages.
    """
    policy = loader.load(name="demand_types", on=day)
    groups = {row.key.split(".")[1]: policy.text(row.key) for row in policy.rows_below("groups")}
    types: dict[str, Words] = {}
    group_of: dict[str, str] = {}
    for row in policy.rows_below("types"):
        _types, group, code = row.key.split(".")
        types[code] = policy.text(row.key)
        group_of[code] = group
    return Taxonomy(version=policy.version, groups=groups, types=types, group_of=group_of)
