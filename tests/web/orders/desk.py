"""One station with everybody at their desks, and one order."""

from django.urls import reverse

from tests.action.service import making as m
from tests.web.filled import form
from tests.web.signing_in import client_of


class Desk:
    """One station with everybody at their desks, and one order that waits to be taken."""

    def __init__(self, type_code="FAULT_REPAIR", *, language="en", **changed):
        self.station = m.make_station()
        self.order = m.open_one(self.station, type_code, **changed)
        self.clients = {
            post: client_of(person, language=language)
            for post, person in self.station.staff.items()
        }

    @property
    def url(self):
        return reverse("orders:order", args=[self.order.number])

    def page(self, post="AGENT"):
        return self.clients[post].get(self.url).context["page"]

    def act(self, action, *, post="AGENT", key="", **sent):
        url = reverse("orders:act", args=[self.order.number, action])
        if action == "complete":
            sent = form(self.order, sent["step"]) | sent
        return self.clients[post].post(url, {"page_key": key, **sent})

    def run(self, **more):
        """Do all steps that are left."""
        minutes = m.run(self.order, self.station.viewer("BRANCH"), **more)
        self.order.refresh_from_db()
        return minutes
