"""What an article is found by: characters, pairs of them, sounds of pairs, and Latin words."""

from functools import lru_cache

from lamplighter.kernel import characters

LONGEST_WORD = 40


def index_words(*, texts: tuple[str, ...]) -> list[str]:
    """Return the words of an article's texts, each once.

    >>> index_words(texts=("電費", "A bill"))
    ['电', '费', '电费', '~dianfei', 'a', 'bill']
    """
    found: dict[str, None] = {}
    for text in texts:
        for word in question_words(text=text):
            found[word] = None
    return list(found)


@lru_cache(maxsize=4096)
def question_words(*, text: str) -> tuple[str, ...]:
    """Return the words of a question, in order, each once; what is typed in pinyin is a sound.

    >>> question_words(text="dianfei")
    ('dianfei', '~dianfei')
    """
    found: dict[str, None] = {}
    for run in characters.RUNS.findall(characters.simplified(texts=[text])[0]):
        if characters.HAN_RUN.fullmatch(run):
            found |= dict.fromkeys(run)
            sounds = characters.pair_sounds(run=run)
            for place, pair in enumerate(characters.pairs(run=run)):
                found[pair] = None
                if place < len(sounds):
                    found[f"~{sounds[place]}"[:LONGEST_WORD]] = None
        else:
            found[run[:LONGEST_WORD]] = None
    if text.isascii() and text.isalpha():
        found[f"~{characters.without_accent(sound=text.lower())}"[:LONGEST_WORD]] = None
    return tuple(found)
