"""How steady segments are in the twin: from month to month, and when a year's bills are redrawn.

Segments are decided at the end of each of the last months from what was known then, by the rules
that enter and leave by two limits, and beside them by the same rules with one limit. Where an
account moved, it either changed (another set of conditions by the plain limits, two months long)
or flipped. The bootstrap redraws each account's twelve last bills with replacement, months kept
for all accounts alike (so that the season stays), and asks how often the segment is the same.
"""

import itertools
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.quality import twin_bills
from benchmarks.quality.forecast import numbers
from lamplighter.facts.billing import allocation
from lamplighter.insight.segments import segments, terms
from lamplighter.insight.value import value

Floats = npt.NDArray[np.float64]

MONTHS = 16
DRAWS = 40
SEED = 20141101
SELF_SERVED = ("银行代扣", "微信支付宝", "掌上App")
PUBLIC_INDUSTRIES = ("公共管理", "教育", "卫生", "城乡公用")


def run() -> dict[str, Any]:
    """Decide the zone's segments month by month and redraw its bills."""
    with tempfile.TemporaryDirectory() as folder:
        zone = twin_bills.make(folder=Path(folder))
    return measure(zone)


def measure(zone: twin_bills.Zone) -> dict[str, Any]:
    """Return sizes, the share that keeps its segment, and the bootstrap's agreement."""
    policy = numbers("segments", terms.SegmentPolicy)
    one_limit = replace(
        policy,
        empty_leave_kwh=policy.empty_kwh,
        large_leave_kwh=policy.large_kwh,
        late_leave_bills=policy.late_bills - 1,
        grows_leave=policy.grows_from,
        much_leave_share=1.0,
    )
    ends = _month_ends(zone)
    held, plain = _months(zone, ends, policy), _months(zone, ends, one_limit)
    return {
        "seed": zone.seed,
        "accounts": len(zone.account_numbers),
        "months": len(ends) - 1,
        "sizes": _sizes(held[-1]),
        "kept_from_month_to_month_share": _kept(held),
        "kept_with_one_limit_share": _kept(plain),
        "moved_and_back_within_three_months_share": _flipped(held),
        "moved_and_back_with_one_limit_share": _flipped(plain),
        "kept_over_a_year_share": round(float(np.mean(held[-1] == held[-13])), 4),
        "bootstrap": _bootstrap(zone, held[-2], policy) | {"draws": DRAWS, "seed": SEED},
        "bootstrap_with_one_limit": _bootstrap(zone, held[-2], one_limit),
    }


def _month_ends(zone: twin_bills.Zone) -> list[np.datetime64]:
    last = zone.days[-1].astype("datetime64[M]")
    return list((last - np.arange(MONTHS)[::-1]).astype("datetime64[D]") - np.timedelta64(1, "D"))


def _months(
    zone: twin_bills.Zone, ends: list[np.datetime64], policy: terms.SegmentPolicy
) -> list[npt.NDArray[np.int8]]:
    before = np.full(len(zone.account_numbers), segments.NOWHERE, np.int8)
    decided = []
    for end in ends:
        energy, late = tables(zone, end)
        before = decide(zone, energy=energy, late=late, before=before, policy=policy)
        decided.append(before)
    return decided


def tables(zone: twin_bills.Zone, day: np.datetime64) -> tuple[Floats, Floats]:
    """Return energy (n, 24) and lateness (n, 24) of the closed bills, newest last; NaN: none."""
    bills, n = zone.bills, len(zone.account_numbers)
    issued, paid = bills.issued_day <= day, zone.payments.day <= day
    settled = allocation.settle(
        bill_account=bills.account[issued],
        bill_due_day=bills.due_day[issued].astype(np.int64),
        bill_fen=np.rint(bills.amount_cny[issued] * 100).astype(np.int64),
        payment_account=zone.payments.account[paid],
        payment_day=zone.payments.day[paid].astype(np.int64),
        payment_fen=zone.payments.amount_fen[paid],
        n_accounts=n,
    )
    closed = bills.due_day[issued] <= day
    account = bills.account[issued][closed]
    is_late = settled.settled_day[closed] > bills.due_day[issued][closed].astype(np.int64)
    count = np.bincount(account, minlength=n)
    place = np.cumsum(count)[account] - 1 - np.arange(len(account))
    energy, late = np.full((2, n, 24), np.nan)
    shown = place < 24
    energy[account[shown], 23 - place[shown]] = bills.energy_kwh[issued][closed][shown]
    late[account[shown], 23 - place[shown]] = is_late[shown]
    return energy, late


