"""How the bills of past months came in, day by day, in one station area."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from lamplighter.facts.billing import window_shares
from lamplighter.facts.billing.window_shares import Floats, Money
from lamplighter.facts.intake.columns import fetch_columns
from lamplighter.facts.network import queries as network
from lamplighter.kernel.spans import month_span
from lamplighter.kernel.viewer import Viewer

EPOCH = date(1970, 1, 1)


def unpaid_shares(
    *, viewer: Viewer, on: date, area_id: int, before: date, n_months: int, zone: ZoneInfo
) -> Floats:
    """Return what was unpaid of each past month's bills, by day since they were out.

    (n_months, 31) from the oldest month to the one before that of *before*; NaN before the first
    bills and after a month's end. Nothing where the viewer may not see the area. Three queries.
    """
    seen = list(network.areas_seen_by(viewer=viewer, on=on).filter(pk=area_id))
    money = _money(area_ids=seen, zone=zone)
    months = []
    first = month_span(day=before).first_day
    for _ in range(n_months):
        last = first - timedelta(1)
        first = last.replace(day=1)
        months.append(((first - EPOCH).days, (last - EPOCH).days))
    return np.stack(
        [
            window_shares.of_month(money=money, first=first_day, last=last_day)
            for first_day, last_day in reversed(months)
        ]
    )


def _money(*, area_ids: list[int], zone: ZoneInfo) -> Money:
    where = (
        "JOIN customers_premise p ON p.account_id = x.account_id"
        " AND p.superseded_at IS NULL AND p.area_id = ANY(%(areas)s)"
        " WHERE x.superseded_at IS NULL"
    )
    bills = fetch_columns(
        query="SELECT x.account_id, x.issued_date - DATE '1970-01-01',"  # noqa: S608 # from constants
        f" (x.amount_cny * 100)::bigint FROM billing_bill x {where}",
        parameters={"areas": area_ids},
        columns=dict.fromkeys(("account", "day", "fen"), "int8"),
    )
    payments = fetch_columns(
        query="SELECT x.account_id,"  # noqa: S608 # from constants
        " (x.paid_at AT TIME ZONE %(zone)s)::date - DATE '1970-01-01',"
        f" (x.amount_cny * 100)::bigint FROM billing_payment x {where}",
        parameters={"areas": area_ids, "zone": zone.key},
        columns=dict.fromkeys(("account", "day", "fen"), "int8"),
    )
    return Money(
        bill_account=bills["account"],
        bill_day=bills["day"],
        bill_fen=bills["fen"],
        payment_account=payments["account"],
        payment_day=payments["day"],
        payment_fen=payments["fen"],
    )
