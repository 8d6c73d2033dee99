"""How the invented people live: marginals, bills that add up, seasons, payments."""

import itertools
from collections import Counter, defaultdict
from datetime import date, timedelta

import numpy as np
import pyarrow.parquet as pq
import pytest

from lamplighter.town import bills, hotline, paying, station
from lamplighter.town.behaviour import CAUSES
from lamplighter.town.plan import TARIFFS, Size, plan_of
from tests.town.making import LAST_DAY


@pytest.fixture(scope="module")
def zone():
    return station.invent(plan=plan_of(size=Size.ZONE), seed=3, last_day=LAST_DAY, days=1096)


@pytest.fixture(scope="module")
def whole():
    return station.invent(plan=plan_of(size=Size.STATION), seed=3, last_day=LAST_DAY, days=1096)


def test_the_zone_is_generated_in_exact_numbers(zone):
    causes = Counter(CAUSES[code] for code in zone.people.conduct.cause)

    assert len(zone.people) == 2_100
    assert causes == {
        "NONE": 1_260,
        "UNFUNDED_DEBIT": 588,
        "SHORT_BALANCE": 168,
        "ABSENT_FAMILY": 76,
        "WILFUL": 8,
    }


def test_the_whole_station_is_generated_in_exact_numbers(whole):
    areas = whole.places.areas
    committees = {(a.committee.kind, a.committee.name) for a in areas}
    kinds = Counter(kind for kind, _ in committees)

    assert len(whole.people) == sum(a.customers for a in areas) == 47_783
    assert kinds == {"COMMUNITY": 5, "VILLAGE": 33}
    assert {a.committee.township for a in areas} == {"城关镇", "土门镇"}
    assert np.count_nonzero(whole.people.kind == 2) == 424
    assert np.count_nonzero(whole.people.is_hard) == 2_100
    assert all(60 <= a.customers <= 250 for a in areas)
    assert len(whole.cycles) == 36
    assert np.mean(whole.people.is_prepaid) == pytest.approx(0.10, abs=0.001)
    assert np.mean(whole.people.conduct.cause == 0) == pytest.approx(0.80, abs=0.001)


def test_every_area_has_one_manager_on_every_day(whole):
    spans = defaultdict(list)
    for area, _, first, last in whole.places.responsibilities:
        spans[area].append((first, last or LAST_DAY))
    load = Counter(row[1] for row in whole.places.responsibilities if row[3] is None)

    for parts in spans.values():
        parts.sort()
        assert parts[0][0] <= whole.days.first
        assert parts[-1][1] == LAST_DAY
        for (_, last), (first, _) in itertools.pairwise(parts):
            assert first == last + timedelta(days=1)
    assert len(spans) == 430
    assert all(16 <= areas <= 21 for areas in load.values())


def test_requests_come_in_the_mix_and_at_the_rate_of_the_sources(whole):
    counts = hotline.counts(life=whole)
    mixed = sum(counts[k] for k in ("CONSULTATION", "COMPLAINT", "REPORT", "SUGGESTION", "OTHER"))
    years = 1096 / 365.25

    assert counts["COMPLAINT"] / years / 47_783 * 1e4 == pytest.approx(3.77, abs=0.05)
    assert counts["COMPLAINT"] / mixed == pytest.approx(0.0599, abs=0.001)
    assert counts["CONSULTATION"] / mixed == pytest.approx(0.8164, abs=0.001)
    assert counts["SUGGESTION"] == pytest.approx(7 * years, abs=1)


def known_wh(town):
    """Add up what an office knows in the end: the second delivery wins."""
    wh = {}
    names = [d.file for d in town.manifest.deliveries if d.mapping.startswith("daily_reading")]
    for name in names:
        table = pq.read_table(town.folder / name)
        columns = (table[c].to_pylist() for c in ("计量点编号", "数据日期", "日电量(Wh)"))
        for point, day, energy in zip(*columns, strict=True):
            if name.endswith("补采.parquet") or (point, day) not in wh:
                wh[point, day] = energy
    return wh


def test_each_bill_is_the_sum_of_its_days(town):
    wh = known_wh(town)
    table = pq.read_table(town.folder / "电费账单.parquet")
    names = ("户号", "起始日", "截止日", "电量(Wh)")
    rows = list(zip(*(table[name].to_pylist() for name in names), strict=True))
    first_account = min(int(row[0]) for row in rows)

    for account, first, last, energy in rows:
        point = f"JLD{int(account) - first_account + 1:09d}"
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        assert energy == sum(wh.get((point, day), 0) for day in days), (account, first)
    assert {row[2].day for row in rows} <= {16, 17, 18, 19}


def test_bills_are_priced_step_by_step_by_an_independent_sum(town):
    """Price January-December by hand for one tiered home: 100 + 2,760 kWh over two steps."""
    tariff = next(t for t in TARIFFS if t.code == "RES_TIER_2024")
    cycle = type("C", (), {"issued": date(2026, 3, 22)})()

    fen = bills._priced(tariff, np.array([[2_860_000]]), np.array([300]), (cycle,))

    assert fen.tolist() == [[round((2760 * 0.538 + 100 * 0.588) * 100)]]


