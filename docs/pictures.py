"""``./lamp pictures``: the pictures of the README, taken from the running demo (`./lamp run`).

It signs in with the demo's log-ins and looks as a person would. With ``--all`` it takes every
page, wide and narrow, light and dark, in both languages, into a folder for reviewing.
"""

import argparse
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent / "pictures"
OPTIONS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars"),
]
WIDTHS = {"wide": (1440, 900), "narrow": (390, 844)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: who looks, at what."""

    name: str
    role: str
    path: str


def first_link(page: Page, url: str, pattern: str) -> str:
    """Return the first link of a page that fits a pattern; empty where there is none."""
    page.goto(url)
    links: list[str] = page.eval_on_selector_all(
        "a[href]", "found => found.map(link => link.getAttribute('href'))"
    )
    return next((link for link in links if re.search(pattern, link)), "")


def shots(page: Page, head: Page, address: str) -> list[Shot]:
    """Return what to look at; a customer and an area are taken from today's first card."""
    page.goto(f"{address}/")
    customer = page.locator('a[href^="/customers/"]').first.get_attribute("href") or "/"
    page.goto(f"{address}/areas/")
    area = page.locator('a[href^="/areas/"].row-link').first.get_attribute("href") or "/areas/"
    caller = customer.strip("/").rpartition("/")[2]
    inner = [
        Shot(name=name, role="STATION_HEAD", path=path)
        for name, path in (
            ("contest", first_link(head, f"{address}/contests/", r"^/contests/\d+/$")),
            ("order", first_link(head, f"{address}/orders/", r"^/orders/\d+/$")),
            (
                "order-waiting",
                first_link(head, f"{address}/orders/?tab=waiting", r"^/orders/\d+/$"),
            ),
            ("article", first_link(head, f"{address}/knowledge/", r"^/knowledge/[^/?]+/$")),
            ("replayed", first_link(head, f"{address}/replay/", r"^/replay/\d+/$")),
            ("replayed-account", first_link(head, f"{address}/replay/1/", r"/account/")),
        )
        if path
    ]
    return [
        *inner,
        Shot(name="explanation", role="MANAGER", path=f"{customer}explanation/"),
        Shot(
            name="contest-new",
            role="MANAGER",
            path=first_link(page, f"{address}{customer}", r"^/contests/new/") or "/contests/",
        ),
        Shot(name="proposals", role="STATION_HEAD", path="/contests/grade-d/"),
        Shot(name="today", role="MANAGER", path="/"),
        Shot(name="customer", role="MANAGER", path=customer),
        Shot(name="area", role="MANAGER", path=area),
        Shot(name="areas", role="STATION_HEAD", path="/areas/"),
        Shot(name="search", role="MANAGER", path="/search/?q=zhang"),
        Shot(name="signals", role="STATION_HEAD", path="/signals/"),
        Shot(name="arrears", role="STATION_HEAD", path="/arrears/"),
        Shot(name="proof", role="STATION_HEAD", path="/proof/"),
        Shot(name="imports", role="STATION_HEAD", path="/imports/"),
        Shot(name="segments", role="STATION_HEAD", path="/segments/"),
        Shot(name="segment", role="STATION_HEAD", path="/segments/PAYMENT_HELP/"),
        Shot(name="demand", role="STATION_HEAD", path="/demand/"),
        Shot(name="contests", role="STATION_HEAD", path="/contests/"),
        Shot(name="replay", role="STATION_HEAD", path="/replay/"),
        Shot(name="policies", role="STATION_HEAD", path="/policies/"),
        Shot(name="console", role="STATION_HEAD", path=f"/console/?caller={caller}"),
        Shot(name="orders", role="STATION_HEAD", path="/orders/"),
        Shot(name="orders-mine", role="MANAGER", path="/orders/?tab=mine"),
        Shot(name="knowledge", role="STATION_HEAD", path="/knowledge/?q=电费"),
        Shot(name="staff", role="STATION_HEAD", path="/staff/"),
        Shot(name="overview", role="STATION_HEAD", path="/"),
    ]


def signed_in(browser: Browser, *, address: str, login: dict[str, str], size: str, language: str,
              theme: str) -> Page:  # fmt: skip
    """Return a page on which a person has signed in."""
    width, height = WIDTHS[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        locale="zh-CN" if language == "zh" else "en-GB",
        device_scale_factor=1,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{address}/sign-in/")
    page.fill('input[name="username"]', login["number"])
    page.fill('input[name="password"]', login["password"])
    page.click('button[type="submit"]:has-text("登录"), button[type="submit"]:has-text("Sign in")')
    page.wait_for_load_state("networkidle")
    return page


def take(page: Page, *, address: str, shot: Shot, file: Path, whole: bool) -> None:
    """Take one picture, once the charts have been drawn."""
    page.goto(f"{address}{shot.path}")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)
    page.screenshot(path=str(file), full_page=whole)


def wanted(options: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    """Yield size, language and theme of the pictures asked for."""
    if not options.all:
        yield "wide", "zh", "light"
        return
    for size in WIDTHS:
        for language in ("zh", "en"):
            for theme in ("light", "dark"):
                yield size, language, theme


def main() -> int:
    parser = argparse.ArgumentParser(prog="./lamp pictures", description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--home", type=Path, required=True, help="the demo's folder")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page in every form")
    parser.add_argument("--only", default="", help="names of pages, comma-separated")
    options = parser.parse_args()
    logins = {
        entry["role"]: entry for entry in json.loads((options.home / "logins.json").read_text())
    }
    folder = options.all or HERE
    folder.mkdir(parents=True, exist_ok=True)
    only = set(filter(None, options.only.split(",")))
    chromium = shutil.which("chromium") or os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium, args=OPTIONS)
        for size, language, theme in wanted(options):
            pages: dict[str, Page] = {}
            form = {"size": size, "language": language, "theme": theme}
            for role in ("MANAGER", "STATION_HEAD"):
                pages[role] = signed_in(
                    browser, address=options.address, login=logins[role], **form
                )
            for shot in shots(pages["MANAGER"], pages["STATION_HEAD"], options.address):
                if only and shot.name not in only:
                    continue
                suffix = f"-{size}-{language}-{theme}" if options.all else ""
                file = folder / f"{shot.name}{suffix}.png"
                take(pages[shot.role], address=options.address, shot=shot, file=file,
                     whole=bool(options.all))  # fmt: skip
                print(file)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
