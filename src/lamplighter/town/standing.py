"""Columns of what is known about customers beyond supply: facets, flags, ratings, surveys."""

from datetime import date, timedelta

import numpy as np

from lamplighter.town import words
from lamplighter.town.chance import stream
from lamplighter.town.files import Columns, compact
from lamplighter.town.life import Life
from lamplighter.town.profiles import INDEX

FACETS = ("基本情况", "经营情况", "财务情况", "信用情况", "合作程度", "回款情况")


def facets(*, life: Life) -> Columns:
    """Return the six facets of firms and institutions, and what is known of some households."""
    rng = stream(seed=life.seed, concern="facets")
    people = life.people
    until = compact(life.days.last + timedelta(days=365))
    said = compact(life.days.last - timedelta(days=200))
    rows: list[tuple[str, ...]] = []
    for n in np.flatnonzero(people.kind > 0):
        account = str(people.account_numbers[n])
        stock = (
            ("基本情况", "主营业务", str(rng.choice(["批发零售", "加工制造", "公共服务", "餐饮"]))),
            ("经营情况", "生产班次", str(rng.choice(["一班", "两班", "三班", "季节性"]))),
            ("财务情况", "结算方式", str(rng.choice(["对公转账", "现金", "预存"]))),
            ("信用情况", "近一年违约", str(rng.choice(["无", "无", "一次"]))),
            ("合作程度", "配合检查", str(rng.choice(["积极", "一般"]))),
            ("回款情况", "平均回款天数", str(rng.integers(1, 9))),
        )
        rows += [(account, *item, said, until) for item in stock if rng.random() < 0.85]
    for n in np.flatnonzero(people.is_home & (rng.random(len(people)) < 0.08)):
        account = str(people.account_numbers[n])
        picks = "、".join(rng.choice(words.APPLIANCES, 3, replace=False))
        rows.append((account, "基本情况", "家庭人口", f"{people.members[n]}人", said, until))
        rows.append((account, "基本情况", "主要电器", picks, said, until))
    names = ("户号", "档案类别", "项目", "内容", "填报日期", "有效期至")
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def flags(*, life: Life) -> Columns:
    """Return marks that protect or hold: life support, old and alone, hardship, dispute."""
    rng = stream(seed=life.seed, concern="flags")
    people = life.people
    draw = rng.random(len(people))
    elderly = (people.profile == INDEX["ELDERLY"]) & (people.members <= 2)
    marks = (
        ("生命支持设备", people.is_home & (draw < 0.0006), "医院证明"),
        ("独居老人", elderly & (draw < 0.5), "村委会名单"),
        ("困难户", people.conduct.has("HARDSHIP") & (draw < 0.45), "民政低保名单"),
        ("困难户", (people.conduct.cause == 0) & people.is_home & (draw > 0.996), "民政低保名单"),
        ("电费争议", people.conduct.has("DISPUTE") & (draw < 0.15), "争议登记表"),
        ("窃电已查实", (people.kind == 0) & (draw > 0.3) & (draw < 0.30025), "现场检查记录"),
    )
    rows = []
    for kind, where, evidence in marks:
        for n in np.flatnonzero(where):
            day = life.days.dates[int(rng.integers(0, max(1, len(life.days) // 2)))]
            rows.append((str(people.account_numbers[n]), kind, compact(day), "", evidence))
    names = ("户号", "标识类型", "起始日期", "终止日期", "依据材料")
    return {name: [row[k] for row in rows] for k, name in enumerate(names)}


def assessments(*, life: Life) -> Columns:
    """Return ratings of equipment safety and of credit."""
    rng = stream(seed=life.seed, concern="assessments")
    people = life.people
    inspectors = [p.number for p in life.places.staff if p.post in ("MANAGER", "SUPERVISOR")]
    rows = []
    chosen = (people.kind > 0) | (rng.random(len(people)) < 0.12)
    for n in np.flatnonzero(chosen):
        day = life.days.dates[int(rng.integers(0, len(life.days)))]
        account, by = str(people.account_numbers[n]), str(rng.choice(inspectors))
        safety = str(rng.choice(["一级", "二级", "三级"], p=[0.7, 0.25, 0.05]))
        rows.append((account, "安全等级", safety, compact(day), by))
        if people.kind[n] > 0:
            credit = str(rng.choice(["AAA", "AA", "A", "B"], p=[0.3, 0.4, 0.25, 0.05]))
            rows.append((account, "信用等级", credit, compact(day), by))
    names = ("户号", "评价类型", "等级", "评价日期", "评价人工号")
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def surveys(*, life: Life) -> Columns:
    """Return answers heard at the door, on days 1-15 of a month (S4-07); some left blank."""
    rng = stream(seed=life.seed, concern="surveys")
    people = life.people
    share = np.where(people.is_hard, 4.0, 0.8) * life.plan.surveyed_share
    if life.plan.rest_customers == 0:
        share = np.full(len(people), life.plan.surveyed_share)
    visits = [d for d in life.days.dates if d.day <= 15 and d.weekday() < 6]
    rows: list[tuple[object, ...]] = []
    visitor = {row[0]: row[1] for row in life.places.responsibilities}
    for n in np.flatnonzero(people.is_home & (rng.random(len(people)) < share)):
        account = int(people.account_numbers[n])
        by = visitor[life.places.areas[people.area[n]].code]
        day = visits[int(rng.integers(len(visits)))]
        answers = (
            ("家庭人口", f"{people.members[n]}人"),
            ("主要电器", "、".join(rng.choice(words.APPLIANCES, 3, replace=False))),
            ("房屋使用", _house_use(rng, life, int(n))),
            ("缴费偏好", str(rng.choice(words.PAY_WISH))),
            ("意见建议", str(rng.choice(words.OPINIONS))),
        )
        kept = rng.random(len(answers)) < 0.72
        until = _plus_two_years(day)
        rows += [
            (
                account,
                question,
                answer,
                f"{day:%Y-%m-%d}",
                by,
                "差异化服务",
                "同意",
                f"{until:%Y-%m-%d}",
            )
            for (question, answer), keep in zip(answers, kept, strict=True)
            if keep
        ]
    names = ("户号", "问题", "回答", "走访日期", "走访人工号", "使用目的", "依据", "有效期至")
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def _house_use(rng: np.random.Generator, life: Life, n: int) -> str:
    if life.people.is_rented[n]:
        return "出租"
    if life.people.profile[n] in (INDEX["LEFT_BEHIND"], INDEX["ELDERLY"]):
        return str(rng.choice(["老人独住", "子女在外, 平时空置", "自住"], p=[0.5, 0.2, 0.3]))
    return str(rng.choice(["自住", "自住, 节假日人多", "前店后宅"], p=[0.7, 0.2, 0.1]))


def _plus_two_years(day: date) -> date:
    return day + timedelta(days=730)
