"""``./lamp run``: the demo station, made once, then served."""

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from math import ceil
from pathlib import Path
from typing import Any

import django
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from lamplighter.config import environment, postgres

LAST_DAY = date(2026, 11, 24)
TODAY = date(2026, 11, 25)
DAYS = 1096
SEED = 20141101
LOGINS = "logins.json"  # written last: when it is there, the demo is whole
CONSOLE = Console()
Advance = Callable[[float], None]


def main(arguments: Sequence[str]) -> int:
    """Make what is missing of the demo, then serve it until it is stopped."""
    options = _options(arguments)
    size = "zone" if options.small else "station"
    home = Path(os.environ["LAMPLIGHTER_HOME"]) / size
    try:
        _prepare_environment(home)
        django.setup()
        logins = _make(home=home, size=size, workers=options.workers)
    except (environment.SettingsWrong, postgres.EmbeddedPostgresFailed) as error:
        print(error, file=sys.stderr)
        return 1
    if options.no_serve:
        return 0
    os.environ["LAMPLIGHTER_CLOCK_AHEAD"] = str(_seconds_ahead())
    _greet(logins=logins, port=options.port)
    return _serve(port=options.port, home=home)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./lamp run")
    parser.add_argument("--small", action="store_true", help="the 2,100-customer zone alone")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, 4))
    parser.add_argument("--no-serve", action="store_true", help="make the demo, serve nothing")
    return parser.parse_args(arguments)


def _prepare_environment(home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    os.environ["LAMPLIGHTER_HOME"] = str(home)
    os.environ["LAMPLIGHTER_TODAY"] = TODAY.isoformat()
    os.environ.setdefault("LAMPLIGHTER_PROFILE", "demo")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lamplighter.config.settings")
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = postgres.ensure_running(home=home)


def _make(*, home: Path, size: str, workers: int) -> list[dict[str, str]]:
    """Run the steps that have not been done; each can be killed and begun again."""
    from django.core.management import call_command  # Django has to be set up first

    from lamplighter.config import demo_contests, demo_service, demo_steps  # after set-up: tables
    from lamplighter.web import desk

    call_command("migrate", verbosity=0)
    with _bars() as bar:
        if not (home / LOGINS).exists() or not demo_steps.has_night(as_of=LAST_DAY):
            folder = home / "deliveries"
            demo_steps.generate(
                folder=folder, truth_folder=home / "truth", size=size, seed=SEED,
                last_day=LAST_DAY, days=DAYS, bar=bar,
            )  # fmt: skip
            demo_steps.import_all(folder=folder, bar=bar)
            demo_steps.night(as_of=LAST_DAY, workers=workers, bar=bar)
            demo_steps.sort_requests(as_of=LAST_DAY, bar=bar)
            demo_steps.plan(day=TODAY, bar=bar)
        demo_steps.sum_up_areas()
        demo_steps.try_rules(today=TODAY, last_day=LAST_DAY, bar=bar)
        logins = _logins(home)
        names = [login["number"] for login in logins]
        demo_service.living_centre(user_names=names, now=desk.now(), bar=bar)
        demo_contests.contested(user_names=names, now=desk.now())
    return logins


def _seconds_ahead() -> int:
    """Return how far the demo's clock is ahead: nothing may happen before what has happened."""
    from lamplighter.action.service import queries  # imports tables: after set-up
    from lamplighter.web import desk

    last = queries.last_happening_at()
    begins_at = desk.now() if last is None else max(desk.now(), last)
    return ceil((begins_at - datetime.now(UTC)).total_seconds()) + 1


@contextmanager
def _bars() -> Iterator[Callable[[str], Advance]]:
    """Give a function that opens a progress bar and returns how to move it (0 … 1)."""
    columns = (
        TextColumn("{task.description:<34}"),
        BarColumn(bar_width=30),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=CONSOLE) as progress:

        def bar(what: str) -> Advance:
            task = progress.add_task(what, total=1.0)
            return lambda share: progress.update(task, completed=share)

        yield bar


def _logins(home: Path) -> list[dict[str, str]]:
    """Return one log-in per role, made at the first run; the passwords are this demo's alone."""
    from lamplighter.config import demo_steps  # imports tables: after set-up

    file = home / LOGINS
    if file.exists():
        kept: list[dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
        return kept
    logins = demo_steps.make_logins(on=TODAY, new_password=lambda: secrets.token_urlsafe(9))
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        json.dump(logins, opened, ensure_ascii=False, indent=1)
    return logins


def _greet(*, logins: list[dict[str, str]], port: int) -> None:
    CONSOLE.print(f"\n点灯人 Lamplighter  →  [bold]http://localhost:{port}[/bold]\n")
    for login in logins:
        CONSOLE.print(
            f"  {login['role']:<14} {login['number']:<10} {login['password']:<14} {login['name']}",
            highlight=False,
        )
    CONSOLE.print("\nCtrl+C 停止 / stops it; nothing is lost.\n")


def _serve(*, port: int, home: Path) -> int:
    from django.core.management import call_command  # Django has to be set up first

    call_command("collectstatic", interactive=False, verbosity=0)
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", "2", "--blocking-threads", "4", "--no-ws"),
        # a worker that is told to stop while it starts forgets it
        *("--workers-kill-timeout", "10", "--log-level", "warning"),
        "lamplighter.config.wsgi:application",
    ]
    server = subprocess.Popen(command)
    worker = subprocess.Popen([sys.executable, "-m", "lamplighter.config.main", "worker"])
    stop: Any = lambda *_: server.send_signal(signal.SIGTERM)  # noqa: E731 # a handler, no function
    signal.signal(signal.SIGTERM, stop)
    try:
        return server.wait()
    except KeyboardInterrupt:
        server.terminate()
        server.wait()
        return 0
    finally:
        worker.terminate()
        worker.wait()
        if "host=" in os.environ["DATABASE_URL"]:
            postgres.stop(home=home)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
