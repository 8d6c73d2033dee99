"""Columns of the network files: organisation, feeders, areas, transformers, staff."""

from lamplighter.town import words
from lamplighter.town.chance import stream
from lamplighter.town.files import Columns, compact
from lamplighter.town.life import Life
from lamplighter.town.places import CODES, STATION_CODE

SETTING_WORDS = {"URBAN": "城区", "SUBURBAN": "城郊", "RURAL": "农村"}
POST_WORDS = {
    "MANAGER": "台区经理",
    "AGENT": "客服专员",
    "CREW": "抢修人员",
    "SUPERVISOR": "班组长",
    "STATION_HEAD": "所长",
    "BRANCH": "上级管理人员",
}


def units(*, life: Life) -> Columns:
    """Return the organisation from the province down to the station."""
    _ = life
    return {
        "单位编码": list(CODES.values()),
        "单位名称": [words.PROVINCE, words.CITY, words.COUNTY, words.STATION],
        "单位级别": ["省", "市", "县", "供电所"],
        "上级单位编码": ["", *list(CODES.values())[:-1]],
    }


def feeders(*, life: Life) -> Columns:
    """Return the medium-voltage feeders."""
    return {
        "线路编号": [code for code, _ in life.places.feeders],
        "线路名称": [name for _, name in life.places.feeders],
        "供电所编码": [STATION_CODE] * len(life.places.feeders),
    }


def areas(*, life: Life) -> Columns:
    """Return the station areas."""
    every = life.places.areas
    return {
        "台区编号": [a.code for a in every],
        "台区名称": [a.name for a in every],
        "供电所编码": [STATION_CODE] * len(every),
        "线路编号": [a.feeder_code for a in every],
        "乡镇": [a.committee.township for a in every],
        "社区/村": [a.committee.name for a in every],
        "组织类别": ["社区" if a.committee.kind == "COMMUNITY" else "村委会" for a in every],
        "地域属性": [SETTING_WORDS[a.committee.setting] for a in every],
        "经度": [a.longitude for a in every],
        "纬度": [a.latitude for a in every],
    }


def transformers(*, life: Life) -> Columns:
    """Return one transformer an area, sized by its customers."""
    rng = stream(seed=life.seed, concern="transformers")
    every = life.places.areas
    steps = (100, 200, 315, 400, 630)
    sizes = [next((s for s in steps if s >= a.customers * 2.2), steps[-1]) for a in every]
    return {
        "变压器编号": [f"BY{a.code[2:]}" for a in every],
        "台区编号": [a.code for a in every],
        "容量(kVA)": sizes,
        "投运日期": [f"{rng.integers(2006, 2023)}-{rng.integers(1, 13):02d}-15" for _ in every],
    }


def staff(*, life: Life) -> Columns:
    """Return the station's people."""
    people = life.places.staff
    return {
        "工号": [p.number for p in people],
        "姓名": [p.name for p in people],
        "岗位": [POST_WORDS[p.post] for p in people],
        "单位编码": [p.unit_code for p in people],
        "手机": [p.phone for p in people],
        "每日可用分钟": [p.minutes_per_day for p in people],
    }


def responsibilities(*, life: Life) -> Columns:
    """Return who answers for which area, and since when."""
    rows = life.places.responsibilities
    return {
        "台区编号": [row[0] for row in rows],
        "台区经理工号": [row[1] for row in rows],
        "责任起始日": [compact(row[2]) for row in rows],
        "责任截止日": [compact(row[3]) for row in rows],
    }
