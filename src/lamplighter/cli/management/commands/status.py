"""``lamplighter status``: how the installation stands, and what somebody has to do soon."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as told

from lamplighter.cli import arguments, commands
from lamplighter.findings import judge_turns
from lamplighter.findings import queries as findings
from lamplighter.findings.contests import approvals
from lamplighter.policy import calendars, loader


class Command(commands.SpokenCommand):
    help = told("Show the newest night, and what will run out or waits for a person.")

    def handle(self, **_options: Any) -> None:
        today = arguments.today()
        self.stdout.write(_night(today=today))
        duties = [*_calendar(today=today), *_assessment(today=today), *_judge(today=today)]
        for duty in duties:
            self.stdout.write(self.style.WARNING(_("to do: %(duty)s") % {"duty": duty}))
        if not duties:
            self.stdout.write(_("nothing runs out soon"))


def _night(*, today: date) -> str:
    night = findings.newest_night()
    if night is None:
        return _("no night has run yet: import the files, then run nightly")
    n_days = (today - night.as_of_day).days
    said = _("newest night: %(day)s, %(n)s days before today (%(today)s)")
    return said % {"day": night.as_of_day, "n": n_days, "today": today}


def _calendar(*, today: date) -> Iterator[str]:
    end = calendars.calendar_end(on=today)
    if end is None:
        return
    if end.n_days_left >= 0:
        yield _(
            "the calendar of working days ends on %(last_day)s. Take the State Council's notice "
            "for %(year)s, copy %(version)s.toml to a version of its own, and add the days off "
            "and the days worked in exchange; until then contests due in %(year)s count every day"
        ) % _of(end)
    else:
        yield _(
            "the calendar of working days ended on %(last_day)s. Take the State Council's notice "
            "for %(year)s, copy %(version)s.toml to a version of its own, and add the days off "
            "and the days worked in exchange; until then contests due in %(year)s count every day"
        ) % _of(end)


def _of(end: calendars.CalendarEnd) -> dict[str, object]:
    return {"last_day": end.last_day, "year": end.last_day.year + 1, "version": end.version}


def _assessment(*, today: date) -> Iterator[str]:
    try:
        stands = approvals.standing(on=today)
    except loader.PolicyUnknown:
        yield _("no impact assessment of automated decisions is in force")
        return
    if stands.assessment.is_out_of_date:
        yield _(
            "the impact assessment %(version)s was to be made again by %(day)s: add a version, "
            "then have it approved"
        ) % {"version": stands.assessment.version, "day": stands.assessment.review_by}
    elif not stands.is_approved:
        yield _(
            "nobody has approved the impact assessment %(version)s: whoever is responsible for "
            "personal information approves it on the page Rules; until then no grade D can be "
            "confirmed"
        ) % {"version": stands.assessment.version}


def _judge(*, today: date) -> Iterator[str]:
    turn = judge_turns.in_force(day=today)
    if turn is not None and turn.is_of_other_kernel:
        yield _(
            "the station's own judge of habit changes, %(version)s, was learnt for an older "
            "kernel: the one that ships serves instead. Run learn_judge, then have it put in force"
        ) % {"version": turn.version}
