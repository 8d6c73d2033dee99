"""The night from the command line."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from lamplighter.findings import queries
from lamplighter.findings.models import Night
from tests.factories import make_night

pytestmark = pytest.mark.django_db
DAY = "2026-11-24"


@pytest.fixture(autouse=True)
def _today(settings):
    settings.DEMO_TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--known-at", "2026-11-25T06:00"], "offset from UTC"),
        (["--known-at", "yesterday"], "no moment: write it as 2026-11-25T06"),
        (["--known-at", "2999-01-01T06:00+08:00"], "still to come"),
        (["--workers", "0"], "1 or more"),
        (["--workers", "two"], "1 or more"),
        (["--rules-of", "24.11.2026"], "no day: write it as 2026-11-24"),
        (["--engine", "cluster"], "give both"),
        (["--engine", "serial", "--scheduler", "tcp://127.0.0.1:1"], "give both"),
        (["--scheduler", "tcp://127.0.0.1:1", "--workers", "2"], "not of cluster"),
        (["--scheduler", "127.0.0.1"], "write tls://host:port"),
        (["--scheduler", "tcp://10.9.8.7:8786"], "use tls://"),
        (["--scheduler", "tls://10.9.8.7:8786"], "certificate"),
        ([], "import customers first"),
        (["--rules-of", "1999-01-01"], "did not finish"),
    ],
)
def test_what_cannot_be_run_is_refused_in_words_and_leaves_no_night(options, said):
    with pytest.raises(CommandError, match=said):
        call_command("nightly", "--as-of", DAY, *options)

    assert not Night.objects.exists()


def test_a_night_of_a_day_to_come_is_refused_since_it_would_stay_the_newest():
    with pytest.raises(CommandError, match="2026-11-26 is still to come: today is 2026-11-25"):
        call_command("nightly", "--as-of", "2026-11-26")

    assert not Night.objects.exists()


def test_a_day_has_to_be_named():
    with pytest.raises(CommandError, match="--as-of"):
        call_command("nightly", stdout=StringIO())


def test_an_unfinished_night_is_gone_on_with_by_what_was_known_when_it_began():
    begun = make_night(as_of_day=date.fromisoformat(DAY))

    assert queries.unfinished_known_at(as_of=begun.as_of_day) is None
    Night.objects.filter(pk=begun.pk).update(finished_at=None)
    assert queries.unfinished_known_at(as_of=begun.as_of_day) == begun.known_at
