"""Settings from the environment, checked before anything starts."""

import base64
import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lamplighter.storage import mirror

PROFILES = ("demo", "test", "production")
DEMO_SECRET = "demo-secret-for-a-trial-on-one-machine-never-in-production"  # noqa: S105 # no secret: production refuses it
NAMES = {
    "LAMPLIGHTER_PROFILE": "demo, test or production; demo when absent",
    "LAMPLIGHTER_SECRET_KEY": "50 or more random characters; required in production",
    "LAMPLIGHTER_FIELD_KEY": "32 bytes in base64 that seal phones and ID numbers; required in "
    "production",
    "LAMPLIGHTER_HOSTS": "comma-separated host names the site answers to; required in production",
    "LAMPLIGHTER_HOME": "folder for the lake, the archive of deliveries and the embedded database",
    "LAMPLIGHTER_TODAY": "YYYY-MM-DD: the day a demo takes for today; not in production",
    "LAMPLIGHTER_CLOCK_AHEAD": "whole seconds a demo's clock is ahead of the real one (behind: "
    "negative), as `./lamp run` sets it so that it never goes back; not in production",
    "LAMPLIGHTER_TIME_ZONE": "IANA name of the supplier's time zone; Asia/Shanghai when absent",
    "LAMPLIGHTER_CLUSTER_AUTHORITY": "PEM file of the authority that scheduler and workers trust",
    "LAMPLIGHTER_CLUSTER_CERTIFICATE": "PEM file of our certificate for the cluster",
    "LAMPLIGHTER_CLUSTER_KEY": "PEM file of its key, readable by its owner alone",
    "LAMPLIGHTER_STORE": "s3://bucket/prefix?endpoint=https://host&region=name: where workers that "
    "share no files with this host find them",
    "LAMPLIGHTER_WEBHOOK_NETWORKS": "comma-separated networks such as 10.2.0.0/16 that webhooks "
    "may be sent to although they are not public; this machine alone when absent, none in "
    "production",
    "LAMPLIGHTER_REAL_DATA": "tests and benchmarks only: the folder of real data",
    "LAMPLIGHTER_DEMO": "benchmarks only: the folder that holds a demo made before",
    "DATABASE_URL": "postgresql://user:password@host:port/name; the embedded server when absent",
}

