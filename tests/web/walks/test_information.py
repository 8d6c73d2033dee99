"""F1 information query and F2 consultation: answered with one key, or by who knows."""

from lamplighter.action.service.knowledge import services as knowledge
from lamplighter.action.service.knowledge import starting
from lamplighter.ledger.models import Event
from tests import factories as f
from tests.web.test_every_page import pytestmark
from tests.web.walks.walking import Walk, in_chinese

__all__ = ["pytestmark"]


def published(walk: Walk, code: str) -> str:
    """Publish what a station may begin with, and return the title of one article as it is read."""
    drafts = starting.drafts()
    knowledge.publish_all(drafts=drafts, actor="test", now=f.MORNING)
    (title,) = [walk.own(draft.title) for draft in drafts if draft.code == code]
    return title


def test_a_query_is_answered_from_the_knowledge_base_with_one_key(walk: Walk) -> None:
    title = published(walk, "ways-to-pay")
    walk.sits("AGENT")

    walk.calls(words="查一下我家这个月电费, 电费怎么交", type_code="INFORMATION_QUERY", quote=title)
    walk.does("TAKE", "ANSWER", "CONFIRM", TAKE="NOW")

    walk.is_closed()
    quoted = Event.objects.get(name="service.knowledge.quoted")
    assert quoted.payload["article"] == "ways-to-pay"
    assert quoted.subject == f"order:{walk.order.pk}"


@in_chinese
def test_a_query_of_somebody_elses_data_is_not_answered(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.calls(words="帮我查一下邻居家的用电量", type_code="INFORMATION_QUERY")

    walk.does("TAKE", "POINT", "CONFIRM", TAKE="NOT_ALLOWED")

    walk.is_closed()
    assert walk.step("ANSWER").state == "SKIPPED"


def test_a_consultation_goes_to_who_knows_and_the_answer_is_learnt(walk: Walk) -> None:
    walk.sits("AGENT")
    walk.calls(words="我家想装光伏发电, 怎么办手续", type_code="CONSULTATION")

    walk.does("TAKE", "ASK_EXPERT", "REPLY", "CONFIRM", "LEARN", TAKE="NO")

    walk.is_closed()
    assert walk.step("ASK_EXPERT").owner == walk.station.staff["MANAGER"]
