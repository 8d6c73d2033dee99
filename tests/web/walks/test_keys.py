"""Without a mouse: the console for the next caller, and a day's steps from the owner's desk."""

import re

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