LONGEST_SECONDS = 11  # digits: some thousand years
DATABASE_OPTIONS = (
    *("sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "application_name"),
    "target_session_attrs",
)


class SettingsWrong(RuntimeError):
    """The environment cannot be used; the text lists every wrong setting and how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Checked settings."""

    profile: str
    secret_key: str
    field_key: bytes
    hosts: tuple[str, ...]
    home: Path
    today: date | None
    clock_ahead: timedelta | None  # of a demo; None: the time of day on its day
    time_zone: str
    database: dict[str, object]
    store: str  # empty: files are shared, or there are no other hosts
    webhook_networks: tuple[str, ...]  # not public, yet webhooks may be sent there
    cluster_files: tuple[str, ...]  # authority, certificate, key; empty: no cluster beyond here

    @property
    def is_production(self) -> bool:
        return self.profile == "production"


def read(*, environ: Mapping[str, str], checkout: Path) -> Environment:
    """Check all settings and return them.

    Raises
    ------
    SettingsWrong
        At least one setting is missing or wrong; every one of them is named.
    """
    wrong: list[str] = []
    profile = environ.get("LAMPLIGHTER_PROFILE", "demo")
    if profile not in PROFILES:
        wrong.append(f"LAMPLIGHTER_PROFILE is {profile!r}; use one of {', '.join(PROFILES)}")
    wrong += [
        f"{name} is not a setting; known are {', '.join(NAMES)}"
        for name in sorted(environ)
        if name.startswith("LAMPLIGHTER_") and name not in NAMES
    ]
    production = profile == "production"
    secret_key = _secret_key(environ, production=production, wrong=wrong)
    environment = Environment(
        profile=profile,
        secret_key=secret_key,
        field_key=_field_key(environ, production=production, wrong=wrong),
        hosts=_hosts(environ, production=production, wrong=wrong),
        home=Path(environ.get("LAMPLIGHTER_HOME") or checkout / ".lamp").absolute(),
        today=_today(environ, production=production, wrong=wrong),
        clock_ahead=_clock_ahead(environ, production=production, wrong=wrong),
        time_zone=_time_zone(environ, wrong=wrong),
        database=_database(environ, wrong=wrong),
        store=_store(environ, wrong=wrong),
        webhook_networks=_webhook_networks(environ, production=production, wrong=wrong),
        cluster_files=_cluster_files(environ, wrong=wrong),
    )
    if wrong:
        raise SettingsWrong(
            "Lamplighter cannot start:\n" + "\n".join(f"- {line}" for line in wrong)
        )
    return environment


def _secret_key(environ: Mapping[str, str], *, production: bool, wrong: list[str]) -> str:
    key = environ.get("LAMPLIGHTER_SECRET_KEY", "")
    if not production:
        return key or DEMO_SECRET
    if len(key) < 50 or len(set(key)) < 10 or "demo" in key.lower():
        wrong.append(
            "LAMPLIGHTER_SECRET_KEY must be 50 or more random characters in production, "
            "and never the demo's; make one with: python3 -c "
            "'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return key


def _field_key(environ: Mapping[str, str], *, production: bool, wrong: list[str]) -> bytes:
    text = environ.get("LAMPLIGHTER_FIELD_KEY", "")
    demo = hashlib.sha256(DEMO_SECRET.encode()).digest()
    if not text and not production:
        return demo
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != 32 or (production and key == demo):
        wrong.append(
            "LAMPLIGHTER_FIELD_KEY must be 32 random bytes in base64, and never the demo's; make "
            "one with: python3 -c 'import base64, secrets; "
            "print(base64.b64encode(secrets.token_bytes(32)).decode())'"
        )
    return key


def _hosts(environ: Mapping[str, str], *, production: bool, wrong: list[str]) -> tuple[str, ...]:
    hosts = tuple(h.strip() for h in environ.get("LAMPLIGHTER_HOSTS", "").split(",") if h.strip())
    if production and (not hosts or "*" in hosts):
        wrong.append(
            "LAMPLIGHTER_HOSTS must name the site's hosts in production, e.g. lamp.example.cn"
        )
    return hosts or ("localhost", "127.0.0.1", "[::1]", "testserver")


def _today(environ: Mapping[str, str], *, production: bool, wrong: list[str]) -> date | None:
    text = environ.get("LAMPLIGHTER_TODAY", "")
    if not text:
        return None
    if production:
        wrong.append("LAMPLIGHTER_TODAY is for demos: remove it in production")
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        wrong.append(f"LAMPLIGHTER_TODAY is {text!r}; write YYYY-MM-DD")
        return None


def _clock_ahead(
    environ: Mapping[str, str], *, production: bool, wrong: list[str]
) -> timedelta | None:
    text = environ.get("LAMPLIGHTER_CLOCK_AHEAD", "")
    if not text:
        return None
    if production or not text.removeprefix("-").isdecimal() or len(text) > LONGEST_SECONDS:
        wrong.append(
            "LAMPLIGHTER_CLOCK_AHEAD is whole seconds such as -86400, for demos alone: mend or "
            "remove it"
        )
        return None
    return timedelta(seconds=int(text))


def _time_zone(environ: Mapping[str, str], *, wrong: list[str]) -> str:
    name = environ.get("LAMPLIGHTER_TIME_ZONE", "Asia/Shanghai")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        wrong.append(f"LAMPLIGHTER_TIME_ZONE is {name!r}; write an IANA name such as Asia/Shanghai")
    return name


def _store(environ: Mapping[str, str], *, wrong: list[str]) -> str:
    url = environ.get("LAMPLIGHTER_STORE", "")
    try:
        if url:
            mirror.mirror(folder=Path("/"), url=url)
    except mirror.StoreAddressWrong as error:
        wrong.append(f"LAMPLIGHTER_STORE: {error}")
    return url


def _webhook_networks(
    environ: Mapping[str, str], *, production: bool, wrong: list[str]
) -> tuple[str, ...]:
    text = environ.get("LAMPLIGHTER_WEBHOOK_NETWORKS", "" if production else "127.0.0.0/8,::1/128")
    networks = tuple(part.strip() for part in text.split(",") if part.strip())
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            wrong.append(
                f"LAMPLIGHTER_WEBHOOK_NETWORKS has {network!r}; write networks as 10.2.0.0/16"
            )
    return networks


def _cluster_files(environ: Mapping[str, str], *, wrong: list[str]) -> tuple[str, ...]:
    names = [name for name in NAMES if name.startswith("LAMPLIGHTER_CLUSTER_")]
    given = {name: Path(environ[name]) for name in names if environ.get(name)}
    if not given:
        return ()
    wrong += [
        f"{name} is missing; a cluster needs all three" for name in names if name not in given
    ]
    wrong += [
        f"{name}: there is no file {path}" for name, path in given.items() if not path.is_file()
    ]
    key = given.get("LAMPLIGHTER_CLUSTER_KEY")
    if key is not None and key.is_file() and key.stat().st_mode & 0o077:
        wrong.append(f"LAMPLIGHTER_CLUSTER_KEY: others may read {key}; chmod 600 it")
    return tuple(str(path.absolute()) for path in given.values())


def _database(environ: Mapping[str, str], *, wrong: list[str]) -> dict[str, object]:
    url = urlsplit(environ.get("DATABASE_URL", ""))
    name = unquote(url.path.removeprefix("/"))
    try:
        port = str(url.port or "")
    except ValueError:
        port = "wrong"
    if url.scheme not in {"postgresql", "postgres"} or not name or port == "wrong":
        wrong.append(
            "DATABASE_URL must read postgresql://user:password@host:port/name (PostgreSQL 15 or "
            "later); start with ./lamp to use the embedded server"
        )
        return {}
    query = {key: values[-1] for key, values in parse_qs(url.query).items()}
    host = query.pop("host", url.hostname or "")
    unknown = sorted(set(query) - set(DATABASE_OPTIONS))
    if unknown:
        wrong.append(
            f"DATABASE_URL has the option {', '.join(unknown)}; known are host, "
            f"{', '.join(DATABASE_OPTIONS)}"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": host,
        "PORT": port,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }
