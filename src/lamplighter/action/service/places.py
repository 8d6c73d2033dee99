"""Places as callers without an account told them: of open orders, by how alike they read.

They are sealed like the words, so they are compared in memory: the newest open ones alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lamplighter.action.service import rights
from lamplighter.action.service.lines import OrderLine
from lamplighter.action.service.models import ServiceOrder
from lamplighter.action.service.queries import lines
from lamplighter.action.service.rules import Rules
from lamplighter.kernel import sealing
from lamplighter.kernel.viewer import Viewer

LOOKED_AT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An open order with its place as it was told."""

    line: OrderLine
    place: str
    alike: float  # 0 … 1: the share of the asked place's pairs of characters that it has


def alike(*, asked: str, place: str) -> float:
    """Return which share of one place's pairs of characters stands in another.

    >>> alike(asked="东关街加油站对面", place="东关街, 加油站旁边")
    0.7142857142857143
    """
    pairs = _pairs(asked)
    return len(pairs & _pairs(place)) / len(pairs) if pairs else 0.0


def open_near(
    *,
    viewer: Viewer,
    rules: Rules,
    type_codes: Sequence[str],
    place: str,
    field_key: bytes,
    least: float,
    limit: int,
) -> list[Told]:
    """Return open orders whose told place reads like a place, the likest first. Two queries."""
    if not _pairs(place):
        return []
    rows = (
        rights.seen(viewer=viewer, rules=rules)
        .filter(place_sealed__isnull=False, closed_at__isnull=True, type_code__in=type_codes)
        .order_by("-opened_at", "-pk")[:LOOKED_AT]
    )
    found = [(row.pk, _place(row, field_key)) for row in rows]
    scored = [(alike(asked=place, place=said), pk, said) for pk, said in found]
    near = sorted((one for one in scored if one[0] >= least), reverse=True)[:limit]
    by_id = {line.order_id: line for line in lines([pk for _score, pk, _said in near])}
    return [Told(line=by_id[pk], place=said, alike=score) for score, pk, said in near]


def _place(row: ServiceOrder, field_key: bytes) -> str:
    return sealing.unseal(bytes(row.place_sealed), field_key) if row.place_sealed else ""


def _pairs(text: str) -> set[str]:
    said = "".join(letter for letter in text.lower() if letter.isalnum())
    return {said[n : n + 2] for n in range(len(said) - 1)}
