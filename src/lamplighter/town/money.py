"""Columns of the billing files: bills, payments, debit returns and reminders."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lamplighter.town import files
from lamplighter.town.archive import METHOD_WORDS
from lamplighter.town.bills import Bills
from lamplighter.town.files import Columns
from lamplighter.town.paying import Events, Settlement
from lamplighter.town.people import People

OUTCOME_WORDS = ("成功", "余额不足", "无代扣协议", "账户已销户")
CHANNEL_WORDS = ("短信", "电话", "纸质通知", "App推送", "上门")


def bills(*, people: People, bills: Bills) -> Columns:
    """Return the bills, oldest first; money in whole fen, energy in Wh."""
    cycle, account = np.nonzero(bills.exists.T)
    return {
        "账单编号": bill_numbers(people=people, bills=bills, account=account, cycle=cycle),
        "户号": _accounts(people, account),
        "起始日": files.dates_of(bills.first_day[account, cycle]),
        "截止日": files.dates_of(bills.last_day[account, cycle]),
        "出账日期": files.dates_of(bills.issued_day[cycle]),
        "缴费期限": files.dates_of(bills.due_day[cycle]),
        "电量(Wh)": bills.wh[account, cycle],
        "应收电费(分)": bills.fen[account, cycle],
    }


def payments(*, people: People, settlement: Settlement) -> Columns:
    """Return the stream of payments."""
    paid = settlement.payments
    return {
        "缴费流水号": files.numbered(prefix="JF", serials=_serials(paid), width=9),
        "户号": _accounts(people, paid.account),
        "缴费时间": files.moments_of(paid.at),
        "缴费金额(元)": files.yuan_of(paid.fen),
        "缴费渠道": files.coded(codes=paid.code, words=METHOD_WORDS),
    }


def debits(*, people: People, settlement: Settlement) -> Columns:
    """Return what the banks answered to each debit (代扣回盘)."""
    tried = settlement.debits
    return {
        "代扣流水号": files.numbered(prefix="DK", serials=_serials(tried), width=9),
        "户号": _accounts(people, tried.account),
        "扣款时间": files.moments_of(tried.at),
        "扣款金额(元)": files.yuan_of(tried.fen),
        "扣款结果": files.coded(codes=tried.code, words=OUTCOME_WORDS),
    }


def reminders(*, people: People, bills: Bills, settlement: Settlement) -> Columns:
    """Return the reminders received."""
    sent = settlement.reminders
    numbers = bill_numbers(people=people, bills=bills, account=sent.account, cycle=sent.cycle)
    return {
        "催费编号": files.numbered(prefix="CF", serials=_serials(sent), width=9),
        "户号": people.account_numbers[sent.account],
        "催费时间": files.moments_of(sent.at),
        "催费方式": files.coded(codes=sent.code, words=CHANNEL_WORDS),
        "是否送达": files.coded(codes=sent.is_delivered.astype(np.int32), words=("否", "是")),
        "账单编号": numbers,
    }


def bill_numbers(
    *,
    people: People,
    bills: Bills,
    account: np.ndarray[tuple[int], np.dtype[np.int64]],
    cycle: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> pa.Array:
    """Return bill numbers: the month, then the account."""
    months = bills.year_month[cycle] if len(cycle) else np.zeros(0, dtype=np.int64)
    whole = months * 10**10 + people.account_numbers[account]
    return pc.binary_join_element_wise("DF", pc.cast(pa.array(whole), pa.string()), "")


def _accounts(people: People, account: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pa.Array:
    numbers = pc.cast(pa.array(people.account_numbers), pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(account.astype(np.int32)), numbers)


def _serials(events: Events) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(1, len(events.at) + 1, dtype=np.int64)
