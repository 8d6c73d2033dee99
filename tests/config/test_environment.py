"""Settings are read once, every mistake is named, and production accepts nothing of the demo's."""

import base64
import hashlib
from datetime import date, timedelta
from pathlib import Path

import pytest

from lamplighter.config import environment

CHECKOUT = Path("/srv/lamplighter")
DATABASE = "postgresql://lamp:s%40fe@db.example.cn:5433/lamp"
PRODUCTION = {
    "LAMPLIGHTER_PROFILE": "production",
    "LAMPLIGHTER_SECRET_KEY": "k8Zq-4wLx2VnT7yR0pMs9HcJ5bGf3aUeD6iXoQtWvYlNrKzE1S",
    "LAMPLIGHTER_FIELD_KEY": base64.b64encode(bytes(range(32))).decode(),
    "LAMPLIGHTER_HOSTS": "lamp.example.cn, lamp.internal",
    "DATABASE_URL": DATABASE,
}


def read(environ: dict[str, str]) -> environment.Environment:
    return environment.read(environ=environ, checkout=CHECKOUT)


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(environment.SettingsWrong) as error:
        read(environ)
    return str(error.value)


class TestDemo:
    def test_needs_a_database_and_nothing_else(self):
        read_settings = read({"DATABASE_URL": DATABASE})

        assert read_settings.profile == "demo"
        assert not read_settings.is_production
        assert read_settings.home == CHECKOUT / ".lamp"
        assert read_settings.today is None
        assert read_settings.time_zone == "Asia/Shanghai"
        assert "*" not in read_settings.hosts
        assert "localhost" in read_settings.hosts
        assert len(read_settings.field_key) == 32

    def test_takes_another_day_zone_and_home(self):
        read_settings = read(
            {
                "DATABASE_URL": DATABASE,
                "LAMPLIGHTER_TODAY": "2026-11-25",
                "LAMPLIGHTER_CLOCK_AHEAD": "-90",
                "LAMPLIGHTER_TIME_ZONE": "Europe/London",
                "LAMPLIGHTER_HOME": "/var/lib/lamp state",
            }
        )

        assert read_settings.today == date(2026, 11, 25)
        assert read_settings.clock_ahead == timedelta(seconds=-90)
        assert read_settings.time_zone == "Europe/London"
        assert read_settings.home == Path("/var/lib/lamp state")


class TestDatabase:
    def test_is_read_from_a_url_with_escapes(self):
        database = read({"DATABASE_URL": DATABASE}).database

        assert database["HOST"] == "db.example.cn"
        assert database["PORT"] == "5433"
        assert (database["USER"], database["PASSWORD"]) == ("lamp", "s@fe")
        assert database["NAME"] == "lamp"

    def test_may_listen_on_a_socket_in_a_folder_with_spaces(self):
        url = "postgresql://lamplighter@/lamplighter?host=/tmp/my%20lamp/postgres"

        assert read({"DATABASE_URL": url}).database["HOST"] == "/tmp/my lamp/postgres"

    def test_may_ask_for_encryption(self):
        database = read({"DATABASE_URL": f"{DATABASE}?sslmode=verify-full"}).database

        assert database["OPTIONS"] == {"sslmode": "verify-full"}

    @pytest.mark.parametrize(
        "url",
        ["", "mysql://a@b/c", "postgresql://host-only", "lamp", "postgresql://a@b:port/c"],
    )
    def test_of_another_kind_is_refused(self, url):
        assert "DATABASE_URL must read postgresql://" in refusal({"DATABASE_URL": url})

    def test_options_that_are_not_passed_on_are_refused(self):
        assert "sslmood" in refusal({"DATABASE_URL": f"{DATABASE}?sslmood=require"})


class TestMistakes:
    def test_are_named_all_at_once(self):
        said = refusal(
            {
                "LAMPLIGHTER_PROFILE": "live",
                "LAMPLIGHTER_FIELD_KEY": "short",
                "LAMPLIGHTER_TODAY": "25.11.2026",
                "LAMPLIGHTER_CLOCK_AHEAD": "an hour",
                "LAMPLIGHTER_TIME_ZONE": "China/Anywhere",
                "LAMPLIGHTER_SECRET": "typing mistake",
                "DATABASE_URL": "sqlite:///here.db",
            }
        )

        for name in (
            "LAMPLIGHTER_PROFILE",
            "LAMPLIGHTER_FIELD_KEY",
            "LAMPLIGHTER_TODAY",
            "LAMPLIGHTER_CLOCK_AHEAD",
            "LAMPLIGHTER_TIME_ZONE",
            "LAMPLIGHTER_SECRET is not a setting",
            "DATABASE_URL",
        ):
            assert f"- {name}" in said
        assert said.count("\n- ") == 7

    def test_never_repeat_a_secret(self):
        url = "mysql://lamp:hunter2@db/lamp"

        said = refusal({**PRODUCTION, "LAMPLIGHTER_SECRET_KEY": "too short", "DATABASE_URL": url})

        assert "too short" not in said
        assert "hunter2" not in said


