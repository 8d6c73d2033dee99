"""Waiting for a replay that was begun: how far it is, and then all of it."""

import pytest
from django.utils import timezone

from lamplighter.ledger import services as ledger
from tests import factories as make
from tests.web import signed_in
from tests.web.replay import making

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(settings, tmp_path):
    settings.DEMO_TODAY = make.TODAY
    settings.CANDIDATES_FOLDER = tmp_path / "candidates"
    settings.REPLAYS_FOLDER = tmp_path / "replays"


@pytest.fixture
def street():
    return signed_in.street()


def ask(client, replay, *, since=""):
    """Return what the page's own question is answered; without *since*, what a person sees."""
    headers = {"HX-Request": "true"} if since else {}
    return client.get(f"/replay/{replay.pk}/", {"since": since}, headers=headers)


def test_how_far_it_is_while_it_runs(street):
    replay = making.made(
        finished_at=None,
        said_at=timezone.now(),
        n_done=1,
        n_all=4,
        requested_by=f"staff:{street.head.number}",
    )

    text = ask(signed_in.client_of(street.head), replay, since="begun").content.decode()

    assert ("25%" in text, "since=begun" in text, "<main" in text) == (True, True, False)


def test_the_whole_page_again_once_it_is_decided(street):
    replay = making.made(said_at=timezone.now())
    making.counted(replay, street.area, ("GRADE", "A", "A", 5))
    client = signed_in.client_of(street.head)

    page, first, again = (ask(client, replay, since=s) for s in ("", "begun", "decided"))

    assert "every 3s" in page.content.decode()  # its work is not compared yet
    assert first.headers["HX-Refresh"] == "true"
    assert again.status_code == 204


def test_the_whole_page_again_once_the_work_is_compared(street):
    replay = making.made(said_at=timezone.now())
    making.counted(replay, street.area, ("GRADE", "A", "A", 5))
    ledger.record(
        "worklist.replay.compared", subject=f"replay:{replay.pk}", actor="test", at=make.MORNING
    )
    client = signed_in.client_of(street.head)

    page, answer = (ask(client, replay, since=s) for s in ("", "decided"))

    assert answer.headers["HX-Refresh"] == "true"
    assert "every 3s" not in page.content.decode()
