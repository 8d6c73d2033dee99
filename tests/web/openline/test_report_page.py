"""The open line: anybody reports without an account; few from one address, never beyond what can
be read."""

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lamplighter.action.service.attachments.models import Attachment
from lamplighter.action.service.models import ServiceOrder
from lamplighter.action.service.openline.models import PublicReport, ReportSender
from lamplighter.kernel import sealing
from lamplighter.ledger.models import Event
from lamplighter.policy import loader
from lamplighter.web.openline import senders
from tests import factories as f
from tests.action.service import making as m
from tests.web.signing_in import client_of

pytestmark = pytest.mark.django_db
WORDS = "11月20日在城关供电所办过户, 窗口的人说话很难听"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture(autouse=True)
def _desk(settings, monkeypatch, tmp_path):
    settings.DEMO_TODAY = None
    settings.FIELD_KEY = m.KEY
    settings.ATTACHMENTS_FOLDER = tmp_path
    monkeypatch.setattr(timezone, "now", lambda: m.NOON)


@pytest.fixture
def quick(monkeypatch):
    """Let a form be sent at once, as a person never does."""
    monkeypatch.setattr(senders, "request_key", lambda *, form_key, policy: f"openline-{form_key}")


@pytest.fixture
def station():
    return m.make_station()


def sent(station, key="k1", **changed):
    values = {
        "form_key": key, "type_code": "COMPLAINT", "words": WORDS, "office": station.unit.pk,
        "place": "城关镇东街", "phone": "13800138000", "website": "",
    }  # fmt: skip
    return values | changed


def send(station, client=None, *, address="192.0.2.7", **changed):
    browser = client or Client(headers={"accept-language": "en"}, REMOTE_ADDR=address)
    return browser.post(reverse("openline:report"), sent(station, **changed))


def with_policy(monkeypatch, **numbers):
    policy = loader.load(name="openline", on=f.TODAY)
    rows = tuple(
        dataclasses.replace(row, value=numbers.get(row.key, row.value)) for row in policy.rows
    )
    changed = dataclasses.replace(policy, rows=rows)
    load = loader.load
    monkeypatch.setattr(
        loader,
        "load",
        lambda *, name, on: changed if name == "openline" else load(name=name, on=on),
    )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_form_names_stations_and_the_numbers_to_call(station, language):
    answer = Client(headers={"accept-language": language}).get(reverse("openline:report"))

    text = answer.content.decode()
    assert answer.status_code == 200
    for said in [station.unit.name, "95598", "12398"]:
        assert said in text
    assert station.area.name not in text


def test_before_anything_was_imported_there_is_nobody_to_report_to():
    assert Client().get(reverse("openline:report")).status_code == 404


def test_a_report_becomes_an_order_that_an_agent_sorts_with_its_photo_and_link(station, quick):
    browser = Client(headers={"accept-language": "en"})
    photo = SimpleUploadedFile("x.png", PNG)

    answer = send(station, browser, photo=photo)

    order = ServiceOrder.objects.get()
    assert (order.type_code, order.channel, order.unit) == ("COMPLAINT", "WEB", station.unit)
    assert sealing.unseal(bytes(order.place_sealed), m.KEY) == "城关镇东街"
    assert sealing.unseal(bytes(order.words_sealed), m.KEY) == WORDS
    assert m.step(order, "TAKE").owner_id == station.staff["AGENT"].pk
    assert Attachment.objects.get().kind == "PNG"
    page = browser.get(answer["location"])
    assert page.context["page"].number == order.number
    assert WORDS not in page.content.decode()
    for event in Event.objects.all():
        assert "13800138000" not in json.dumps(event.payload)
        assert "192.0.2.7" not in json.dumps(event.payload)
    assert "192.0.2.7" not in ReportSender.objects.get().address_index


def test_where_no_station_is_named_the_topmost_unit_answers(station, quick):
    city = f.OrgUnit.objects.create(code="C", kind="CITY", name="City", parent=None, path="/")

    send(station, office="", photo="")

    assert ServiceOrder.objects.get().unit == city


def test_the_agent_of_another_district_does_not_see_it(station, quick):
    send(station)
    url = reverse("orders:order", args=[ServiceOrder.objects.get().number])

    assert client_of(station.staff["AGENT"]).get(url).status_code == 200
    assert client_of(m.make_station().staff["AGENT"]).get(url).status_code == 404