class TestProduction:
    def test_starts_when_everything_is_given(self):
        read_settings = read(PRODUCTION)

        assert read_settings.is_production
        assert read_settings.hosts == ("lamp.example.cn", "lamp.internal")
        assert read_settings.field_key == bytes(range(32))

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("LAMPLIGHTER_SECRET_KEY", ""),
            ("LAMPLIGHTER_SECRET_KEY", environment.DEMO_SECRET),
            ("LAMPLIGHTER_SECRET_KEY", "k8Zq-4wLx2Vn"),
            ("LAMPLIGHTER_SECRET_KEY", "ab" * 30),
            ("LAMPLIGHTER_FIELD_KEY", ""),
            ("LAMPLIGHTER_FIELD_KEY", "not base64 at all!"),
            ("LAMPLIGHTER_FIELD_KEY", base64.b64encode(b"x" * 16).decode()),
            (
                "LAMPLIGHTER_FIELD_KEY",
                base64.b64encode(
                    hashlib.sha256(environment.DEMO_SECRET.encode()).digest()
                ).decode(),
            ),
            ("LAMPLIGHTER_HOSTS", ""),
            ("LAMPLIGHTER_HOSTS", "*"),
            ("LAMPLIGHTER_HOSTS", "lamp.example.cn,*"),
            ("LAMPLIGHTER_TODAY", "2026-11-25"),
            ("LAMPLIGHTER_CLOCK_AHEAD", "60"),
            ("DATABASE_URL", ""),
        ],
    )
    def test_refuses_what_is_absent_weak_or_the_demos(self, name, value):
        said = refusal({**PRODUCTION, name: value})

        assert f"- {name}" in said
        assert said.count("\n- ") == 1


class TestClusterFiles:
    def files(self, folder: Path) -> dict[str, str]:
        given = {"DATABASE_URL": DATABASE}
        for name in ("AUTHORITY", "CERTIFICATE", "KEY"):
            file = folder / f"{name.lower()}.pem"
            file.write_text("PEM")
            file.chmod(0o600)
            given[f"LAMPLIGHTER_CLUSTER_{name}"] = str(file)
        return given

    def test_are_taken_together_in_the_order_the_engine_wants(self, tmp_path):
        names = [Path(file).name for file in read(self.files(tmp_path)).cluster_files]

        assert names == ["authority.pem", "certificate.pem", "key.pem"]
        assert read({"DATABASE_URL": DATABASE}).cluster_files == ()

    def test_are_named_when_one_is_missing_absent_or_open_to_others(self, tmp_path):
        given = self.files(tmp_path)
        Path(given["LAMPLIGHTER_CLUSTER_AUTHORITY"]).unlink()
        del given["LAMPLIGHTER_CLUSTER_CERTIFICATE"]
        Path(given["LAMPLIGHTER_CLUSTER_KEY"]).chmod(0o640)

        said = refusal(given)

        assert "LAMPLIGHTER_CLUSTER_AUTHORITY: there is no file" in said
        assert "LAMPLIGHTER_CLUSTER_CERTIFICATE is missing" in said
        assert "LAMPLIGHTER_CLUSTER_KEY: others may read" in said


class TestStore:
    def test_is_an_address_in_an_object_store(self):
        url = "s3://lamp/station?endpoint=https://s3.example.cn"

        assert read({"DATABASE_URL": DATABASE, "LAMPLIGHTER_STORE": url}).store == url
        assert read({"DATABASE_URL": DATABASE}).store == ""

    def test_with_a_key_in_it_is_refused_without_repeating_it(self):
        said = refusal({"DATABASE_URL": DATABASE, "LAMPLIGHTER_STORE": "s3://me:hush@lamp/x"})

        assert "LAMPLIGHTER_STORE: keys do not belong" in said
        assert "hush" not in said


class TestWebhookNetworks:
    def test_a_trial_may_call_this_machine_and_production_nothing_inside(self):
        assert read({"DATABASE_URL": DATABASE}).webhook_networks == ("127.0.0.0/8", "::1/128")
        assert read(PRODUCTION).webhook_networks == ()

    def test_networks_are_named_and_a_mistake_is_told(self):
        named = PRODUCTION | {"LAMPLIGHTER_WEBHOOK_NETWORKS": "10.2.0.0/16, fd00::/8"}

        assert read(named).webhook_networks == ("10.2.0.0/16", "fd00::/8")
        assert "10.2.0.1/16" in refusal(named | {"LAMPLIGHTER_WEBHOOK_NETWORKS": "10.2.0.1/16"})
