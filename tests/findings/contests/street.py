"""A station with the people who contest and decide, and one account with findings."""

from lamplighter.findings import queries
from lamplighter.findings.contests.services import contests as services
from lamplighter.policy import calendars, loader
from tests import factories as make
from tests.factories import MORNING, TODAY

POLICY = loader.load(name="contests", on=TODAY)
CALENDAR = calendars.work_calendar(on=TODAY)
REASONS = "the paper receipt shows it was paid in time"


class Street:
    """A station with a manager, a supervisor and a head, and one account with findings."""

    def __init__(self, **found):
        self.station = make.make_station()
        branch = make.make_staff(station=self.station, post="BRANCH")
        self.branch = make.viewer_for(branch)
        people = {p: make.make_staff(station=self.station, post=p) for p in
                  ("MANAGER", "SUPERVISOR", "STATION_HEAD")}  # fmt: skip
        self.manager = make.viewer_for(people["MANAGER"])
        self.supervisor = make.viewer_for(people["SUPERVISOR"])
        self.head = make.viewer_for(people["STATION_HEAD"])
        self.area = make.make_area(station=self.station, staff=people["MANAGER"])
        self.account = make.make_account(area=self.area)
        self.night = make.make_night()
        make.make_finding(account=self.account, area=self.area, night=self.night, **found)

    def open(self, *, viewer=None, now=MORNING, on=TODAY, **changed):
        asked = {
            "about": "GRADE",
            "wish": "REVIEW",
            "channel": "PHONE",
            "is_by_other": False,
            "words": "I always pay on the day the bill comes",
            "request_key": "",
        }
        return services.open_contest(
            viewer=viewer or self.manager,
            on=on,
            account_number=self.account.number,
            now=now,
            policy=POLICY,
            calendar=CALENDAR,
            **asked | changed,
        )

    def decide(self, contest_id, *, viewer=None, now=MORNING, on=TODAY, **changed):
        said = {
            "outcome": "CORRECTED",
            "value": "B",
            "reasons": REASONS,
            "wrong_fact": "",
            "valid_until_date": None,
        }
        return services.decide(
            viewer=viewer or self.supervisor,
            on=on,
            contest_id=contest_id,
            now=now,
            policy=POLICY,
            **said | changed,
        )

    def found(self, *, on=TODAY, viewer=None):
        return queries.finding_of(viewer=viewer or self.manager, on=on, account_id=self.account.pk)
