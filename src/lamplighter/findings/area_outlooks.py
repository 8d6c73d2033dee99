"""How the outlook of each station area is kept with what was learnt for a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamplighter.insight.value import growth


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaOutlook:
    """What an area used, why it changed, what its accounts may use next; None: not known."""

    n_accounts: int
    last_year_kwh: float
    year_before_kwh: float
    new_kwh: float
    lost_kwh: float  # not above zero
    changed_kwh: float
    n_new: int
    n_lost: int
    past_growth: float | None  # log ratio
    growth: float | None
    growth_low: float | None
    growth_high: float | None


FIELDS = tuple(AreaOutlook.__dataclass_fields__)


def kept(*, parts: Sequence[growth.AreaSums], policy: growth.GrowthPolicy) -> dict[str, object]:
    """Return the outlooks of all areas as plain values, by area id."""
    outlooks = growth.outlooks(sums=growth.together(parts=parts), policy=policy)
    columns = {name: getattr(outlooks, name) for name in FIELDS}
    return {
        str(area): {name: _plain(values[row]) for name, values in columns.items()}
        for row, area in enumerate(outlooks.area.tolist())
    }


def read(*, content: dict[str, Any]) -> AreaOutlook:
    """Return an outlook as it was kept."""
    return AreaOutlook(**{name: content[name] for name in FIELDS})


def _plain(value: Any) -> int | float | None:
    if isinstance(value, np.integer):
        return int(value)
    return round(float(value), 4) if np.isfinite(value) else None
