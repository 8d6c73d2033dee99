"""Past orders that read like a request: of one's own places, ended, within the window."""

import dataclasses
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lamplighter.action.service import likeness
from lamplighter.action.service import services as service
from lamplighter.findings.demand import learnt
from lamplighter.policy import loader
from tests import factories as f
from tests.action.service import making as m

pytestmark = pytest.mark.django_db
POLICY = loader.load(name="demand", on=f.TODAY)
WORDS = "家里没电了, 邻居家有电"


def ended(station, words, *, minutes=5, type_code="FAULT_REPAIR"):
    order = m.open_one(station, type_code, words=words)
    service.cancel(m.asking(order, station.viewer("BRANCH"), minutes), reason="客户撤回")
    return order


@pytest.fixture
def found(learnt_folder):
    known = learnt.known_on(day=f.TODAY, folder=learnt_folder)

    def found(station, *, post="AGENT", now=None, policy=POLICY, types=("FAULT_REPAIR",)):
        return likeness.past_orders(
            viewer=station.viewer(post), rules=m.RULES, now=now or m.later(60), text=WORDS,
            type_codes=types, known=known, policy=policy, field_key=m.KEY,
        )  # fmt: skip

    return found


def test_the_likest_come_first_and_open_ones_and_others_do_not(found):
    station = m.make_station()
    far = ended(station, "邻居有电, 我家停电了")
    same = ended(station, "家里没电了, 邻居有电")
    ended(station, "想办理过户手续要带什么证件", type_code="CONSULTATION")
    m.open_one(station, words=WORDS)

    past = found(station)

    assert [one.line.number for one in past] == [same.number, far.number]
    assert found(station, types=("CONSULTATION",)) == []
    assert past[0].cosine > past[1].cosine
    assert not past[0].is_confirmed


def test_tells_whether_the_time_was_kept(found):
    station = m.make_station()
    late, kept = (m.open_one(station, words=WORDS) for _ in range(2))
    m.run(kept, station.viewer("BRANCH"), every=2)
    m.run(late, station.viewer("BRANCH"), every=200)

    said = {one.line.number: (one.is_kept, one.is_confirmed) for one in found(
        station, now=m.later(9000)
    )}  # fmt: skip

    assert said[kept.number][0] is True
    assert said[late.number][0] is False


@pytest.mark.parametrize("post", ["AGENT", "MANAGER"])
def test_another_district_finds_nothing_and_questions_stay_few(found, post):
    station, other = m.make_station(), m.make_station()
    ended(station, WORDS)

    assert found(other, post=post) == []
    with CaptureQueriesContext(connection) as asked:
        assert len(found(station, post=post)) == 1
    assert len(asked) <= 5


def test_what_lies_outside_the_window_is_not_looked_at(found):
    station = m.make_station()
    ended(station, WORDS)
    newer = ended(station, "充电桩要怎么报装", type_code="CONSULTATION")
    rows = tuple(
        dataclasses.replace(row, value=1) if row.key == "past_orders_newest" else row
        for row in POLICY.rows
    )

    assert found(station, now=m.later(60) + timedelta(days=400)) == []
    assert newer.pk
    both = {"types": ("FAULT_REPAIR", "CONSULTATION")}
    assert found(station, policy=dataclasses.replace(POLICY, rows=rows), **both) == []
