"""What a program may see: what its person may, and nothing of another district."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from lamplighter.action.service.knowledge import services as knowledge
from lamplighter.facts.network.tokens import services as tokens
from lamplighter.facts.network.tokens.models import ApiToken
from lamplighter.ledger.models import Event
from lamplighter.policy import loader
from lamplighter.policy.loader import Words
from tests import factories as f
from tests.action.service import making as m
from tests.api.programs import Program, all_of, program_of, token_for

pytestmark = pytest.mark.django_db
UNKNOWN = "urn:lamplighter:problem:order-unknown"


@pytest.fixture
def other():
    """A program of another district, and one order that is not its own."""
    order = m.open_one(m.make_station())
    return program_of(m.make_station().staff["BRANCH"]), order


@pytest.mark.parametrize(
    "path", ["/orders", "/steps", "/events", "/escalations", "/failures", "/incidents", "/voices"]
)
def test_lists_hold_nothing_of_another_district(other, path):
    program, order = other
    query = {"whose": "ALL"} if path == "/steps" else {}

    assert all_of(program, path, **query) == []
    assert order.number not in program.get(path, **query).content.decode()


WRITES = {
    "steps/TAKE/begin": None,
    "steps/TAKE/complete": {"answer": ""},
    "steps/TAKE/return": {"to_step": "TAKE", "reason": "wrong address"},
    "steps/TAKE/hand-over": {"staff_id": 1},
    "wait": {"reason": "ACCESS", "step": "TAKE"},
    "go-on": None,
    "confirm": None,
    "reopen": {"step": "TAKE", "reason": "still dark here"},
    "cancel": {"reason": "taken back"},
    "chase": {"reason": "called again"},
    "escalations/1/take": {"reason": "we take it"},
    "escalations/1/settle": {"reason": "done here"},
    "failures/1/weigh": {
        "economic_cny": 1, "political": 0, "reputation": 0, "honour": 0, "remedy": "trained",
    },
    "voices/1/reply": {"words": "we look again"},
    "priority": {"priority": "URGENT"},
    "type": {"type": "COMPLAINT"},
    "promises/ARRIVAL": {"allowed_minutes": 60, "reason": "agreed with them"},
    "incident": {"with_number": "1"},
    "failures": {"level": "ERROR", "content": "came too late"},
}  # fmt: skip


@pytest.mark.parametrize("write", WRITES)
def test_no_write_touches_an_order_of_another_district(other, write):
    program, order = other
    before = Event.objects.count()

    refused = program.post(f"/orders/{order.number}/{write}", WRITES[write])

    assert refused.status_code in {403, 404}, refused.content
    assert Event.objects.count() == before
    order.refresh_from_db()
    assert (order.state, order.priority) == ("OPEN", "NORMAL")


def test_each_write_of_the_interface_is_tried_above():
    from lamplighter.api.site import API

    paths = API.get_openapi_schema(path_prefix="")["paths"]
    place = "/orders/{number}/"
    known = {
        path.removeprefix(place)
        .replace("{step}", "TAKE")
        .replace("{promise}", "ARRIVAL")
        .replace("{level}", "1")
        .replace("{failure}", "1")
        .replace("{voice}", "1")
        for path, calls in paths.items()
        if path.startswith(place) and "post" in calls
    }

    assert known - {"attachments"} == set(WRITES)


def test_one_order_of_another_district_is_unknown(other):
    program, order = other

    found = program.get(f"/orders/{order.number}")

    assert (found.status_code, found.json()["type"]) == (404, UNKNOWN)


def test_an_answer_is_quoted_only_about_an_order_one_may_see(other):
    program, order = other
    publish(code="bill.pay")

    refused = program.post("/knowledge/bill.pay/quotes", {"order_number": order.number})

    assert (refused.status_code, refused.json()["type"]) == (404, UNKNOWN)
    assert not Event.objects.filter(name="service.knowledge.quoted").exists()


def test_an_answer_of_another_unit_is_not_found():
    publish(code="own.rule", org_path="/elsewhere/")
    program = program_of(m.make_station().staff["AGENT"])

    assert program.get("/knowledge/own.rule").status_code == 404
    assert program.get("/knowledge", q="缴费").json() == {"items": []}


def test_an_answer_is_found_and_noted_with_the_order():
    station = m.make_station()
    order = m.open_one(station)
    publish(code="bill.pay")
    program = program_of(station.staff["AGENT"])

    (hit,) = program.get("/knowledge", q="怎么缴费").json()["items"]
    given = program.post("/knowledge/bill.pay/quotes", {"order_number": order.number})

    assert hit["article"]["code"] == given.json()["code"] == "bill.pay"
    assert Event.objects.get(name="service.knowledge.quoted").subject == f"order:{order.pk}"


def publish(*, code, org_path=""):
    draft = knowledge.Draft(
        code=code,
        title=Words(zh="怎么缴费", en="How to pay"),
        answer=Words(zh="可在线上缴费", en="Pay online"),
        body=Words(zh="", en=""),
        source="test",
        certainty="O",
        from_date=f.TODAY - timedelta(400),
        org_path=org_path,
    )
    knowledge.publish_all(drafts=[draft], actor="test", now=m.NOON)


class TestTokens:
    def test_nobody_comes_in_without_one(self):
        for headers in ({}, {"authorization": "Bearer lamp_wrong"}, {"authorization": "Basic x"}):
            refused = Client(headers=headers).get("/api/v1/orders")

            assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
            assert refused.json()["type"] == "urn:lamplighter:problem:no-token"

    def test_a_browsers_session_opens_nothing(self):
        from tests.web.signed_in import client_of

        assert client_of(m.make_station().staff["AGENT"]).get("/api/v1/orders").status_code == 401

    def test_the_secret_is_kept_nowhere(self):
        issued = token_for(m.make_station().staff["AGENT"])

        kept = str(ApiToken.objects.values().get()) + str(Event.objects.values().get())

        assert issued.secret not in kept
        assert issued.secret not in repr(issued)

    def test_a_revoked_one_opens_nothing_at_once(self):
        issued = token_for(m.make_station().staff["AGENT"])
        program = Program(secret=issued.secret)
        assert program.get("/orders").status_code == 200

        tokens.revoke(token_id=issued.token_id, actor="test", now=timezone.now())
        tokens.revoke(token_id=issued.token_id, actor="test", now=timezone.now())

        assert program.get("/orders").status_code == 401
        assert Event.objects.filter(name="network.token.revoked").count() == 1

    def test_an_expired_one_opens_nothing(self):
        issued = token_for(m.make_station().staff["AGENT"], n_days=1)
        now = timezone.now()
        ApiToken.objects.update(issued_at=now - timedelta(3), expires_at=now - timedelta(2))

        assert Program(secret=issued.secret).get("/orders").status_code == 401

    def test_that_of_a_person_who_may_not_sign_in_any_more_opens_nothing(self):
        from tests.web.signed_in import client_of

        staff = m.make_station().staff["AGENT"]
        program = program_of(staff)
        client_of(staff)
        assert program.get("/orders").status_code == 200

        staff.user.is_active = False
        staff.user.save()

        assert program.get("/orders").status_code == 401

    def test_too_many_requests_are_told_to_wait(self):
        issued = token_for(m.make_station().staff["AGENT"])
        program = Program(secret=issued.secret)
        program.get("/orders")
        ApiToken.objects.update(n_in_minute=600)

        refused = program.get("/orders")

        assert refused.status_code == 429
        assert 1 <= int(refused["Retry-After"]) <= 61
        ApiToken.objects.update(minute_begins_at=timezone.now() - timedelta(minutes=2))
        assert program.get("/orders").status_code == 200
        assert ApiToken.objects.get().n_in_minute == 1

    @pytest.mark.parametrize(("days", "name"), [(0, "x"), (367, "x"), (1, " "), (1, "x" * 81)])
    def test_refuses_one_without_name_or_for_too_long(self, days, name):
        staff = m.make_station().staff["AGENT"]

        with pytest.raises(tokens.TokenWrong):
            tokens.issue(
                staff_number=staff.number,
                name=name,
                n_days=days,
                actor="test",
                now=timezone.now(),
                policy=loader.load(name=tokens.POLICY, on=f.TODAY),
            )

        assert not ApiToken.objects.exists()
