"""The steps that make the demo: generate, import, foresee, plan, log-ins.

Each goes through the door a user's own data would take; each may be killed and run again.
"""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from lamplighter.action.worklist import rules as worklist_rules
from lamplighter.action.worklist.services import beside as plans_beside
from lamplighter.action.worklist.services import plans
from lamplighter.facts import receiving
from lamplighter.facts.intake.services import Stores
from lamplighter.facts.network import duties
from lamplighter.facts.network import queries as network
from lamplighter.facts.network import services as network_services
from lamplighter.findings import queries as findings
from lamplighter.findings.areas import queries as area_sums
from lamplighter.findings.areas import services as areas
from lamplighter.findings.demand import services as requests
from lamplighter.findings.replay import keeping, wishes
from lamplighter.findings.replay import queries as replays
from lamplighter.findings.services import night as nights
from lamplighter.findings.services import replay_asking, replaying
from lamplighter.insight.spread import engines
from lamplighter.town import station
from lamplighter.town.plan import Size

ACTOR = "demo"
EXAMPLES = Path(__file__).parents[3] / "examples" / "policies"
TRIAL_NIGHTS = 7
TRIAL_AREAS = 3
SIZES = {"zone": Size.ZONE, "station": Size.STATION}
Bar = Callable[[str], Callable[[float], None]]


class DeliveryRefused(RuntimeError):
    """A file of the demo was refused: the twin and the importer do not agree."""


def has_night(*, as_of: date) -> bool:
    """Tell whether the demo's night is finished."""
    night = findings.newest_night()
    return night is not None and night.as_of_day >= as_of


def generate(
    *, folder: Path, truth_folder: Path, size: str, seed: int, last_day: date, days: int, bar: Bar
) -> None:
    """Let the twin write its files, unless they are there."""
    if (folder / station.MANIFEST).exists():
        return
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    bars: dict[station.Stage, Callable[[float], None]] = {}

    def progress(stage: station.Stage, done: int, total: int) -> None:
        if stage not in bars:
            chinese, english = station.STAGE_WORDS[stage]
            bars[stage] = bar(f"{chinese} {english}")
        bars[stage](done / max(total, 1))

    station.generate(
        folder=unfinished,
        truth_folder=truth_folder,
        seed=seed,
        size=SIZES[size],
        last_day=last_day,
        days=days,
        progress=progress,
    )
    unfinished.rename(folder)


def import_all(*, folder: Path, bar: Bar) -> None:
    """Take the files in through the importer that a user's files take.

    Raises
    ------
    DeliveryRefused
        A whole file was refused.
    """
    manifest = station.read_manifest(folder=folder)
    advance = bar("导入档案与数据 Importing")
    total = sum(delivery.rows for delivery in manifest.deliveries)
    done = 0
    for delivery in manifest.deliveries:
        report = receiving.receive_file(
            file=folder / delivery.file,
            mapping_file=delivery.mapping_path,
            received_by=ACTOR,
            now=timezone.now(),
            stores=stores(),
            # The first file brings the organisation itself; it stays with the operators.
            org_path=next(iter(network.station_paths()), ""),
            on_progress=_part(advance, begun=done / total, part=delivery.rows / total),
        )
        if report.state == "REFUSED":
            raise DeliveryRefused(f"{delivery.file}: {report.refusal}")
        done += delivery.rows
        advance(done / total)


def _part(
    advance: Callable[[float], None], *, begun: float, part: float
) -> Callable[[float, int], None]:
    """Return what moves a bar through one file's part of it."""
    return lambda share, _rows: advance(begun + share * part)


def stores() -> Stores:
    """Return where this installation keeps what is not in the database."""
    return Stores(
        archive_folder=settings.ARCHIVE_FOLDER,
        lake_folder=settings.LAKE_FOLDER,
        field_key=settings.FIELD_KEY,
    )


def night(*, as_of: date, workers: int, bar: Bar) -> None:
    """Run the nightly foresight."""
    words = {"learn": "从历次账单学习 Learning", "find": "逐台区研判 Deciding"}
    bars: dict[str, Callable[[float], None]] = {}

    def on_progress(what: str, done: int, total: int) -> None:
        if what not in bars:
            bars[what] = bar(words[what])
        bars[what](done / total)

    nights.run(
        as_of=as_of,
        known_at=findings.unfinished_known_at(as_of=as_of) or timezone.now(),
        places=nights.Places(
            lake_folder=settings.LAKE_FOLDER,
            results_folder=settings.RESULTS_FOLDER,
            zone=settings.TIME_ZONE,
        ),
        engine=engines.processes(workers) if workers > 1 else engines.serial(),
        clock=timezone.now,
        actor=ACTOR,
        on_progress=on_progress,
    )


