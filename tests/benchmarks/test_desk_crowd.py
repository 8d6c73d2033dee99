"""The crowd in front of the real server is answered, and every answer says how long it took."""

import os
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from benchmarks import county, desk_crowd


@pytest.mark.django_db(transaction=True)
def test_each_kind_of_request_is_answered_and_timed(monkeypatch):
    server = urlsplit(os.environ["DATABASE_URL"])
    here = urlunsplit(server._replace(path=f"/{connection.settings_dict['NAME']}"))
    monkeypatch.setenv("DATABASE_URL", here)
    made = county.make(n_customers=250, field_key=settings.FIELD_KEY)

    found = desk_crowd.measured(
        made=made, n_rounds=1, pause_seconds=0, field_key=settings.FIELD_KEY, seed=1
    )

    assert found["users"] == county.N_AGENTS
    assert set(found["median"]) == {
        *(desk_crowd.BARE, desk_crowd.POP, desk_crowd.KNOWN, desk_crowd.SEARCH),
        *(desk_crowd.BY_NUMBER, desk_crowd.BARE_NAMES, desk_crowd.BY_NAME),
    }
    for line in found["median"].values():
        assert line["requests"] == county.N_AGENTS
        assert 0 < line["server_ms"] <= line["waited_ms"]
