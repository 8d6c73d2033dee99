"""The form of a step on the order's page: asked, refused by name, kept, read and given out."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from lamplighter.action.service.attachments.models import Attachment
from lamplighter.action.service.models import OrderEvent
from lamplighter.action.service.records.models import StepRecord
from tests import factories as f
from tests.action.service import making as m
from tests.web.filled import PNG, form
from tests.web.signing_in import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _desk(settings, monkeypatch, tmp_path):
    settings.DEMO_TODAY = f.TODAY
    settings.FIELD_KEY = m.KEY
    settings.ATTACHMENTS_FOLDER = tmp_path
    monkeypatch.setattr(timezone, "now", lambda: m.later(90))


class Desk:
    """One order, opened so far, and the person at whose desk it is."""

    def __init__(self, type_code="FAULT_REPAIR", *, until="", post="AGENT", language="en"):
        self.station = m.make_station()
        self.order = m.open_one(self.station, type_code)
        if until:
            m.run(self.order, self.station.viewer("BRANCH"), until=until)
        self.client = client_of(self.station.staff[post], language=language)

    @property
    def url(self):
        return reverse("orders:order", args=[self.order.number])

    def page(self):
        return self.client.get(self.url).context["page"]

    def complete(self, code, *, key="k", **sent):
        url = reverse("orders:act", args=[self.order.number, "complete"])
        return self.client.post(url, {"page_key": key, "step": code, **sent})


def test_a_form_is_filled_in_and_stands_with_the_step_afterwards():
    desk = Desk(until="ARRIVE", post="CREW")
    (card,) = desk.page().open_cards
    assert [(one.title, one.is_required) for one in card.form] == [
        ("Time of arrival", True),
        ("Photo of the site", True),
    ]

    answer = desk.complete("ARRIVE", **form(desk.order, "ARRIVE"))

    assert answer.status_code == 302
    (arrived,) = [one for one in desk.page().cards if one.code == "ARRIVE"]
    assert [(one.title, one.value) for one in arrived.noted] == [
        ("Time of arrival", "25 Nov 12:30"),
        ("Photo of the site", "site.png"),
    ]
    (diagnose,) = desk.page().open_cards
    assert diagnose.known == arrived.noted  # who goes on reads what led here
    given = desk.client.get(arrived.noted[1].url)
    assert b"".join(given) == PNG
    assert "attachment" in given["Content-Disposition"]
    assert "sandbox" in given["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Cause: please fill this in."), ("zh-hans", "故障原因：必填，请填写。")],
)
def test_what_is_missing_is_named_and_what_was_written_stays(language, said):
    desk = Desk(until="DIAGNOSE", post="CREW", language=language)
    sent = form(desk.order, "DIAGNOSE") | {"field-CAUSE": "", "answer": "OURS"}

    answer = desk.complete("DIAGNOSE", **sent)

    page = answer.context["page"]
    assert answer.status_code == 422
    assert page.forms.fault == said
    values = {one.name: one.value for card in page.open_cards for one in card.form}
    assert values["field-ETR"] == "2026-11-25T12:30"
    assert m.step(desk.order, "DIAGNOSE").state == "READY"


def test_a_file_that_came_with_a_refused_form_need_not_be_sent_again():
    desk = Desk(until="ARRIVE", post="CREW")
    first = desk.complete("ARRIVE", **form(desk.order, "ARRIVE") | {"field-ARRIVED_AT": ""})
    (photo,) = [one for one in first.context["page"].open_cards[0].form if one.is_photo]
    assert photo.options == ((photo.value, "site.png"),)

    sent = {"field-ARRIVED_AT": "2026-11-25T12:30", photo.name: photo.value}
    answer = desk.complete("ARRIVE", key="other", **sent)

    assert answer.status_code == 302
    assert Attachment.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("site.png", b"MZ, a program", "Please choose a PDF, or a picture"),
        ('a"b.png', PNG, "short name"),
        ("site.png", PNG + bytes(11_000_000), "too large"),
    ],
)
def test_a_file_that_may_not_be_kept_is_refused_in_words(name, content, said):
    desk = Desk(until="ARRIVE", post="CREW")
    file = SimpleUploadedFile("site.png", content)
    file.name = name

    answer = desk.complete("ARRIVE", **form(desk.order, "ARRIVE") | {"field-PHOTO": file})

    assert answer.status_code == 422
    assert said in answer.context["page"].forms.fault
    assert not Attachment.objects.exists()
    assert m.step(desk.order, "ARRIVE").state == "READY"


def test_the_desk_of_steps_leads_to_the_form_where_there_is_one():
    desk = Desk()
    text = desk.client.get(reverse("steps:mine")).content.decode()

    assert f'href="{desk.url}#step-TAKE"' in text
    assert "Fill in and finish" in text
    url = reverse("steps:act", args=[desk.order.number, "complete"])
    refused = desk.client.post(url, {"page_key": "k", "step": "TAKE", "answer": "NEW"})
    assert refused.status_code == 422
    assert "What is wrong: please fill this in." in refused.content.decode()


def test_days_that_break_a_rule_are_refused_with_the_rule_and_what_they_come_to():
    desk = Desk("SUSPEND")
    sent = form(desk.order, "ACCEPT") | {"field-UNTIL_DATE": "2026-12-11", "answer": "FITS"}

    answer = desk.complete("ACCEPT", **sent)

    fault = answer.context["page"].forms.fault
    assert fault == "Each time more than: 15 days. Here it would be 10 days."
    (card,) = desk.page().open_cards
    assert "you have used 0 days" in card.script


def test_a_telephone_number_is_masked_and_nobody_else_reads_the_form():
    desk = Desk()
    desk.complete("TAKE", answer="NEW", **form(desk.order, "TAKE"))
    crew = client_of(desk.station.staff["CREW"])

    own = desk.client.get(desk.url).content.decode()
    theirs = crew.get(desk.url).context["page"]

    assert "199****1234" in own
    assert "19900001234" not in own
    assert all(not card.noted for card in theirs.cards)


def test_the_record_says_that_a_customer_is_told_only_of_what_has_words_for_them():
    desk = Desk("CONSULTATION")
    boss = desk.station.viewer("BRANCH")
    m.run(desk.order, boss, until="REPLY", answers={"TAKE": "NO"})
    said = {entry.title: entry.is_outward for entry in desk.page().entries}

    assert said["Done: Ask an expert"] is False
    desk.complete("REPLY")

    said = {entry.title: entry.is_outward for entry in desk.page().entries}
    assert said["Done: Reply"] is True
    assert said["Opened"] is True


def test_another_district_gets_no_file_and_writes_no_form():
    desk = Desk(until="ARRIVE", post="CREW")
    there = m.make_station()
    stranger = client_of(f.make_staff(station=there.unit, post="BRANCH"))
    desk.complete("ARRIVE", **form(desk.order, "ARRIVE"))
    file = reverse("orders:file", args=[desk.order.number, Attachment.objects.get().pk])
    act = reverse("orders:act", args=[desk.order.number, "complete"])
    sent = {"page_key": "s", "step": "DIAGNOSE", **form(desk.order, "ARRIVE")}

    assert stranger.get(file).status_code == 404
    assert (
        desk.client.get(file.replace(f"/{Attachment.objects.get().pk}/", "/0/")).status_code == 404
    )
    assert stranger.post(act, sent).status_code == 404
    assert StepRecord.objects.count() == 1
    assert OrderEvent.objects.filter(kind="ATTACHED").count() == 1


@pytest.mark.parametrize(
    "text", ["😀" * 400, "'; DROP TABLE x; --\x00", "<script>alert(1)</script>"]
)
def test_any_text_is_kept_as_text(text):
    desk = Desk(until="DIAGNOSE", post="CREW")
    sent = form(desk.order, "DIAGNOSE") | {"field-CAUSE": text, "answer": "OURS"}

    assert desk.complete("DIAGNOSE", **sent).status_code == 302
    assert "<script>alert" not in desk.client.get(desk.url).content.decode()
