"""How the bills of a month came in, area by area: computed from bills, payments and reminders.

For the areas a person may see, by the database; for all of them after a night, out of the books.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np

from lamplighter.facts.billing import area_sums, recovery
from lamplighter.facts.billing.books import Shelf
from lamplighter.facts.customers import bulk as customers
from lamplighter.kernel.spans import DaySpan

NONE = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSums:
    """The bills of one area that were issued in a span, and what happened in it."""

    area_id: int
    n_billed: int  # accounts
    billed_cny: Decimal
    received_cny: Decimal  # for those bills, by the end of the span
    n_reminders: int
    paid_cny: Decimal  # for whatever


def computed(*, area_ids: Sequence[int], days: DaySpan, zone: ZoneInfo) -> list[MonthSums]:
    """Return the sums of areas over a span, by area id; six queries, however many accounts.

    Areas in which nothing was billed, paid or sent are absent.
    """
    end = DaySpan(first_day=days.end_day - timedelta(1), end_day=days.end_day)
    found = recovery.recovery(area_ids=area_ids, issued=days, counted=end, zone=zone)
    billed = {row.area_id: row for row in found}
    return [
        MonthSums(
            area_id=row.area_id,
            n_billed=of.n_billed if of else 0,
            billed_cny=of.billed_cny if of else NONE,
            received_cny=of.received_cny[-1][1] if of else NONE,
            n_reminders=row.n_reminders,
            paid_cny=row.received_cny,
        )
        for row in recovery.activity(area_ids=area_ids, span=days, zone=zone)
        for of in [billed.get(row.area_id)]
        if of or row.n_reminders or row.received_cny
    ]


def of_all(
    *, shelf: Shelf, area_ids: Sequence[int], spans: Sequence[DaySpan]
) -> list[list[MonthSums]]:
    """Return for each span what `computed` does, of the rows in the books; one query."""
    known = np.sort(np.array(area_ids, np.int64))
    account_id, area_id = customers.areas_now()
    place = np.searchsorted(known, area_id)
    found = area_sums.by_area(
        shelf=shelf, account_id=account_id, area=place, n_areas=len(known), spans=spans
    )
    return [
        [
            MonthSums(
                area_id=id_,
                n_billed=n_billed,
                billed_cny=_cny(billed),
                received_cny=_cny(received),
                n_reminders=n_reminders,
                paid_cny=_cny(paid),
            )
            for id_, n_billed, billed, received, n_reminders, paid in zip(
                known.tolist(),
                *(getattr(sums, name).tolist() for name in area_sums.AreaSums.__slots__),
                strict=True,
            )
            if n_billed or n_reminders or paid
        ]
        for sums in found
    ]


def _cny(fen: int) -> Decimal:
    return Decimal(fen) / 100
