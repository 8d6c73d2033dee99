"""Files of orders: checked by their content, kept out of reach, given back to be saved."""

import hashlib
import os
from datetime import timedelta
from itertools import count

import pytest
from django.test import Client

from lamplighter.action.service.attachments import services
from lamplighter.action.service.attachments.models import Attachment
from lamplighter.action.service.models import OrderEvent
from lamplighter.ledger.models import Event
from lamplighter.policy import loader
from tests.action.service import making as m
from tests.api.programs import program_of

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20_000
_keys = count(1)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.ATTACHMENTS_FOLDER = tmp_path / "attachments"
    return settings.ATTACHMENTS_FOLDER


def send(program, number, content, *, name="电表.png", key=""):
    return Client(headers=program.headers).post(
        f"/api/v1/orders/{number}/attachments?name={name}",
        data=content,
        content_type="text/html",  # whatever it says of itself
        headers={"idempotency-key": key or f"file-key-{next(_keys)}"},
    )


def kept(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_comes_back_as_it_went_to_be_saved_and_not_shown(folder):
    station = m.make_station()
    order, program = m.open_one(station), program_of(station.staff["AGENT"])

    sent = send(program, order.number, PNG)

    assert sent.status_code == 201, sent.content
    (line,) = program.get(f"/orders/{order.number}/attachments").json()["items"]
    assert (line["kind"], line["name"]) == ("PNG", "电表.png")
    assert line["sha256"] == hashlib.sha256(PNG).hexdigest()
    got = program.get(f"/orders/{order.number}/attachments/{line['id']}")
    assert b"".join(got.streaming_content) == PNG
    assert got["Content-Disposition"].startswith("attachment;")
    assert (got["Content-Type"], got["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "sandbox" in got["Content-Security-Policy"]
    (path,) = kept(folder)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.name == line["sha256"]  # nothing of the name it was sent with
    assert OrderEvent.objects.filter(order=order, kind="ATTACHED").count() == 1
    assert "电表" not in str(Event.objects.get(name="service.order.attached").payload)


def test_the_same_file_twice_is_one(folder):
    station = m.make_station()
    order, program = m.open_one(station), program_of(station.staff["AGENT"])

    first = send(program, order.number, PNG, key="file-key-0")
    again = send(program, order.number, PNG, key="file-key-0")
    other_key = send(program, order.number, PNG)

    assert first.json() == again.json() == other_key.json()
    assert again["Idempotency-Replayed"] == "true"
    assert Attachment.objects.count() == len(kept(folder)) == 1
    changed = send(program, order.number, PNG + b"more", key="file-key-0")
    assert changed.json()["type"] == "urn:lamplighter:problem:key-reused"
    assert len(kept(folder)) == 1


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (b"<script>alert(1)</script>", "a.png", 415, "file-kind"),
        (b"", "a.png", 415, "file-kind"),
        (b"MZ" + b"\0" * 100, "a.pdf", 415, "file-kind"),
        (PNG, "../../etc/passwd", 422, "file-name"),
        (PNG, "a%00.png", 422, "invalid"),
        (PNG, 'a".png', 422, "file-name"),
        (PNG, "x" * 121, 422, "invalid"),
        (b"%PDF-" + b"x" * 10_485_760, "a.pdf", 413, "too-large"),
    ],
)
def test_refuses_what_is_no_such_file_and_keeps_nothing(folder, content, name, status, code):
    station = m.make_station()
    order, program = m.open_one(station), program_of(station.staff["AGENT"])

    refused = send(program, order.number, content, name=name)

    assert refused.status_code == status, refused.content
    assert refused.json()["type"] == f"urn:lamplighter:problem:{code}"
    assert not Attachment.objects.exists()
    assert kept(folder) == []


def test_another_district_sees_and_sends_none(folder):
    station = m.make_station()
    order = m.open_one(station)
    sent = send(program_of(station.staff["AGENT"]), order.number, PNG).json()
    stranger = program_of(m.make_station().staff["BRANCH"])

    paths = [
        f"/orders/{order.number}/attachments",
        f"/orders/{order.number}/attachments/{sent['id']}",
    ]

    assert [stranger.get(path).status_code for path in paths] == [404, 404]
    assert send(stranger, order.number, PNG + b"x").status_code == 404
    assert len(kept(folder)) == 1


def test_files_go_when_their_time_is_over_unless_another_order_needs_them(folder):
    station = m.make_station()
    program = program_of(station.staff["AGENT"])
    orders = [m.open_one(station) for _ in range(2)]
    for order in orders:
        send(program, order.number, PNG)
    first, second = Attachment.objects.order_by("pk")

    def purge(day):
        return services.purge_expired(today=day, now=m.NOON, folder=folder, actor="test")

    Attachment.objects.filter(pk=first.pk).update(expires_date="2026-01-01")
    assert purge(m.f.TODAY) == 1
    assert purge(m.f.TODAY) == 0
    assert len(kept(folder)) == 1
    assert program.get(f"/orders/{orders[0].number}/attachments").json()["items"] == []
    Attachment.objects.filter(pk=second.pk).update(expires_date="2026-01-01")
    assert purge(m.f.TODAY) == 1
    assert kept(folder) == []
    assert Event.objects.filter(name="service.attachment.erased").count() == 2


def test_what_a_killed_upload_left_behind_is_collected_and_nothing_else(folder):
    station = m.make_station()
    order = m.open_one(station)
    send(program_of(station.staff["AGENT"]), order.number, PNG)
    (needed,) = kept(folder)
    orphan, half, fresh = (folder / name for name in ("ab/" + "ab" * 32, "taking-x", "taking-y"))
    orphan.parent.mkdir(exist_ok=True)
    for path in (orphan, half, fresh):
        path.write_bytes(PNG)
    old = (m.NOON - timedelta(days=3)).timestamp()
    for path in (needed, orphan, half):
        os.utime(path, (old, old))

    def collect():
        policy = loader.load(name=services.POLICY, on=m.f.TODAY)
        return services.collect_orphans(now=m.NOON, folder=folder, policy=policy, actor="test")

    os.utime(fresh, (m.NOON.timestamp(),) * 2)
    assert [collect(), collect()] == [2, 0]
    assert needed.exists()
    assert fresh.exists()
    assert not orphan.exists()
    assert Event.objects.get(name="service.attachment.orphans_removed").payload["n_files"] == 2
