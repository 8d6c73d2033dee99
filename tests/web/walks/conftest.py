"""One browser for all walks; a fresh station, an own clock and an address for each."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from lamplighter.config import catalogues
from lamplighter.findings.demand import learnt
from tests import factories as f
from tests.action.service import making as m
from tests.web.test_every_page import ARGUMENTS, CHROMIUM
from tests.web.walks.serving import served
from tests.web.walks.walking import Walk


class Clock:
    """The moment at the desk; it moves only when somebody lets it."""

    def __init__(self) -> None:
        self.moment = m.NOON

    def now(self) -> datetime:
        return self.moment

    def passes(self, **span: float) -> None:
        self.moment += timedelta(**span)


@pytest.fixture(scope="session")
def browser_of_walks() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def learnt_of_walks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is known of requests; learning takes longer than a page may."""
    folder = tmp_path_factory.mktemp("learnt")
    learnt.known_on(day=f.TODAY, folder=folder)
    catalogues.compile_all()
    return folder


@pytest.fixture(params=["zh-CN", "en-GB"])
def language(request: pytest.FixtureRequest) -> str:
    """The language of the people at the desk and of the customer."""
    return str(request.param)


@pytest.fixture
def walk(
    db: None,
    language: str,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    browser_of_walks: Any,
    learnt_of_walks: Path,
    tmp_path: Path,
) -> Iterator[Walk]:
    """A station whose people sit before a browser, in one language; nothing may go wrong in it."""
    clock = Clock()
    settings.DEMO_TODAY = None
    settings.FIELD_KEY = m.KEY
    settings.LEARNT_FOLDER = learnt_of_walks
    settings.LAKE_FOLDER = tmp_path / "lake"
    settings.ATTACHMENTS_FOLDER = tmp_path / "attachments"
    settings.ALLOWED_HOSTS = ["localhost"]
    monkeypatch.setattr(timezone, "now", clock.now)
    with served() as site:
        heard: list[str] = []
        contexts: list[Any] = []

        def open_tab() -> Any:
            context = browser_of_walks.new_context(
                locale=language, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
            )
            contexts.append(context)
            context.set_default_timeout(30_000)
            return listened(context.new_page(), heard)

        yield Walk(site=site, language=language, clock=clock, open_tab=open_tab)
        for context in contexts:
            context.close()
    assert heard == []


def listened(tab: Any, heard: list[str]) -> Any:
    """Return a tab of which errors, refused scripts and failed answers are kept."""
    tab.on("console", lambda said: _hear(heard, said.text, kind=said.type))
    tab.on("pageerror", lambda error: heard.append(str(error)))
    tab.on(
        "response",
        lambda reply: heard.append(f"{reply.status} {reply.url}") if reply.status >= 500 else None,
    )
    return tab


def _hear(heard: list[str], text: str, *, kind: str) -> None:
    """Note an error of the page; a form that is refused (422) is none."""
    if kind == "error" and "422" not in text:
        heard.append(text)
