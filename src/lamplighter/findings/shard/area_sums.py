"""The energy of a shard's station areas by month, for the outlook of each area."""

import numpy as np

from lamplighter.findings.shard.facts import NO_AREA, ShardFacts, month_number
from lamplighter.findings.shard.standing import Standing
from lamplighter.insight.value import growth

MONTHS = 36


def of_shard(*, facts: ShardFacts, of: Standing) -> growth.AreaSums:
    """Return the sums over the months up to that of the day, by the month a bill was issued in.

    Accounts without an area are left out.
    """
    newest = int(month_number(np.array([of.day]))[0])
    column = MONTHS - 1 - (newest - month_number(of.issued_day))
    known = np.isfinite(of.energy_kwh) & (column >= 0)
    energy = np.zeros((of.n_accounts, MONTHS))
    np.add.at(energy, (of.account[known], column[known]), of.energy_kwh[known])
    billed = np.zeros((of.n_accounts, MONTHS), np.bool_)
    billed[of.account[known], column[known]] = True
    placed = facts.accounts.area_id != NO_AREA
    return growth.sums(
        energy_kwh=np.where(billed, energy, np.nan)[placed],
        area=facts.accounts.area_id[placed],
    )
