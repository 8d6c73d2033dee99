"""Generate a whole station: its files as another system would deliver them, and the truth apart."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from lamplighter.town import (
    archive,
    bills,
    calendar,
    changes,
    files,
    hotline,
    money,
    paying,
    people,
    places,
    readings,
    register,
    standing,
    truth,
    weather,
)
from lamplighter.town.chance import stream
from lamplighter.town.files import Columns
from lamplighter.town.life import Life
from lamplighter.town.plan import Plan, Size, plan_of

MAPPINGS = Path(__file__).parent / "mappings"
MANIFEST = "manifest.json"


class Stage(StrEnum):
    """What the generator is doing, for a progress bar."""

    PEOPLE = "PEOPLE"
    READINGS = "READINGS"
    FILES = "FILES"
    MONEY = "MONEY"


STAGE_WORDS = {
    Stage.PEOPLE: ("安排台区与住户", "Placing areas and people"),
    Stage.READINGS: ("生成每日用电量", "Making daily readings"),
    Stage.FILES: ("写出档案文件", "Writing the archive"),
    Stage.MONEY: ("生成账单与缴费", "Making bills and payments"),
}
Progress = Callable[[Stage, int, int], None]  # stage, done, total


class TruthAmongDeliveries(ValueError):
    """The truth was to be written where the deliveries are."""


class LifeTooShort(ValueError):
    """So few days hold no bill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A file to import: its name in the folder, the mapping that reads it, its rows."""

    file: str
    mapping: str
    rows: int

    @property
    def mapping_path(self) -> Path:
        """Where the mapping is."""
        return MAPPINGS / f"{self.mapping}.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What was generated; the deliveries stand in the order in which to import them."""

    size: str
    seed: int
    first_day: date
    last_day: date
    customers: int
    deliveries: tuple[Delivered, ...]


def generate(
    *,
    folder: Path,
    truth_folder: Path,
    seed: int,
    size: Size,
    last_day: date,
    days: int,
    progress: Progress,
    plan: Plan | None = None,
) -> Manifest:
    """Generate a station's life and write its files; the same seed gives the same bytes.

    A plan takes the place of the size's own: the same kind of station with other people.

    Raises
    ------
    TruthAmongDeliveries
        The truth's folder lies in the folder of the deliveries.
    LifeTooShort
        No bill is issued within the life.
    calendar.YearNotInCalendar
        The lunar table does not reach so far.
    """
    if truth_folder.resolve().is_relative_to(folder.resolve()):
        raise TruthAmongDeliveries(f"{truth_folder} is in {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    progress(Stage.PEOPLE, 0, 1)
    life = invent(plan=plan or plan_of(size=size), seed=seed, last_day=last_day, days=days)
    progress(Stage.PEOPLE, 1, 1)
    energies = readings.write(
        life=life, folder=folder, progress=lambda done, total: progress(Stage.READINGS, done, total)
    )
    rows = _write_archive(life=life, folder=folder, progress=progress)
    rows |= energies.rows
    rows |= _write_money(life=life, energies=energies, folder=folder, progress=progress)
    truth.write(life=life, folder=truth_folder)
    manifest = Manifest(
        size=size.value,
        seed=seed,
        first_day=life.days.first,
        last_day=last_day,
        customers=len(life.people),
        deliveries=tuple(
            Delivered(file=name, mapping=mapping, rows=rows[name])
            for name, mapping in _order(life=life)
        ),
    )
    _save(manifest=manifest, folder=folder)
    return manifest


def invent(*, plan: Plan, seed: int, last_day: date, days: int) -> Life:
    """Invent all that happens before the first file is written."""
    calendar_days = calendar.days_of(last=last_day, days=days)
    cycles = calendar.cycles_of(days=calendar_days)
    if not cycles:
        raise LifeTooShort(f"{days} days up to {last_day}")
    where = places.build(plan=plan, seed=seed, first=calendar_days.first, last=last_day)
    who = people.build(plan=plan, places=where, days=calendar_days, seed=seed, cycles=len(cycles))
    sky = weather.draw(days=calendar_days, rng=stream(seed=seed, concern="weather"))
    return Life(
        plan=plan,
        seed=seed,
        places=where,
        people=who,
        days=calendar_days,
        cycles=cycles,
        weather=sky,
        changes=changes.draw(
            rng=stream(seed=seed, concern="changes"),
            is_home=who.is_home,
            is_rented=who.is_rented,
            start=who.start,
            drivers=sky.drivers,
        ),
    )


def read_manifest(*, folder: Path) -> Manifest:
    """Return the manifest of a folder that was generated before."""
    saved = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return Manifest(
        size=saved["size"],
        seed=saved["seed"],
        first_day=date.fromisoformat(saved["first_day"]),
        last_day=date.fromisoformat(saved["last_day"]),
        customers=saved["customers"],
        deliveries=tuple(Delivered(**row) for row in saved["deliveries"]),
    )


def _save(*, manifest: Manifest, folder: Path) -> None:
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1, default=date.isoformat)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _order(*, life: Life) -> list[tuple[str, str]]:
    """Return the files in the order in which they can be imported, each with its mapping."""
    years = sorted({day.year for day in life.days.dates})
    return [
        ("组织机构.csv", "org_unit"),
        ("线路档案.csv", "feeder"),
        ("台区档案.xlsx", "area"),
        ("变压器档案.xlsx", "transformer"),
        ("人员名册.xlsx", "staff"),
        ("台区责任人.csv", "responsibility"),
        ("用户档案.csv", "customer"),
        ("计量点.csv", "usage_point"),
        ("电能表.csv", "meter"),
        ("联系人.csv", "contact"),
        ("用户关系.csv", "relation"),
        ("六维档案.csv", "facet"),
        ("特殊标识.csv", "flag"),
        ("评价结果.csv", "assessment"),
        ("走访调查表.xlsx", "survey_answer"),
        *((f"日冻结电量_{year}.parquet", "daily_reading") for year in years),
        ("日冻结电量_补采.parquet", "daily_reading_late"),
        ("曲线96点.parquet", "interval_reading"),
        ("电费账单.parquet", "bill"),
        ("缴费流水.parquet", "payment"),
        ("代扣回盘.parquet", "debit_attempt"),
        ("催费记录.csv", "reminder"),
        ("95598工单.csv", "service_request"),
    ]


