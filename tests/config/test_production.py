"""The production profile, as Django itself judges it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.config.test_environment import PRODUCTION

SOURCE = Path(__file__).parents[2] / "src"
PROBE = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
page = Client(SERVER_NAME="lamp.example.cn").get("/sign-in/")
safe = Client(SERVER_NAME="lamp.example.cn").get("/sign-in/", HTTP_X_FORWARDED_PROTO="https")
foreign = Client(SERVER_NAME="evil.example").get("/sign-in/", HTTP_X_FORWARDED_PROTO="https")
print(json.dumps({
    "plain": [page.status_code, page.headers.get("Location")],
    "safe": [safe.status_code, dict(safe.headers)],
    "cookie": str(safe.cookies["csrftoken"]),
    "session_secure": settings.SESSION_COOKIE_SECURE,
    "foreign": foreign.status_code,
    "debug": settings.DEBUG,
}))
"""


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    ours = ("LAMPLIGHTER_", "DJANGO_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return subprocess.run(
        [sys.executable, *arguments],
        env={**kept, **PRODUCTION, "PYTHONPATH": str(SOURCE), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_djangos_own_check_for_deployment_finds_nothing():
    said = run("-m", "lamplighter.config.main", "check", "--deploy", "--fail-level", "WARNING")

    assert said.returncode == 0, said.stderr
    assert "no issues" in said.stdout


def test_speaks_https_alone_to_its_own_names_and_remembers_it():
    said = run(
        "-c",
        PROBE,
        DJANGO_SETTINGS_MODULE="lamplighter.config.settings",
        DATABASE_URL=os.environ["DATABASE_URL"],
    )
    assert said.returncode == 0, said.stderr

    found = json.loads(said.stdout.splitlines()[-1])

    assert found["plain"] == [301, "https://lamp.example.cn/sign-in/"]
    status, headers = found["safe"]
    assert status == 200
    assert "max-age=31536000; includeSubDomains" in headers["Strict-Transport-Security"]
    assert "Secure" in found["cookie"]
    assert "SameSite=Lax" in found["cookie"]
    assert found["session_secure"]
    assert found["foreign"] == 400
    assert not found["debug"]