def test_the_same_form_twice_is_one_order_and_one_link(station, quick):
    first, second = send(station), send(station)

    assert first["location"] == second["location"]
    assert PublicReport.objects.count() == 1
    assert Event.objects.filter(name="service.openline.sent").count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"words": " "}, "words"),
        ({"words": "太差"}, "words"),
        ({"words": "字" * 2001}, "words"),
        ({"type_code": "NEW_HV_DOUBLE"}, "type_code"),
        ({"office": "999999999"}, "office"),
        ({"phone": "12"}, "phone"),
        ({"photo": SimpleUploadedFile("x.png", b"#!/bin/sh")}, "photo"),
        ({"photo": SimpleUploadedFile("x.png", b"%PDF-1.7 " + b"0" * 40)}, "photo"),
        ({"photo": SimpleUploadedFile("x.png", PNG + b"0" * 5_242_880)}, "photo"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field_and_leaves_nothing(
    station, quick, changed, field, settings
):
    answer = send(station, **changed)

    assert answer.status_code == 422
    assert field in answer.context["page"].form.errors
    assert not ServiceOrder.objects.exists()
    assert not [path for path in settings.ATTACHMENTS_FOLDER.rglob("*") if path.is_file()]


def test_one_address_sends_so_many_an_hour_and_a_line_counts_as_one(station, quick, monkeypatch):
    with_policy(monkeypatch, reports_per_hour=2)
    home = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:2::5"]

    codes = [send(station, address=one, key=f"k{n}").status_code for n, one in enumerate(home)]
    other = send(station, address="2001:db8:1:3::1", key="k9")
    monkeypatch.setattr(timezone, "now", lambda: m.NOON + timedelta(hours=2))
    later = send(station, address=home[0], key="k10")

    assert codes == [302, 302, 429]
    assert (other.status_code, later.status_code) == (302, 302)
    assert ServiceOrder.objects.count() == 4


def test_behind_the_proxy_only_what_it_appended_counts(rf, settings):
    settings.IS_BEHIND_PROXY = True

    def sender(said):
        return senders.sender(request=rf.get("/", headers={"x-forwarded-for": said}))

    assert sender("10.9.9.9, 192.0.2.7") == sender("10.8.8.8, 192.0.2.7")
    assert sender("10.9.9.9, 192.0.2.8") != sender("10.9.9.9, 192.0.2.7")


def test_more_than_can_be_read_is_sent_to_the_telephone(station, quick, monkeypatch):
    with_policy(monkeypatch, waiting_at_most=1)

    first, second = (send(station, address=f"192.0.2.{n}", key=f"k{n}", phone="") for n in (1, 2))
    order = ServiceOrder.objects.get()
    m.run(order, station.viewer("BRANCH"), until="ASSIGN")
    third = send(station, address="192.0.2.3", key="k3", phone="")

    assert [one.status_code for one in (first, second, third)] == [302, 503, 302]


def test_a_machine_is_told_nothing_and_nothing_is_kept(station, quick):
    answer = send(station, website="https://example.invalid")

    assert answer.status_code == 200
    assert not ServiceOrder.objects.exists()


def test_a_form_sent_at_once_or_not_ours_or_of_yesterday_is_refused(station, monkeypatch):
    policy = loader.load(name="openline", on=f.TODAY)
    fresh = senders.form_key()

    with pytest.raises(senders.FormTooQuick):
        senders.request_key(form_key=fresh, policy=policy)
    with pytest.raises(senders.FormTooOld):
        senders.request_key(form_key=f"{fresh}x", policy=policy)
    monkeypatch.setattr(signing.time, "time", lambda: 1e11)  # long after
    with pytest.raises(senders.FormTooOld):
        senders.request_key(form_key=fresh, policy=policy)
    assert send(station, key="forged").status_code == 422
    assert not ServiceOrder.objects.exists()


def test_script_and_sql_are_kept_as_text(station, quick):
    answer = send(station, words="'; DROP TABLE x; -- <script>alert(1)</script>\x00", office="x")

    assert answer.status_code == 422
    assert "<script>alert" not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_four_times_at_once_is_one_report(station, quick):
    def once(_n):
        try:
            return send(station, phone="").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(once, range(4)))

    assert codes == [302] * 4
    assert (ServiceOrder.objects.count(), PublicReport.objects.count()) == (1, 1)
