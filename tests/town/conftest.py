"""One tiny station for all tests of the twin."""

import pytest

from tests.town.making import Town, make


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Return a tiny station."""
    return make(tmp_path_factory.mktemp("town"), seed=7)
