"""Past texts that are not examples: how alike they read to a new one, without keeping them."""

from collections.abc import Sequence

from lamplighter.findings.demand.learnt import Known
from lamplighter.insight.demand import similar
from lamplighter.insight.demand.similar import Match


def nearest(
    *, text: str, past: Sequence[str], known: Known, n_wanted: int, least: float
) -> tuple[Match, ...]:
    """Return the past texts likest to a text, of those at least so alike; numbers are places.

    Raises
    ------
    similar.NoneWanted
        *n_wanted* is below one.
    """
    index = similar.build(texts=past, grams=known.model.grams)
    found = similar.nearest(index=index, text=text, n_wanted=n_wanted)
    return tuple(match for match in found if match.cosine >= least)
