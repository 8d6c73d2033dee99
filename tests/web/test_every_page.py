"""Every page in a real browser: no error, nothing too wide, open to all, and the keys work."""

import contextvars
import mimetypes
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from lamplighter.config import catalogues
from lamplighter.findings.contests.services import contests
from lamplighter.policy import calendars, loader
from lamplighter.web.frame import navigation
from tests import factories as make
from tests.web.signed_in import client_of, household, street
from tests.web.today.test_today import Station

STATIC = Path(navigation.__file__).parent / "static"
AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SITE = "http://localhost"  # nothing listens there: every request is answered below

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not STATIC.is_dir(), reason="the front end is not built: npm run build"),
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: npm ci"),
]

ONE_HALF = (
    "/",
    "/areas/",
    "/signals/",
    "/proof/",
    "/staff/",
    "/security/",
    "/contests/",
    "{contest}",
    "{account}?tab=story",
    "{account}?tab=contacts",
    "/steps/",
    "/watch/",
    "/watch/people/",
    "/watch/escalated/",
    "/watch/incidents/",
    "/voices/",
    "/programs/",
    "/watch/chases/",
    "/outages/",
    "/orders/",
    "/console/",
    "/demand/",
    "/demand/orders/",
    "/progress/nothing/",
    "/report/",
    "/nowhere/",
)
OTHER_HALF = (
    "/search/",
    "{area}",
    "/signals/?list=HIGH_USE",
    "/arrears/",
    "/segments/",
    "/segments/PAYMENT_HELP/",
    "/contests/grade-d/",
    "/contests/new/?account={number}",
    "{account}explanation/",
    "/policies/",
    "/policies/grading/",
    "/replay/",
    "/imports/",
    "/watch/kept/?type=FAULT_REPAIR",
    "/watch/failures/",
    "/outages/new/",
    "/outages/?when=past",
    "/orders/?tab=ended",
    "/knowledge/",
    "/demand/words/",
    "/demand/?by=segment",
    "/processes/",
    "/processes/FAULT_REPAIR/",
    "{account}?tab=archive",
    "{account}?tab=versions",
)
NOT_THERE = {"/nowhere/", "/progress/nothing/"}
LOOKS = [
    ("zh-CN", "light", 1440, ONE_HALF),
    ("en-GB", "dark", 390, ONE_HALF),
    ("en-GB", "dark", 1440, OTHER_HALF),
    ("zh-CN", "light", 390, OTHER_HALF),
]


@pytest.fixture(autouse=True)
def _today(settings: Any, tmp_path: Path) -> None:
    settings.DEMO_TODAY = make.TODAY
    settings.LAKE_FOLDER = tmp_path / "lake"
    catalogues.compile_all()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Desk:
    """A station with people, and a browser that asks the product itself for each address."""

    def __init__(self) -> None:
        where = street()
        night = make.make_night()
        accounts = [household(where, night=night) for _ in range(4)]
        for account in accounts[:2]:
            make.make_signal(account=account, area=where.area, night=night)
        make.make_signal(account=accounts[2], area=where.area, night=night, list="HIGH_USE")
        make.make_contact(account=accounts[0], role="PAYER")
        make.make_flag(account=accounts[0], kind="ELDERLY_ALONE")
        make.AccountFinding.objects.filter(pk=accounts[1].pk).update(
            candidate_grade="D", candidate_since_day=make.TODAY
        )
        self.number = accounts[0].number
        self.contest = f"/contests/{contested(accounts[0], by=where.manager)}/"
        self.client = client_of(where.head)
        self.account = f"/customers/{accounts[0].number}/"
        self.area = f"/areas/{where.area.code}/"

    def address(self, pattern: str) -> str:
        return pattern.format(
            account=self.account, area=self.area, contest=self.contest, number=self.number
        )


def contested(account: Any, *, by: Any) -> int:
    """Let a manager record that a customer contests the grade."""
    return contests.open_contest(
        viewer=make.viewer_for(by),
        on=make.TODAY,
        account_number=account.number,
        about="GRADE",
        wish="REVIEW",
        channel="PHONE",
        is_by_other=False,
        words="I have always paid at the counter.",
        request_key="",
        now=make.MORNING,
        policy=loader.load(name="contests", on=make.TODAY),
        calendar=calendars.work_calendar(on=make.TODAY),
    )


def answer(route: Any, client: Client, *, language: str) -> None:
    """Answer a browser's request from the product, or from the built files."""
    request = route.request
    parts = urlsplit(request.url)
    file = STATIC / parts.path.removeprefix("/static/")
    if parts.path.startswith("/static/"):
        kind = mimetypes.guess_type(file.name)[0] or "text/plain"
        route.fulfill(path=file, content_type="text/javascript" if file.suffix == ".js" else kind)
        return
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    headers = {"accept-language": language}
    for name in ("hx-request", "hx-target"):
        if name in request.headers:
            headers[name] = request.headers[name]
    if request.method == "POST":
        kind = request.headers["content-type"]
        reply = client.post(path, request.post_data or "", content_type=kind, headers=headers)
    else:
        reply = client.get(path, headers=headers)
    sent = {name: value for name, value in reply.headers.items() if name.lower() != "vary"}
    route.fulfill(status=reply.status_code, headers=sent, body=reply.content)


