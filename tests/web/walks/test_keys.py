"""Without a mouse: the console for the next caller, and a day's steps from the owner's desk."""

import re

from lamplighter.action.outages.models import Outage
from tests import factories as f
from tests.action.service import making as m
from tests.web.console.calling import PHONE
from tests.web.test_every_page import pytestmark
from tests.web.walks.walking import CALLER_SHOWN, Walk, in_chinese

__all__ = ["pytestmark"]


def test_a_crew_begins_and_finishes_by_two_keys(walk: Walk) -> None:
    walk.order = m.open_one(walk.station)
    m.run(walk.order, walk.station.viewer("BRANCH"), until="ACCEPT", every=1)
    walk.clock.passes(minutes=5)
    walk.sits_who_has("ACCEPT")
    walk.goes("/steps/")

    for key, said in (("b", "Started: it is yours now."), ("d", "The step is done.")):
        with walk.tab.expect_navigation():
            walk.tab.keyboard.press(key)
        walk.is_told(said)

    step = walk.step("ACCEPT")
    assert (step.state, step.owner) == ("DONE", walk.station.staff["CREW"])
    with walk.tab.expect_navigation(url=re.compile(f"/orders/{walk.order.number}/")):
        walk.tab.keyboard.press("d")  # the next one has a form: the same key leads to it


@in_chinese
def test_the_next_caller_finds_an_empty_console(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.goes(f"/console/?caller={PHONE}")  # as a telephone system opens it
    walk.tab.get_by_role("heading", name=CALLER_SHOWN).wait_for()
    walk.tab.keyboard.press("Alt+w")
    walk.tab.keyboard.type("家里没电了")

    with walk.tab.expect_navigation():
        walk.tab.keyboard.press("Alt+n")

    assert not walk.tab.get_by_role("heading", name=CALLER_SHOWN).count()
    assert (
        walk.tab.get_by_role("textbox", name=walk.says("In the customer's words")).input_value()
        == ""
    )


def test_areas_of_an_outage_are_found_and_ticked_and_enter_sends_nothing(walk: Walk) -> None:
    more = [f.make_area(station=walk.station.unit) for _ in range(45)]
    walk.sits("SUPERVISOR")
    walk.goes("/outages/new/")
    note, options = walk.tab.locator("#areas-note"), walk.tab.locator("#areas-options")
    said = walk.says("%(n)s area fits.", n=1)
    for area in (more[7], more[31]):
        field = walk.tab.get_by_role("searchbox", name=walk.says("Search an area"))
        field.fill(area.code)
        note.get_by_text(said).wait_for()
        options.get_by_label(area.code).wait_for()
        walk.tab.keyboard.press("Enter")
        while not options.get_by_label(area.code).evaluate("it => it === document.activeElement"):
            walk.tab.keyboard.press("Tab")
        walk.tab.keyboard.press("Space")

    ticked = options.get_by_role("checkbox", checked=True)
    assert sorted(int(one.input_value()) for one in ticked.all()) == sorted(
        (more[7].pk, more[31].pk)
    )
    assert walk.tab.url.endswith("/outages/new/")
    assert not Outage.objects.exists()
