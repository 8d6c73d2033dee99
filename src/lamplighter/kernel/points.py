"""Chinese punctuation: texts are typed with the points of any keyboard and shown with their own."""

import re
from functools import lru_cache

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
FULL = str.maketrans(",.:;?!", "，。：；？！")
# A point ends a clause where Chinese, a closing mark or a filled-in value stands before it, and
# a blank, the end or Chinese behind it; decimals, times and addresses have neither.
_BEHIND = rf"(?: +|$|(?=[{HAN}“‘《「（%]))"
_AFTER_CHINESE = re.compile(rf"(?<=[{HAN}”’》」）%])([,.:;?!]){_BEHIND}", re.MULTILINE)
_AFTER_A_VALUE = re.compile(r"(?<=\)[sd]|[\w}]\})([,.:;?!])(?: +|$)", re.MULTILINE)
_BEFORE_CHINESE = re.compile(rf"(?<=[\w)}}])([,.:;?!]) +(?=[{HAN}“《（%])")
_AT_THE_END = re.compile(r"(?<=[\w)}])(\.)$")
_INSIDE = r"(?:[^()]|%\(\w+\)[sd])*?"
_BRACKETS = re.compile(rf" *\(({_INSIDE}[{HAN}]{_INSIDE})\) *")


@lru_cache(maxsize=8192)
def chinese(text: str) -> str:
    """Return a Chinese text with full-width points and brackets; placeholders stay.

    >>> chinese("超时 45 分, 邻居有电. 是不是跳闸了? (见 10.5 节)")
    '超时 45 分，邻居有电。是不是跳闸了？（见 10.5 节）'
    >>> chinese("%(promise)s: 最迟 %(when)s, %(slack)s.")
    '%(promise)s：最迟 %(when)s，%(slack)s。'
    >>> chinese("11月25日 02:15 起, 共 1,234.5 kWh, 见 https://a.cn/x.html")
    '11月25日 02:15 起，共 1,234.5 kWh，见 https://a.cn/x.html'
    >>> chinese("1. 看漏电开关, 再看电表.")
    '1. 看漏电开关，再看电表。'
    """
    text = _BRACKETS.sub(r"（\1）", text)
    for pattern in (_AFTER_CHINESE, _AFTER_A_VALUE, _BEFORE_CHINESE):
        text = pattern.sub(_full, text)
    return _AT_THE_END.sub("。", text) if re.search(f"[{HAN}]", text) else text


def _full(found: re.Match[str]) -> str:
    """Return a point as it is in Chinese; the one behind the number of a line stays."""
    line = found.string[: found.start()].rpartition("\n")[2]
    return found[0] if line.strip().isdigit() else found[1].translate(FULL)
