"""A station with its people at their desks, and one account that may be contested."""

from django.urls import reverse

from lamplighter.findings.contests.models import Contest
from tests import factories as make
from tests.web.signing_in import client_of

REASONS = "the counter has his receipt of 3 November"
TRACE = [
    {
        "rule": "UNPAID_AFTER_REMINDERS",
        "inputs": {"unpaid_reminders": 3, "days_overdue": 45},
        "limits": {"unpaid_reminders_d": 3, "days_overdue_d": 30},
        "says": "D",
    },
    {
        "rule": "D_AWAITS_CONFIRMATION",
        "inputs": {"candidate_months": 0},
        "limits": {"months_to_confirm_d": 0},
        "says": "C",
    },
]


class Desk:
    """A station with a manager, a supervisor and a head at their desks, and one account."""

    def __init__(self, *, language="en", **found):
        self.station = make.make_station()
        self.staff = {
            post: make.make_staff(station=self.station, post=post)
            for post in ("MANAGER", "SUPERVISOR", "STATION_HEAD", "AGENT", "CREW", "BRANCH")
        }
        self.area = make.make_area(station=self.station, staff=self.staff["MANAGER"])
        self.account = make.make_account(area=self.area)
        make.make_finding(account=self.account, area=self.area, night=make.make_night(), **found)
        self.approval = make.make_approval(by=self.staff["BRANCH"])
        self.clients = {
            post: client_of(person, language=language) for post, person in self.staff.items()
        }

    @property
    def page(self):
        return reverse("customers:account", args=[self.account.number])

    def contest(self, post="MANAGER", *, client=None, **changed):
        asked = {
            "account": self.account.number,
            "request_key": "",
            "about": "GRADE",
            "wish": "REVIEW",
            "said": "I have always paid at the counter",
            "channel": "PHONE",
        }
        client = client or self.clients[post]
        return client.post(reverse("contests:new"), asked | changed)

    def decide(self, post="SUPERVISOR", *, client=None, contest=None, **changed):
        contest = contest or Contest.objects.order_by("-pk")[0]
        said = {"outcome": "CORRECTED", "value": "B", "reasons": REASONS}
        client = client or self.clients[post]
        return client.post(reverse("contests:contest", args=[contest.pk]), said | changed)
