"""Webhooks to a real server on this machine: signed, at least once, given up, told again."""

import base64
import hashlib
import hmac
import ipaddress
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lamplighter.gateway.webhooks import queries, sending, services
from lamplighter.gateway.webhooks.models import Message, Subscription
from lamplighter.ledger.models import Event
from lamplighter.policy import loader
from tests import factories as f
from tests.action.service import making as m

pytestmark = pytest.mark.django_db
POLICY = loader.load(name="programs", on=f.TODAY)
LIMITS = sending.Limits(networks=(ipaddress.ip_network("127.0.0.0/8"),), seconds=5)


class Receiver:
    """Another system: keeps what it gets, and answers as it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?of=us"

    def said(self) -> list[dict[str, object]]:
        return [json.loads(body) for _, body in self.got]


@contextmanager
def listening() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()


@pytest.fixture
def receiver():
    with listening() as one:
        yield one


def subscribe(station, url, *, names=(), post="AGENT"):
    return services.subscribe(
        staff_number=station.staff[post].number,
        url=url,
        names=names,
        actor="test",
        now=m.NOON,
        field_key=m.KEY,
    )


def deliver(minutes: float = 0) -> services.Delivered:
    return services.deliver(
        clock=lambda: m.later(minutes),
        limits=LIMITS,
        policy=POLICY,
        field_key=m.KEY,
        actor="test",
    )


def hand_on() -> int:
    return services.hand_on(now=m.NOON, rules=m.RULES)


def test_what_happens_is_told_signed_and_once(receiver):
    station = m.make_station()
    m.open_one(station)  # before anybody asked to be told
    made = subscribe(station, receiver.url)
    order = m.open_one(station)
    m.open_one(m.make_station())  # not theirs to know

    assert (hand_on(), hand_on()) == (1, 0)
    assert deliver().n_delivered == 1
    assert deliver().n_delivered == 0

    ((headers, body),) = receiver.got
    said = json.loads(body)
    assert (said["type"], said["data"]["order_number"]) == ("service.order.opened", order.number)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(made.secret.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    assert made.secret.encode() not in bytes(Subscription.objects.get().secret_sealed)
    assert "家里" not in body.decode()


def test_only_what_was_asked_for_is_told(receiver):
    station = m.make_station()
    subscribe(station, receiver.url, names=["service.order.missed"])
    m.open_one(station)
    m.service.sweep(now=m.later(91), rules=m.RULES, actor="test")

    assert hand_on() == 1
    deliver()

    (said,) = receiver.said()
    assert said["type"] == "service.order.missed"
    assert said["data"]["promise"] == "ARRIVAL"


def test_a_receiver_that_fails_gets_the_same_message_later(receiver):
    station = m.make_station()
    subscribe(station, receiver.url)
    m.open_one(station)
    hand_on()
    receiver.statuses = [500, 302]

    assert deliver().n_failed == 1
    assert deliver().n_failed == 0  # not due yet
    assert deliver(minutes=0.1).n_failed == 1  # a redirect is not followed
    assert deliver(minutes=0.2).n_delivered == 0
    assert deliver(minutes=6).n_delivered == 1

    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len({body for _, body in receiver.got}) == 1


def test_a_receiver_that_is_never_there_is_given_up_and_can_be_told_again():
    station = m.make_station()
    with listening() as gone:
        url = gone.url
    made = subscribe(station, url)
    m.open_one(station)
    hand_on()

    rounds = [deliver(minutes=24 * 60 * n) for n in range(10)]

    assert [one.n_failed for one in rounds] == [1] * 9 + [0]
    assert rounds[-1].n_given_up == 1
    assert Event.objects.filter(name="webhooks.subscription.given_up").count() == 1
    assert queries.every()[0].n_dead == 1
    services.replay(subscription_id=made.subscription_id, after_id=0, actor="test", now=m.NOON)
    assert Message.objects.get().state == "WAITING"


def test_all_is_told_again_from_a_place_with_the_same_keys(receiver):
    station = m.make_station()
    m.open_one(station)  # before the subscription: told again too
    made = subscribe(station, receiver.url)
    m.open_one(station)
    hand_on()
    deliver()

    services.replay(subscription_id=made.subscription_id, after_id=0, actor="test", now=m.NOON)
    hand_on()
    deliver()

    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert len(ids) == 3
    assert len(set(ids)) == 2


def test_one_that_fails_does_not_hold_up_the_others(receiver):
    station = m.make_station()
    with listening() as gone:
        subscribe(station, gone.url)
    subscribe(station, receiver.url)
    for _ in range(3):
        m.open_one(station)
    hand_on()

    done = deliver()

    assert (done.n_delivered, done.n_failed) == (3, 1)


def test_a_message_whose_sender_was_killed_is_sent_again_when_its_lease_is_over(receiver):
    station = m.make_station()
    subscribe(station, receiver.url)
    m.open_one(station)
    hand_on()
    assert services._take(now=m.NOON, but=set(), policy=POLICY) is not None  # then killed

    assert deliver().n_delivered == 0
    assert deliver(minutes=2.1).n_delivered == 1
    assert len(receiver.got) == 1


def test_a_receiver_that_is_gone_is_told_nothing_more(receiver):
    station = m.make_station()
    subscribe(station, receiver.url)
    receiver.statuses = [410]
    m.open_one(station)
    m.open_one(station)
    hand_on()

    first, second = deliver(), deliver(minutes=10_000)

    none = services.Delivered(n_delivered=0, n_failed=0, n_given_up=0)
    assert (first.n_given_up, second) == (1, none)
    assert Subscription.objects.get().ended_at is not None
    ended = Event.objects.get(name="webhooks.subscription.ended")
    assert ended.payload["outcome"] == "410"
    assert len(receiver.got) == 1


def test_nothing_is_told_of_a_subscription_that_ended(receiver):
    station = m.make_station()
    made = subscribe(station, receiver.url)
    m.open_one(station)
    hand_on()
    services.end(subscription_id=made.subscription_id, actor="test", now=m.NOON)

    assert deliver().n_delivered == 0
    assert hand_on() == 0
    with pytest.raises(services.SubscriptionUnknown):
        services.replay(subscription_id=made.subscription_id, after_id=0, actor="test", now=m.NOON)


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("ftp://example.com/x", []),
        ("https://user:secret@example.com/", []),
        ("https:///x", []),
        ("https://exa mple.com/", []),
        ("https://example.com:0/", []),
        ("https://example.com/#part", []),
        ("https://example.com/" + "x" * 500, []),
        ("https://example.com/", ["service.order.exploded"]),
    ],
)
def test_refuses_what_cannot_be_told(url, names):
    with pytest.raises(services.SubscriptionWrong):
        subscribe(m.make_station(), url, names=names)

    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "0.0.0.0",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "[fd00::1]",
        "224.0.0.1",
    ],
)
def test_an_address_inside_is_not_called(host):
    nowhere = sending.Limits(networks=(), seconds=1)

    with pytest.raises(sending.AddressRefused):
        sending.resolved(url=f"https://{host}/", limits=nowhere)


def test_a_public_address_is_called_by_https_alone():
    parts, address = sending.resolved(url="https://8.8.8.8/x", limits=LIMITS)

    assert (parts.hostname, address) == ("8.8.8.8", "8.8.8.8")
    with pytest.raises(sending.AddressRefused):
        sending.resolved(url="http://8.8.8.8/x", limits=LIMITS)
