"""What two decisions of the same facts by different rules have in common, found once."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from lamplighter.findings.rules import Rules

Found = TypeVar("Found")


class Shared:
    """Findings of one shard, day and knowledge, by the versions of the rules they rest on.

    Two sides of a replay know the same and differ in some rules: what does not rest on those is
    the same, byte for byte. What the night before left behind may differ between them; nothing
    kept here rests on it.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, ...], Any] = {}

    def once(
        self, *, what: str, rules: Rules, policies: Sequence[str], find: Callable[[], Found]
    ) -> Found:
        """Return what *find* found under these policies' versions; it is called once for them."""
        # A night names its judge only where it is not the one that ships.
        key = (what, *(rules.versions.get(name, "") for name in policies))
        if key not in self._found:
            self._found[key] = find()
        return cast("Found", self._found[key])
