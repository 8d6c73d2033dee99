"""A station's smallest network, and what every import needs."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lamplighter.facts.intake import mapping_files, services
from lamplighter.facts.intake.mappings import Mapping
from lamplighter.facts.intake.records import Doorway
from lamplighter.facts.intake.services import DeliveryReport, Stores
from lamplighter.facts.network.landing import DOORWAYS

MORNING = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)
NETWORK = {doorway.record.name: doorway for doorway in DOORWAYS}
UNITS = """
record = "org_unit"
zh = "组织机构"
en = "Units"
[file]
format = "csv"
encoding = "gb18030"
time_zone = "Asia/Shanghai"
[columns.code]
from = "单位编码"
[columns.kind]
from = "单位类型"
values = { "省公司" = "PROVINCE", "供电所" = "STATION" }
[columns.name]
from = "单位名称"
[columns.parent_code]
from = "上级单位"
missing = ["无"]
"""


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    archive = tmp_path / "archive"
    archive.mkdir()
    return Stores(archive_folder=archive, lake_folder=tmp_path / "lake", field_key=b"k" * 32)


@pytest.fixture
def mapping() -> Callable[..., Mapping]:
    def made(text: str = UNITS, doorways: dict[str, Doorway] = NETWORK) -> Mapping:
        known = {name: doorway.record for name, doorway in doorways.items()}
        return mapping_files.parse(text=text, name="units", records=known)

    return made


@pytest.fixture
def receive(tmp_path: Path, stores: Stores, mapping) -> Callable[..., DeliveryReport]:
    """Take bytes in as a file."""

    def received(
        content: bytes | str,
        *,
        text: str = UNITS,
        doorways: dict[str, Doorway] = NETWORK,
        name: str = "units.csv",
        encoding: str = "gb18030",
    ) -> DeliveryReport:
        file = tmp_path / name
        file.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return services.receive(
            file=file,
            mapping=mapping(text, doorways),
            doorways=doorways,
            received_by="staff:1",
            now=MORNING,
            stores=stores,
        )

    return received
