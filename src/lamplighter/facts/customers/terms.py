"""What an account is found by, as words of an index, and how a question becomes a search in it.

Each word begins with a letter that says what it is, so that a name never meets an address:

====  ==========================================  ==============================
n     a character of the name                     ``n王``
l     a Latin word of the name                    ``lcambridge``
p     pinyin of the name from each character on   ``pwangxiaoming pxiaoming pming``
f     the same without what accents confuse       ``fwangxiaomin``
i     initials from each character on             ``iwxm ixm im``
a     two neighbouring characters of the address  ``a幸福 a福路``
s     the sound of such a pair                    ``sxinfu``
d     a number in the address                     ``d12``
c     account and customer number                 ``c6101000123``
r     the same from the back                      ``r3210001016``
====  ==========================================  ==============================
"""

from collections.abc import Sequence
from functools import lru_cache

import pypinyin

from lamplighter.kernel.characters import (
    HAN_RUN,
    RUNS,
    pair_sounds,
    pairs,
    simplified,
    without_accent,
)

LONGEST_SOUND = 24  # characters of a name whose sound is indexed: firms have long names
LONGEST_WORD = 60
LONGEST_PERSON = 4  # characters of a person's name
# Readings that a character has in a surname only; pypinyin gives the everyday reading.
SURNAMES = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "任": "ren", "区": "ou", "朴": "piao",
    "查": "zha", "盖": "ge", "缪": "miao", "翟": "zhai", "华": "hua", "冼": "xian", "乐": "yue",
    "员": "yun", "折": "she", "秘": "bi", "种": "chong", "重": "chong", "繁": "po", "黑": "he",
    "召": "shao", "覃": "qin", "宓": "mi", "尹": "yin", "那": "na", "哈": "ha", "都": "du",
    "佴": "nai", "隗": "wei", "逄": "pang", "郇": "xun", "句": "gou", "晟": "cheng", "洗": "xian",
    "应": "ying", "宁": "ning", "燕": "yan", "柏": "bai", "卜": "bu", "阚": "kan", "纪": "ji",
    "曲": "qu", "訾": "zi", "牟": "mu", "车": "che", "过": "guo", "令": "ling", "祭": "zhai",
    "石": "shi", "强": "qiang", "戚": "qi", "葛": "ge", "费": "fei", "臧": "zang", "俞": "yu",
}  # fmt: skip
SECOND_SURNAMES = {"覃": "tan", "乐": "le", "卜": "bo", "牟": "mou", "隗": "kui", "燕": "yan"}
TWO_CHARACTER_SURNAMES = {
    "万俟": ("mo", "qi"), "尉迟": ("yu", "chi"), "单于": ("chan", "yu"), "长孙": ("zhang", "sun"),
    "澹台": ("tan", "tai"), "宗政": ("zong", "zheng"), "令狐": ("ling", "hu"),
}  # fmt: skip


def syllables(*, name: str) -> list[str]:
    """Return the sound of a name, character by character, surnames read as surnames.

    >>> syllables(name="单雄信"), syllables(name="尉迟恭"), syllables(name="重庆店")
    (['shan', 'xiong', 'xin'], ['yu', 'chi', 'gong'], ['chong', 'qing', 'dian'])
    """
    if not 1 < len(name) <= LONGEST_PERSON:
        return list(_spoken(name))
    if name[:2] in TWO_CHARACTER_SURNAMES:
        return [*TWO_CHARACTER_SURNAMES[name[:2]], *_spoken(name[2:])]
    family = name[0]
    first = (SURNAMES[family],) if family in SURNAMES else _spoken(family)
    # Given names repeat far more often than whole names do.
    return [*first, *_spoken(name[1:])]


@lru_cache(maxsize=65_536)
def _spoken(text: str) -> tuple[str, ...]:
    return tuple(pypinyin.lazy_pinyin(text, errors="ignore"))


def of_name(*, name: str) -> list[str]:
    """Return the index words of a simplified name.

    >>> of_name(name="曾丽")
    ['n丽', 'n曾', 'pzengli', 'fzenli', 'izl', 'pli', 'fli', 'il']
    """
    words = [f"n{character}" for character in sorted(set("".join(HAN_RUN.findall(name))))]
    for run in RUNS.findall(name):
        if HAN_RUN.fullmatch(run):
            words += _sounds(run[:LONGEST_SOUND])
        else:
            words.append(f"l{run[:LONGEST_WORD]}")
    return words


@lru_cache(maxsize=8192)
def _sounds(run: str) -> tuple[str, ...]:
    spoken = [syllables(name=run)]
    if run[0] in SECOND_SURNAMES and spoken[0]:
        spoken.append([SECOND_SURNAMES[run[0]], *spoken[0][1:]])
    words: dict[str, None] = {}
    for sounds in spoken:
        for start in range(len(sounds)):
            whole = "".join(sounds[start:])[:LONGEST_WORD]
            words[f"p{whole}"] = None
            words[f"f{without_accent(sound=whole)}"] = None
            words[f"i{''.join(sound[0] for sound in sounds[start:])}"] = None
    return tuple(words)


def of_address(*, address: str) -> list[str]:
    """Return the index words of a simplified address.

    >>> of_address(address="幸福路12号3单元")
    ['a幸福', 'a福路', 'sxinfu', 'sfulu', 'd12', 'a号', 'd3', 'a单元', 'sdanyuan']
    """
    words: dict[str, None] = {}
    for run in RUNS.findall(address):
        if HAN_RUN.fullmatch(run):
            words |= dict.fromkeys(f"a{pair}" for pair in pairs(run=run))
            words |= dict.fromkeys(f"s{sound}" for sound in pair_sounds(run=run))
        else:
            words[f"d{run[:LONGEST_WORD]}"] = None
    return list(words)


def of_number(*, number: str) -> list[str]:
    """Return the index words of an account or customer number.

    >>> of_number(number="SC-0012")
    ['csc0012', 'r2100cs']
    """
    plain = "".join(RUNS.findall(number.lower()))[:LONGEST_WORD]
    return [f"c{plain}", f"r{plain[::-1]}"] if plain else []


def entries(
    *,
    names: Sequence[str],
    addresses: Sequence[str],
    account_numbers: Sequence[str],
    customer_numbers: Sequence[str],
) -> list[str]:
    """Return each account's words in one line, separated by spaces."""
    rows = zip(
        simplified(texts=names) if names else [],
        simplified(texts=addresses) if addresses else [],
        account_numbers,
        customer_numbers,
        strict=True,
    )
    return [
        " ".join(
            dict.fromkeys(
                [
                    *of_name(name=name),
                    *of_address(address=address),
                    *of_number(number=account_number),
                    *of_number(number=customer_number),
                ]
            )
        )
        for name, address, account_number, customer_number in rows
    ]
