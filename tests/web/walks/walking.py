"""People at the pages: who sits there, what they read, type and press, and what is kept of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext

from lamplighter.action.service import rules as service_rules
from lamplighter.action.service.models import OrderStep, Promise, ServiceOrder
from lamplighter.facts.network.models import Staff
from lamplighter.ledger.models import Event
from lamplighter.policy.loader import Words
from lamplighter.policy.processes import catalogue
from lamplighter.policy.processes.shapes import Field, Process
from lamplighter.web.frame import service_words
from tests import factories as f
from tests.action.service import making as m
from tests.web.console.calling import PHONE, known

# The same pages as another walk goes through in both languages; a browser's minutes are dear.
in_chinese = pytest.mark.parametrize("language", ["zh-CN"], indirect=True)
CALLER_SHOWN = "王*明"
PICTURE = {"name": "meter.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(64)}


class Walk:
    """One station; one browser in which now this and now that person of it sits."""

    def __init__(
        self, *, site: str, language: str, clock: Any, tab: Any, open_tab: Callable[[], Any]
    ) -> None:
        self.site, self.language, self.clock = site, language, clock
        self.tab, self.open_tab = tab, open_tab
        self.station = m.make_station()
        night = f.make_night()
        f.make_finding(account=self.station.account, area=self.station.area, night=night)
        known(self.station.account)
        self.seated = ""
        self.order = ServiceOrder()
        self.place: Any = None  # where the step at hand is

    # words

    def says(self, text: str, **values: object) -> str:
        """Return a text of the pages as these people read it."""
        with translation.override(self.code):
            return gettext(text) % values if values else gettext(text)

    def in_language(self, *, zh: str, en: str) -> str:
        return en if self.code == "en" else zh

    def own(self, words: Words) -> str:
        """Return words of a policy or process as these people read them."""
        return words.in_language(self.code)

    @property
    def code(self) -> str:
        return "en" if self.language.startswith("en") else "zh-hans"

    @property
    def process(self) -> Process:
        return catalogue.by_version(version=self.order.process_version)

    # people

    def sits(self, post: str, staff: Staff | None = None) -> None:
        """Let the person of a post sit down before the browser, signed in."""
        person = staff or self.station.staff[post]
        user, _ = get_user_model().objects.get_or_create(username=person.number)
        Staff.objects.filter(pk=person.pk).update(user=user)
        client = Client()
        client.force_login(user, backend="lamplighter.web.door.backend.StaffBackend")
        (cookie,) = [one for name, one in client.cookies.items() if name == "sessionid"]
        self.tab.context.add_cookies(
            [{"name": "sessionid", "value": cookie.value, "url": self.site}]
        )
        self.seated = person.number

    def goes(self, path: str) -> None:
        """Open a page of the product."""
        reply = self.tab.goto(self.site + path)
        assert reply.status == 200, (path, reply.status)

    # finding what a person sees

    def button(self, text: str, *, inside: Any = None) -> Any:
        return (inside or self.tab).get_by_role("button", name=text, exact=True)

    def presses(self, text: str, *, inside: Any = None) -> None:
        """Press a button that leads to another page, and let that come."""
        with self.tab.expect_navigation():
            self.button(text, inside=inside).click()

    def is_told(self, text: str, **values: object) -> None:
        """The page says so, where it tells what was done."""
        self.tab.get_by_role("status").get_by_text(self.says(text, **values)).wait_for()

    def is_refused(self, text: str, **values: object) -> None:
        """The page says why what was just asked for is not done."""
        self.tab.get_by_role("alert").get_by_text(self.says(text, **values)).wait_for()

    def unfolds(self, text: str, *, inside: Any = None) -> Any:
        """Unfold a part of the page by its heading, and return it."""
        heading = self.tab.locator("summary", has_text=re.compile(r"^\s*" + re.escape(text)))
        part = (inside or self.tab).locator("details").filter(has=heading).last
        part.locator("summary").click()
        return part

    # the console

    def calls(
        self,
        *,
        words: str,
        type_code: str,
        phone: str = PHONE,
        cases: dict[str, str] | None = None,
        join: str = "",
        channel: str = "",
        quote: str = "",
    ) -> None:
        """A customer calls: who it is pops up, their words are typed, the order is opened.

        The whole of it is done by keyboard, except where there is something to choose from a list.
        """
        keys = self.tab.keyboard
        self.goes("/console/")
        if phone:
            keys.press("Alt+c")
            keys.type(phone)
            keys.press("Enter")
            self.tab.get_by_role("heading", name=CALLER_SHOWN).wait_for()
        keys.press("Alt+w")
        with self.tab.expect_response(re.compile("/console/read/")):
            keys.type(words)
        self._chooses_type(type_code)
        self._says_more(cases or {}, join=join, channel=channel)
        if quote:
            self._quotes(quote)
        keys.press("Alt+w")
        with self.tab.expect_navigation(url=re.compile("/orders/")):
            keys.press("Control+Enter")
        self.order = ServiceOrder.objects.latest("pk")
        assert self.order.type_code == type_code
        self.is_told("Order %(number)s is open.", number=self.order.number)

    def begins(self, *, words: str, type_code: str) -> None:
        """Somebody of the station opens an order for which nobody called."""
        self.calls(words=words, type_code=type_code, phone="", channel="Internal")

    def _chooses_type(self, type_code: str) -> None:
        """Take the proposed type by its key where it is proposed, else from the list of all."""
        name = self.type_name(type_code)
        proposed = self.tab.locator(f"#proposed-{type_code}")
        if proposed.count():
            if not proposed.is_checked():
                with self.tab.expect_response(re.compile("/console/read/")):
                    self.tab.keyboard.press(f"Alt+{proposed.get_attribute('data-alt')}")
            assert proposed.is_checked()
            return
        chosen = self.tab.get_by_label(re.compile("^" + re.escape(self.says("Another type"))))
        with self.tab.expect_response(re.compile("/console/read/")):
            chosen.select_option(label=name)
        self.tab.locator(".console-heading").get_by_text(re.compile("^" + name)).wait_for()

    def _says_more(self, cases: dict[str, str], *, join: str, channel: str) -> None:
        if cases:
            self.unfolds(self.says("What the promise depends on"))
        labels = {
            "VOLTAGE": "Voltage",
            "HV_SOURCES": "Sources of supply",
            "CUSTOMER_KIND": "Kind of customer",
        }
        for dimension, value in cases.items():
            self.tab.get_by_label(self.says(labels[dimension])).select_option(value)
        if join:
            self.tab.get_by_role("radio", name=re.compile(join)).check()
        if channel:
            self.tab.get_by_label(self.says("Channel")).select_option(label=self.says(channel))

    def _quotes(self, title: str) -> None:
        """Quote an answer of the knowledge base by the one key that it shows."""
        answer = self.tab.get_by_role("listitem").filter(has_text=title)
        answer.wait_for()
        box = answer.get_by_role("checkbox")
        self.tab.keyboard.press(f"Alt+{box.get_attribute('data-alt')}")
        assert box.is_checked()

    def type_name(self, code: str) -> str:
        with translation.override(self.code):
            return service_words.type_name(code=code)

    # the owner's desk

    def does(self, *codes: str, minutes: float = 2, **answers: str) -> None:
        """The owner of each step does it from their own desk; time passes before each.

        Who does the next step, too, goes on where they are. A step that decides ends by the
        answer given for it.
        """
        for code in codes:
            self.clock.passes(minutes=minutes)
            self.comes_to(code)
            self.finishes(code, answer=answers.get(code, ""))
            self.is_told("The step is done.")
        self.order.refresh_from_db()

    def comes_to(self, code: str, **written: str) -> None:
        """The owner of a step comes to where it is finished, and fills in its form."""
        before = self.seated
        is_same = self.sits_who_has(code).number == before
        has_form = any(field.is_required for field in self.process.step(code).fields)
        if not (is_same and self.tab.url.startswith(f"{self.site}/orders/{self.order.number}/")):
            self.goes("/steps/")
            self.place = self.row(code)
            if not has_form and not written:
                return
            open_it = self.says("Fill in and finish")
            with self.tab.expect_navigation():
                self.place.get_by_role("link", name=open_it).click()
        self.place = self.card(code)
        self.fills(code, **written)

    def sits_who_has(self, code: str) -> Staff:
        """Let the one who was given a step sit down; it is somebody of the post its card names."""
        step = self.step(code)
        owner = step.owner
        assert owner is not None, f"nobody has {code}"
        rules = service_rules.in_force(on=f.TODAY, zone=m.ZONE)
        assert owner.post in rules.posts(self.process.step(code).who)
        self.sits(owner.post, owner)
        return owner

    def row(self, code: str) -> Any:
        """Return a step on the desk of its owner, by its name and the order's number."""
        title = self.own(self.process.step(code).title)
        rows = self.tab.get_by_role("listitem").filter(has_text=self.order.number)
        return rows.filter(has=self.tab.get_by_role("link", name=title, exact=True))

    def card(self, code: str) -> Any:
        """Return an open step on the page of its order."""
        title = self.own(self.process.step(code).title)
        heading = self.tab.get_by_role("heading", name=title, exact=True)
        return self.tab.locator("section").filter(has=heading)

    def fills(self, code: str, **written: str) -> None:
        """Fill in what the form of a step demands, and what is given here."""
        for field in self.process.step(code).fields:
            if not field.is_required and field.code not in written:
                continue
            label = re.compile("^" + re.escape(self.own(field.title)) + r"( \(|\s|$)")
            box = self.place.get_by_label(label)
            if field.kind in {"FILE", "PHOTO"}:
                box.and_(self.tab.locator("input[type=file]")).set_input_files(PICTURE)
            elif field.kind in {"CHOICE", "FLAG"}:
                box.select_option(written.get(field.code) or _first_option(field))
            else:
                box.fill(written.get(field.code) or self._example(field))

    def _example(self, field: Field) -> str:
        local = self.clock.now().astimezone(m.ZONE)
        return {
            "TEXT": "现场已核对 (checked)",
            "NUMBER": "230",
            "READING": "1234.5",
            "DATE": local.date().isoformat(),
            "MOMENT": local.strftime("%Y-%m-%dT%H:%M"),
            "PHONE": PHONE,
        }[field.kind]

    def finishes(self, code: str, *, answer: str = "") -> None:
        """Press how the step ended, where it is."""
        card = self.process.step(code)
        if card.choice is None:
            text = self.says("Done")
        else:
            (chosen,) = [one for one in card.choice.answers if one.code == answer]
            text = capfirst(self.own(chosen.title))
        self.presses(text, inside=self.place)

    def hands_over(self, code: str, *, to: Staff) -> None:
        """The owner of a step gives it to a colleague; nothing of it is told to the customer."""
        self.sits_who_has(code)
        self.goes("/steps/")
        more = self.unfolds(self.says("Hand over, send back or pause"), inside=self.row(code))
        label = self.says("To a colleague; the promise stays")
        more.get_by_label(label).select_option(str(to.pk))
        self.presses(self.says("Hand over"), inside=more)
        self.is_told("The step is a colleague's now; the promise to the customer stays.")

    def lets_wait(self, code: str, *, reason: str) -> None:
        """The clock stands at a step for what only the customer can do."""
        self.sits_who_has(code)
        self.goes("/steps/")
        more = self.unfolds(self.says("Hand over, send back or pause"), inside=self.row(code))
        label = self.says("Only the customer can do it: pause the clock")
        more.get_by_label(label).select_option(reason)
        self.presses(self.says("Pause the clock"), inside=more)
        self.is_told("The clock is paused until the customer has done their part.")

    def goes_on(self, code: str) -> None:
        """The customer has done their part; whoever waits lets the clock run again."""
        self.sits_who_has(code)
        self.goes("/steps/")
        self.presses(self.says("The customer has done it: resume"), inside=self.row(code))
        self.is_told("The clock runs again.")

    def customer_does(self, code: str, *, days: float) -> None:
        """The clock stood while the customer did a step of their own; we note that it is done."""
        assert self.order.waits.get(ends_at__isnull=True).step_code == code
        self.clock.passes(days=days)
        self.sits("MANAGER")
        self.shows()
        self.place = self.card(code)
        self.finishes(code)
        self.is_told("The step is done.")

    def shows(self, number: str = "") -> None:
        """Open the order's own page."""
        self.goes(f"/orders/{number or self.order.number}/")

    # the customer

    def gives_link(self) -> str:
        """Give the customer the link to their order, from its page, and return it."""
        self.shows()
        self.presses(self.says("Give the customer a link"))
        field = self.tab.get_by_label(self.says("Address: it is shown this once, and not kept"))
        return str(field.input_value())

    def customer(self, link: str) -> Any:
        """Return the browser of the customer, who has no account, at their link."""
        tab = self.open_tab()
        reply = tab.goto(link)
        assert reply.status == 200
        return tab

    def says_yes(self, *, stars: int = 5) -> None:
        """The customer opens the link, says that it is done, and rates it."""
        tab = self.customer(self.gives_link())
        with tab.expect_navigation():
            self.button(self.says("Yes, it is done"), inside=tab).click()
        tab.get_by_role("radio", name=re.compile(rf"^{stars} ")).check()
        with tab.expect_navigation():
            self.button(self.says("Send the rating"), inside=tab).click()
        thanks = self.says("Thank you. We read every word.")
        tab.get_by_role("status").get_by_text(thanks).wait_for()
        tab.context.close()
        self.order.refresh_from_db()

    # what is kept

    def step(self, code: str) -> OrderStep:
        return OrderStep.objects.select_related("owner").get(
            order=self.order, code=code, round=self.order.round
        )

    def promises(self) -> dict[str, str]:
        """Return how each promise of the order stands."""
        rows = Promise.objects.filter(order=self.order, round=self.order.round)
        return {row.code: _outcome(row) for row in rows}

    def events(self) -> list[str]:
        """Return what happened to the order, in its own history."""
        return list(self.order.events.order_by("pk").values_list("kind", flat=True))

    def ledger(self) -> list[str]:
        """Return what the ledger holds of the order."""
        rows = Event.objects.filter(subject=f"order:{self.order.pk}").order_by("pk")
        return list(rows.values_list("name", flat=True))

    def is_closed(self, *, by_customer: bool = True) -> None:
        """The order is over, on the customer's word or without need of one; it says who did it."""
        self.order.refresh_from_db()
        assert self.order.state == "CLOSED"
        assert (self.order.confirmed_at is not None) == by_customer
        assert set(self.promises().values()) <= {"KEPT", "LAPSED"}
        done = self.ledger().count("service.order.completed")
        assert done == self.events().count("COMPLETED") > 0


def _first_option(field: Field) -> str:
    return "YES" if field.kind == "FLAG" else field.options[0][0]


def _outcome(row: Promise) -> str:
    if row.missed_at is not None:
        return "MISSED"
    if row.ended_at is not None:
        return "KEPT"
    return "LAPSED" if row.lapsed_at is not None else "RUNNING"
