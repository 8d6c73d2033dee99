"""``./lamp pictures``: the pictures of the README, taken from the running demo (`./lamp run`).

It signs in with the demo's log-ins and looks as a person would. With ``--all`` it takes every
page, wide and narrow, light and dark, in both languages, into a folder for reviewing. It names
on standard error each page that is wider than its window.
"""

import argparse
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent / "pictures"
OPTIONS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars"),
]
WIDTHS = {"wide": (1440, 900), "narrow": (390, 844)}
IN_README = ("today", "customer", "area", "console", "order")
WORDS = "只有我家没电，邻居家都有电，刚才电表那里响了一声"  # what the caller on the console says

REPORTED = "昨天下午在营业厅等了一个多小时, 叫到号又说系统坏了, 让我改天再来"
READ_OVER_MS = 5000  # a form that is sent at once is taken for a machine's


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: who looks, and at what: an address, or a link there that fits."""

    name: str
    role: str
    path: str
    pattern: str = ""
    words: str = ""  # typed where a caller's words go
    is_call: bool = False  # of somebody who waits for a repair
    tab: str = ""  # of the page that the link leads to
    place: int = 0  # of the link among those that fit


CUSTOMER = r"^/customers/[^?]+$"
ORDER, ARTICLE = r"^/orders/[A-Z0-9-]+/", r"^/knowledge/(?!new)[^/?]+/$"
HEAD, MANAGER = "STATION_HEAD", "MANAGER"
SHOTS = (
    Shot(name="sign-in", role="", path="/sign-in/"),
    Shot(name="progress-gone", role="", path="/progress/unknown/"),
    Shot(name="report", role="", path="/report/"),
    Shot(name="today", role=MANAGER, path="/"),
    Shot(name="overview", role=HEAD, path="/"),
    Shot(name="agent-start", role="AGENT", path="/"),
    Shot(name="crew-start", role="CREW", path="/"),
    Shot(name="customer", role=MANAGER, path="/", pattern=CUSTOMER),
    Shot(name="said", role=MANAGER, path="/", pattern=r"^/said/"),
    Shot(name="customer-contacts", role=MANAGER, path="/", pattern=CUSTOMER, tab="contacts"),
    Shot(name="customer-archive", role=MANAGER, path="/", pattern=CUSTOMER, tab="archive"),
    Shot(name="customer-versions", role=MANAGER, path="/", pattern=CUSTOMER, tab="versions"),
    Shot(name="area", role=MANAGER, path="/areas/", pattern=r"^/areas/[^/?]+/$"),
    Shot(name="areas", role=HEAD, path="/areas/"),
    Shot(name="search", role=MANAGER, path="/search/?q=zhang"),
    Shot(name="search-empty", role=MANAGER, path="/search/?q=nobody-here"),
    Shot(name="signals", role=HEAD, path="/signals/"),
    Shot(name="signals-high", role=HEAD, path="/signals/?list=HIGH_USE"),
    Shot(name="arrears", role=HEAD, path="/arrears/"),
    Shot(name="proof", role=HEAD, path="/proof/"),
    Shot(name="imports", role=HEAD, path="/imports/"),
    Shot(name="delivery", role=HEAD, path="/imports/", pattern=r"^/imports/[^/?]+/$"),
    Shot(name="segments", role=HEAD, path="/segments/"),
    Shot(name="segment", role=HEAD, path="/segments/PAYMENT_HELP/"),
    Shot(name="demand", role=HEAD, path="/demand/"),
    Shot(name="demand-segments", role=HEAD, path="/demand/?by=segment"),
    Shot(name="demand-orders", role=HEAD, path="/demand/orders/"),
    Shot(name="demand-words", role=HEAD, path="/demand/words/"),
    Shot(name="contests", role=HEAD, path="/contests/"),
    Shot(name="contest", role=HEAD, path="/contests/", pattern=r"^/contests/\d+/$"),
    Shot(name="proposals", role=HEAD, path="/contests/grade-d/"),
    Shot(name="replay", role=HEAD, path="/replay/"),
    Shot(name="replayed", role=HEAD, path="/replay/", pattern=r"^/replay/\d+/$"),
    Shot(name="replayed-accounts", role=HEAD, path="/replay/1/?part=accounts"),
    Shot(name="replayed-work", role=HEAD, path="/replay/1/?part=work"),
    Shot(name="replayed-account", role=HEAD, path="/replay/1/?part=accounts", pattern="/account/"),
    Shot(name="policies", role=HEAD, path="/policies/"),
    Shot(name="policy", role=HEAD, path="/policies/", pattern=r"^/policies/[^/?]+/"),
    Shot(name="staff", role=HEAD, path="/staff/"),
    Shot(name="security", role=HEAD, path="/security/"),
    Shot(name="console-empty", role="AGENT", path="/console/"),
    Shot(name="console", role="AGENT", path="/console/", words=WORDS, is_call=True),
    Shot(name="console-known", role="AGENT", path="/console/", is_call=True),
    Shot(name="console-unknown", role="AGENT", path="/console/?caller=19900000001", words=WORDS),
    Shot(name="orders", role=HEAD, path="/orders/"),
    Shot(name="orders-agent", role="AGENT", path="/orders/"),
    Shot(name="orders-mine", role=MANAGER, path="/orders/?tab=mine"),
    Shot(name="orders-waiting", role=HEAD, path="/orders/?tab=waiting"),
    Shot(name="orders-ended", role=HEAD, path="/orders/?tab=ended"),
    Shot(name="order", role=HEAD, path="/orders/?type=FAULT_REPAIR", pattern=ORDER, place=-2),
    Shot(name="order-late", role=HEAD, path="/orders/", pattern=ORDER),
    Shot(name="order-install", role=HEAD, path="/orders/?type=NEW_HV_SINGLE", pattern=ORDER),
    Shot(name="order-complaint", role=HEAD, path="/orders/?type=COMPLAINT", pattern=ORDER),
    Shot(name="order-waiting", role=HEAD, path="/orders/?tab=waiting", pattern=ORDER),
    Shot(
        name="order-confirming",
        role=HEAD,
        path="/orders/?tab=waiting&type=FAULT_REPAIR",
        pattern=ORDER,
    ),
    Shot(name="order-ended", role=HEAD, path="/orders/?tab=ended", pattern=ORDER),
    Shot(name="order-quality", role=HEAD, path="/orders/?type=QUALITY_ASSESSMENT", pattern=ORDER),
    Shot(name="order-visit", role=HEAD, path="/orders/?type=RETURN_VISIT", pattern=ORDER),
    Shot(name="order-report", role=HEAD, path="/orders/?type=REPORT", pattern=ORDER),
    Shot(name="order-agent", role="AGENT", path="/orders/", pattern=ORDER),
    Shot(name="steps", role=HEAD, path="/steps/"),
    Shot(name="steps-manager", role=MANAGER, path="/steps/"),
    Shot(name="steps-crew", role="CREW", path="/steps/"),
    Shot(name="watch", role=HEAD, path="/watch/"),
    Shot(name="watch-due", role=HEAD, path="/watch/", pattern=r"^/watch/due/"),
    Shot(name="watch-kept", role=HEAD, path="/watch/kept/"),
    Shot(name="watch-kept-type", role=HEAD, path="/watch/kept/?type=FAULT_REPAIR"),
    Shot(name="watch-orders", role=HEAD, path="/watch/kept/", pattern=r"outcome=MISSED"),
    Shot(name="watch-people", role=HEAD, path="/watch/people/"),
    Shot(name="watch-failures", role=HEAD, path="/watch/failures/"),
    Shot(name="watch-escalated", role=HEAD, path="/watch/escalated/"),
    Shot(name="watch-incidents", role=HEAD, path="/watch/incidents/"),
    Shot(name="watch-chases", role=HEAD, path="/watch/chases/"),
    Shot(name="voices", role=HEAD, path="/voices/"),
    Shot(name="programs", role=HEAD, path="/programs/"),
    Shot(name="outages", role=HEAD, path="/outages/"),
    Shot(name="outages-coming", role=HEAD, path="/outages/?when=coming"),
    Shot(name="outages-past", role=HEAD, path="/outages/?when=past"),
    Shot(name="outage", role=HEAD, path="/outages/", pattern=r"^/outages/O[^/?]+/$"),
    Shot(name="outage-new", role="SUPERVISOR", path="/outages/new/"),
    Shot(name="processes", role=HEAD, path="/processes/"),
    Shot(name="process", role=HEAD, path="/processes/NEW_LV_RESIDENT/"),
    Shot(name="process-fault", role=HEAD, path="/processes/FAULT_REPAIR/"),
    Shot(name="knowledge", role=HEAD, path="/knowledge/"),
    Shot(name="knowledge-found", role=HEAD, path="/knowledge/?q=电费"),
    Shot(name="knowledge-none", role=HEAD, path="/knowledge/?q=zzzz"),
    Shot(name="knowledge-new", role="SUPERVISOR", path="/knowledge/new/"),
    Shot(name="article", role="SUPERVISOR", path="/knowledge/?q=电费", pattern=ARTICLE),
    Shot(name="missing", role=HEAD, path="/orders/S0/"),
    Shot(name="forbidden", role="CREW", path="/policies/"),
)


@dataclass(slots=True, kw_only=True)
class Person:
    """Signs in once a role, and once more where another form is looked at."""

    browser: Browser
    address: str
    logins: dict[str, dict[str, str]]
    form: dict[str, str]
    pages: dict[str, Page] = field(default_factory=dict)

    def page(self, role: str) -> Page:
        """Return a page on which somebody of a role has signed in; nobody for no role."""
        if role not in self.pages:
            self.pages[role] = signed_in(
                self.browser, address=self.address, login=self.logins.get(role), **self.form
            )
        return self.pages[role]


def links(page: Page, url: str) -> list[str]:
    """Return where the links of a page lead."""
    page.goto(url)
    found: list[str] = page.eval_on_selector_all(
        "main a[href]", "found => found.map(link => link.getAttribute('href'))"
    )
    return found


def shots(person: Person, wanted: Callable[[str], bool]) -> list[Shot]:
    """Return what to look at, each with its own address; what the demo has not is left out."""
    found = []
    for shot in SHOTS:
        if not wanted(shot.name):
            continue
        path = shot.path
        if shot.is_call:
            path = f"{path}?caller={_caller(person)}"
        elif shot.pattern:
            there = links(person.page(shot.role), f"{person.address}{shot.path}")
            fits = list(dict.fromkeys(link for link in there if re.search(shot.pattern, link)))
            path = fits[shot.place] if -len(fits) <= shot.place < len(fits) else ""
        if path and shot.tab:
            path = f"{path}?tab={shot.tab}"
        if path:
            found.append(Shot(name=shot.name, role=shot.role, path=path, words=shot.words))
        else:
            print(f"{shot.name}: nothing to look at", file=sys.stderr)
    return found + _of_customers(person, wanted)


def _caller(person: Person) -> str:
    """Return the account of somebody who waits for a repair."""
    page = person.page(HEAD)
    orders = links(page, f"{person.address}/orders/?type=FAULT_REPAIR")
    order = next(link for link in orders if re.search(ORDER, link))
    there = links(page, f"{person.address}{order}")
    return next(link for link in there if link.startswith("/customers/")).strip("/").split("/")[-1]


def _of_customers(person: Person, wanted: Callable[[str], bool]) -> list[Shot]:
    """Return the pages that lie behind a customer's, and a customer's own by their link."""
    found = []
    if wanted("explanation") or wanted("contest-new"):
        page = person.page(MANAGER)
        there = links(page, f"{person.address}/")
        customer = next(link for link in there if link.startswith("/customers/"))
        there = links(page, f"{person.address}{customer}")
        found = [
            Shot(name="explanation", role=MANAGER, path=f"{customer}explanation/"),
            *(
                Shot(name="contest-new", role=MANAGER, path=link)
                for link in there
                if link.startswith("/contests/new/")
            ),
        ]
    given = {
        "progress": "/orders/?type=FAULT_REPAIR",
        "progress-install": "/orders/?type=NEW_LV_RESIDENT",
        "progress-waiting": "/orders/?tab=waiting",
        "progress-asked": "/orders/?tab=waiting&type=COMPLAINT",
        "progress-done": "/orders/?tab=ended",
    }
    for name, path in given.items():
        if wanted(name):
            found += _given(person, name, path)
    if wanted("report-sent"):
        found.append(Shot(name="report-sent", role="", path=_sent(person)))
    return [shot for shot in found if wanted(shot.name)]


def _given(person: Person, name: str, path: str) -> list[Shot]:
    """Give the customer of a list's first order a link, and return their page."""
    page = person.page(HEAD)
    there = links(page, f"{person.address}{path}")
    order = next((link for link in there if re.search(ORDER, link)), "")
    if not order:
        print(f"{name}: nothing to look at", file=sys.stderr)
        return []
    page.goto(f"{person.address}{order}")
    page.click('form[action^="/progress/"] button')
    page.wait_for_selector("#address")
    address = page.input_value("#address")
    return [Shot(name=name, role="", path=address[address.index("/progress/") :])]


