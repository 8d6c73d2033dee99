"""The twin's zone as files tell of it: daily readings, bills, tariffs. Nothing of its truth."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lamplighter.facts.billing import own_prices, pricing, rates
from lamplighter.insight.forecast import month
from lamplighter.policy import loader
from lamplighter.town import calendar, station
from lamplighter.town.plan import Plan, Size

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

SEED = 20141101
LAST_DAY = date(2026, 11, 24)
DAYS = 1096
PRICE_BILLS = 3
TOLERANCE = 0.02
TARIFF_WORDS = {
    "居民阶梯": "RES_TIER_2024",
    "居民阶梯峰谷": "RES_TOU_2024",
    "一般工商业": "GENERAL",
    "大工业峰谷": "LARGE_INDUSTRY_TOU",
    "农业生产": "AGRI",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bills:
    """The zone's bills by account, then by month."""

    account: Integers
    first_day: npt.NDArray[np.datetime64]
    last_day: npt.NDArray[np.datetime64]
    issued_day: npt.NDArray[np.datetime64]
    due_day: npt.NDArray[np.datetime64]
    energy_kwh: Floats
    amount_cny: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """The zone's payments by account, then by day."""

    account: Integers
    day: npt.NDArray[np.datetime64]
    amount_fen: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """2,100 accounts with one point each, in the order of their numbers."""

    seed: int
    days: npt.NDArray[np.datetime64]
    energy_kwh: Floats  # (n_accounts, n_days)
    account_numbers: tuple[str, ...]
    area: Integers
    festivals: tuple[str, ...]
    tariff_codes: tuple[str, ...]
    capacity_kva: Floats
    customers: tuple[dict[str, str], ...]  # the archive, line by line
    bills: Bills
    payments: Payments

    def priced(
        self, *, first_day: np.datetime64, as_of: np.datetime64, forecast: month.MonthForecast
    ) -> dict[str, Floats]:
        """Return each account's bill of a span and the forecast of it in money."""
        bills = self.bills
        those = np.flatnonzero(
            (bills.first_day == first_day) & (bills.last_day >= first_day + np.timedelta64(25, "D"))
        )
        seen = bills.issued_day <= as_of
        n = len(self.account_numbers)
        known_rates = all_rates()
        next_year = np.zeros(n, np.int64)
        next_year[bills.account[those]] = _year(bills.issued_day[those])
        prices = own_prices.own_prices(
            known_rates=known_rates,
            tariff=known_rates.places(codes=self.tariff_codes),
            capacity_kva=self.capacity_kva,
            bills=own_prices.PastBills(
                account=bills.account[seen],
                year=_year(bills.issued_day[seen]),
                energy_kwh=bills.energy_kwh[seen],
                amount_cny=bills.amount_cny[seen],
            ),
            next_year=next_year,
            n_bills=PRICE_BILLS,
            tolerance=TOLERANCE,
        )
        rows = bills.account[those]
        billed_energy = np.full(n, np.nan)
        billed_energy[rows] = bills.energy_kwh[those]
        mean = prices.mean_price_cny
        found = {"billed": bills.amount_cny[those], "is_by_tariff": (prices.basis == 1)[rows] * 1.0}
        for name, energy in (
            ("low", forecast.low_kwh),
            ("mid", forecast.forecast_kwh),
            ("high", forecast.high_kwh),
        ):
            found[name] = prices.amounts(energy_kwh=energy)[rows]
            found[f"mean_price_{name}"] = (energy * mean)[rows]
        found["of_billed_energy"] = prices.amounts(energy_kwh=billed_energy)[rows]
        found["of_billed_energy_at_mean_price"] = (billed_energy * mean)[rows]
        return found


def all_rates() -> rates.Rates:
    """Return the prices in force at the end of the twin's life."""
    policy = loader.load(name="tariffs", on=LAST_DAY)
    codes = pricing.codes(policy=policy)
    return rates.rates_of(tariffs=[pricing.tariff(policy=policy, code=code) for code in codes])


