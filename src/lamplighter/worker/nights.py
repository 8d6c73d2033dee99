"""The night's work, with nobody typing: foresight when the day's readings are in, then the plans.

Each step may be killed and run again: what is done already is found done.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from lamplighter.action.worklist import queries as plans
from lamplighter.action.worklist import rules as worklist_rules
from lamplighter.action.worklist import services as worklist
from lamplighter.facts.metering import collection
from lamplighter.facts.metering import members as metering
from lamplighter.findings import queries as findings
from lamplighter.findings.areas import queries as area_sums
from lamplighter.findings.areas import services as areas
from lamplighter.findings.demand import services as requests
from lamplighter.findings.services import night
from lamplighter.worker.crew import Crew
from lamplighter.worker.setting import Timing

ACTOR = "lamplighter:night"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Timing):
    """Where the night's work is done, and by whom."""

    lake_folder: Path
    results_folder: Path
    learnt_folder: Path
    crew: Crew


def due_after(timing: Timing, after: datetime) -> datetime:
    """Return the next moment, after one, at which a night may have to be run.

    From the night's hour on that is soon again, until the day's plans are made of yesterday's
    night; then it is the next night's hour.
    """
    policy = timing.policy()
    local_day = after.astimezone(timing.zone).date()
    begins = _at(timing, local_day, policy.integer("night_hour"))
    if after < begins:
        return begins
    if _is_done(today=timing.today()):
        return _at(timing, local_day + DAY, policy.integer("night_hour"))
    return after + timedelta(seconds=policy.integer("night_seconds"))


def run(setting: Setting) -> bool:
    """Run yesterday's night if its readings are in, sum it up and plan the day.

    Past the latest hour it runs with what is there: bills and payments are news as well.

    Returns
    -------
    bool
        Nothing is left to be done until the next night; else it waits for readings, and its crew
        with it.
    """
    today = setting.today()
    if _is_done(today=today):
        return True
    if not _has_night(today - DAY):
        if not _may_run(setting, day=today - DAY):
            return False
        _foresee(setting, day=today - DAY)
    setting.crew.dismiss()
    _follow(setting, today=today)
    return True


def _may_run(setting: Setting, *, day: date) -> bool:
    now, policy = setting.clock(), setting.policy()
    local = now.astimezone(setting.zone)
    if local < _at(setting, local.date(), policy.integer("night_hour")):
        return False
    if not metering.is_anybody_known(known_at=now):
        return False
    setting.crew.ready()
    if local >= _at(setting, local.date(), policy.integer("night_latest_hour")):
        return True
    share = collection.rate(lake_folder=setting.lake_folder, day=day, known_at=now)
    return share >= policy.number("night_readings_share")


def _foresee(setting: Setting, *, day: date) -> None:
    night.run(
        as_of=day,
        known_at=findings.unfinished_known_at(as_of=day) or setting.clock(),
        places=night.Places(
            lake_folder=setting.lake_folder,
            results_folder=setting.results_folder,
            zone=setting.zone.key,
        ),
        engine=setting.crew.ready(),
        clock=setting.clock,
        actor=ACTOR,
    )


def _follow(setting: Setting, *, today: date) -> None:
    """Do what rests on the newest night: the plans last, for they say that all is done."""
    newest = findings.newest_night()
    if newest is None:
        return
    if area_sums.as_of_day() != newest.as_of_day:
        areas.sum_up(
            lake_folder=setting.lake_folder,
            zone=setting.zone,
            actor=ACTOR,
            now=setting.clock(),
        )
    requests.sort_requests(
        as_of=newest.as_of_day,
        learnt_folder=setting.learnt_folder,
        zone=setting.zone,
        actor=ACTOR,
        now=setting.clock(),
    )
    worklist.plan_all(
        day=today,
        night_id=newest.night_id,
        rules=worklist_rules.rules_in_force(on=today),
        zone=setting.zone,
        now=setting.clock(),
        actor=ACTOR,
    )


def _has_night(day: date) -> bool:
    newest = findings.newest_night()
    return newest is not None and newest.as_of_day >= day


def _is_done(*, today: date) -> bool:
    newest = findings.newest_night()
    return (
        newest is not None
        and newest.as_of_day >= today - DAY
        and area_sums.as_of_day() == newest.as_of_day
        and plans.is_planned(day=today)
    )


def _at(timing: Timing, day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=timing.zone)