def _sent(person: Person) -> str:
    """Send a report as anybody might, and return the page on which its sender follows it."""
    page = person.page("")
    page.goto(f"{person.address}/report/")
    page.check('input[name="type_code"] >> nth=0')
    page.fill('textarea[name="words"]', REPORTED)
    page.wait_for_timeout(READ_OVER_MS)
    page.click("form .button-primary")
    page.wait_for_url("**/progress/**")
    return page.url.removeprefix(person.address)


def signed_in(browser: Browser, *, address: str, login: dict[str, str] | None, size: str,
              language: str, theme: str) -> Page:  # fmt: skip
    """Return a page on which a person has signed in; a stranger's without a log-in."""
    width, height = WIDTHS[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        locale="zh-CN" if language == "zh" else "en-GB",
        device_scale_factor=1,
        reduced_motion="reduce",
    )
    page = context.new_page()
    if login is None:
        return page
    page.goto(f"{address}/sign-in/")
    page.fill('input[name="username"]', login["number"])
    page.fill('input[name="password"]', login["password"])
    with page.expect_navigation(url=lambda url: "/sign-in/" not in url):
        page.click(
            'button[type="submit"]:has-text("登录"), button[type="submit"]:has-text("Sign in")'
        )
    return page


def take(page: Page, *, address: str, shot: Shot, file: Path, whole: bool) -> None:
    """Take one picture, once the charts have been drawn."""
    page.goto(f"{address}{shot.path}")
    page.wait_for_load_state("networkidle")
    if shot.words:
        page.locator('textarea[data-alt="w"]').press_sequentially(shot.words)
        page.wait_for_selector("#read .console-heading")
        page.wait_for_selector("#answers li")
        page.wait_for_selector("#past h3")
    page.wait_for_timeout(600)
    page.screenshot(path=str(file), full_page=whole)
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if over > 0:
        print(f"{file.name}: {over} px too wide", file=sys.stderr)


