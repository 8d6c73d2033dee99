"""The style guide's charts: invented series of the shapes that docs/pages.md names."""

import math
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from lamplighter.web.frame.formats import is_chinese

TODAY = date(2026, 11, 25)
_DAYS = 420


def _say(zh: str, en: str) -> str:
    return zh if is_chinese() else en


def story() -> dict[str, Any]:
    """Return a home whose use stepped up three weeks ago."""
    first = TODAY - timedelta(_DAYS)
    season = [
        2.4 * math.cos((first + timedelta(day)).timetuple().tm_yday / 58.1) ** 2
        for day in range(_DAYS)
    ]
    noise = [0.9 * math.sin(day * 12.9898) * math.cos(day * 4.1) for day in range(_DAYS)]
    energy: list[float | None] = [
        round(6.2 + season[day] + noise[day] + (6.1 if day >= _DAYS - 22 else 0), 2)
        for day in range(_DAYS)
    ]
    energy[300:304] = [None] * 4
    bill_days = [date(2026, month, 22) for month in range(1, 12)]
    return {
        "first_day": first,
        "energy_kwh": energy,
        "neighbours_low_kwh": [round(4.1 + 0.9 * value, 2) for value in season],
        "neighbours_high_kwh": [round(9.0 + 1.2 * value, 2) for value in season],
        "changes": [
            {
                "day": TODAY - timedelta(22),
                "kwh_per_day": 6.1,
                "label": _say(
                    "每天多了约 6 度, 邻居没有变化. 添了电器, 或换了住户?",
                    "About 6 kWh a day more; the neighbours did not. A new appliance?",
                ),
            }
        ],
        "bills": [
            {
                "day": day,
                "amount_cny": Decimal(110 + 7 * (place % 4)),
                "is_unpaid": day.month == 11,
            }
            for place, day in enumerate(bill_days)
        ],
        "payments": [
            {"day": day + timedelta(2 + place % 5), "amount_cny": Decimal(110 + 7 * (place % 4))}
            for place, day in enumerate(bill_days[:-1])
        ],
        "marks": _marks(),
        "today": TODAY,
        "window_days": 180,
    }


def _marks() -> list[dict[str, Any]]:
    return [
        {
            "day": date(2026, 11, 23),
            "kind": "REMINDER",
            "label": _say("短信提醒, 已送达", "Reminder, delivered"),
        },
        {"day": date(2026, 9, 14), "kind": "VISIT", "label": _say("上门走访", "Visit")},
        {
            "day": date(2026, 9, 26),
            "kind": "COMPLAINT",
            "label": _say("投诉, 属实", "Complaint, upheld"),
        },
        {"day": date(2026, 7, 3), "kind": "CALL", "label": _say("通话 4 分钟", "Call, 4 min")},
    ]


def burn_down() -> dict[str, Any]:
    """Return a month three days after its bills went out."""
    last = [max(4200.0, 561_000 * math.exp(-max(0, day - 22) / 3.1)) for day in range(1, 31)]
    this = [max(0.0, 561_000 * math.exp(-max(0, day - 22) / 2.2)) for day in range(1, 26)]
    mid = [this[-1] * math.exp(-step / 2.4) for step in range(6)]
    return {
        "month": date(2026, 11, 1),
        "unpaid_cny": [round(value) for value in this] + [None] * 5,
        "last_month_cny": [round(value) for value in last],
        "forecast": {
            "first_day_of_month": 25,
            "low_cny": [round(value * (1 - 0.07 * step)) for step, value in enumerate(mid)],
            "mid_cny": [round(value) for value in mid],
            "high_cny": [round(value * (1 + 0.16 * step)) for step, value in enumerate(mid)],
        },
        "window": [22, 30],
        "today": 25,
    }


def day_profile() -> dict[str, Any]:
    """Return a weekday beside the year before and the neighbours."""
    shape = [
        0.12
        + 0.22 * math.exp(-(((slot - 29) / 5) ** 2))
        + 0.42 * math.exp(-(((slot - 78) / 8) ** 2))
        for slot in range(96)
    ]
    return {
        "series": [
            {
                "label": _say("近两周", "Last 2 weeks"),
                "kwh": [
                    round(value * 1.1 + (0.16 if 48 < slot < 66 else 0), 3)
                    for slot, value in enumerate(shape)
                ],
                "tone": "action",
            },
            {
                "label": _say("去年同期", "A year ago"),
                "kwh": [round(value, 3) for value in shape],
                "tone": "context",
            },
        ],
        "band": {
            "label": _say("邻居的常见范围", "Usual range of neighbours"),
            "low_kwh": [round(0.7 * value, 3) for value in shape],
            "high_kwh": [round(1.35 * value, 3) for value in shape],
        },
    }


def day_lines() -> dict[str, Any]:
    """Return a week of grades by the rules in force and by rules on trial."""
    days = [date(2026, 11, 18 + n).isoformat() for n in range(7)]
    return {
        "days": days,
        "series": [
            {
                "label": _say("B 级, 前", "Grade B, before"),
                "values": [214, 214, 215, 213, 216, 216, 217],
                "tone": "context",
            },
            {
                "label": _say("B 级, 后", "Grade B, after"),
                "values": [198, 198, 196, 195, 195, 194, 193],
                "tone": "action",
            },
        ],
    }


def proof() -> dict[str, Any]:
    """Return two causes, each with the homes left alone beside it."""
    homes = _say("%d 户", "%d homes")
    alone = _say("没有联系的同类户", "Like homes left alone")
    rows = (
        (_say("改了代扣账户", "Debit moved"), 0.91, 0.86, 0.95, "action", 212),
        (alone, 0.62, 0.55, 0.69, "context", 180),
        (_say("约定扣款前提醒", "Reminder agreed"), 0.84, 0.77, 0.89, "action", 96),
        (alone, 0.71, 0.63, 0.78, "context", 104),
    )
    return {
        "unit": "share",
        "bars": [
            {
                "label": label,
                "value": value,
                "low": low,
                "high": high,
                "tone": tone,
                "note": homes % count,
            }
            for label, value, low, high, tone, count in rows
        ],
    }


def bill_forecast() -> dict[str, Any]:
    """Return eleven bills and the running month's forecast."""
    amounts = (132, 141, 118, 96, 88, 92, 137, 152, 121, 94, 98)
    return {
        "months": [
            {"month": date(2026, month, 1), "amount_cny": Decimal(amount)}
            for month, amount in enumerate(amounts, start=1)
        ],
        "forecast": {
            "month": date(2026, 12, 1),
            "low_cny": Decimal(151),
            "mid_cny": Decimal(178),
            "high_cny": Decimal(206),
        },
    }


def doors() -> dict[str, Any]:
    """Return an area of 420 doors."""
    letters = "AAAAAABAABACAANABAABACAAABAD"
    return {
        "kind": "grade",
        "doors": [
            [
                _say(f"兴隆巷 {place + 1} 号", f"{place + 1} Xinglong Lane"),
                letters[(place * 7 + place // 11) % len(letters)],
                f"#{place}",
            ]
            for place in range(420)
        ],
    }
