"""The demo's half a year: orders that were done, step by step, with their forms filled."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings

from lamplighter.action.service import demands, loading, rights
from lamplighter.action.service import services as service
from lamplighter.action.service.rules import Rules
from lamplighter.config import demo_forms
from lamplighter.facts.customers import requests as asked
from lamplighter.kernel import worktime
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy.processes import catalogue, codes
from lamplighter.policy.processes.shapes import Limit, Process

SEED = 95598
CASES = {"VOLTAGE": "LV", "HV_SOURCES": "HV_SINGLE", "CUSTOMER_KIND": "RESIDENT"}
CHANNELS = ("PHONE", "PHONE", "PHONE", "APP", "COUNTER", "WEB")
PAST_DAYS, PAST_AT_MOST = 182, 1500
HISTORY_DAYS, HISTORY_A_TYPE = (10, 182), 12
PAST = {
    "FAULT": "FAULT_REPAIR",
    "COMPLAINT": "COMPLAINT",
    "REPORT": "REPORT",
    "SUGGESTION": "SUGGESTION",
    "CONSULTATION": "CONSULTATION",
    "INSTALLATION": "NEW_LV_RESIDENT",
}
OF_CUSTOMERS = [code for code in codes.TYPES if code not in demands.OUR_OWN]
UNPROMISED = timedelta(hours=4)
TOOK = (0.2, 1.1)  # of what was promised
AFTERWARDS = 0.5  # as much again, for what is done once the promise is kept
AT_WORK = (time(8, 30), time(17, 30))
APART = timedelta(minutes=7)  # steps that waited for the same morning
ALWAYS = "ALWAYS"


def half_a_year(*, viewer: Viewer, rules: Rules, now: datetime, accounts: Sequence[str]) -> None:
    """Do what customers asked for in half a year, some of it late, and a past for every type."""
    chance = Random(SEED)  # noqa: S311 - a demo's choices, no secret
    _done(viewer, rules, now, _as_asked(now, chance), chance)
    chance = Random(f"{SEED} half a year")  # noqa: S311 - a demo's choices, no secret
    _done(viewer, rules, now, _of_every_type(now, rules.zone, accounts, chance), chance)


def opened_at(*, process: Process, part: float, now: datetime, rules: Rules) -> datetime:
    """Return when an order was opened of whose first promise a part is used up now.

    Where that is more than all of it, it is late whatever case it is of.
    """
    cases = _cases(process)
    if not cases:
        return now - UNPROMISED * part
    limit = cases[-1] if part > 1 else cases[0]
    calendar, amount = rules.axes.calendar(limit.calendar), timedelta(minutes=limit.minutes)
    opened = worktime.before(calendar=calendar, ends_at=now, amount=amount * part)
    while part > 1 and _due(opened, calendar, amount) >= now:
        opened -= timedelta(days=1)  # a calendar may count from the next day on
    return opened


def _due(opened: datetime, calendar: worktime.Calendar, amount: timedelta) -> datetime:
    begins_at = worktime.counted_from(calendar=calendar, begins_at=opened)
    return worktime.after(calendar=calendar, begins_at=begins_at, amount=amount)


def _cases(process: Process) -> list[Limit]:
    """Return the limits of the first promise, the shortest first."""
    limits = process.promises[0].cases.values() if process.promises else ()
    return sorted(limits, key=lambda limit: limit.minutes)


def _as_asked(now: datetime, chance: Random) -> list[service.Request]:
    since = now - timedelta(days=PAST_DAYS)
    rows = [
        row
        for row in asked.asked_since(moment=since)
        if row.account_number and row.kind in PAST and row.requested_at < now - timedelta(days=2)
    ]
    return [
        service.Request(
            type_code=PAST[row.kind],
            channel=chance.choice(CHANNELS),
            asked_at=row.requested_at,
            account_number=row.account_number,
            words=row.content,
            cases=CASES,
            request_key=f"demo-{row.number}",
        )
        for row in rows[:: max(len(rows) // PAST_AT_MOST, 1)]
    ]


def _of_every_type(
    now: datetime, zone: ZoneInfo, accounts: Sequence[str], chance: Random
) -> list[service.Request]:
    """Let every type have a past, so that what is new can be told from it."""
    return [
        service.Request(
            type_code=code,
            channel=chance.choice(CHANNELS),
            asked_at=_in_the_day(now - timedelta(days=chance.uniform(*HISTORY_DAYS)), zone, chance),
            account_number=chance.choice(accounts),
            cases=CASES,
            request_key=f"demo-{code}-past-{n}",
        )
        for code in OF_CUSTOMERS
        for n in range(HISTORY_A_TYPE)
    ]


def _done(
    viewer: Viewer,
    rules: Rules,
    now: datetime,
    requests: Sequence[service.Request],
    chance: Random,
) -> None:
    opened = service.open_orders(
        viewer=viewer, requests=requests, now=now, rules=rules, field_key=settings.FIELD_KEY
    )
    reports = []
    for one, request in zip(opened, requests, strict=True):
        process = catalogue.in_force(code=request.type_code, on=rules.on)
        moments = _moments(process, request.asked_at, now, rules, chance)
        done_at = max(moments.values())
        reports.append(service.Report(number=one.number, done_at=done_at, moments=moments))
    service.report_done(viewer=viewer, reports=reports, now=now, rules=rules)
    numbers = [one.number for one in opened]
    seen = rights.seen(viewer=viewer, rules=rules).filter(number__in=numbers)
    demo_forms.fill(wholes=loading.wholes(orders=list(seen)), viewer=viewer, rules=rules)


def _moments(
    process: Process, asked_at: datetime, now: datetime, rules: Rules, chance: Random
) -> Mapping[str, datetime]:
    """Return when each step was done, one after the other: what was promised first, then the rest.

    What is no repair is done while people are at work.
    """
    steps = [step.code for step in process.steps]
    n_until = steps.index(process.promises[0].until) + 1 if process.promises else len(steps)
    parts = sorted(chance.random() for _ in range(n_until - 1))
    parts += [1.0, *sorted(1 + AFTERWARDS * chance.random() for _ in steps[n_until:])]
    last = now - timedelta(minutes=5)
    cases = _cases(process)
    took = UNPROMISED
    if cases:
        calendar = rules.axes.calendar(cases[0].calendar)
        amount = timedelta(minutes=cases[0].minutes) * chance.uniform(*TOOK)
        took = _due(asked_at, calendar, amount) - asked_at
    took = min(took, (last - asked_at) / parts[-1])
    found: list[datetime] = []
    for part in parts:
        at = asked_at + took * part
        if not any(limit.calendar == ALWAYS for limit in cases):
            at = _at_work(at, rules.zone)
        if found and at <= found[-1]:
            at = found[-1] + APART
        found.append(min(at, last))
    return dict(zip(steps, found, strict=True))


def _at_work(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return a moment, or the next at which people are at work."""
    there = moment.astimezone(zone)
    begins, ends = AT_WORK
    if begins <= there.time() <= ends:
        return moment
    day = there.date() + timedelta(days=there.time() > ends)
    return datetime.combine(day, begins, zone)


def _in_the_day(moment: datetime, zone: ZoneInfo, chance: Random) -> datetime:
    """Return a moment of the same day at which people are at work."""
    day = moment.astimezone(zone).date()
    begins, ends = (datetime.combine(day, at, zone) for at in AT_WORK)
    return begins + (ends - begins) * chance.random()
