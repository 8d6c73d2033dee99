"""What an agent looks up beside the caller: orders like the words, and areas by name."""

import pytest
from django.urls import reverse

from lamplighter.action.service import services as service
from lamplighter.facts.network.models import Area
from tests import factories as f
from tests.action.service import making as m
from tests.web.console.calling import WORDS, Hotline
from tests.web.signing_in import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


class TestPastOrders:
    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_ended_orders_like_the_words_are_shown_without_their_words(self, language):
        hotline = Hotline(language=language)
        past = m.open_one(hotline.station, words="家里没电了, 邻居有电")
        service.cancel(m.asking(past, hotline.station.viewer("BRANCH"), 0), reason="客户撤回")
        url = reverse("console:past")

        text = hotline.agent.post(url, {"words": WORDS}).content.decode()

        assert past.number in text
        assert "邻居有电" not in text
        assert hotline.agent.post(url, {"words": " "}).content.decode().strip() == ""
        other = client_of(m.make_station().staff["AGENT"])
        assert past.number not in other.post(url, {"words": WORDS}).content.decode()


def test_more_areas_than_a_list_holds_are_searched_and_none_of_another_district_is_found():
    hotline, other = Hotline(), m.make_station()
    for _ in range(45):
        f.make_area(station=hotline.station.unit)
    wanted = f.make_area(station=hotline.station.unit)
    Area.objects.filter(pk__in=[wanted.pk, other.area.pk]).update(committee="柳树湾村")

    page = hotline.agent.post(reverse("console:console"), {"caller": "withheld"}).context["page"]
    found = hotline.agent.post(reverse("console:areas"), {"area_find": "柳树湾"})
    kept = hotline.agent.post(
        reverse("console:areas"), {"area_find": "柳树湾", "area": hotline.station.area.pk}
    )

    assert (page.caller.must_find, len(page.caller.areas)) == (True, 40)
    assert [one.area_id for one in found.context["areas"]] == [wanted.pk]
    assert [one.area_id for one in kept.context["areas"]] == [hotline.station.area.pk, wanted.pk]
