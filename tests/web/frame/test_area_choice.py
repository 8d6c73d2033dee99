"""The filter by station area: a choice of few, a field where there are many; never of others."""

import pytest

from lamplighter.facts.network.models import Area
from lamplighter.web.frame import area_choice
from tests import factories as make
from tests.factories import TODAY
from tests.web import signed_in

pytestmark = pytest.mark.django_db
LISTS = ("/arrears/", "/signals/", "/segments/", "/segments/PAYMENT_HELP/", "/demand/words/")


@pytest.fixture(autouse=True)
def today(settings):
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def street():
    return signed_in.street()


@pytest.fixture
def many(monkeypatch):
    """Let two areas be too many to choose from."""
    monkeypatch.setattr(area_choice, "MOST_OFFERED", 1)


def area_filter(client, path, **asked):
    answer = client.get(path, asked)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "⚠" not in text
    (found,) = [one for one in answer.context["page"].filters if one.name == "area"]
    return found, text


@pytest.mark.parametrize("path", LISTS)
def test_few_areas_are_offered_and_others_are_not_there(street, path):
    client = signed_in.client_of(street.head)

    found, _text = area_filter(client, path, area=street.area.code)

    assert found.typed is None
    codes = {option.value for option in found.options}
    assert codes == {"", street.area.code, street.other_area.code}
    foreign = signed_in.client_of(street.other_branch)
    assert foreign.get(path, {"area": street.area.code}).status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("path", [*LISTS, "/demand/"])
def test_many_areas_are_typed(street, many, path, language):
    client = signed_in.client_of(street.head, language=language)

    empty, text = area_filter(client, path)
    by_code, _text = area_filter(client, path, area=street.area.code)
    by_name, shown = area_filter(client, path, area=f" {street.area.name} ")

    assert (empty.options, empty.typed.value, empty.typed.note) == ((), "", "")
    assert street.area.name not in text.split("</form>")[0]
    for found in (by_code, by_name):
        assert (found.typed.value, found.typed.note) == (street.area.code, street.area.name)
    assert 'id="filter-area"' in shown


def test_what_fits_no_area_or_many_says_so(street, many):
    client = signed_in.client_of(street.head)

    nothing, _text = area_filter(client, "/arrears/", area="nowhere%_'\x00")
    too_many, _text = area_filter(client, "/arrears/", area="Area")

    assert nothing.typed.note == "No area is called so; all are shown."
    assert too_many.typed.note == "Too many areas are called so; all are shown."


def test_several_that_fit_are_offered(street, monkeypatch):
    near = [make.make_area(station=street.head.org_unit) for _ in "abc"]
    for area, name in zip(near, ("Elm 1", "Elm 2", "Oak"), strict=True):
        Area.objects.filter(pk=area.pk).update(name=name)
    foreign = make.make_area(station=street.other_branch.org_unit)
    Area.objects.filter(pk=foreign.pk).update(name="Elm 3")
    monkeypatch.setattr(area_choice, "MOST_OFFERED", 3)
    client = signed_in.client_of(street.head)

    found, _text = area_filter(client, "/arrears/", area="elm")

    assert [option.label for option in found.options] == [
        *("2 areas fit: please choose", "Elm 1", "Elm 2")
    ]
    assert not any(option.is_chosen for option in found.options[1:])


@pytest.mark.parametrize("who", ["stranger", "other_branch"])
@pytest.mark.parametrize("path", LISTS)
def test_nobody_finds_an_area_of_others_by_typing(street, monkeypatch, path, who):
    monkeypatch.setattr(area_choice, "MOST_OFFERED", 0)
    make.make_area(station=street.other_branch.org_unit)
    client = signed_in.client_of(getattr(street, who))

    for asked in (street.area.code, street.area.name):
        found, text = area_filter(client, path, area=asked)
        assert found.typed.note != street.area.name
        assert text.count(street.area.name) <= (asked == street.area.name)  # what was typed
