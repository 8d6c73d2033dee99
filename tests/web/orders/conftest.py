"""The moment at the desk."""

import pytest

from tests import factories as f


@pytest.fixture(autouse=True)
def clock(clock, settings, tmp_path):
    settings.ATTACHMENTS_FOLDER = tmp_path
    settings.DEMO_TODAY = f.TODAY
    return clock