@pytest.fixture
def open_tab(chromium: Any) -> Iterator[Callable[..., tuple[Any, list[str]]]]:
    """Opens an empty tab of a signed-in person and gives it with what its console says."""
    contexts = []

    def open_tab(
        client: Client, *, language: str, theme: str = "light", width: int = 1440
    ) -> tuple[Any, list[str]]:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
        )
        contexts.append(context)
        ours = contextvars.copy_context()  # the test's own connection, and so its transaction
        context.route(
            "**/*", lambda route: ours.copy().run(answer, route, client, language=language)
        )
        tab = context.new_page()
        said: list[str] = []
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        return tab, said

    yield open_tab
    for context in contexts:
        context.close()


def faults(tab: Any) -> list[str]:
    """Name what is wrong with the page shown: its width, and what keeps people out."""
    tab.locator("[data-chart]:not([data-drawn])").first.wait_for(state="detached")
    wrong = []
    if tab.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
        wrong.append("wider than the screen")
    tab.evaluate(AXE.read_text("utf-8"))
    found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    wrong += [
        f"{fault['id']}: {fault['nodes'][0]['html']}"
        for fault in found
        if fault["impact"] in {"serious", "critical"}
    ]
    return wrong


@pytest.mark.parametrize(("language", "theme", "width", "patterns"), LOOKS)
def test_every_page_is_whole_in_each_look(open_tab, language, theme, width, patterns):
    desk = Desk()
    tab, said = open_tab(desk.client, language=language, theme=theme, width=width)
    wrong: dict[str, list[str]] = {}

    for pattern in patterns:
        said.clear()
        reply = tab.goto(SITE + desk.address(pattern))
        expected = 404 if pattern in NOT_THERE else 200
        heard = [text for text in said if not (expected == 404 and "404" in text)]
        here = faults(tab) + heard
        if reply.status != expected:
            here.append(f"answered {reply.status}")
        if tab.locator("h1").count() != 1:
            here.append("not one heading")
        if here:
            wrong[pattern] = here

    assert wrong == {}


@pytest.mark.parametrize("width", [1440, 390])
def test_the_door_and_what_stands_before_it(open_tab, width):
    tab, said = open_tab(Client(), language="zh-CN", width=width)

    tab.goto(f"{SITE}/sign-in/")

    assert faults(tab) == []
    assert said == []
    assert tab.locator("h1").inner_text() == "登录"


def test_a_page_refused_to_a_post_says_so_in_words(open_tab):
    station = make.make_station()
    client = client_of(make.make_staff(station=station, post="AGENT"))
    tab, _ = open_tab(client, language="en-GB", width=390)

    reply = tab.goto(f"{SITE}/policies/")

    assert reply.status == 403
    assert tab.locator("h1").inner_text() == "This page is not for your post"
    assert faults(tab) == []


def test_the_keyboard_alone_reaches_content_search_and_pages(open_tab):
    tab, said = open_tab(Desk().client, language="en-GB")
    tab.goto(f"{SITE}/areas/")

    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.closest('main') !== null")

    for key in ("/", "Control+k"):
        tab.evaluate("document.activeElement.blur()")
        tab.keyboard.press(key)
        assert tab.locator("#palette").is_visible()
        tab.keyboard.press("Escape")
        assert not tab.locator("#palette").is_visible()

    assert said == []


def test_two_keys_go_to_a_page(open_tab):
    tab, said = open_tab(Desk().client, language="en-GB")
    tab.goto(f"{SITE}/areas/")

    tab.keyboard.press("g")
    tab.keyboard.press("t")

    tab.wait_for_url(f"{SITE}/")
    assert said == []


def test_on_a_phone_an_outcome_leads_to_the_next_door_and_into_the_fold(open_tab):
    at = Station(n_items=8)
    tab, _ = open_tab(client_of(at.manager), language="en-GB", width=390)
    tab.goto(f"{SITE}/")
    fold = tab.locator("details[data-fold]")
    assert not fold.evaluate("fold => fold.open")
    assert faults(tab) == []

    for n in range(1, 6):
        tab.locator(f"#card-{at.items[n - 1].pk} button[value=NOT_REACHED]").click()
        tab.locator(f"#card-{at.items[n].pk} h3 a:focus").wait_for()

    assert fold.evaluate("fold => fold.open")


def test_on_a_desk_nothing_of_the_day_is_folded(open_tab):
    at = Station(n_items=8)
    tab, _ = open_tab(client_of(at.manager), language="en-GB")

    tab.goto(f"{SITE}/")

    assert tab.locator(".work").last.is_visible()
    assert not tab.locator("details[data-fold] > summary").is_visible()
