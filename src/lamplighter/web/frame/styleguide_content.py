"""The style guide's words, lists and people. Every person, number and address is invented."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from lamplighter.web.frame.formats import is_chinese
from lamplighter.web.frame.styleguide_charts import TODAY


def _say(zh: str, en: str) -> str:
    return zh if is_chinese() else en


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One line of today's work."""

    key: str
    number: int
    name: str
    url: str
    where: str
    grade: str
    risk: str | None
    flags: tuple[str, ...]
    why: str
    remedy: str
    minutes: int
    worth_cny: Decimal | None
    worth_note: str
    phone: str | None
    phone_url: str | None
    script: tuple[str, ...]
    outcome_url: str
    outcome: str | None


def words() -> dict[str, str]:
    """Return the words around the parts."""
    return {
        "title": _say("样式手册", "Style guide"),
        "work": _say("今日工作", "Today's work"),
        "charts": _say("图", "Charts"),
        "lists": _say("列表", "Lists"),
        "story": _say("这户的用电与缴费", "This home's use and payments"),
        "burn": _say("土门片区本月未收电费", "Unpaid this month, Tumen"),
        "profile": _say("一天的用电", "Use through the day"),
        "lines": _say("逐日人数", "Numbers day by day"),
        "proof": _say("联系后 7 天内缴清的比例", "Paid within 7 days of contact"),
        "bill": _say("每月电费与本月预计", "Monthly bills and this month's forecast"),
        "doors": _say("每户一点", "One dot a door"),
        "causes": _say("未收电费的原因", "Unpaid by cause"),
        "grades": _say("客户分级", "Customers by grade"),
        "customer": _say("客户", "Customer"),
        "area": _say("台区", "Area"),
        "use": _say("日均用电", "Daily use"),
        "change": _say("变化", "Change"),
        "since": _say("从", "Since"),
        "owed": _say("欠费", "Owed"),
        "last90": _say("近 90 天", "Last 90 days"),
        "timeline": _say("经过", "What happened"),
        "why": _say("为什么是 B 级", "Why grade B"),
        "facts": _say("供电", "Supply"),
        "account": _say("户号", "Account"),
        "capacity": _say("容量", "Capacity"),
        "payment": _say("缴费方式", "Pays by"),
        "phone": _say("电话", "Phone"),
        "form": _say("表单", "Form"),
        "save": _say("保存", "Save"),
        "empty": _say("今天没有要办的事", "Nothing to do today"),
        "empty_text": _say(
            "负责的台区都没有新的情况. 可以看看上周问过的几户有没有回音.",
            "Nothing new in your areas. You might look whether last week's calls were answered.",
        ),
        "empty_action": _say("看用电变化", "See changes in use"),
        "note": _say(
            "11 月 22 日出账, 到月底还有 5 天. 已收 91.4%, 比上月同日高 2.1 个百分点.",
            "Bills went out on 22 Nov; 5 days to the end of the month. 91.4% collected, 2.1 points "
            "above the same day last month.",
        ),
        "note_warn": _say(
            "3 个台区昨天的读数还没有到, 这些户的判断按前天算.",
            "Yesterday's readings of 3 areas have not come; their homes are judged by the day "
            "before.",
        ),
        "buttons": _say("按钮", "Buttons"),
        "ask": _say("确定撤回这次导入?", "Withdraw this import?"),
        "badges": _say("等级与标记", "Grades and flags"),
    }


def stats() -> list[dict[str, str]]:
    """Return four figures."""
    return [
        {
            "label": _say("本月已收", "Collected this month"),
            "value": "91.4%",
            "change": _say("比上月同日 +2.1 个百分点", "+2.1 points on this day last month"),
            "tone": "good",
            "definition": _say(
                "本月已收的电费 ÷ 本月应收的电费, 按金额算, 截至昨天 24 点.",
                "Yuan collected ÷ yuan billed this month, up to midnight yesterday.",
            ),
        },
        {
            "label": _say("未收电费", "Unpaid"),
            "value": "¥48,216.30",
            "change": _say("127 户", "127 homes"),
            "tone": "",
            "definition": _say("已出账、未结清的电费.", "Billed and not settled."),
        },
        {
            "label": _say("月底预计", "Forecast for month end"),
            "value": "97.2–98.9%",
            "change": _say("九成把握", "90% sure"),
            "tone": "",
            "definition": _say(
                "按过去 12 个月同日的收缴速度推算.", "From the pace of the last 12 months."
            ),
        },
        {
            "label": _say("每万户投诉", "Complaints per 10,000"),
            "value": "0.4",
            "change": _say("比上月 +0.2", "+0.2 on last month"),
            "tone": "warn",
            "definition": _say(
                "属实的投诉, 按用户数折算.", "Upheld complaints, per customer count."
            ),
        },
    ]


