"""``lamplighter status``: how the installation stands, and what somebody has to do soon."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand

from lamplighter.cli import arguments
from lamplighter.findings import judge_turns
from lamplighter.findings import queries as findings
from lamplighter.findings.contests import approvals
from lamplighter.policy import calendars, loader


class Command(BaseCommand):
    help = "Show the newest night, and what will run out or waits for a person."

    def handle(self, **_options: Any) -> None:
        today = arguments.today()
        self.stdout.write(_night(today=today))
        duties = [*_calendar(today=today), *_assessment(today=today), *_judge(today=today)]
        for duty in duties:
            self.stdout.write(self.style.WARNING(f"to do: {duty}"))
        if not duties:
            self.stdout.write("nothing runs out soon")


def _night(*, today: date) -> str:
    night = findings.newest_night()
    if night is None:
        return "no night has run yet: import the files, then run nightly"
    n_days = (today - night.as_of_day).days
    return f"newest night: {night.as_of_day}, {n_days} days before today ({today})"


def _calendar(*, today: date) -> Iterator[str]:
    end = calendars.calendar_end(on=today)
    if end is None:
        return
    when = f"ends on {end.last_day}" if end.n_days_left >= 0 else f"ended on {end.last_day}"
    year = end.last_day.year + 1
    yield (
        f"the calendar of working days {when}. Take the State Council's notice for {year}, copy "
        f"{end.version}.toml to a version of its own, and add the days off and the days worked in "
        f"exchange; until then contests due in {year} count every day"
    )


def _assessment(*, today: date) -> Iterator[str]:
    try:
        stands = approvals.standing(on=today)
    except loader.PolicyUnknown:
        yield "no impact assessment of automated decisions is in force"
        return
    if stands.assessment.is_out_of_date:
        yield (
            f"the impact assessment {stands.assessment.version} was to be made again by "
            f"{stands.assessment.review_by}: add a version, then have it approved"
        )
    elif not stands.is_approved:
        yield (
            f"nobody has approved the impact assessment {stands.assessment.version}: whoever is "
            "responsible for personal information approves it on the page Rules; until then no "
            "grade D can be confirmed"
        )


def _judge(*, today: date) -> Iterator[str]:
    turn = judge_turns.in_force(day=today)
    if turn is not None and turn.is_of_other_kernel:
        yield (
            f"the station's own judge of habit changes, {turn.version}, was learnt for an older "
            "kernel: the one that ships serves instead. Run learn_judge, then have it put in force"
        )