def test_files_hold_late_estimated_and_impossible_readings(town):
    table = pq.read_table(town.folder / "日冻结电量_2026.parquet")
    days = table["数据日期"].to_pylist()

    assert min(days) == date(1900, 1, 1)
    assert min(table["日电量(Wh)"].to_pylist()) < 0
    assert "估算" in set(table["数据标识"].to_pylist())
    assert pq.read_metadata(town.folder / "日冻结电量_补采.parquet").num_rows > 0


def test_a_day_of_96_points_adds_up_to_its_reading(town):
    wh = known_wh(town)
    table = pq.read_table(town.folder / "曲线96点.parquet")
    points, days = table["计量点编号"].to_pylist(), table["日期"].to_pylist()
    total = np.sum([table[f"P{n + 1}"].to_numpy() for n in range(96)], axis=0)

    for point, day, kwh in zip(points, days, total, strict=True):
        assert kwh * 1000 == pytest.approx(wh[point, date.fromisoformat(day)], abs=0.01)


def test_homes_use_more_in_summer_and_winter_and_villages_at_spring_festival(zone):
    drivers, days = zone.weather.drivers, zone.days.dates
    month = np.array([day.month for day in days])

    cooling, heating = drivers[2], drivers[3]

    assert cooling[month == 7].mean() > 3 > cooling[month == 10].mean()
    assert heating[month == 1].mean() > 6 > heating[month == 4].mean()
    assert zone.days.spring[zone.days.index(date(2025, 1, 29))] == 1.0
    assert zone.weather.is_heat_wave.sum() >= 25


def settled(life, seed=3):
    rng = np.random.default_rng(seed)
    wh = rng.integers(40_000, 260_000, (len(life.people), len(life.cycles)))
    owed = bills.price(
        people=life.people,
        places=life.places,
        days=life.days,
        cycles=life.cycles,
        wh=wh,
        seed=seed,
    )
    return owed, paying.settle(
        plan=life.plan,
        people=life.people,
        bills=owed,
        last_epoch_day=int(life.days.epoch_day[-1]),
        seed=seed,
    )


def test_the_hard_zone_recovers_four_fifths_by_the_end_of_the_month(zone):
    owed, settlement = settled(zone)
    paid, cycle = settlement.payments, len(zone.cycles) - 2
    postpaid = ~zone.people.is_prepaid
    due_end = (owed.due_day[cycle] + 1) * paying.DAY

    mine = (paid.cycle == cycle) & (paid.at < due_end) & postpaid[paid.account]

    assert paid.fen[mine].sum() / owed.fen[postpaid, cycle].sum() == pytest.approx(0.79, abs=0.03)


def test_unfunded_debits_fail_and_nobody_pays_more_than_was_billed(zone):
    owed, settlement = settled(zone)
    tried, paid = settlement.debits, settlement.payments
    unfunded = zone.people.conduct.has("UNFUNDED_DEBIT")[tried.account]

    assert np.mean(tried.code[unfunded] != 0) > 0.9
    good = zone.people.conduct.has("NONE")[tried.account]
    assert np.mean(tried.code[good] == 0) > 0.98
    per_bill = defaultdict(int)
    kept = ~zone.people.is_prepaid[paid.account]
    for account, cycle, fen in zip(
        paid.account[kept], paid.cycle[kept], paid.fen[kept], strict=True
    ):
        per_bill[account, cycle] += int(fen)
    assert all(fen <= owed.fen[key] for key, fen in per_bill.items())
    assert settlement.payments.at.max() < (int(zone.days.epoch_day[-1]) + 1) * paying.DAY


def test_the_newest_bill_is_partly_paid(zone):
    owed, settlement = settled(zone)
    paid, last = settlement.payments, len(zone.cycles) - 1

    count = len(set(paid.account[paid.cycle == last]))

    assert 0.2 < count / owed.exists[:, last].sum() < 0.9


def test_nobody_is_reminded_of_what_is_paid(zone):
    _, settlement = settled(zone)
    paid, sent = settlement.payments, settlement.reminders
    last_paid = {}
    for account, cycle, at in zip(paid.account, paid.cycle, paid.at, strict=True):
        last_paid[account, cycle] = at

    late = [
        at < last_paid.get((account, cycle), np.inf)
        for account, cycle, at in zip(sent.account, sent.cycle, sent.at, strict=True)
    ]

    assert all(late)


def test_changes_of_every_kind_are_in_the_truth(town, zone):
    table = pq.read_table(town.truth / "changes.parquet")
    kinds = Counter(zone.changes.kind.tolist())

    assert len(kinds) == 6
    assert all(abs(size) > 0.01 for size in table["size_kwh"].to_pylist())
    assert set(table["kind"].to_pylist()) == {
        "SURGE",
        "DROP",
        "VACANCY",
        "RETURN",
        "TURNOVER",
        "APPLIANCE",
    }
