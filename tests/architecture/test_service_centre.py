"""What is written of the service centre's layers and channels is so."""

import re
from pathlib import Path

from lamplighter.action.service.models.orders import CHANNELS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/reference/service-centre.md").read_text("utf-8")


def test_every_channel_is_told_once():
    channels = TEXT[TEXT.index("## Channels") : TEXT.index("## From the need")]

    assert re.findall(r"^\| ([A-Z]+) \|", channels, re.MULTILINE) == CHANNELS


def test_every_path_that_is_named_is_there():
    paths = re.findall(r"`((?:src|tests)/[^`]+)`", TEXT)

    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []
