"""A replay from its doors: begun from the page and from the command line, on a real station."""

import json
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from lamplighter.action.worklist.models import Item, LeftOut, Plan, WorkBeside
from lamplighter.facts.network.models import Area
from lamplighter.findings.models import AccountFinding, Replay
from lamplighter.policy import loader
from lamplighter.web.replay import running
from tests.factories import make_staff
from tests.stations import DAY_BEFORE, KNOWN
from tests.town.making import LAST_DAY
from tests.web.signed_in import client_of

TRIAL = """
[title]
zh = "试行"
en = "On trial"
[rows.abstain_below]
value = 0.99
unit = "probability"
zh = "试行"
en = "On trial"
source = "test"
certainty = "O"
"""


@pytest.fixture
def here(station, settings):
    """The settings of the station's installation."""
    settings.LAKE_FOLDER = station.folder / "lake"
    settings.RESULTS_FOLDER = station.folder / "results"
    settings.REPLAYS_FOLDER = station.folder / "replays"
    settings.CANDIDATES_FOLDER = station.folder / "candidates"
    settings.DEMO_TODAY = LAST_DAY.replace(day=25)
    file = settings.CANDIDATES_FOLDER / "causes" / "2026-12-01.toml"
    file.parent.mkdir(parents=True)
    file.write_text(TRIAL, encoding="utf-8")
    return station


def until_done() -> None:
    for thread in threading.enumerate():
        if thread.name == running.THREAD:
            thread.join(timeout=120)


def head():
    return client_of(make_staff(station=Area.objects.order_by("pk")[0].station, post="BRANCH"))


def test_a_night_begun_from_the_page_comes_out_the_same(here):
    night_id = here.run()

    answer = head().post("/replay/night/", {"night": night_id, "knowledge": "SAME"}, follow=True)
    until_done()

    page = answer.client.get(answer.redirect_chain[0][0]).context["page"]
    assert page.verdict.tone == "good"
    assert page.matrix.totals
    assert not page.is_running


def test_rules_on_trial_from_the_page_write_no_plan(here):
    here.run()

    answer = head().post(
        "/replay/rules/",
        {"candidate": "causes/2026-12-01", "first_day": LAST_DAY, "last_day": LAST_DAY, "area": ""},
        follow=True,
    )
    until_done()

    page = answer.client.get(answer.redirect_chain[0][0], {"part": "work"}).context["page"]
    assert page.is_result, page.failed_because
    assert (page.failed_because, page.is_comparing) == ("", False)
    assert page.versions[0].before != page.versions[0].after
    assert len(page.work.days) == WorkBeside.objects.count() > 0
    assert not Plan.objects.exists()
    assert not Item.objects.exists()
    assert not LeftOut.objects.exists()


def test_too_much_for_a_page_names_the_command(here, monkeypatch):
    night_id = here.run()
    real = loader.Policy.integer
    monkeypatch.setattr(
        loader.Policy,
        "integer",
        lambda self, key: 1 if key == "page_account_nights_most" else real(self, key),
    )

    answer = head().post("/replay/night/", {"night": night_id, "knowledge": "TODAY"})

    assert answer.status_code == 422
    assert "lamplighter replay" in str(answer.context["page"].night.non_field_errors())
    assert not Replay.objects.exists()


class TestTheCommand:
    def say(self, *options: str) -> str:
        told = StringIO()
        call_command("replay", *options, stdout=told)
        return told.getvalue()

    def test_says_byte_for_byte_in_the_language_asked_for(self, here):
        here.run()
        day = LAST_DAY.isoformat()

        chinese = self.say("--as-of", day, "--language", "zh")
        english = self.say("--as-of", day, "--language", "en")

        assert "逐字节相同" in chinese
        assert "Unchanged, byte for byte: 6 shards" in english
        assert Replay.objects.count() == 1

    def test_gives_json_with_every_account_counted_and_no_name(self, here):
        here.run()
        moment = KNOWN.isoformat()

        told = json.loads(
            self.say(
                *("--from", DAY_BEFORE.isoformat(), "--to", LAST_DAY.isoformat()),
                *("--known-at", moment, "--policy", "causes/2026-12-01", "--json"),
            )
        )

        assert told["policies_after"]["causes"].startswith("causes/2026-12-01#")
        seen = AccountFinding.objects.filter(area__isnull=False).count()
        for about in ("grade", "waiting", "risk", "cause"):
            of_day = told["counts"][about][LAST_DAY.isoformat()]
            assert sum(row["n_accounts"] for row in of_day) == seen
        assert {night["day"] for night in told["nights"]} == {
            DAY_BEFORE.isoformat(),
            LAST_DAY.isoformat(),
        }
        assert all("name" not in row for row in told["work"])

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (["--as-of", "2026-11-24"], "no night of 2026-11-24 is kept"),
            (["--from", "2026-11-01"], "--from and --to go together"),
            (["--as-of", "2026-11-24", "--policy", "causes/2030-01-01"], "there is no file"),
            (["--as-of", "2026-11-24", "--areas", "nowhere"], "nowhere"),
            (["--as-of", "2026-11-24", "--workers", "0"], "1 or more"),
            (["--as-of", "2026-11-24", "--known-at", "2026-11-25T06:00"], "known-at"),
            ([], "required"),
        ],
    )
    def test_what_cannot_be_replayed_is_refused_in_words(self, here, options, said):
        with pytest.raises(CommandError, match=said):
            self.say(*options)

        assert not Replay.objects.exists()
