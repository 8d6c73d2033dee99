"""Columns of the customers' files: the archive, points, meters, contacts and relations."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from lamplighter.town import words
from lamplighter.town.chance import stream
from lamplighter.town.files import Columns, compact
from lamplighter.town.identities import identity_number, person_name, phone_number
from lamplighter.town.life import Life
from lamplighter.town.profiles import INDEX
from lamplighter.town.readings import point_numbers

KIND_WORDS = ("居民", "企业", "机关事业")
CATEGORY_WORDS = ("城乡居民生活", "一般工商业", "大工业", "农业生产", "其他")
TARIFF_WORDS = ("居民阶梯", "居民阶梯峰谷", "一般工商业", "大工业峰谷", "农业生产")
METHOD_WORDS = ("银行代扣", "微信支付宝", "掌上App", "营业厅", "走收现金")
PRIVATE_PHONE, CHILD_PHONE, SECOND_PHONE = 0, 1_000_000, 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Identities:
    """Names and addresses, one a customer."""

    names: tuple[str, ...]
    addresses: tuple[str, ...]
    owner: npt.NDArray[np.int64]  # whose customer number: landlords and families hold several
    landlord: npt.NDArray[np.int64]  # account of the landlord of a rented dwelling, or -1


def identities(*, life: Life) -> Identities:
    """Invent who the customers are and where they live."""
    rng = stream(seed=life.seed, concern="names")
    people = life.people
    owner = np.arange(len(people))
    landlord = np.full(len(people), -1)
    homes = np.flatnonzero(people.is_home & ~people.is_rented)
    for tenant in np.flatnonzero(people.is_rented):
        at = int(np.searchsorted(homes, tenant)) + int(rng.integers(-25, 25))
        landlord[tenant] = homes[min(max(at, 0), len(homes) - 1)]
    # A rented dwelling mostly stays in the landlord's name.
    held = (landlord >= 0) & (rng.random(len(people)) < 0.6)
    owner[held] = landlord[held]
    names = [_name(rng, life, n) for n in range(len(people))]
    return Identities(
        names=tuple(names[o] for o in owner),
        addresses=tuple(_address(rng, life, n) for n in range(len(people))),
        owner=owner,
        landlord=landlord,
    )


def customers(*, life: Life, who: Identities) -> Columns:
    """Return the flat archive: customer, account, agreement and premise in one row."""
    rng = stream(seed=life.seed, concern="archive")
    people = life.people
    n = len(people)
    areas = life.places.areas
    person = people.kind == 0
    spread = rng.normal(0.0, 0.0012, (2, n))
    important = _importance(people.profile, rng)
    return {
        "户号": people.account_numbers,
        "客户编号": [f"KH{o + 1:08d}" for o in who.owner],
        "户名": who.names,
        "用户性质": [KIND_WORDS[k] for k in people.kind],
        "证件号码": [
            ""
            if not person[o] or o % 23 == 5
            else identity_number(
                born=int(people.born[o]), day_of_year=int(o) * 7 % 336, serial=int(o)
            )
            for o in who.owner
        ],
        "用电类别": [CATEGORY_WORDS[c] for c in people.category],
        "合同容量(kVA)": people.capacity_kva,
        "电价": [TARIFF_WORDS[t] for t in people.tariff],
        "预付费": np.where(people.is_prepaid, "是", "否"),
        "缴费方式": [METHOD_WORDS[m] for m in people.method],
        "合同生效日": [_day(d) for d in people.contract_epoch_day],
        "合同终止日": [""] * n,
        "用电地址": who.addresses,
        "台区编号": [areas[a].code for a in people.area],
        "经度": [
            round(areas[a].longitude + d, 6) for a, d in zip(people.area, spread[0], strict=True)
        ],
        "纬度": [
            round(areas[a].latitude + d, 6) for a, d in zip(people.area, spread[1], strict=True)
        ],
        "行业": [_industry(int(p)) for p in people.profile],
        "重要性等级": important,
    }


def points(*, life: Life) -> Columns:
    """Return one metering point an account."""
    return {
        "计量点编号": point_numbers(0, len(life.people)),
        "户号": life.people.account_numbers,
        "台区编号": [life.places.areas[a].code for a in life.people.area],
    }


def meters(*, life: Life) -> Columns:
    """Return the meters; one point in forty had its meter changed within the life."""
    rng = stream(seed=life.seed, concern="meters")
    numbers = point_numbers(0, len(life.people))
    rows: list[tuple[str, str, str, str, int]] = []
    for n, point in enumerate(numbers):
        since = date(1970, 1, 1) + timedelta(days=int(life.people.contract_epoch_day[n]))
        since = max(since, date(2012, 1, 1))
        factor = 40 if life.people.category[n] == 2 else 1
        changed = rng.random() < 0.025 and life.people.start[n] == 0
        if changed:
            day = life.days.dates[int(rng.integers(len(life.days) // 8, len(life.days)))]
            rows.append((f"DB{n + 1:09d}", point, compact(since), compact(day), factor))
            rows.append((f"DB{500_000_000 + n}", point, compact(day + timedelta(1)), "", factor))
        else:
            rows.append((f"DB{n + 1:09d}", point, compact(since), "", factor))
    names = ("表号", "计量点编号", "装表日期", "拆表日期", "倍率")
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def contacts(*, life: Life, who: Identities) -> Columns:
    """Return telephone numbers with role, purpose, basis and end of the permission."""
    rng = stream(seed=life.seed, concern="contacts")
    people = life.people
    rows: list[tuple[str, str, str, str, str, str, str, str]] = []
    until = compact(life.days.last + timedelta(days=730))
    since = compact(life.days.first)
    away = np.isin(people.profile, [INDEX["LEFT_BEHIND"], INDEX["ELDERLY"]])
    known = rng.random((len(people), 2))
    for n, account in enumerate(people.account_numbers.astype(str)):
        name = who.names[n]
        if known[n, 0] > 0.035:  # the others have no number, or a line that says so
            role = "户主" if people.kind[n] == 0 else "缴费联系人"
            phone = phone_number(serial=PRIVATE_PHONE + int(who.owner[n]))
            rows.append((account, role, name, phone, "电费通知", "合同", since, ""))
        if people.is_rented[n] and known[n, 1] < 0.7:
            tenant = person_name(rng=rng, born=int(people.born[n]))
            phone = phone_number(serial=SECOND_PHONE + n)
            rows.append((account, "租户", tenant, phone, "电费通知", "同意", since, until))
        elif away[n] and known[n, 1] < (0.25 if people.conduct.cause[n] else 0.5):
            child = person_name(rng=rng, born=int(people.born[n]) + 27, family=name[0])
            phone = phone_number(serial=CHILD_PHONE + n)
            rows.append((account, "在外子女", child, phone, "代缴提醒", "同意", since, until))
    names = ("户号", "联系人角色", "姓名", "联系电话", "使用目的", "依据", "授权日期", "到期日期")
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def relations(*, life: Life, who: Identities) -> Columns:
    """Return who lets to whom, who is family, and who employs."""
    rng = stream(seed=life.seed, concern="relations")
    numbers = life.people.account_numbers.astype(str)
    rows = [
        (numbers[lord], numbers[tenant], "出租", compact(life.days.first))
        for tenant, lord in enumerate(who.landlord)
        if lord >= 0
    ]
    homes = np.flatnonzero(life.people.is_home)
    pairs = rng.choice(homes, (max(1, len(homes) // 40), 2))
    for n, (one, two) in enumerate(pairs):
        if one != two and who.landlord[two] != one:
            rows.append((numbers[one], numbers[two], ("亲属", "邻居", "亲属")[n % 3], ""))
    rows = list({(row[0], row[1], row[2]): row for row in rows}.values())
    names = ("户号", "关联户号", "关系", "起始日期")
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def _name(rng: np.random.Generator, life: Life, n: int) -> str:
    profile, kind = int(life.people.profile[n]), int(life.people.kind[n])
    place = life.places.areas[life.people.area[n]].committee.name
    place = place.removesuffix("社区").removesuffix("村")
    brand = words.BRANDS[n % len(words.BRANDS)]
    if kind == 0:
        return person_name(rng=rng, born=int(life.people.born[n]))
    if kind == 2:
        pools = {"SCHOOL": words.INSTITUTIONS[:3], "CLINIC": words.INSTITUTIONS[3:5]}
        code = next(c for c in ("OFFICE", "SCHOOL", "CLINIC") if INDEX[c] == profile)
        pool = pools.get(code, words.INSTITUTIONS[5:])
        return f"安禾县{place}{pool[int(rng.integers(len(pool)))]}"
    if profile == INDEX["LIGHTING"]:
        return f"{place}路灯"
    if profile == INDEX["FACTORY"]:
        return f"{brand}{words.INDUSTRIES[n % len(words.INDUSTRIES)]}"
    pool = words.SHOPS if profile == INDEX["SHOP"] else words.WORKS
    return f"{place}{brand}{pool[int(rng.integers(len(pool)))]}"


def _address(rng: np.random.Generator, life: Life, n: int) -> str:
    home = life.places.areas[life.people.area[n]].committee
    draw = rng.integers(0, 1000, 4)
    if home.kind == "VILLAGE":
        return f"{home.township}{home.name}{draw[0] % 9 + 1}组{draw[1] % 160 + 1}号"
    if draw[0] < 350:
        road = words.ROADS[draw[1] % len(words.ROADS)]
        return f"{home.township}{home.name}{road}{draw[2] % 320 + 1}号"
    estate = words.ESTATES[draw[1] % len(words.ESTATES)]
    door = f"{draw[3] % 17 + 1}{draw[0] % 4 + 1:02d}"
    return f"{home.township}{home.name}{estate}{draw[2] % 24 + 1}栋{draw[0] % 4 + 1}单元{door}室"


def _importance(profile: npt.NDArray[np.int64], rng: np.random.Generator) -> list[str]:
    clinic = (profile == INDEX["CLINIC"]) & (rng.random(len(profile)) < 0.15)
    plant = (profile == INDEX["FACTORY"]) & (rng.random(len(profile)) < 0.3)
    return ["二级" if c else "一级" if p else "" for c, p in zip(clinic, plant, strict=True)]


def _industry(profile: int) -> str:
    known = {
        "SHOP": "批发零售和住宿餐饮",
        "OFFICE": "公共管理",
        "SCHOOL": "教育",
        "CLINIC": "卫生",
        "WORKS": "制造业",
        "FACTORY": "制造业",
        "IRRIGATION": "农业",
        "LIGHTING": "城乡公用",
    }
    return next((word for code, word in known.items() if INDEX[code] == profile), "")


def _day(epoch_day: int) -> str:
    return compact(date(1970, 1, 1) + timedelta(days=int(epoch_day)))
