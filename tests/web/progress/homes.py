"""A customer with a link to their order."""

from django.test import Client
from django.urls import reverse

from tests.action.service import making as m
from tests.web.signing_in import client_of


class Home:
    """A customer with a link to their order, and the station that gave it."""

    def __init__(self, type_code="METER_TEST", *, until="", answers=None, language="en"):
        self.station = m.make_station()
        self.order = m.open_one(self.station, type_code, words="我叫王小明", phone="13800138000")
        self.desk = client_of(self.station.staff["AGENT"])
        self.minutes = 0.0
        if until or answers:
            boss = self.station.viewer("BRANCH")
            self.minutes = m.run(self.order, boss, until=until, answers=answers)
        self.url = self.given()
        self.browser = Client(headers={"accept-language": language})

    def given(self, key="k"):
        url = reverse("progress:give", args=[self.order.number])
        page = self.desk.post(url, {"page_key": key}).context["page"]
        return page.address.removeprefix("http://testserver")

    def page(self):
        return self.browser.get(self.url).context["page"]

    def say(self, action, **sent):
        return self.browser.post(f"{self.url}{action}/", sent)
