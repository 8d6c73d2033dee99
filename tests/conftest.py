"""What all tests share."""

import os
from pathlib import Path

import pytest

REAL_DATA = Path(
    os.environ.get("LAMPLIGHTER_REAL_DATA") or Path(__file__).parents[2] / "shared/data/real"
)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data that nobody in this project wrote; skips where it is absent."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"no real data at {REAL_DATA}: set LAMPLIGHTER_REAL_DATA to its folder")
    return REAL_DATA
