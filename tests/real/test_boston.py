"""A city's promises, replayed: its own flag on every row with a target, from our services.

The city says of each request when it was opened, by when it promised an end, and when that came.
Orders are opened and reported done by the doors that other systems use. The city's export was made
on 2016-01-12 at 23:00: what had missed its promise by then must be what it calls overdue. (Of the
eight months at hand it left 144 rows that have a target without a flag.)
"""

from collections import Counter
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from django.db import connection

from benchmarks import real_files
from lamplighter.action.service import queries, shares
from lamplighter.action.service import rules as service_rules
from lamplighter.action.service import services as service
from tests import factories as f
from tests.action.service.making import KEY, ZONE
from tests.real.conftest import is_file

pytestmark = pytest.mark.django_db
AS_OF = datetime(2016, 1, 12, 23, tzinfo=UTC)  # the city's clocks have no zone; one is as good
# SHA-256 of the file at hand
EIGHT_MONTHS = "d48301ad0a4f29cbc90490c51fa66880e61d0df0603b8816cc24c194bb7a9c80"
AT_ONCE = 10_000
CHANNELS = {"Constituent Call": "PHONE", "Self Service": "WEB", "Citizens Connect App": "APP"}


def rows_with_a_target(file):
    names = ["OPEN_DT", "TARGET_DT", "CLOSED_DT", "OnTime_Status", "Source"]
    table = real_files.read(file, columns=names)
    columns = [moments(table, name) for name in names[:3]]
    columns += [real_files.as_type(table, name, pa.string()).to_pylist() for name in names[3:]]
    return [
        (opened, target, closed, status or None, CHANNELS.get(source, "INSIDE"))
        for opened, target, closed, status, source in zip(*columns, strict=True)
        if target is not None
    ]


def moments(table, name):
    """The moments of a column, whatever unit they are stored in; None where there is none."""
    values = real_files.as_type(table, name, pa.timestamp("us")).to_pylist()
    return [None if value is None else value.replace(tzinfo=UTC) for value in values]


def replayed(rows, *, viewer, rules):
    """Open an order for each row and report the closed ones done; their numbers in row order."""
    numbers = []
    for first in range(0, len(rows), AT_ONCE):
        part = rows[first : first + AT_ONCE]
        opened = service.open_orders(
            viewer=viewer,
            requests=[
                service.Request(
                    type_code="RELEASE_POLICY",
                    channel=channel,
                    asked_at=asked_at,
                    given_at={"OUT_BY": target},
                )
                for asked_at, target, _, _, channel in part
            ],
            now=AS_OF,
            rules=rules,
            field_key=KEY,
        )
        numbers += [one.number for one in opened]
        service.report_done(
            viewer=viewer,
            reports=[
                # 55 rows are closed before they are opened; then at once
                service.Report(number=one.number, done_at=max(closed, asked_at))
                for one, (asked_at, _, closed, _, _) in zip(opened, part, strict=True)
                if closed is not None
            ],
            now=AS_OF,
            rules=rules,
        )
        counted()
    return numbers


def counted():
    """Let PostgreSQL count its rows, as its upkeep does for rows that other sessions can see.

    This test's rows are never committed. Upkeep that comes by meanwhile finds the tables empty, and
    the questions after it are planned for empty tables: quadratic over 61,875 orders.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def test_reproduces_the_citys_flag_on_every_row_that_has_a_target(real_file):
    file = real_file("boston311_*.parquet")
    station = f.make_station()
    f.make_staff(station=station, post="AGENT")
    viewer = f.viewer_for(f.make_staff(station=station, post="SUPERVISOR"))
    rules = service_rules.in_force(on=AS_OF.date(), zone=ZONE)
    rows = rows_with_a_target(file)
    if not rows:
        pytest.skip(f"no row of {file.name} has a target")
    since = min(row[0] for row in rows)

    numbers = replayed(rows, viewer=viewer, rules=rules)

    missed = queries.missed_numbers(viewer=viewer, rules=rules, at=AS_OF, since=since)
    flags = {number: row[3] for number, row in zip(numbers, rows, strict=True)}
    ours = {number: "OVERDUE" if number in missed else "ONTIME" for number in numbers}
    differ = {number for number, flag in flags.items() if flag is not None and flag != ours[number]}
    assert not differ
    told = Counter(flags.values())
    assert set(told) <= {"ONTIME", "OVERDUE", None}
    assert told[None] < 0.02 * len(rows)  # else hardly anything was compared
    if is_file(file, EIGHT_MONTHS):
        assert told == {"ONTIME": 40_304, "OVERDUE": 21_427, None: 144}
    (share,) = shares.by_type(
        viewer=viewer, rules=rules, outward_only=False, since=since, now=AS_OF
    )
    assert share.n_missed == len(missed)
    assert share.n_kept + share.n_missed + share.n_running == len(rows)
