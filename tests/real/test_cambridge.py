"""Real meters of a university, from the files to profiles and changes that a viewer can see."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import real_files
from lamplighter.facts.customers.models import Account
from lamplighter.facts.network.models import Staff
from lamplighter.findings import queries
from lamplighter.findings.models import AccountFinding, Signal
from lamplighter.kernel.viewer import Role, Viewer
from tests.real.conftest import EXAMPLES

METERS = 12  # with hours: the whole takes the documented command sequence
DAYS_OF_HOURS = 122
MEAN_OF = 365  # days


@dataclass(frozen=True)
class Buildings:
    """What the daily file says of its meters, by readings of our own."""

    meters: list[str]
    row: Any
    day: Any
    is_lit: Any  # some hour of the day has energy

    @property
    def last_day(self) -> date:
        return self.day.max().item()


@pytest.fixture(scope="module")
def daily(real_file):
    return real_file("cambridge_daily.parquet")


@pytest.fixture(scope="module")
def buildings(daily):
    table = real_files.read(daily, columns=["meter", "day", "zero_hours"])
    meters, row = real_files.named(table, "meter")
    return Buildings(
        meters=meters,
        row=row,
        day=real_files.moments(table, "day", unit="D"),
        is_lit=real_files.numbers(table, "zero_hours", kind=pa.float64()) != 24,
    )


@pytest.fixture(scope="module")
def some_hours(real_file, buildings):
    """The last months of hours of some meters, as the night of the last daily reading knows them.

    Empty where the file of hours begins later.
    """
    table = pq.read_table(real_file("cambridge_hourly_*.parquet"))
    name = np.array(buildings.meters)[:METERS]
    names, row = real_files.named(table, "meter")
    hour = real_files.moments(table, "hour_start", unit="h")
    end = np.datetime64(buildings.last_day) + np.timedelta64(1, "D")
    wanted = (
        np.isin(np.array(names)[row], name)
        & (hour >= end - np.timedelta64(DAYS_OF_HOURS, "D"))
        & (hour < end)
    )
    return table.filter(pa.array(wanted))


@pytest.fixture(scope="module")
def reports(empty, daily, some_hours):
    network = {
        name: empty.receive(
            EXAMPLES / "cambridge" / f"{name}.csv", EXAMPLES / "mappings" / f"cambridge_{name}.toml"
        )
        for name in ("units", "areas", "staff", "duties")
    }
    days = {
        name: empty.receive(daily, EXAMPLES / "mappings" / f"cambridge_{name}.toml")
        for name in ("accounts", "points", "daily")
    }
    if not some_hours.num_rows:
        return network | days
    hours = empty.folder / "hours.parquet"
    pq.write_table(some_hours, hours)
    interval = empty.receive(hours, EXAMPLES / "mappings" / "cambridge_hourly.toml")
    return network | days | {"hourly": interval}


@pytest.fixture(scope="module")
def night_id(empty, reports, buildings):
    return empty.run(as_of=buildings.last_day)


def viewer(number):
    staff = Staff.objects.select_related("org_unit").get(number=number)
    return Viewer(
        staff_id=staff.pk,
        staff_number=staff.number,
        name=staff.name,
        role=Role(staff.post),
        org_name=staff.org_unit.name,
        org_path=staff.org_unit.path,
    )


def test_the_counts_add_up(reports, buildings):
    for report in reports.values():
        assert report.state == "IMPORTED", report.refusal
        assert report.n_read == report.n_imported + report.n_unchanged + report.n_quarantined
    n_meters = len(buildings.meters)
    assert (reports["accounts"].n_imported, reports["points"].n_imported) == (n_meters, n_meters)
    assert reports["daily"].n_imported == np.count_nonzero(buildings.is_lit)


def test_every_building_has_a_profile_that_its_manager_sees(night_id, buildings, some_hours):
    of_last_year = buildings.day > np.datetime64(buildings.last_day) - np.timedelta64(MEAN_OF, "D")
    measured = buildings.row[of_last_year & buildings.is_lit]
    seen = queries.findings_of(
        viewer=viewer("CAM-01"),
        on=buildings.last_day,
        account_ids=list(Account.objects.values_list("pk", flat=True)),
    )

    assert len(seen) == len(buildings.meters)
    with_level = [finding for finding in seen.values() if finding.profile.get("mean_12m_kwh")]
    assert len(with_level) == len(np.unique(measured))
    with_hours = any(finding.profile.get("peak_slot") is not None for finding in seen.values())
    assert with_hours == (some_hours.num_rows > 0)


def test_changes_are_found_and_a_viewer_can_see_them(night_id, buildings):
    changed = Signal.objects.filter(list="CHANGE").values_list("account_id", flat=True)

    print(f"{len(set(changed))} of {len(buildings.meters)} buildings changed")
    assert len(set(changed)) >= 0.1 * len(buildings.meters)
    shown = queries.signals_of(
        viewer=viewer("CAM-02"), on=buildings.last_day, account_id=changed[0]
    )
    assert shown
    since = buildings.last_day - timedelta(3 * 366)
    assert all(
        since <= signal.changed_date <= buildings.last_day
        for signal in shown
        if signal.changed_date
    )


def test_accounts_without_a_bill_are_given_no_risk_and_no_amount(night_id):
    found = AccountFinding.objects.filter(night=night_id)

    assert set(found.values_list("grade", "risk_band", "cause")) == {("N", "", "")}
    assert found.filter(forecast_amount_cny__isnull=False).count() == 0
    json.dumps(list(found.values_list("profile", flat=True)), allow_nan=False)
