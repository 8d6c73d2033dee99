"""What the worker does, how often, and how long one run may take.

Every job may run twice and beside itself; the lease only saves the work of doing it twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from lamplighter.action.service import rules as service_rules
from lamplighter.action.service import services as service
from lamplighter.action.service.attachments import services as attachments
from lamplighter.action.service.escalations import ladder
from lamplighter.action.service.escalations import services as escalations
from lamplighter.action.service.progress import services as progress
from lamplighter.action.service.records import services as records
from lamplighter.facts.customers import erasure as customers
from lamplighter.facts.metering import services as metering
from lamplighter.facts.metering.lake import Series
from lamplighter.findings.contests.services import erasure as contests
from lamplighter.gateway.webhooks import services as webhooks
from lamplighter.ledger.answers import services as answers
from lamplighter.policy import loader
from lamplighter.worker import nights
from lamplighter.worker.setting import Setting

ACTOR = "lamplighter:worker"
NIGHT = "night"
DAY = timedelta(days=1)
SHORT, LONG = timedelta(minutes=5), timedelta(hours=4)  # after which a holder is taken to be gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job: what it does, and when it is due after a moment."""

    name: str
    lease: timedelta
    run: Callable[[Setting], None]
    due_after: Callable[[Setting, datetime], datetime]


def sweep(setting: Setting) -> None:
    """Record what the promises' clocks say, relieve whoever is silent or away, escalate orders."""
    rules = service_rules.in_force(on=setting.today(), zone=setting.zone)
    now = setting.moment()
    service.sweep(now=now, rules=rules, actor=ACTOR)
    levels = ladder.in_force(on=setting.today(), rules=rules)
    escalations.escalate(now=now, rules=rules, ladder=levels, actor=ACTOR)


def deliver(setting: Setting) -> None:
    """Tell other systems what happened."""
    rules = service_rules.in_force(on=setting.today(), zone=setting.zone)
    webhooks.hand_on(now=setting.clock(), rules=rules)
    webhooks.deliver(
        clock=setting.clock,
        limits=setting.limits,
        policy=setting.policy(),
        field_key=setting.field_key,
        actor=ACTOR,
    )


def erase(setting: Setting) -> None:
    """Let go of personal data, answers and messages whose time is over."""
    now, today = setting.clock(), setting.today()
    policy = loader.load(name="personal_data", on=today)
    customers.purge_expired(today=today, now=now, actor=ACTOR, policy=policy)
    contests.purge_expired(today=today, now=now, actor=ACTOR, policy=policy, zone=setting.zone)
    service.erase_expired(today=today, now=now, actor=ACTOR)
    records.erase_expired(today=today, now=now, actor=ACTOR)
    progress.erase_expired(today=today, now=now, actor=ACTOR)
    attachments.purge_expired(today=today, now=now, folder=setting.attachments_folder, actor=ACTOR)
    attachments.collect_orphans(
        now=now,
        folder=setting.attachments_folder,
        policy=loader.load(name=attachments.POLICY, on=today),
        actor=ACTOR,
    )
    answers.forget_old(now=now, policy=setting.policy())
    webhooks.forget_old(now=now, policy=setting.policy())


def compact(setting: Setting) -> None:
    """Bring the lake's many small files into few."""
    for series in Series:
        metering.compact(
            lake_folder=setting.lake_folder, series=series, actor=ACTOR, now=setting.clock()
        )


def night(setting: Setting) -> None:
    """Have a process beside this one wait for the day's readings, run the night, plan the day."""
    setting.night.begin()


def _every(row: str) -> Callable[[Setting, datetime], datetime]:
    def due(setting: Setting, after: datetime) -> datetime:
        return after + timedelta(seconds=setting.policy().integer(row))

    return due


def next_upkeep(setting: Setting, after: datetime) -> datetime:
    """Return the next moment, after one, at which the day's upkeep begins."""
    hour = time(setting.policy().integer("upkeep_hour"))
    day = after.astimezone(setting.zone).date()
    first = datetime.combine(day, hour, tzinfo=setting.zone)
    return first if first > after else datetime.combine(day + DAY, hour, tzinfo=setting.zone)


JOBS = (
    Job(name="sweep", lease=SHORT, run=sweep, due_after=_every("sweep_seconds")),
    Job(name="deliver", lease=SHORT, run=deliver, due_after=_every("deliver_seconds")),
    Job(name="erase", lease=LONG, run=erase, due_after=next_upkeep),
    Job(name="compact", lease=LONG, run=compact, due_after=next_upkeep),
    Job(name=NIGHT, lease=SHORT, run=night, due_after=nights.due_after),
)
