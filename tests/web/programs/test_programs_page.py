"""Tokens and webhooks at the desk: secrets once, own units alone, what failed told again."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lamplighter.facts.network.tokens.models import ApiToken
from lamplighter.gateway.webhooks.models import DEAD, WAITING, Message, Subscription
from lamplighter.ledger.models import Event
from tests.action.service import making as m
from tests.api.programs import Program
from tests.web.signing_in import client_of

pytestmark = pytest.mark.django_db
PAGE = "/programs/"


CLIENTS = {}


@pytest.fixture(autouse=True)
def key(settings):
    settings.FIELD_KEY = m.KEY
    CLIENTS.clear()


@pytest.fixture
def station():
    return m.make_station()


def client(station, post="STATION_HEAD", language="en"):
    staff = station.staff[post]
    if staff.pk not in CLIENTS:
        CLIENTS[staff.pk] = client_of(staff, language=language)
    return CLIENTS[staff.pk]


def issue(station, *, post="STATION_HEAD", key="", **changed):
    sent = {"staff": station.staff["AGENT"].number, "name": "hotline", "days": "30",
            "page_key": key or uuid.uuid4().hex}  # fmt: skip
    return client(station, post).post(f"{PAGE}tokens/", {**sent, **changed})


def subscribe(station, *, key="", **changed):
    sent = {"staff": station.staff["AGENT"].number, "url": "https://partner.example.cn/hook",
            "names": ["service.order.missed"], "page_key": key or uuid.uuid4().hex}  # fmt: skip
    return client(station).post(f"{PAGE}webhooks/", {**sent, **changed})


class TestTokens:
    def test_the_secret_is_shown_once_works_and_ends_at_once(self, station):
        key = uuid.uuid4().hex
        first, again = [issue(station, key=key).context["page"].secret for _ in range(2)]
        program = Program(secret=first)

        assert first == again
        assert program.get("/orders").status_code == 200
        page = client(station).get(PAGE)
        assert first not in page.content.decode()
        (token,) = page.context["page"].tokens
        assert (token.name, token.is_good) == ("hotline", True)
        assert client(station).post(token.revoke_url).status_code == 302
        assert program.get("/orders").status_code == 401
        assert [e.name for e in Event.objects.filter(name__startswith="network.token")] == [
            "network.token.issued",
            "network.token.revoked",
        ]

    @pytest.mark.parametrize(
        "changed", [{"name": ""}, {"days": "0"}, {"days": "9999"}, {"days": "x"}, {"staff": "?"}]
    )
    def test_a_wrong_one_is_told_and_not_made(self, station, changed):
        answer = issue(station, **changed)

        assert answer.status_code == 422
        assert answer.context["page"].fault
        assert not ApiToken.objects.exists()

    def test_nobody_lends_more_than_they_have(self, station):
        below = issue(station, staff=station.staff["BRANCH"].number)
        branch = issue(station, post="BRANCH", staff=station.staff["BRANCH"].number)
        elsewhere = issue(station, staff=m.make_station().staff["AGENT"].number)

        assert (below.status_code, branch.status_code, elsewhere.status_code) == (422, 200, 422)

    def test_a_form_without_a_key_of_its_own_makes_no_guessable_secret(self, station):
        assert issue(station, key="short").status_code == 404


class TestWebhooks:
    def test_the_secret_is_shown_once_and_the_address_stands_in_the_list(self, station):
        key = uuid.uuid4().hex
        first, again = [subscribe(station, key=key).context["page"].secret for _ in range(2)]
        other = subscribe(station)

        assert first == again
        assert first.startswith("whsec_")
        assert "told already" in other.context["page"].fault
        page = client(station).get(PAGE)
        assert first not in page.content.decode()
        (one,) = page.context["page"].subscriptions
        assert (one.url, one.names) == ("https://partner.example.cn/hook", "service.order.missed")
        assert client(station).post(one.end_url).status_code == 302
        assert Subscription.objects.get().ended_at is not None
        assert client(station).post(one.end_url).status_code == 404

    @pytest.mark.parametrize(
        "changed",
        [{"url": "gopher://x"}, {"url": "https://a:b@c/"}, {"names": ["sky.fell"]}, {"staff": "?"}],
    )
    def test_a_wrong_one_is_told_and_not_made(self, station, changed):
        answer = subscribe(station, **changed)

        assert answer.status_code == 422
        assert "cannot be used" in answer.context["page"].fault
        assert not Subscription.objects.exists()

    def test_what_failed_is_shown_and_told_again(self, station):
        subscribe(station)
        row = Subscription.objects.get()
        for event_id, state in ((7, DEAD), (9, WAITING)):
            Message.objects.create(
                subscription=row, key=f"{event_id}-0", event_id=event_id, body="{}", state=state,
                n_attempts=3, next_at=m.NOON, last_outcome="503",
            )  # fmt: skip

        waiting, dead = client(station).get(PAGE).context["page"].messages
        told = client(station).post(dead.replay_url, {"after": dead.after_id})
        wrong = client(station).post(dead.replay_url, {"after": "soon"})

        assert (waiting.is_dead, dead.is_dead, dead.outcome) == (False, True, "503")
        assert (told.status_code, wrong.status_code) == (302, 422)
        assert set(Message.objects.values_list("state", "n_attempts")) == {(WAITING, 0)}
        assert client(station).get(PAGE).context["page"].messages == ()


@pytest.mark.parametrize("post", ["AGENT", "MANAGER", "CREW", "SUPERVISOR"])
def test_only_those_who_manage_see_it(station, post):
    assert client(station, post).get(PAGE).status_code == 403
    assert issue(station, post=post).status_code == 403


def test_another_district_sees_and_ends_nothing(station):
    issue(station)
    subscribe(station)
    token, row = ApiToken.objects.get(), Subscription.objects.get()
    stranger = client(m.make_station())

    text = stranger.get(PAGE).content.decode()
    refused = [
        stranger.post(f"{PAGE}{path}", {"after": "1"}).status_code
        for path in (
            f"tokens/{token.pk}/end/",
            f"webhooks/{row.pk}/end/",
            f"webhooks/{row.pk}/replay/",
        )
    ]

    assert station.staff["AGENT"].number not in text
    assert "partner.example.cn" not in text
    assert refused == [404, 404, 404]
    token.refresh_from_db()
    assert token.revoked_at is None


def test_it_speaks_chinese_and_asks_few_questions(station):
    issue(station)
    subscribe(station)
    reader = client(station, "BRANCH", language="zh-hans")
    text = reader.get(PAGE).content.decode()

    with CaptureQueriesContext(connection) as asked:
        reader.get(PAGE)

    assert "有效令牌 1 个，推送地址 1 个。" in text
    assert len(asked) <= 8, [query["sql"][:90] for query in asked]
