"""A voice platform answers a question by itself, or leaves it to a person (S3-02)."""

import re

import pytest

from lamplighter.action.service.knowledge import services as knowledge
from lamplighter.action.service.knowledge import starting
from lamplighter.action.service.models import ServiceOrder
from lamplighter.ledger.models import Event
from tests import factories as f
from tests.action.service import making as m
from tests.api.programs import Program, program_of

pytestmark = pytest.mark.django_db
MARKUP = re.compile(r"[<>*#`_|\[\]]|https?://")
SAID = "电费怎么交"


@pytest.fixture
def station():
    knowledge.publish_all(drafts=starting.drafts(), actor="test", now=f.MORNING)
    return m.make_station()


def asked(program: Program, station: m.Station) -> str:
    """Open the order of a caller's question and return its number."""
    body = {
        "type": "CONSULTATION",
        "channel": "PHONE",
        "account_number": station.account.number,
        "words": SAID,
    }
    opened = program.post("/orders", body)
    assert opened.status_code == 201, opened.content
    return opened.json()["number"]


def test_it_reads_out_the_answer_in_force_and_the_caller_confirms(station):
    voice = program_of(station.staff["AGENT"], language="zh-CN")
    number = asked(voice, station)

    (hit,) = voice.get("/knowledge", q=SAID, limit=1).json()["items"]
    code = hit["article"]["code"]
    given = voice.post(f"/knowledge/{code}/quotes", {"order_number": number})
    steps = [("TAKE", "YES"), ("REPLY", ""), ("CONFIRM", "")]
    done = [
        voice.post(f"/orders/{number}/steps/{step}/complete", {"answer": answer})
        for step, answer in steps
    ]

    assert code == "ways-to-pay"
    assert given.json()["answer"] == hit["article"]["answer"]
    assert [answer.status_code for answer in done] == [200, 200, 200]
    assert ServiceOrder.objects.get(number=number).state == "CLOSED"
    quoted = Event.objects.get(name="service.knowledge.quoted")
    assert quoted.payload["article"] == "ways-to-pay"


def test_what_no_answer_covers_goes_to_a_person_who_is_at_work(station):
    voice = program_of(station.staff["AGENT"], language="zh-CN")
    number = asked(voice, station)

    handed = voice.post(f"/orders/{number}/steps/TAKE/complete", {"answer": "NO"})

    assert handed.status_code == 200, handed.content
    order = ServiceOrder.objects.get(number=number)
    assert m.step(order, "ASK_EXPERT").owner == station.staff["MANAGER"]
    assert order.state == "OPEN"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("draft", starting.drafts(), ids=lambda draft: draft.code)
def test_answers_can_be_read_aloud(draft, language):
    assert not MARKUP.search(draft.answer.in_language(language))
