"""The style guide renders whole, in both languages, within the content security policy."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import RequestFactory, override_settings
from django.urls import NoReverseMatch, resolve
from django.utils import translation

from lamplighter.config import catalogues
from lamplighter.web.frame import codes, context, icons, navigation
from tests.web.frame import desk

FRAME = Path(navigation.__file__).parent

pytestmark = pytest.mark.urls("tests.web.frame.urls")


class Reader(HTMLParser):
    """Collects identifiers, inline behaviour and what is referred to."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name == "style" or name.startswith(("on", "hx-on")):
                self.inline.append(f"{tag} {name}")
        kind = dict(attrs).get("type")
        if tag == "style" or (
            tag == "script" and kind != "application/json" and "src" not in dict(attrs)
        ):
            self.inline.append(tag)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_is_whole_and_free_of_inline_behaviour(language):
    html = desk.styleguide_html(language=language)

    reader = Reader()
    reader.feed(html)
    assert "⚠" not in html  # an undefined name
    assert reader.inline == []
    assert len(reader.ids) == len(set(reader.ids))
    assert html.count("<h1>") == 1


@pytest.mark.parametrize(("language", "lang"), [("zh-hans", "zh-CN"), ("en", "en")])
def test_the_document_names_its_language(language, lang):
    assert f'<html lang="{lang}"' in desk.styleguide_html(language=language)


def test_the_chosen_theme_is_painted_by_the_server():
    assert 'data-theme="dark"' in desk.styleguide_html(language="en", theme="dark")
    assert (
        "data-theme=" not in desk.styleguide_html(language="en", theme="javascript").split(">")[1]
    )


def test_the_current_page_is_marked_once_in_the_rail():
    html = desk.styleguide_html(language="en")
    rail = html[html.index('<nav class="rail"') : html.index("</nav>")]

    assert rail.count('aria-current="page"') == 1
    assert rail.count('class="rail-part"') == len(navigation.NAVIGATION)


def test_english_shows_no_chinese_of_the_frame_itself():
    with translation.override("en"):
        labels = [str(word.label) for kind in codes.WORDS.values() for word in kind.values()]

    assert not [label for label in labels if re.search(r"[\u4e00-\u9fff]", label)]


def test_every_icon_named_is_drawn():
    named = {item.icon for part in navigation.NAVIGATION for item in part.items}
    named |= {part.icon for part in navigation.NAVIGATION}
    named |= {word.icon for kind in codes.WORDS.values() for word in kind.values() if word.icon}
    for path in FRAME.glob("templates/**/*.html"):
        named |= set(re.findall(r'{% icon "([^"]+)"', path.read_text("utf-8")))

    assert named - icons.PATHS.keys() == set()


def test_someone_not_signed_in_gets_no_navigation():
    request = RequestFactory().get("/signals/list/")
    request.resolver_match = resolve("/signals/list/")

    assert context.frame(request)["frame"].navigation == ()


def test_an_agent_does_not_see_imports():
    shown = navigation.shown(role="AGENT", view_name="search:search")

    assert "imports" not in " ".join(item.url for part in shown for item in part.items)
    assert [part.code for part in shown if part.is_current] == ["know"]


def test_a_missing_address_is_an_error_not_a_gap():
    with (
        override_settings(ROOT_URLCONF="tests.web.frame.no_urls"),
        pytest.raises(NoReverseMatch, match="search"),
    ):
        navigation.shown(role="MANAGER", view_name="")


def test_an_unknown_code_is_refused():
    with pytest.raises(codes.CodeUnknown, match="E"):
        codes.word_for(kind="grade", code="E")


@pytest.fixture(scope="module", autouse=True)
def compiled_catalogues() -> None:
    catalogues.compile_all()
