"""Readings that are wrong in every way stations know, from the file to what is found."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import python_calamine
import xlsxwriter

from lamplighter.facts.intake.models import QuarantinedRow
from lamplighter.findings.models import AccountFinding, Signal
from lamplighter.insight.habits.terms import REFUSED, State
from tests.stations import RECEIVED, Station, mapping_file
from tests.town.making import LAST_DAY

N_DAYS = 250
DAYS = [LAST_DAY - timedelta(days=back) for back in reversed(range(N_DAYS))]
TEN_YEARS = [LAST_DAY - timedelta(days=365 * back) for back in reversed(range(11))]
ACCOUNT = "46990000{:02d}"
POINT = "JLD9999990{:02d}"
STREET = "TQ00001"


def usual() -> np.ndarray:
    return np.random.default_rng(5).gamma(30.0, 0.3, N_DAYS)


def from_day(place: int, factor: float) -> np.ndarray:
    return usual() * np.where(np.arange(N_DAYS) >= place, factor, 1.0)


def series(values: np.ndarray, days: list[date] = DAYS) -> dict[date, float]:
    return dict(zip(days, values.tolist(), strict=True))


SERIES: dict[str, dict[date, float]] = {
    "no reading at all": {},
    "one reading": series(np.array([5.0]), DAYS[100:101]),
    "all zero": series(np.zeros(N_DAYS)),
    "a year apart for ten years": series(np.full(11, 6.0), TEN_YEARS),
    "some days in Wh": series(np.where(np.arange(N_DAYS) % 50 == 7, usual() * 1000, usual())),
    "in Wh from a day on": series(from_day(180, 1000.0)),
    "a replaced meter": series(np.where(np.arange(N_DAYS) == 120, 0.0, usual())),
    "fine": series(usual()),
}


def deliver(station: Station, by_name: dict[str, dict[date, float]], *, area: str = STREET) -> None:
    """Take in a home a series, and its readings in Wh."""
    head = (station.deliveries / "用户档案.csv").read_text(encoding="gb18030").splitlines()[:2]
    home = head[1].replace("TQ00001", area)
    homes = [
        home.replace("4600000001", ACCOUNT.format(n)).replace("KH00000020", f"KH999999{n:02d}")
        for n in range(len(by_name))
    ]
    points = [f"{POINT.format(n)},{ACCOUNT.format(n)},{area}" for n in range(len(by_name))]
    take(station, "customer", text("customer", station, [head[0], *homes]))
    take(station, "usage_point", text("point", station, ["计量点编号,户号,台区编号", *points]))
    rows = [
        (POINT.format(n), day, round(kwh * 1000))
        for n, known in enumerate(by_name.values())
        for day, kwh in known.items()
    ]
    table = {
        "计量点编号": [row[0] for row in rows],
        "数据日期": [row[1] for row in rows],
        "日电量(Wh)": [row[2] for row in rows],
        "数据标识": ["实测"] * len(rows),
    }
    file = station.folder / "readings.parquet"
    pq.write_table(pa.table(table), file)
    take(station, "daily_reading", file)


def text(name: str, station: Station, lines: list[str]) -> Path:
    file = station.folder / f"{name}.csv"
    file.write_text("\n".join(lines) + "\n", encoding="gb18030")
    return file


def take(station: Station, mapping: str, file: Path) -> None:
    report = station.receive(file, mapping_file(mapping), now=RECEIVED + timedelta(minutes=1))
    assert report.state == "IMPORTED", report.refusal


@pytest.fixture
def found(station: Station) -> dict[str, AccountFinding]:
    """What the night finds of each series, by its name."""
    deliver(station, SERIES)
    station.run()
    return {
        name: AccountFinding.objects.get(account__number=ACCOUNT.format(number))
        for number, name in enumerate(SERIES)
    }


STATES = {
    "no reading at all": State.ALL_MISSING,
    "one reading": State.TOO_FEW_DAYS,
    "all zero": State.ALL_ZERO,
    "a year apart for ten years": State.TOO_FEW_DAYS,
    "some days in Wh": State.UNIT_SLIP,
    "in Wh from a day on": State.UNIT_SLIP,
    "a replaced meter": State.OK,
    "fine": State.OK,
}


def test_says_of_every_series_whether_it_can_be_used_and_why_not(found):
    assert {name: State(finding.profile["state"]) for name, finding in found.items()} == STATES


def test_finds_nothing_where_it_refuses_and_no_surge_in_a_slip_of_units(found):
    signals = {
        name: set(Signal.objects.filter(account=finding.pk).values_list("list", "kind"))
        for name, finding in found.items()
    }

    for name, state in STATES.items():
        if state in REFUSED:
            assert not signals[name], name
            assert found[name].profile["mean_12m_kwh"] is None, name
        else:
            assert found[name].profile["mean_12m_kwh"] == pytest.approx(9.0, rel=0.03), name
        assert not {kind for _, kind in signals[name]} & {"SURGE", "DROP", "VACANCY", "RETURN"}


def test_a_home_alone_in_its_area_is_told_from_its_own_past(station):
    deliver(station, {"alone": series(usual())}, area=own_area(station))

    station.run()

    (finding,) = AccountFinding.objects.filter(account__number=ACCOUNT.format(0))
    assert State(finding.profile["state"]) is State.OK
    assert finding.profile["neighbours"] == 0
    assert finding.profile["mean_12m_kwh"] == pytest.approx(9.0, rel=0.03)


def test_net_export_is_turned_away_at_the_door_with_its_reason(station):
    rare = series(np.where(np.arange(N_DAYS) % 60 == 3, -usual(), usual()))

    deliver(station, {"feeds in on some days": rare})

    refused = QuarantinedRow.objects.filter(
        reason="NEGATIVE_ENERGY", delivery__received_at__gt=RECEIVED
    )
    assert refused.count() == sum(kwh < 0 for kwh in rare.values()) == 5
    station.run()
    (finding,) = AccountFinding.objects.filter(account__number=ACCOUNT.format(0))
    assert State(finding.profile["state"]) is State.OK
    assert finding.profile["n_days"] == N_DAYS - 5


def test_a_file_of_net_export_is_refused_whole(station):
    with pytest.raises(AssertionError, match="NEGATIVE_ENERGY × 250"):
        deliver(station, {"feeds in always": series(-usual())})


def own_area(station: Station) -> str:
    """Take in an area in which nobody lives yet, and return its code."""
    head, *rows = (
        python_calamine.load_workbook(str(station.deliveries / "台区档案.xlsx"))
        .get_sheet_by_index(0)
        .to_python()
    )
    row = ["TQ99999", *rows[0][1:]]
    sheet = xlsxwriter.Workbook(str(station.folder / "area.xlsx"))
    page = sheet.add_worksheet("台区档案")
    page.write_row(0, 0, head)
    page.write_row(1, 0, row)
    sheet.close()
    take(station, "area", station.folder / "area.xlsx")
    return "TQ99999"
