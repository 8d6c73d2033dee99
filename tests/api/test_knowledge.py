"""Publishing and withdrawing answers, for programs: as the pages do, by the same rights."""

from datetime import timedelta

import pytest
from django.utils import timezone

from lamplighter.action.service.knowledge.models import ArticleVersion
from tests.action.service import making as m
from tests.api.programs import program_of

pytestmark = pytest.mark.django_db
VERSIONS = "/knowledge/own.rule/versions"


@pytest.fixture
def station():
    return m.make_station()


def version(after=0, **changed):
    return {
        "after_number": after,
        "title_zh": "怎么缴费",
        "title_en": "How to pay",
        "answer_zh": "可在线上缴费",
        "answer_en": "Pay online",
        "source": "营业厅公告",
        "certainty": "O",
        "from_date": (timezone.now() - timedelta(2)).date().isoformat(),
        **changed,
    }


def withdrawn(after):
    return {
        "after_number": after,
        "from_date": (timezone.now() - timedelta(1)).date().isoformat(),
        "because": "已停止线上缴费",
    }


def test_an_answer_is_published_changed_and_withdrawn(station):
    program = program_of(station.staff["SUPERVISOR"])

    first = [program.post(VERSIONS, version(), key="publish-once") for _ in range(2)]
    second = program.post(VERSIONS, version(1, answer_en="Pay in the app"))
    stale = program.post(VERSIONS, version(1))
    found = program.get("/knowledge/own.rule").json()
    ended = program.post("/knowledge/own.rule/withdraw", withdrawn(2))

    assert [one.json() for one in first] == [{"code": "own.rule", "number": 1}] * 2
    assert first[1]["Idempotency-Replayed"] == "true"
    assert (second.status_code, stale.status_code) == (201, 409)
    assert stale.json()["type"].endswith(":changed-meanwhile")
    assert found["in_force"]["answer"] == "Pay in the app"
    assert found["in_force"]["units"] == station.viewer("SUPERVISOR").org_path
    assert ended.json() == {"code": "own.rule", "number": 3}
    after = program.get("/knowledge/own.rule").json()
    assert (after["in_force"], len(after["versions"])) == (None, 3)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"title_zh": "  "}, 422),
        ({"answer_en": "x" * 401}, 422),
        ({"certainty": "Z"}, 422),
        ({"until_date": "2001-01-01"}, 422),
        ({"title_en": "a\x00b"}, 422),
        ({"org_path": ""}, 422),
    ],
)
def test_what_is_not_whole_is_refused_and_nothing_kept(station, changed, status):
    refused = program_of(station.staff["BRANCH"]).post(VERSIONS, version(**changed))

    assert refused.status_code == status
    assert not ArticleVersion.objects.exists()


def test_who_may_not_publish_on_a_page_may_not_here(station):
    program_of(station.staff["STATION_HEAD"]).post(VERSIONS, version())
    agent = program_of(station.staff["AGENT"])

    assert agent.post(VERSIONS, version(1)).status_code == 403
    assert agent.post("/knowledge/own.rule/withdraw", withdrawn(1)).status_code == 403


def test_another_district_neither_reads_nor_withdraws_it(station):
    program_of(station.staff["STATION_HEAD"]).post(VERSIONS, version())
    elsewhere = program_of(m.make_station().staff["STATION_HEAD"])

    assert elsewhere.get("/knowledge/own.rule").status_code == 404
    assert elsewhere.post("/knowledge/own.rule/withdraw", withdrawn(1)).status_code == 404
    assert ArticleVersion.objects.count() == 1