def cards() -> list[Card]:
    """Return two open lines and a finished one."""
    return [_unfunded(), _changed(), _promised()]


def _unfunded() -> Card:
    return Card(
        key="101",
        number=1,
        name="王德国",
        where=_say("土门 3 号台区 · 兴隆巷 12 号", "Tumen area 3 · 12 Xinglong Lane"),
        grade="C",
        risk="HIGH",
        flags=("ELDERLY_ALONE",),
        why=_say(
            "电费走一本单独的存折代扣, 近 4 个月有 3 次扣不到钱; 每次提醒后两天内都缴清.",
            "The debit runs on a separate passbook; 3 of the last 4 found no money there, and "
            "each was paid within two days of a reminder.",
        ),
        remedy="MOVE_TO_MAIN_ACCOUNT",
        minutes=20,
        worth_cny=Decimal(186),
        worth_note=_say("预计可收, 把握 84%", "expected, 84% sure"),
        phone="138****5678",
        phone_url="tel:",
        script=(
            _say(
                "王叔您好, 我是供电所的小李, 负责您这片.",
                "Good morning, I am Li from the supply station.",
            ),
            _say(
                "您平常取钱用的是哪张卡? 代扣换到那张上, 就不用再跑了.",
                "Which card do you use? If we move the debit there you need not come again.",
            ),
        ),
        outcome=None,
        url="#",
        outcome_url="#",
    )


def _changed() -> Card:
    return Card(
        key="102",
        number=2,
        name="李秀英",
        where=_say("城关 7 号台区 · 东街 48 号", "Chengguan area 7 · 48 East Street"),
        grade="A",
        risk=None,
        flags=(),
        why=_say(
            "这户的用电从 11 月 3 日起每天多了约 6 度, 邻居没有变化. 是不是添了电器, 或换了住户?",
            "Since 3 Nov this home uses about 6 kWh a day more; the neighbours do not. A new "
            "appliance, or new residents?",
        ),
        remedy="CARE_VISIT",
        minutes=10,
        worth_cny=None,
        worth_note=_say("免得月底为电费吃惊", "spares a surprise at month end"),
        phone="139****0214",
        phone_url="tel:",
        script=(),
        outcome=None,
        url="#",
        outcome_url="#",
    )


def _promised() -> Card:
    return Card(
        key="103",
        number=3,
        name="张卫东",
        where=_say("土门 1 号台区 · 河沿 5 号", "Tumen area 1 · 5 Riverside"),
        grade="B",
        risk="MEDIUM",
        flags=(),
        why="",
        remedy="CONTACT_CHILD_AWAY",
        minutes=15,
        worth_cny=Decimal(92),
        worth_note="",
        phone=None,
        phone_url=None,
        script=(),
        outcome="PROMISED",
        url="#",
        outcome_url="#",
    )


def rows() -> list[dict[str, Any]]:
    """Return six homes."""
    people = ("王德国", "李秀英", "赵桂兰", "陈建军", "刘玉梅", "黄志强")
    grades = "CABNDA"
    signals = ("SURGE", "TURNOVER", "VACANCY", "APPLIANCE", "DROP", "RETURN")
    changes = (6.1, 4.4, -3.2, 2.7, -1.9, 5.0)
    return [
        {
            "name": name,
            "account": f"06120034{place}7",
            "area": _say(f"土门 {place + 1} 号台区", f"Tumen area {place + 1}"),
            "grade": grades[place],
            "signal": signals[place],
            "use_kwh": 7.4 + 1.3 * place,
            "change_kwh": changes[place],
            "since": TODAY - timedelta(6 + 3 * place),
            "owed_cny": Decimal("186.40") * place if place % 2 else None,
            "line": [
                7 + 2 * math.sin(day / 9 + place) + (changes[place] if day > 68 else 0)
                for day in range(90)
            ],
        }
        for place, name in enumerate(people)
    ]


