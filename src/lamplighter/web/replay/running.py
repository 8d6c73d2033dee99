"""Replaying beside the page: in a thread of the site, while its rows tell how far it is."""

import logging
import threading
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils import timezone

from lamplighter.action.worklist import services as worklist
from lamplighter.findings.replay import keeping
from lamplighter.findings.replay.queries import ReplayFacts
from lamplighter.findings.services import replaying
from lamplighter.insight.spread import engines

THREAD = "replay"
log = logging.getLogger(__name__)


def places() -> replaying.Places:
    """Return where this installation keeps lake, nights and replays."""
    return replaying.Places(
        lake_folder=Path(settings.LAKE_FOLDER),
        results_folder=Path(settings.RESULTS_FOLDER),
        replays_folder=Path(settings.REPLAYS_FOLDER),
        zone=settings.TIME_ZONE,
    )


def start(*, replay: ReplayFacts, actor: str) -> None:
    """Begin or go on with a replay and its comparison of work."""
    threading.Thread(
        target=_do,
        kwargs={"replay": replay, "where": places(), "actor": actor},
        name=THREAD,
        daemon=True,
    ).start()


def _do(*, replay: ReplayFacts, where: replaying.Places, actor: str) -> None:
    try:
        replaying.run(
            replay_id=replay.replay_id,
            places=where,
            engine=engines.serial(),
            clock=timezone.now,
            actor=actor,
        )
        worklist.compare(
            replay=worklist.Replayed(
                replay_id=replay.replay_id,
                folder=keeping.folder_of(
                    replay_id=replay.replay_id, replays_folder=where.replays_folder
                ),
                known_at={"BEFORE": replay.known_before_at, "AFTER": replay.known_after_at},
                nights=_nights(replay),
            ),
            zone=ZoneInfo(where.zone),
            now=timezone.now(),
            actor=actor,
        )
    except replaying.ReplayAlreadyRunning:
        log.info("replay %s is under way already", replay.replay_id)
    except Exception as error:  # noqa: BLE001 - the door of this thread: nobody is above it
        # The text of an error may hold a customer's data: only its kind is written.
        kind = type(error).__name__
        log.error("replay %s failed: %s", replay.replay_id, kind)
        replaying.note_failure(replay_id=replay.replay_id, kind=kind)
    finally:
        connection.close()


def _nights(replay: ReplayFacts) -> list[date]:
    n_days = (replay.last_day - replay.first_day).days + 1
    return [replay.first_day + timedelta(n) for n in range(n_days)]
