"""What an operator is told of a station's own judge of habit changes, in Chinese and English."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from lamplighter.findings.judge_turns import Turn
from lamplighter.findings.services import judging
from lamplighter.kernel import points

SAID = {
    "from": {
        "zh": "从 {meters} 个计量点截至 {last_day} 的 {days} 天日电量学习,"
        " 拼接出 {splices} 次假想换户 (随机种子 {seed}, {trees} 棵树)",
        "en": "Learnt from {days} days of {meters} meters up to {last_day}, with {splices} made-up"
        " changes of tenant (seed {seed}, {trees} trees)",
    },
    "apart": {
        "zh": "在没有参与学习的表计上比较, 两者都按每表每年约一次误报:",
        "en": "On meters kept apart, both at about one false alarm a meter-year:",
    },
    "own": {
        "zh": "  本单位的判定模型识别 {hit_rate:.1%}, 每表每年误报"
        " {false_alarms_per_meter_year:.2f} 次",
        "en": "  the station's own judge sees {hit_rate:.1%}, with"
        " {false_alarms_per_meter_year:.2f} false alarms a meter-year",
    },
    "ships": {
        "zh": "  产品自带的判定模型识别 {hit_rate:.1%}, 每表每年误报"
        " {false_alarms_per_meter_year:.2f} 次",
        "en": "  the judge that ships sees {hit_rate:.1%}, with"
        " {false_alarms_per_meter_year:.2f} false alarms a meter-year",
    },
    judging.MORE: {
        "zh": "本单位的判定模型识别得更多: {share:+.1%}",
        "en": "The own judge sees more: {share:+.1%} of all changes",
    },
    judging.LESS: {
        "zh": "本单位的判定模型识别得更少: {share:+.1%}, 不建议启用",
        "en": "The own judge sees less: {share:+.1%} of all changes; better not put it in force",
    },
    judging.UNSURE: {
        "zh": "两者看不出可靠的差别: {share:+.1%}",
        "en": "No difference between them is sure: {share:+.1%} of all changes",
    },
    "drawn": {
        "zh": "  对表计反复抽样, 九成结果在 {low:+.1%} 到 {high:+.1%} 之间",
        "en": "  over draws of the meters, nine in ten lie between {low:+.1%} and {high:+.1%}",
    },
    "hours": {
        "zh": "有分时数据的计量点仍由产品自带的判定模型判定: 这里只学习日电量",
        "en": "Points with hours stay with the judge that ships: only days were learnt from",
    },
    "not yet": {
        "zh": "已写入 {file}. 尚未启用, 由负责人决定:"
        " judge_in_force 文件 --from 日期 --decided-by 工号 --because 理由",
        "en": "Written: {file}. Nothing is in force yet; a person decides:"
        " judge_in_force FILE --from DAY --decided-by NUMBER --because WHY",
    },
    "turn": {
        "zh": "自 {from_day} 起: {judge} ({decided_by} 于 {day} 决定, 理由: {because})",
        "en": "from {from_day}: {judge} (decided by {decided_by} on {day}: {because})",
    },
    "that ships": {"zh": "产品自带的判定模型", "en": "the judge that ships"},
    "other kernel": {
        "zh": "{version} 是为旧版算法学习的, 现由产品自带的判定模型代替, 请重新学习",
        "en": "{version} was learnt for an older kernel: the judge that ships serves; learn anew",
    },
    "none": {
        "zh": "一直使用产品自带的判定模型",
        "en": "the judge that ships has always been in force",
    },
}


def learnt(*, about: dict[str, Any], file: str, language: str) -> Iterator[str]:
    """Tell what was learnt, and whether it is worth anything."""
    told = {**about["learnt_from"], "seed": about["seed"], "trees": about["trees"], "file": file}
    yield _say("from", language, told)
    yield _say("apart", language, {})
    yield _say("own", language, about["own"])
    yield _say("ships", language, about["ships"])
    yield _say(judging.verdict(about=about), language, about["gain"])
    yield _say("drawn", language, about["gain"])
    yield _say("hours", language, {})
    yield _say("not yet", language, told)


def turns(*, turns: list[Turn], language: str) -> Iterator[str]:
    """Tell which judge was in force since when, the newest decision first."""
    for turn in turns:
        judge = turn.version or SAID["that ships"][language]
        if turn.is_of_other_kernel:
            judge = _say("other kernel", language, {"version": turn.version})
        told = {name: getattr(turn, name) for name in ("from_day", "decided_by", "because")}
        told |= {"day": timezone.localdate(turn.decided_at), "judge": judge}
        yield _say("turn", language, told)
    if not turns:
        yield _say("none", language, {})


def _say(key: str, language: str, told: dict[str, Any]) -> str:
    said = SAID[key][language]
    return (points.chinese(said) if language == "zh" else said).format(**told)