def entries() -> list[dict[str, Any]]:
    """Return what happened with one customer."""
    return [
        {
            "day": TODAY - timedelta(3),
            "at": None,
            "kind": "CHANGE",
            "title": _say("每天多了约 6 度", "About 6 kWh a day more"),
            "text": _say(
                "邻居没有变化. 是不是添了电器?", "The neighbours did not. A new appliance?"
            ),
            "url": None,
        },
        {
            "day": TODAY - timedelta(3),
            "at": datetime(2026, 11, 22, 2, 5, tzinfo=UTC),
            "kind": "REMINDER",
            "title": _say("短信提醒, 已送达", "Reminder by text message, delivered"),
            "text": None,
            "url": None,
        },
        {
            "day": TODAY - timedelta(33),
            "at": None,
            "kind": "PAYMENT",
            "title": _say("缴费 ¥142.60, 微信", "Paid ¥142.60 by WeChat"),
            "text": None,
            "url": "#",
        },
        {
            "day": TODAY - timedelta(60),
            "at": None,
            "kind": "COMPLAINT",
            "title": _say("投诉, 属实: 停电没有通知", "Complaint, upheld: outage without notice"),
            "text": _say(
                "已致歉并补发通知; 不影响等级.", "We apologised; it does not touch the grade."
            ),
            "url": None,
        },
    ]


def steps() -> list[dict[str, Any]]:
    """Return a rule trace."""
    return [
        {
            "text": _say("滚动 12 个月内被提醒 2 个月", "Reminded in 2 of the last 12 months"),
            "is_met": True,
            "detail": _say("A 级要求 0 个月; B 级 1–4 个月", "Grade A asks for 0; grade B for 1–4"),
            "source": "grading/2014-11-01",
        },
        {
            "text": _say("没有核实的窃电", "No verified meter case"),
            "is_met": True,
            "detail": None,
            "source": None,
        },
        {
            "text": _say("提醒送达后仍未缴", "Unpaid after delivered reminders"),
            "is_met": False,
            "detail": None,
            "source": None,
        },
        {
            "text": _say("参加过宣传活动", "Took part in a campaign"),
            "is_met": None,
            "detail": _say("没有记录, 不影响等级", "No record; does not count against them"),
            "source": None,
        },
    ]


def quarantine() -> list[dict[str, Any]]:
    """Return three rows held back."""
    return [
        {
            "row_number": 1204,
            "field": _say("电量", "energy"),
            "value": "-3.20",
            "reason": _say("电量不能小于 0.", "Energy cannot be below 0."),
        },
        {
            "row_number": 20418,
            "field": _say("抄表日", "day"),
            "value": "2099-01-01",
            "reason": _say("日期在今天以后.", "The day is in the future."),
        },
        {
            "row_number": 31077,
            "field": _say("户名", "name"),
            "value": "=HYPERLINK(…)",
            "reason": _say("单元格里是公式, 不是值.", "The cell holds a formula, not a value."),
        },
    ]


def causes() -> list[dict[str, Any]]:
    """Return unpaid yuan by cause."""
    amounts = {
        "UNFUNDED_DEBIT": 30120, "SHORT_BALANCE": 9480, "ABSENT_FAMILY": 4210,
        "DISPUTE": 1630, "HARDSHIP": 1240, "WILFUL": 480, "UNKNOWN": 1056,
    }  # fmt: skip
    return [
        {"kind": "cause", "code": code, "value": amount, "text": f"¥{amount:,}", "url": "#"}
        for code, amount in amounts.items()
    ]


def grades() -> list[dict[str, Any]]:
    """Return customers by grade."""
    counts = {"A": 1240, "B": 512, "C": 231, "D": 18, "N": 99}
    return [
        {"kind": "grade", "code": code, "value": count, "text": f"{count:,}", "url": "#"}
        for code, count in counts.items()
    ]
