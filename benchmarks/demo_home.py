"""The demo station that benchmarks look at; made by ``./lamp run``, or here where it is absent."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def station() -> Path:
    """Return the folder of a whole demo station, with its server running.

    It is the one of ``./lamp run``; where there is none, it is made (a few minutes).
    """
    named = os.environ.get("LAMPLIGHTER_DEMO")
    demo = Path(named) if named else ROOT / ".lamp" / "demo"
    home = demo / "station"
    if not (home / "logins.json").exists():
        command = [sys.executable, "-m", "lamplighter.config.demo", "--no-serve"]
        environ = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        subprocess.run(command, env={**environ, "LAMPLIGHTER_HOME": str(demo)}, check=True)
    return home


def set_up(home: Path) -> None:
    """Let Django work on a demo station in this process."""
    import django  # only benchmarks that need it pay for it

    from lamplighter.config import demo, postgres

    os.environ |= {
        "LAMPLIGHTER_HOME": str(home),
        "LAMPLIGHTER_PROFILE": "demo",
        "LAMPLIGHTER_TODAY": demo.TODAY.isoformat(),
        "DATABASE_URL": postgres.ensure_running(home=home),
        "DJANGO_SETTINGS_MODULE": "lamplighter.config.settings",
    }
    django.setup()
