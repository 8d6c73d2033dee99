"""A supervisor's desk in a station with one fault, and what tests do around it."""

from lamplighter.action.service import services as service
from lamplighter.action.service.escalations import ladder
from lamplighter.action.service.escalations import services as escalations
from tests import factories as f
from tests.action.service import making as m
from tests.web.signing_in import client_of

WATCH = "/watch/"


def go_up(now):
    levels = ladder.in_force(on=f.TODAY, rules=m.RULES)
    return escalations.escalate(now=now, rules=m.RULES, ladder=levels, actor="test")


def join_two(desk):
    """Let a neighbour report the same fault."""
    other = m.open_one(desk.station)
    asking = m.asking(other, desk.station.viewer(), 1)
    service.join_incident(asking, with_number=desk.order.number)
    return other


class Desk:
    """One station with a supervisor, and one fault that was just reported."""

    def __init__(self, *, language="en", post="SUPERVISOR"):
        self.station = m.make_station()
        self.order = m.open_one(self.station)
        self.client = client_of(self.station.staff[post], language=language)

    def page(self, path="", **asked):
        return self.client.get(WATCH + path, asked).context["page"]