def make(
    *,
    folder: Path,
    seed: int = SEED,
    days: int = DAYS,
    size: Size = Size.ZONE,
    plan: Plan | None = None,
) -> Zone:
    """Generate the zone and read what its files tell."""
    deliveries = folder / "deliveries"
    station.generate(
        folder=deliveries,
        truth_folder=folder / "truth",
        seed=seed,
        size=size,
        last_day=LAST_DAY,
        days=days,
        progress=lambda _stage, _done, _total: None,
        plan=plan,
    )
    points = _rows(deliveries / "计量点.csv")
    customers = {row["户号"]: row for row in _rows(deliveries / "用户档案.csv")}
    numbers = tuple(row["户号"] for row in points)
    of = {number: place for place, number in enumerate(numbers)}
    last = np.datetime64(LAST_DAY)
    all_days = last - np.arange(days)[::-1]
    return Zone(
        seed=seed,
        days=all_days,
        energy_kwh=_readings(
            deliveries, place={row["计量点编号"]: n for n, row in enumerate(points)}, days=all_days
        ),
        account_numbers=numbers,
        area=np.unique([row["台区编号"] for row in points], return_inverse=True)[1].astype(
            np.int64
        ),
        festivals=tuple(day.isoformat() for day in calendar.SPRING_FESTIVAL.values()),
        tariff_codes=tuple(TARIFF_WORDS[customers[number]["电价"]] for number in numbers),
        capacity_kva=np.array([float(customers[number]["合同容量(kVA)"]) for number in numbers]),
        customers=tuple(customers[number] for number in numbers),
        bills=_bills(deliveries / "电费账单.parquet", place=of),
        payments=_payments(deliveries / "缴费流水.parquet", place=of),
    )


def point_numbers(folder: Path) -> tuple[str, ...]:
    """Return the number of each account's usage point, in the order of the accounts."""
    return tuple(row["计量点编号"] for row in _rows(folder / "计量点.csv"))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="gb18030", newline="") as opened:
        return list(csv.DictReader(opened))


def _readings(folder: Path, *, place: dict[str, int], days: npt.NDArray[np.datetime64]) -> Floats:
    """Return the daily energy; a later file corrects an earlier one, what cannot be is left out."""
    energy = np.full((len(place), len(days)), np.nan)
    files = [*sorted(folder.glob("日冻结电量_2*.parquet")), folder / "日冻结电量_补采.parquet"]
    for file in files:
        table = pq.read_table(file)
        point = table["计量点编号"].combine_chunks().cast(pa.string()).dictionary_encode()
        names = point.dictionary.to_pylist()
        row = np.array([place.get(name, -1) for name in names])[point.indices.to_numpy()]
        column = (table["数据日期"].to_numpy().astype("datetime64[D]") - days[0]).astype(int)
        wh = table["日电量(Wh)"].to_numpy()
        good = (row >= 0) & (column >= 0) & (column < len(days)) & (wh >= 0)
        energy[row[good], column[good]] = wh[good] / 1000.0
    return energy


def _bills(path: Path, *, place: dict[str, int]) -> Bills:
    table = pq.read_table(path)
    account = np.array(
        [place[number] for number in pc.cast(table["户号"], pa.string()).to_pylist()]
    )
    issued = table["出账日期"].to_numpy().astype("datetime64[D]")
    order = np.lexsort((issued, account))
    return Bills(
        account=account[order],
        first_day=table["起始日"].to_numpy().astype("datetime64[D]")[order],
        last_day=table["截止日"].to_numpy().astype("datetime64[D]")[order],
        issued_day=issued[order],
        due_day=table["缴费期限"].to_numpy().astype("datetime64[D]")[order],
        energy_kwh=table["电量(Wh)"].to_numpy()[order] / 1000.0,
        amount_cny=table["应收电费(分)"].to_numpy()[order] / 100.0,
    )


def _payments(path: Path, *, place: dict[str, int]) -> Payments:
    table = pq.read_table(path)
    account = np.array(
        [place[number] for number in pc.cast(table["户号"], pa.string()).to_pylist()]
    )
    day = table["缴费时间"].to_numpy().astype("datetime64[D]")
    order = np.lexsort((day, account))
    yuan = pc.cast(table["缴费金额(元)"], pa.float64()).to_numpy()
    return Payments(
        account=account[order],
        day=day[order],
        amount_fen=np.rint(yuan[order] * 100).astype(np.int64),
    )


def _year(days: npt.NDArray[np.datetime64]) -> Integers:
    return np.asarray(days.astype("datetime64[Y]").astype(np.int64) + 1970)
