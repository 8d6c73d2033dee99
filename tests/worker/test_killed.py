"""A worker killed with -9 in the middle of a delivery: the message comes, once more at most."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from lamplighter.gateway.webhooks import services
from lamplighter.gateway.webhooks.models import Message
from tests.action.service import making as m
from tests.gateway.webhooks.test_webhooks import LIMITS, POLICY, hand_on, listening, subscribe

pytestmark = pytest.mark.django_db(transaction=True)
PROGRAM = """
import django, ipaddress, sys
django.setup()
from datetime import datetime
from lamplighter.gateway.webhooks import sending, services
from lamplighter.policy import loader
now = datetime.fromisoformat(sys.argv[1])
services.deliver(
    clock=lambda: now,
    limits=sending.Limits(networks=(ipaddress.ip_network("127.0.0.0/8"),), seconds=60),
    policy=loader.load(name="programs", on=now.date()),
    field_key=bytes(32),
    actor="test",
)
"""


def test_a_message_is_not_lost_with_the_worker_that_was_sending_it():
    station = m.make_station()
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        silent.settimeout(60)
        subscribe(station, f"http://127.0.0.1:{silent.getsockname()[1]}/")
        m.open_one(station)
        hand_on()
        server = urlsplit(os.environ["DATABASE_URL"])
        url = urlunsplit(server._replace(path=f"/{connection.settings_dict['NAME']}"))
        worker = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, m.NOON.isoformat()],
            env={**os.environ, "DATABASE_URL": url},
        )
        try:
            asked, _ = silent.accept()  # it is sending now, and waits for an answer
        finally:
            os.kill(worker.pid, signal.SIGKILL)
            worker.wait(timeout=30)
        asked.close()
    message = Message.objects.get()
    assert (message.state, message.n_attempts) == ("WAITING", 1)

    with listening() as receiver:
        message.subscription.url = receiver.url
        message.subscription.save(update_fields=["url"])
        again = [
            services.deliver(
                clock=lambda minutes=minutes: m.later(minutes),
                limits=LIMITS,
                policy=POLICY,
                field_key=m.KEY,
                actor="test",
            ).n_delivered
            for minutes in (1, 2.1, 5)
        ]

    assert again == [0, 1, 0]
    assert [headers["webhook-id"] for headers, _ in receiver.got] == [message.key]
