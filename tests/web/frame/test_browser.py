"""The built front end in a real browser, under the product's content security policy."""

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from lamplighter.config import catalogues
from lamplighter.web.frame import navigation
from tests.web.frame import desk

FRAME = Path(navigation.__file__).parent
BUILT = FRAME / "static/frame"
AXE = Path(__file__).parents[3] / "node_modules/axe-core/axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
POLICY = "; ".join(
    f"{name} {' '.join(sources)}"
    for name, sources in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not BUILT.is_dir(), reason="the front end is not built: npm run build"),
]


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder with the product's policy and says nothing."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The style guide in both languages beside the built files."""
    root = tmp_path_factory.mktemp("site")
    (root / "static").mkdir()
    (root / "static/frame").symlink_to(BUILT)
    catalogues.compile_all()
    with override_settings(ROOT_URLCONF="tests.web.frame.urls"):
        for language in ("zh-hans", "en"):
            html = desk.styleguide_html(language=language)
            (root / f"{language}.html").write_text(html, "utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any, site: str) -> Iterator[Any]:
    """Opens a style guide and gives the page and what its console said."""
    contexts = []

    def open_page(*, language: str, theme: str = "light", width: int = 1440) -> tuple[Any, list]:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{site}/{language}.html")
        charts = page.locator("[data-chart]").count()
        from playwright.sync_api import expect

        # Waits without evaluating text: the page's policy forbids it from the second look on.
        expect(page.locator("[data-drawn]")).to_have_count(charts, timeout=15_000)
        return page, said

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [
        ("zh-hans", "light", 1440),
        ("en", "dark", 1440),
        ("zh-hans", "dark", 390),
        ("en", "light", 390),
    ],
)
def test_all_charts_draw_nothing_overflows_and_axe_is_content(open_page, language, theme, width):
    page, said = open_page(language=language, theme=theme, width=width)

    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document)")["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found] == []
    assert said == []


def test_the_palette_opens_by_key_filters_pages_and_goes(open_page):
    page, _ = open_page(language="en")

    page.keyboard.press("/")
    page.keyboard.type("arr")

    results = page.locator("#palette-pages .result")
    assert results.all_inner_texts() == ["Arrears ahead"]
    page.keyboard.press("ArrowDown")
    assert results.first.evaluate("link => link === document.activeElement")
    page.keyboard.press("Escape")
    assert not page.locator("#palette").is_visible()


def test_no_key_acts_while_someone_types(open_page):
    page, _ = open_page(language="en")

    page.focus("#id_name")
    page.keyboard.press("?")

    assert not page.locator("#keys").is_visible()
    page.locator("#id_name").blur()
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()


def test_the_theme_changes_is_kept_and_charts_follow(open_page):
    page, said = open_page(language="en")

    page.click("[data-theme-switch]")

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert "lamp_theme=dark" in page.evaluate("document.cookie")
    assert said == []


def test_the_table_behind_a_chart_holds_its_figures(open_page):
    page, _ = open_page(language="en")

    page.click("[data-chart=proof] summary")

    rows = page.locator("[data-chart=proof] tbody tr")
    rows.first.wait_for()
    assert rows.first.locator("td").all_inner_texts() == ["Debit moved", "91%", "86%", "95%"]


def test_a_failed_outcome_says_so_and_frees_the_card(open_page):
    page, _ = open_page(language="en")
    page.context.set_offline(True)

    page.click("#card-101 button[value=DONE]")

    page.wait_for_selector(".toast-harm")
    assert page.locator("#card-101").get_attribute("data-pending") is None


def test_a_serious_step_asks_first(open_page):
    page, _ = open_page(language="en")

    page.click("form[data-confirm] .button-primary")

    assert page.locator("#ask").is_visible()
    assert page.locator("#ask-text").inner_text() == "Withdraw this import?"


def test_the_skip_link_is_the_first_stop(open_page):
    page, _ = open_page(language="en")

    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.className") == "skip"


def test_the_thumb_reaches_every_page_at_390(open_page):
    page, _ = open_page(language="zh-hans", width=390)

    page.click(".bottom-bar details:nth-child(1) summary")

    assert page.locator(".bottom-bar details:nth-child(1) .rail-item").first.is_visible()
    assert not page.locator(".rail").is_visible()


@pytest.mark.parametrize(
    ("language", "button", "nothing"),
    [("zh-hans", "选择文件", "还没有选择"), ("en", "Choose a file", "none chosen yet")],
)
def test_a_file_field_speaks_the_readers_language(open_page, language, button, nothing):
    page, said = open_page(language=language)
    pick = page.locator(".file-pick").first
    assert [pick.locator(f".file-{part}").inner_text() for part in ("button", "name")] == [
        button,
        nothing,
    ]

    field = pick.locator('input[type="file"]')
    field.set_input_files({"name": "账单.csv", "mimeType": "text/csv", "buffer": b"a"})

    assert pick.locator(".file-name").inner_text() == "账单.csv"
    field.focus()
    assert field.evaluate("field => field === document.activeElement")
    assert said == []
