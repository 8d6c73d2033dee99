"""Real meters of a university, from the files to profiles and changes that a viewer can see."""

import json
from datetime import date

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from lamplighter.facts.customers.models import Account
from lamplighter.facts.network.models import Staff
from lamplighter.findings import queries
from lamplighter.findings.models import AccountFinding, Signal
from lamplighter.kernel.viewer import Role, Viewer
from tests.real.conftest import EXAMPLES

AS_OF = date(2023, 12, 31)
FIRST_HOURS = date(2023, 9, 1)
METERS = 12  # with hours: the whole takes the documented command sequence


@pytest.fixture(scope="module")
def reports(empty, real_data):
    network = {
        name: empty.receive(
            EXAMPLES / "cambridge" / f"{name}.csv", EXAMPLES / "mappings" / f"cambridge_{name}.toml"
        )
        for name in ("units", "areas", "staff", "duties")
    }
    daily = real_data / "cambridge_daily.parquet"
    days = {
        name: empty.receive(daily, EXAMPLES / "mappings" / f"cambridge_{name}.toml")
        for name in ("accounts", "points", "daily")
    }
    hours = empty.folder / "hours.parquet"
    pq.write_table(_some_hours(real_data), hours)
    interval = empty.receive(hours, EXAMPLES / "mappings" / "cambridge_hourly.toml")
    return network | days | {"hourly": interval}


def _some_hours(real_data):
    table = pq.read_table(real_data / "cambridge_hourly_2019_2023.parquet")
    meters = sorted(set(table["meter"].to_pylist()))[:METERS]
    late = pc.greater_equal(table["hour_start"], pc.cast(FIRST_HOURS, table.schema.types[1]))
    return table.filter(pc.and_(late, pc.is_in(table["meter"], pc.cast(meters, "string"))))


@pytest.fixture(scope="module")
def night_id(empty, reports):
    return empty.run(as_of=AS_OF)


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


def test_the_counts_add_up(reports, real_data):
    table = pq.read_table(real_data / "cambridge_daily.parquet", columns=["zero_hours"])
    has_energy = pc.sum(pc.not_equal(table["zero_hours"], 24)).as_py()

    for report in reports.values():
        assert report.state == "IMPORTED", report.refusal
        assert report.n_read == report.n_imported + report.n_unchanged + report.n_quarantined
    assert (reports["accounts"].n_imported, reports["points"].n_imported) == (73, 73)
    assert reports["daily"].n_imported == has_energy


def test_every_building_has_a_profile_that_its_manager_sees(night_id, real_data):
    table = pq.read_table(real_data / "cambridge_daily.parquet")
    of_last_year = pc.greater_equal(table["day"], date(2023, 1, 1))
    measured = table.filter(pc.and_(of_last_year, pc.not_equal(table["zero_hours"], 24)))
    seen = queries.findings_of(
        viewer=viewer("CAM-01"),
        on=AS_OF,
        account_ids=list(Account.objects.values_list("pk", flat=True)),
    )

    assert len(seen) == 73
    with_level = [finding for finding in seen.values() if finding.profile.get("mean_12m_kwh")]
    assert len(with_level) == pc.count_distinct(measured["meter"]).as_py()
    assert any(finding.profile.get("peak_slot") is not None for finding in seen.values())


def test_changes_are_found_and_a_viewer_can_see_them(night_id):
    changed = Signal.objects.filter(list="CHANGE").values_list("account_id", flat=True)

    assert len(set(changed)) >= 10
    shown = queries.signals_of(viewer=viewer("CAM-02"), on=AS_OF, account_id=changed[0])
    assert shown
    assert all(
        date(2021, 1, 1) <= signal.changed_date <= AS_OF for signal in shown if signal.changed_date
    )


def test_accounts_without_a_bill_are_given_no_risk_and_no_amount(night_id):
    found = AccountFinding.objects.filter(night=night_id)

    assert set(found.values_list("grade", "risk_band", "cause")) == {("N", "", "")}
    assert found.filter(forecast_amount_cny__isnull=False).count() == 0
    json.dumps(list(found.values_list("profile", flat=True)), allow_nan=False)