def forms(options: argparse.Namespace) -> Iterator[dict[str, str]]:
    """Yield size, language and theme of the pictures asked for."""
    if not options.all:
        yield {"size": "wide", "language": "zh", "theme": "light"}
        return
    chosen = set(filter(None, options.forms.split(",")))
    for size in WIDTHS:
        for language in ("zh", "en"):
            for theme in ("light", "dark"):
                if not chosen or f"{size}-{language}-{theme}" in chosen:
                    yield {"size": size, "language": language, "theme": theme}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./lamp pictures", description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--home", type=Path, required=True, help="the demo's folder")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page in every form")
    parser.add_argument("--only", default="", help="names of pages, comma-separated")
    parser.add_argument("--forms", default="", help="with --all, e.g. wide-zh-light,narrow-en-dark")
    options = parser.parse_args()
    logins = {
        entry["role"]: entry for entry in json.loads((options.home / "logins.json").read_text())
    }
    folder = options.all or HERE
    folder.mkdir(parents=True, exist_ok=True)
    only = set(filter(None, options.only.split(","))) or (set() if options.all else {*IN_README})
    chromium = shutil.which("chromium") or os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    found: list[Shot] = []
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium, args=OPTIONS)
        for form in forms(options):
            person = Person(browser=browser, address=options.address, logins=logins, form=form)
            found = found or shots(person, lambda name: not only or name in only)
            for shot in found:
                suffix = "-".join(["", *form.values()]) if options.all else ""
                file = folder / f"{shot.name}{suffix}.png"
                take(person.page(shot.role), address=options.address, shot=shot, file=file,
                     whole=bool(options.all))  # fmt: skip
                print(file, flush=True)
            for page in person.pages.values():
                page.context.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