def _write_archive(*, life: Life, folder: Path, progress: Progress) -> dict[str, int]:
    who = archive.identities(life=life)
    made: tuple[tuple[str, Callable[[], Columns]], ...] = (
        ("组织机构.csv", lambda: register.units(life=life)),
        ("线路档案.csv", lambda: register.feeders(life=life)),
        ("台区档案.xlsx", lambda: register.areas(life=life)),
        ("变压器档案.xlsx", lambda: register.transformers(life=life)),
        ("人员名册.xlsx", lambda: register.staff(life=life)),
        ("台区责任人.csv", lambda: register.responsibilities(life=life)),
        ("用户档案.csv", lambda: archive.customers(life=life, who=who)),
        ("计量点.csv", lambda: archive.points(life=life)),
        ("电能表.csv", lambda: archive.meters(life=life)),
        ("联系人.csv", lambda: archive.contacts(life=life, who=who)),
        ("用户关系.csv", lambda: archive.relations(life=life, who=who)),
        ("六维档案.csv", lambda: standing.facets(life=life)),
        ("特殊标识.csv", lambda: standing.flags(life=life)),
        ("评价结果.csv", lambda: standing.assessments(life=life)),
        ("走访调查表.xlsx", lambda: standing.surveys(life=life)),
        ("95598工单.csv", lambda: hotline.requests(life=life)),
    )
    rows: dict[str, int] = {}
    for number, (name, columns) in enumerate(made):
        path = folder / name
        if path.suffix == ".csv":
            rows[name] = files.write_csv(path=path, columns=columns())
        else:
            rows[name] = files.write_xlsx(path=path, sheet=path.stem, columns=columns())
        progress(Stage.FILES, number + 1, len(made))
    return rows


def _write_money(
    *, life: Life, energies: readings.Energies, folder: Path, progress: Progress
) -> dict[str, int]:
    progress(Stage.MONEY, 0, 4)
    owed = bills.price(
        people=life.people,
        places=life.places,
        days=life.days,
        cycles=life.cycles,
        wh=energies.bill_wh,
        seed=life.seed,
    )
    settled = paying.settle(
        plan=life.plan,
        people=life.people,
        bills=owed,
        last_epoch_day=int(life.days.epoch_day[-1]),
        seed=life.seed,
    )
    progress(Stage.MONEY, 1, 4)
    who = life.people
    rows = {
        "电费账单.parquet": files.write_parquet(
            path=folder / "电费账单.parquet", columns=money.bills(people=who, bills=owed)
        ),
        "缴费流水.parquet": files.write_parquet(
            path=folder / "缴费流水.parquet",
            columns=money.payments(people=who, settlement=settled),
        ),
    }
    progress(Stage.MONEY, 2, 4)
    rows["代扣回盘.parquet"] = files.write_parquet(
        path=folder / "代扣回盘.parquet", columns=money.debits(people=who, settlement=settled)
    )
    progress(Stage.MONEY, 3, 4)
    rows["催费记录.csv"] = files.write_csv(
        path=folder / "催费记录.csv",
        columns=money.reminders(people=who, bills=owed, settlement=settled),
    )
    progress(Stage.MONEY, 4, 4)
    return rows
