"""One browser for the walks of a module; a fresh station, an own clock and an address for each."""

import re
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from lamplighter.config import catalogues
from tests.action.service import making as m
from tests.web.test_every_page import ARGUMENTS, CHROMIUM
from tests.web.walks.serving import served
from tests.web.walks.walking import Walk

# A form that is refused, and what htmx was asking when the page was left, are no faults.
EXPECTED = re.compile(r"422|^htmx:(afterRequest|sendAbort|sendError)")


class Clock:
    """The moment at the desk; it moves only when somebody lets it."""

    def __init__(self) -> None:
        self.moment = m.NOON

    def now(self) -> datetime:
        return self.moment

    def passes(self, **span: float) -> None:
        self.moment += timedelta(**span)


@pytest.fixture(scope="module")  # no longer: nothing else may drive a browser beside it
def browser_of_walks() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def desk_of_walks(browser_of_walks: Any) -> Callable[[str], Any]:
    """The browser at the desk, one for each language; what it has fetched once it keeps."""
    tabs: dict[str, Any] = {}

    def desk(language: str) -> Any:
        if language not in tabs:
            tabs[language] = new_context(browser_of_walks, language).new_page()
        return tabs[language]

    return desk


@pytest.fixture(scope="session")
def port_of_walks() -> int:
    """A port of this machine, the same for all walks, so that a browser keeps what it fetched."""
    with socket.socket() as one:
        one.bind(("localhost", 0))
        return int(one.getsockname()[1])


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
    desk_of_walks: Callable[[str], Any],
    port_of_walks: int,
    learnt_folder: Path,
    tmp_path: Path,
) -> Iterator[Walk]:
    """A station whose people sit before a browser, in one language; nothing may go wrong in it."""
    catalogues.compile_all()
    clock = Clock()
    settings.DEMO_TODAY = None
    settings.FIELD_KEY = m.KEY
    settings.LEARNT_FOLDER = learnt_folder
    settings.LAKE_FOLDER = tmp_path / "lake"
    settings.ATTACHMENTS_FOLDER = tmp_path / "attachments"
    settings.ALLOWED_HOSTS = ["localhost"]
    monkeypatch.setattr(timezone, "now", clock.now)
    heard: list[str] = []
    customers: list[Any] = []

    def open_tab() -> Any:
        """Open the browser of somebody who is not of the station."""
        customers.append(new_context(browser_of_walks, language))
        return listened(customers[-1].new_page(), heard)

    tab, stop = heard_in(desk_of_walks(language), heard)
    with served(port=port_of_walks) as site:
        yield Walk(site=site, language=language, clock=clock, tab=tab, open_tab=open_tab)
        tab.goto("about:blank")  # nothing is asked any more
        for context in customers:
            context.close()
    stop()
    tab.context.clear_cookies()
    assert heard == []


def new_context(browser: Any, language: str) -> Any:
    context = browser.new_context(
        locale=language, viewport={"width": 1280, "height": 800}, reduced_motion="reduce"
    )
    context.set_default_timeout(30_000)
    return context


def listened(tab: Any, heard: list[str]) -> Any:
    """Return a tab of which errors, refused scripts and failed answers are kept."""
    return heard_in(tab, heard)[0]


def heard_in(tab: Any, heard: list[str]) -> tuple[Any, Callable[[], None]]:
    """Keep what goes wrong in a tab; return the tab, and what ends the listening."""

    def on_console(said: Any) -> None:
        if said.type == "error" and not EXPECTED.search(said.text):
            heard.append(said.text)

    def on_error(error: Any) -> None:
        heard.append(str(error))

    def on_response(reply: Any) -> None:
        if reply.status >= 500:
            heard.append(f"{reply.status} {reply.url}")

    listeners = {"console": on_console, "pageerror": on_error, "response": on_response}
    for name, listener in listeners.items():
        tab.on(name, listener)

    def stop() -> None:
        for name, listener in listeners.items():
            tab.remove_listener(name, listener)

    return tab, stop
