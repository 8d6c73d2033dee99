"""One written sentence in the many ways it reaches a desk: chosen words, greetings, slips."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lamplighter.insight.demand.texts import Letters

OPENINGS = (
    "您好, ", "你好", "喂, 你好, ", "喂", "请问一下", "我想问一下, ", "麻烦问下", "师傅, ",
    "客服您好, ", "客户来电反映", "客户反映", "客户来电咨询: ", "来电人称", "客户申请: ",
    "那个, ", "哎, ", "同志, ", "95598吗, ", "我跟你说, ", "打扰一下, ", "我是{v}的, ",
    "我家住{v}, ", "{r}这边, ", "户号{h}, ",
)  # fmt: skip
CLOSINGS = (
    ", 谢谢", ", 麻烦了", ", 急", ", 请尽快处理", "!!", "?", ", 请回电{p}", ", 在线等", "。",
    " 帮帮忙", ", 我姓{s}", ", 谢谢啊", ", 怎么办", ", 请派人", ", 已安抚, 请核实",
    ", 地址{v}{k}号",
)  # fmt: skip
VILLAGES = (
    "杨家湾", "石桥村", "城关社区", "东风小区", "土门镇", "柳树沟", "南关", "幸福里", "大王庄",
    "河西村", "翠苑三区", "新安里", "白石岭", "李家坝", "碧桂园", "安置房", "老街", "赵庄",
    "马家铺", "北苑",
)  # fmt: skip
ROADS = (
    "解放路", "人民路", "建设大道", "滨河路", "学府街", "环城北路", "朝阳街", "中山路",
    "工业三路", "西大街",
)  # fmt: skip
TIMES = ("早上", "昨晚", "刚才", "中午", "半夜", "前天", "今天下午", "凌晨两点", "上周", "七点多")
SURNAMES = ("王", "李", "张", "刘", "陈", "杨", "黄", "周", "吴", "徐", "孙", "马")

Draw = np.random.Generator
_CHOICE = re.compile(r"\{([^{}]*)\}")


class MarksOpen(ValueError):
    """A sentence has a brace without its fellow, or a slot nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One text made from one sentence."""

    text: str
    way: str  # PLAIN, FRAMED, HOMOPHONES, SLIPS or TRADITIONAL


WAYS = ("PLAIN", "FRAMED", "HOMOPHONES", "SLIPS", "TRADITIONAL")


def vary(
    *,
    sentence: str,
    family: str,
    ways: Sequence[str],
    letters: Letters,
    traditional: Mapping[str, str],
    confusable: Mapping[str, str],
) -> tuple[Variant, ...]:
    """Make the variants of one sentence; the same family gives the same variants always.

    Parameters
    ----------
    sentence : str
        Text with ``{this/that}`` choices and slots (``{n}`` an amount, ``{k}`` a small number,
        ``{m}`` a month, ``{h}`` an account number, ``{p}`` a phone, ``{v}`` a place,
        ``{r}`` a road, ``{t}`` a time, ``{s}`` a surname).
    family : str
        Seeds the chances.
    ways : sequence of str
        Ways of WAYS, one variant each; a way may come again.
    letters : Letters
        Readings, for words mistaken for others of the same sound.
    traditional : mapping of str
        Simplified → traditional characters.
    confusable : mapping of str
        Sign of a reading → characters that people write for it.

    Returns
    -------
    tuple of Variant
        Different texts in the order of the ways; a text that came before is left out.

    Raises
    ------
    MarksOpen
        A brace stands alone or holds no known slot.

    Examples
    --------
    >>> made = vary(sentence="{家里/屋里}没电", family="x", ways=["PLAIN", "TRADITIONAL"],
    ...             letters=Letters(simple={}, sounds={}), traditional={"电": "電"}, confusable={})
    >>> made[0].text in {"家里没电", "屋里没电"}, "電" in made[1].text
    (True, True)
    """
    seed = int.from_bytes(hashlib.sha256(family.encode()).digest()[:8], "big")
    rng = np.random.default_rng(seed)
    change: dict[str, Callable[[str], str]] = {
        "PLAIN": lambda text: text,
        "FRAMED": lambda text: _framed(text, rng),
        "HOMOPHONES": lambda text: _misheard(text, rng, letters, confusable),
        "SLIPS": lambda text: _slipped(_framed(text, rng), rng),
        "TRADITIONAL": lambda text: "".join(traditional.get(sign, sign) for sign in text),
    }
    made: dict[str, Variant] = {}
    for way in ways:
        text = change[way](_filled(sentence, rng))
        if text.strip():
            made.setdefault(text, Variant(text=text, way=way))
    return tuple(made.values())


def _pick(rng: Draw, among: Sequence[str]) -> str:
    return among[int(rng.integers(len(among)))]


def _filled(text: str, rng: Draw) -> str:
    filled = _CHOICE.sub(lambda found: _slot(found[1], rng), text)
    if "{" in filled or "}" in filled:
        raise MarksOpen(text)
    return filled


def _slot(name: str, rng: Draw) -> str:
    if "/" in name:
        return _pick(rng, name.split("/"))
    return _known_slot(name, rng)


def _known_slot(name: str, rng: Draw) -> str:
    if name == "n":
        return str(int(rng.integers(12, 900)))
    if name == "k":
        return _pick(rng, ("两", "三", "四", "五", "六", "2", "3", "4", "5", "7", "8"))
    if name == "m":
        return str(int(rng.integers(1, 13)))
    if name in {"h", "p"}:
        length, first = (10, "3") if name == "h" else (11, "1")
        return first + "".join(str(int(d)) for d in rng.integers(0, 10, length - 1))
    lists = {"v": VILLAGES, "r": ROADS, "t": TIMES, "s": SURNAMES}
    if name not in lists:
        raise MarksOpen(f"{{{name}}}")
    return _pick(rng, lists[name])


def _framed(text: str, rng: Draw) -> str:
    opening = _pick(rng, OPENINGS) if rng.random() < 0.8 else ""
    closing = _pick(rng, CLOSINGS) if rng.random() < 0.7 else ""
    return _filled(opening + text + closing, rng)


def _misheard(text: str, rng: Draw, letters: Letters, confusable: Mapping[str, str]) -> str:
    """Write one character in eight, at least one, as another of the same sound."""
    signs = list(text)
    may = [n for n, sign in enumerate(signs) if len(_fellows(sign, letters, confusable)) > 0]
    if not may:
        return text
    n = max(1, len(signs) // 8)
    for place in rng.permutation(np.array(may))[:n]:
        signs[place] = _pick(rng, _fellows(signs[place], letters, confusable))
    return "".join(sign for sign in signs if sign not in ",，。!?")


def _fellows(sign: str, letters: Letters, confusable: Mapping[str, str]) -> str:
    return confusable.get(letters.sounds.get(sign, ""), "").replace(sign, "")


def _slipped(text: str, rng: Draw) -> str:
    """Lose, double or swap a character in places, and lose the punctuation half of the time."""
    signs = list(text)
    for _ in range(max(1, len(signs) // 14)):
        place = int(rng.integers(len(signs)))
        what = rng.random()
        if what < 0.4 and len(signs) > 4:
            del signs[place]
        elif what < 0.7:
            signs.insert(place, signs[place])
        elif place + 1 < len(signs):
            signs[place], signs[place + 1] = signs[place + 1], signs[place]
    kept = signs if rng.random() < 0.5 else [sign for sign in signs if sign not in ", ，。!?"]
    return "".join(kept)
