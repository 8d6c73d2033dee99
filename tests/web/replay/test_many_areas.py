"""Where a replay is to look, for who sees more areas than a list can offer."""

import pytest

from lamplighter.web.frame import area_choice
from tests import factories as make
from tests.factories import TODAY
from tests.web import signed_in
from tests.web.replay import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def street(settings, monkeypatch):
    settings.DEMO_TODAY = TODAY
    monkeypatch.setattr(area_choice, "MOST_OFFERED", 1)
    make.make_night()
    return signed_in.street()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_area_is_typed(street, language):
    answer = signed_in.client_of(street.head, language=language).get("/replay/")

    text = answer.content.decode()
    assert "⚠" not in text
    assert 'name="area"' in text
    assert street.area.name not in text


def errors(client, area):
    sent = {"candidate": "", "first_day": making.LAST, "last_day": making.LAST, "area": area}
    answer = client.post("/replay/rules/", sent)
    assert answer.status_code == 422
    return set(answer.context["page"].rules.errors) - {"candidate"}


def test_a_code_or_a_name_of_ones_own_areas_alone_is_taken(street):
    client = signed_in.client_of(street.head)
    foreign = make.make_area(station=street.other_branch.org_unit)

    for taken in ("", street.area.code, f" {street.area.name} "):
        assert errors(client, taken) == set(), taken
    for refused in ("nowhere", foreign.code, foreign.name, street.area.name[:-1]):
        assert errors(client, refused) == {"area"}, refused
