import pytest

from tests.factories import TODAY


@pytest.fixture(autouse=True)
def _today(settings, tmp_path):
    settings.DEMO_TODAY = TODAY
    settings.LAKE_FOLDER = tmp_path / "lake"
