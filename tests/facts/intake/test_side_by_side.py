"""Deliveries beside each other, and one that is killed in the middle."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.db import connection

from lamplighter.facts.intake import services
from lamplighter.facts.intake.models import Delivery
from lamplighter.facts.network.models import OrgUnit
from lamplighter.ledger import queries as ledger
from tests.facts.intake.conftest import MORNING, NETWORK, UNITS

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = "单位编码,单位类型,单位名称,上级单位\nS1,供电所,城关所,P\nP,省公司,省公司,无\n"
KILLED = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
import django
django.setup()
from lamplighter.facts.intake import mapping_files, services
from tests.facts.intake.conftest import MORNING, NETWORK, UNITS

def land_and_die(*, rows, context):
    NETWORK["org_unit"].land(rows=rows, context=context)
    os.kill(os.getpid(), signal.SIGKILL)

doors = {**NETWORK, "org_unit": replace(NETWORK["org_unit"], land=land_and_die)}
folder = Path(sys.argv[1])
services.receive(
    file=folder / "units.csv",
    mapping=mapping_files.parse(
        text=UNITS, name="units", records={name: door.record for name, door in NETWORK.items()}
    ),
    doorways=doors,
    received_by="staff:1",
    now=MORNING,
    stores=services.Stores(
        archive_folder=folder / "archive", lake_folder=folder / "lake", field_key=b"k" * 32
    ),
)
"""


def test_a_delivery_killed_in_the_middle_leaves_nothing_and_is_finished_later(receive, tmp_path):
    (tmp_path / "units.csv").write_bytes(GOOD.encode("gb18030"))
    given = connection.settings_dict
    database = f"postgresql://{given['USER']}@/{given['NAME']}?host={given['HOST']}"
    root = Path(__file__).parents[3]
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "lamplighter.config.settings",
        "PYTHONPATH": f"{root / 'src'}:{root}",
    }

    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], env=environment, timeout=120, check=False
    )

    assert died.returncode == -signal.SIGKILL
    assert Delivery.objects.get().state == "RECEIVED"
    assert not OrgUnit.objects.exists()
    report = receive(GOOD)
    assert (report.state, report.n_imported, report.is_repeat) == ("IMPORTED", 2, False)
    assert ledger.first_broken_link() is None


def test_the_same_file_from_two_sides_lands_once(tmp_path, stores, mapping):
    file = tmp_path / "units.csv"
    file.write_bytes(GOOD.encode("gb18030"))
    together = threading.Barrier(2)
    reports = []

    def deliver() -> None:
        together.wait()
        try:
            reports.append(
                services.receive(
                    file=file,
                    mapping=mapping(UNITS),
                    doorways=NETWORK,
                    received_by="staff:1",
                    now=MORNING,
                    stores=stores,
                )
            )
        finally:
            connection.close()

    sides = [threading.Thread(target=deliver) for _ in range(2)]
    for side in sides:
        side.start()
    for side in sides:
        side.join()

    assert sorted(report.is_repeat for report in reports) == [False, True]
    assert {report.n_imported for report in reports} == {2}
    assert OrgUnit.objects.count() == 2
    assert Delivery.objects.count() == 1
