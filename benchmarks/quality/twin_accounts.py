"""A twin's zone as the facts of one shard, from its delivered files, and its truth apart.

No database: what the importer would keep of the files is read from them. Of the truth only the
judging side takes anything.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.quality import twin_bills
from lamplighter.facts.billing.columns import OUTCOMES, Bills, Debits, Payments, Reminders
from lamplighter.findings.shard.facts import Accounts, Before, Points, ShardFacts
from lamplighter.town.plan import Plan

Integers = npt.NDArray[np.int64]

METHOD_WORDS = ("银行代扣", "微信支付宝", "掌上App", "营业厅", "走收现金")
OUTCOME_WORDS = {
    "成功": "PAID",
    "余额不足": "INSUFFICIENT",
    "无代扣协议": "NO_MANDATE",
    "账户已销户": "ACCOUNT_CLOSED",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """What the night knows of a zone, and what is true there."""

    facts: ShardFacts
    true_cause: tuple[str, ...]  # by account


def make(
    *, folder: Path, seed: int, plan: Plan | None = None, days: int = twin_bills.DAYS
) -> Station:
    """Generate a zone and read it."""
    zone = twin_bills.make(folder=folder, seed=seed, plan=plan, days=days)
    files = folder / "deliveries"
    order = np.argsort(np.array(zone.account_numbers).astype(np.int64), kind="stable")
    numbers = np.array(zone.account_numbers)[order]
    ids = numbers.astype(np.int64)
    place = {number: n for n, number in enumerate(numbers.tolist())}
    old = np.argsort(order, kind="stable")  # place of the zone's row among the ids
    facts = ShardFacts(
        shard=0,
        as_of=twin_bills.LAST_DAY,
        accounts=_accounts(zone, files, ids, order, place),
        points=Points(
            point_id=np.arange(len(ids), dtype=np.int64),
            account_id=ids,
            energy_kwh=zone.energy_kwh[order],
            days=zone.days,
            n_settled=len(zone.days),
            shaped=np.empty(0, np.int64),
            shapes=np.empty((0, 0, 24)),
        ),
        bills=_bills(zone.bills, ids, old),
        payments=_payments(files / "缴费流水.parquet", ids, place),
        debits=_debits(files / "代扣回盘.parquet", ids, place),
        reminders=_reminders(files / "催费记录.csv", ids, place),
        before=Before(
            grade=np.full(len(ids), "", "U1"),
            candidate_grade=np.full(len(ids), "", "U1"),
            candidate_since_day=np.zeros(len(ids), np.int64),
            segment=np.full(len(ids), -1, np.int8),
        ),
    )
    truth = pq.read_table(folder / "truth" / "accounts.parquet")
    causes = dict(
        zip(
            pc.cast(truth["account_number"], pa.string()).to_pylist(),
            pc.cast(truth["cause"], pa.string()).to_pylist(),
            strict=True,
        )
    )
    return Station(facts=facts, true_cause=tuple(causes[number] for number in numbers.tolist()))


def _accounts(
    zone: twin_bills.Zone, files: Path, ids: Integers, order: Integers, place: dict[str, int]
) -> Accounts:
    rows = [zone.customers[n] for n in order.tolist()]
    flagged: dict[str, Any] = {
        name: np.zeros(len(ids), np.bool_) for name in ("困难户", "电费争议", "窃电已查实")
    }
    for row in _rows(files / "特殊标识.csv"):
        if row["标识类型"] in flagged and not row["终止日期"]:
            flagged[row["标识类型"]][place[row["户号"]]] = True
    away = np.zeros(len(ids), np.bool_)
    for row in _rows(files / "联系人.csv"):
        if row["联系人角色"] == "在外子女" and row["依据"] == "同意":
            away[place[row["户号"]]] = True
    return Accounts(
        account_id=ids,
        area_id=zone.area[order],
        capacity_kva=zone.capacity_kva[order],
        method=np.array([METHOD_WORDS.index(row["缴费方式"]) for row in rows], np.int64),
        has_family_away=away,
        has_dispute=flagged["电费争议"],
        has_hardship=flagged["困难户"],
        has_theft=flagged["窃电已查实"],
        remedies_tried=np.zeros(len(ids), np.int64),
        d_confirmed_day=np.zeros(len(ids), np.int64),
        # Neither arrears nor their causes look at these.
        category=np.full(len(ids), -1, np.int64),
        tariff=np.full(len(ids), -1, np.int64),
        kind=np.full(len(ids), -1, np.int64),
    )


def _bills(bills: twin_bills.Bills, ids: Integers, old: Integers) -> Bills:
    account = ids[old[bills.account]]
    order = np.lexsort((_number(bills.issued_day), account))
    return Bills(
        account_id=account[order],
        first_day=_number(bills.first_day)[order],
        last_day=_number(bills.last_day)[order],
        issued_day=_number(bills.issued_day)[order],
        due_day=_number(bills.due_day)[order],
        amount_fen=np.rint(bills.amount_cny * 100).astype(np.int64)[order],
        energy_kwh=bills.energy_kwh[order],
    )


def _payments(file: Path, ids: Integers, place: dict[str, int]) -> Payments:
    table = pq.read_table(file)
    account, day, order = _when(table, "缴费时间", ids, place)
    words = pc.cast(table["缴费渠道"], pa.string()).to_pylist()
    yuan = pc.cast(table["缴费金额(元)"], pa.float64()).to_numpy()
    return Payments(
        account_id=account[order],
        day=day[order],
        amount_fen=np.rint(yuan * 100).astype(np.int64)[order],
        method=np.array([METHOD_WORDS.index(word) for word in words], np.int64)[order],
    )


def _debits(file: Path, ids: Integers, place: dict[str, int]) -> Debits:
    table = pq.read_table(file)
    account, day, order = _when(table, "扣款时间", ids, place)
    words = pc.cast(table["扣款结果"], pa.string()).to_pylist()
    codes = [OUTCOMES.index(OUTCOME_WORDS[word]) for word in words]
    return Debits(
        account_id=account[order], day=day[order], outcome=np.array(codes, np.int64)[order]
    )


def _reminders(file: Path, ids: Integers, place: dict[str, int]) -> Reminders:
    rows = _rows(file)
    account = np.array([ids[place[row["户号"]]] for row in rows], np.int64)
    day = _number(np.array([row["催费时间"][:10] for row in rows], "datetime64[D]"))
    told = np.array([row["是否送达"] == "是" for row in rows])
    order = np.lexsort((day, account))
    return Reminders(account_id=account[order], day=day[order], is_delivered=told[order])


def _when(
    table: pa.Table, column: str, ids: Integers, place: dict[str, int]
) -> tuple[Integers, Integers, Integers]:
    numbers = pc.cast(table["户号"], pa.string()).to_pylist()
    account = ids[np.array([place[number] for number in numbers])]
    day = _number(table[column].to_numpy().astype("datetime64[D]"))
    return account, day, np.lexsort((day, account))


def _number(days: npt.NDArray[np.datetime64]) -> Integers:
    return days.astype("datetime64[D]").astype(np.int64)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="gb18030", newline="") as opened:
        return list(csv.DictReader(opened))