def decide(
    zone: twin_bills.Zone,
    *,
    energy: Floats,
    late: Floats,
    before: npt.NDArray[np.int8],
    policy: terms.SegmentPolicy,
) -> npt.NDArray[np.int8]:
    """Return the segments that bills and the archive give."""
    value_policy = numbers("value", value.ValuePolicy)
    n = len(energy)
    yearly = np.stack([energy[:, :12].sum(axis=1), energy[:, 12:].sum(axis=1)], axis=1)
    paid = np.ones(n)
    limits = value.limits_of(contribution_kwh=yearly[:, 1], policy=value_policy)
    found = value.values(
        yearly_energy_kwh=yearly,
        billed_cny=paid,
        paid_cny=paid,
        in_time_share=paid,
        area=zone.area,
        limits=limits,
        policy=value_policy,
    )
    traits = terms.Traits(
        nature=natures(zone),
        closed_bills=np.count_nonzero(~np.isnan(late), axis=1),
        yearly_kwh=yearly[:, 1],
        capacity_kva=zone.capacity_kva,
        late_bills=np.nansum(late[:, 12:], axis=1).astype(np.int64),
        growth_beyond=found.growth - found.usual_growth,
        serves_itself=np.array([row["缴费方式"] in SELF_SERVED for row in zone.customers]),
    )
    return segments.segment(
        traits=traits, much_kwh=limits.high_kwh, previous=before, policy=policy
    ).segment


def natures(zone: twin_bills.Zone) -> npt.NDArray[np.int8]:
    """Return what each account is, by its class of supply, its kind and its industry."""
    found = []
    for row in zone.customers:
        if row["用户性质"] == "机关事业" or row["行业"] in PUBLIC_INDUSTRIES:
            found.append(terms.PUBLIC)
        elif row["用电类别"] == "农业生产":
            found.append(terms.FARM)
        elif row["用电类别"] == "城乡居民生活":
            found.append(terms.HOUSEHOLD)
        else:
            found.append(terms.BUSINESS)
    return np.array(found, np.int8)


def _bootstrap(
    zone: twin_bills.Zone, before: npt.NDArray[np.int8], policy: terms.SegmentPolicy
) -> dict[str, float]:
    """Redraw each account's pairs of bills of the same months of two years, and decide anew."""
    energy, late = tables(zone, _month_ends(zone)[-1])
    base = decide(zone, energy=energy, late=late, before=before, policy=policy)
    rng = np.random.default_rng(SEED)
    same = []
    for _ in range(DRAWS):
        month = rng.integers(0, 12, 12)
        columns = np.concatenate([month, 12 + month])
        # One draw of months for everybody scales all uses alike; the limits move along.
        again = decide(
            zone, energy=energy[:, columns], late=late[:, columns], before=before, policy=policy
        )
        same.append(again == base)
    return {
        "agreement_share": round(float(np.mean(same)), 4),
        "accounts_that_agree_in_nine_of_ten_draws_share": round(
            float(np.mean(np.mean(same, axis=0) >= 0.9)), 4
        ),
    }


def _kept(decided: list[npt.NDArray[np.int8]]) -> float:
    """Return the share that keeps its segment from a month to the next."""
    same = [now == then for then, now in itertools.pairwise(decided)]
    return round(float(np.mean(same)), 4)


def _flipped(decided: list[npt.NDArray[np.int8]]) -> float:
    """Return the share of moves that are taken back within three months."""
    moved = back = 0
    for at in range(1, len(decided) - 3):
        left = decided[at] != decided[at - 1]
        again = np.any([decided[at + n] == decided[at - 1] for n in (1, 2, 3)], axis=0)
        moved += int(np.count_nonzero(left))
        back += int(np.count_nonzero(left & again))
    return round(back / moved, 4) if moved else 0.0


def _sizes(decided: npt.NDArray[np.int8]) -> dict[str, int]:
    counts = np.bincount(decided, minlength=len(terms.SEGMENTS))
    return {name: int(n) for name, n in zip(terms.SEGMENTS, counts, strict=True)}


if __name__ == "__main__":
    json.dump(run(), sys.stdout, indent=1)
