"""Every text a person may see is there in Chinese; no catalogue keeps texts nobody says."""

import ast
import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from babel.messages.pofile import read_po
from django.utils.translation import templatize

from lamplighter.config import catalogues

SOURCE = Path(catalogues.__file__).parents[1]
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "pgettext_lazy": None,
    "ngettext_lazy": None,
    "npgettext_lazy": None,
}
CATALOGUES = sorted(SOURCE.rglob("locale/*/LC_MESSAGES/django.po"))
FILES = [
    path
    for path in sorted([*SOURCE.rglob("*.py"), *SOURCE.rglob("templates/**/*.html")])
    if "migrations" not in path.parts
]


def name(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def said_in(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of each message a file asks for; of a plural, its singular."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        text = templatize(text, origin=str(path))
    others = other_names(text) if path.suffix == ".py" else {}
    keywords = [*KEYWORDS, *others]
    found = extract_python(io.BytesIO(text.encode()), keywords, [], {"encoding": "utf-8"})
    for line, function, messages, _comments in found:
        words = [messages] if isinstance(messages, str) else list(messages or [])
        if "pgettext" in others.get(function, function):
            words = words[1:]
        if words and words[0]:
            yield line, words[0]


def other_names(text: str) -> dict[str, str]:
    """Return under which further names a module calls the translating functions."""
    return {
        alias.asname: alias.name
        for node in ast.parse(text).body
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.asname
    }


@cache
def all_said() -> frozenset[str]:
    return frozenset(text for path in FILES for _line, text in said_in(path))


@cache
def chinese() -> frozenset[str]:
    """Return every message that has a Chinese text, of all catalogues together."""
    found: set[str] = set()
    for path in CATALOGUES:
        if "zh_Hans" in path.parts:
            found |= {singular(m.id) for m in messages_of(path) if all(texts(m.string))}
    return frozenset(found)


def messages_of(path: Path) -> list:
    with path.open("rb") as file:
        return [message for message in read_po(file, abort_invalid=True) if message.id]


def singular(message_id: str | tuple[str, ...]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def texts(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)


def test_the_files_that_speak_are_found():
    assert len(all_said()) > 50
    assert any("zh_Hans" in path.parts for path in CATALOGUES)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_each_text_is_there_in_chinese(path: Path):
    untranslated = [f"line {line}: {text}" for line, text in said_in(path)
                    if text not in chinese()]  # fmt: skip

    assert untranslated == []


@pytest.mark.parametrize("path", CATALOGUES, ids=name)
def test_no_catalogue_keeps_what_nobody_says(path: Path):
    unused = [singular(m.id) for m in messages_of(path) if singular(m.id) not in all_said()]

    assert unused == []


@pytest.mark.parametrize("path", CATALOGUES, ids=name)
def test_no_text_is_uncertain_or_loses_a_placeholder(path: Path):
    with path.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)

    for message in catalogue:
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        assert not list(message.check(catalogue)), message.id


def test_two_catalogues_never_say_the_same_text_differently():
    said: dict[tuple[str, str, str], str] = {}
    for path in CATALOGUES:
        for message in messages_of(path):
            key = (path.parts[-3], message.context or "", singular(message.id))
            assert said.setdefault(key, str(message.string)) == str(message.string), name(path)


def test_compiling_again_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "page" / "locale" / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgid "Today"\nmsgstr "今天, 周三."\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(catalogues, "ROOMS", tmp_path)

    assert catalogues.compile_all() == 1
    assert "今天，周三。".encode() in (folder / "django.mo").read_bytes()
    assert catalogues.compile_all() == 0