def sum_up_areas() -> None:
    """Sum up the night by station area, unless that was done."""
    night = findings.newest_night()
    if night is None or area_sums.as_of_day() == night.as_of_day:
        return
    areas.sum_up(
        lake_folder=settings.LAKE_FOLDER,
        zone=ZoneInfo(settings.TIME_ZONE),
        actor=ACTOR,
        now=timezone.now(),
    )


def sort_requests(*, as_of: date, bar: Bar) -> None:
    """Sort what customers asked for by their words."""
    advance = bar("识别诉求 Sorting requests")
    requests.sort_requests(
        as_of=as_of,
        learnt_folder=settings.LEARNT_FOLDER,
        zone=ZoneInfo(settings.TIME_ZONE),
        actor=ACTOR,
        now=timezone.now(),
    )
    advance(1.0)


def plan(*, day: date, bar: Bar) -> None:
    """Choose the day's work of every manager."""
    advance = bar("安排当日工作 Planning the day")
    newest = findings.newest_night()
    if newest is None:
        raise nights.NothingToFind("no night")
    plans.plan_all(
        day=day,
        night_id=newest.night_id,
        rules=worklist_rules.rules_in_force(on=day),
        zone=ZoneInfo(settings.TIME_ZONE),
        now=timezone.now(),
        actor=ACTOR,
    )
    advance(1.0)


def try_rules(*, today: date, last_day: date, bar: Bar) -> None:
    """Decide some nights by the examples' rules on trial too, so that there is one to look at.

    Of a whole station only a neighbourhood, to stay within seconds.
    """
    newest = findings.newest_night()
    if newest is None or newest.as_of_day != last_day:
        return  # the demo has gone on since
    folder = settings.CANDIDATES_FOLDER
    if EXAMPLES.is_dir() and not folder.exists():
        shutil.copytree(EXAMPLES, folder)
    files = sorted(folder.glob("*/*.toml"))
    areas = [area for duty in duties.duties(on=today) for area in duty.area_ids]
    if not files or not areas:
        return
    places = replaying.Places(
        lake_folder=settings.LAKE_FOLDER,
        results_folder=settings.RESULTS_FOLDER,
        replays_folder=settings.REPLAYS_FOLDER,
        zone=settings.TIME_ZONE,
    )
    first_day = last_day - timedelta(TRIAL_NIGHTS - 1)
    wish = wishes.Wish(
        first_day=first_day,
        last_day=last_day,
        known_at=newest.known_at,
        candidates=tuple(wishes.candidate_of(file=file, today=today) for file in files),
        area_ids=tuple(areas[:TRIAL_AREAS]),
    )
    replay_id = replay_asking.request(
        wish=wish, results_folder=places.results_folder, now=timezone.now(), requested_by=ACTOR
    )
    if replays.is_done(replay_id=replay_id):
        return
    advance = bar("试行一套规则 Trying rules")
    replaying.run(
        replay_id=replay_id,
        places=places,
        engine=engines.serial(),
        clock=timezone.now,
        actor=ACTOR,
        on_progress=lambda _what, done, total: advance(0.9 * done / total),
    )
    plans_beside.compare(
        replay=plans_beside.Replayed(
            replay_id=replay_id,
            folder=keeping.folder_of(replay_id=replay_id, replays_folder=places.replays_folder),
            known_at={"BEFORE": newest.known_at, "AFTER": newest.known_at},
            nights=[first_day + timedelta(n) for n in range(TRIAL_NIGHTS)],
        ),
        zone=ZoneInfo(settings.TIME_ZONE),
        now=timezone.now(),
        actor=ACTOR,
    )
    advance(1.0)


def make_logins(*, on: date, new_password: Callable[[], str]) -> list[dict[str, str]]:
    """Make one user per role and return how each signs in."""
    logins = []
    for person in network.one_person_a_role(on=on):
        password = new_password()
        with transaction.atomic():
            user, _created = User.objects.get_or_create(username=person.number)
            user.set_password(password)
            user.save()
        network_services.give_login(
            staff_id=person.staff_id, user_id=user.pk, actor=ACTOR, now=timezone.now()
        )
        logins.append(
            {
                "role": person.role,
                "number": person.number,
                "password": password,
                "name": f"{person.name} · {person.org_name}",
            }
        )
    return logins
