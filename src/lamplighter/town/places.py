"""The map: committees, feeders, station areas, staff and who answers for what."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from lamplighter.town import words
from lamplighter.town.chance import stream
from lamplighter.town.identities import person_name, phone_number
from lamplighter.town.plan import Plan

KM_PER_DEGREE = 111.32
STATION_CODE = "5199010301"
CODES = {"PROVINCE": "51", "CITY": "5199", "COUNTY": "519901", "STATION": STATION_CODE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Committee:
    """A community or a village committee."""

    name: str
    kind: str
    township: str
    setting: str
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A station area (台区): the customers behind one public transformer."""

    code: str
    name: str
    feeder_code: str
    committee: Committee
    longitude: float
    latitude: float
    customers: int
    is_hard: bool
    reading_group: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """One of the station's people."""

    number: str
    name: str
    post: str
    unit_code: str
    phone: str
    minutes_per_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """All that stands still."""

    areas: tuple[Area, ...]
    feeders: tuple[tuple[str, str], ...]
    staff: tuple[Colleague, ...]
    responsibilities: tuple[tuple[str, str, date, date | None], ...]

    @property
    def area_of_customer(self) -> npt.NDArray[np.int32]:
        """Return the area of each customer: customers are numbered area by area."""
        counts = [area.customers for area in self.areas]
        return np.repeat(np.arange(len(counts), dtype=np.int32), counts)


def build(*, plan: Plan, seed: int, first: date, last: date) -> Places:
    """Invent the map of a station."""
    committees = _committees(plan=plan, rng=stream(seed=seed, concern="committees"))
    feeders = tuple((f"FD{n + 1:03d}", f"10kV{words.FEEDERS[n]}") for n in range(plan.feeders))
    areas = _areas(plan=plan, seed=seed, committees=committees, feeders=feeders)
    staff = _staff(plan=plan, seed=seed)
    return Places(
        areas=areas,
        feeders=feeders,
        staff=staff,
        responsibilities=_responsibilities(
            plan=plan, areas=areas, staff=staff, first=first, last=last
        ),
    )


def _committees(*, plan: Plan, rng: np.random.Generator) -> list[Committee]:
    side_km = float(np.sqrt(plan.map_km2))
    lon, lat = plan.centre_lon_lat
    made: list[Committee] = []

    def place(name: str, kind: str, township: str, setting: str, radius_km: float) -> None:
        angle = (
            rng.uniform(0, 2 * np.pi) if township == words.TOWNSHIPS[0] else rng.uniform(-0.9, 0.9)
        )
        east, north = radius_km * np.cos(angle), radius_km * np.sin(angle)
        made.append(
            Committee(
                name=name,
                kind=kind,
                township=township,
                setting=setting,
                longitude=lon + east / (KM_PER_DEGREE * float(np.cos(np.radians(lat)))),
                latitude=lat + north / KM_PER_DEGREE,
            )
        )

    town, far = words.TOWNSHIPS
    villages = [(town, name) for name in words.VILLAGES_OF[town]]
    villages += [(far, name) for name in words.VILLAGES_OF[far]]
    # The hard villages come first, so that a small plan still has its hard zone.
    villages.sort(key=lambda pair: pair[1] not in words.HARD_VILLAGES)
    for township, name in villages[: plan.villages]:
        setting = "SUBURBAN" if name in words.SUBURBAN_VILLAGES else "RURAL"
        near = 0.16 if name in words.HARD_VILLAGES else 0.25 if setting == "SUBURBAN" else 0.38
        place(name, "VILLAGE", township, setting, side_km * near * rng.uniform(0.9, 1.25))
    for name in words.COMMUNITIES[: plan.communities]:
        place(name, "COMMUNITY", town, "URBAN", side_km * rng.uniform(0.01, 0.09))
    return made


def _areas(
    *, plan: Plan, seed: int, committees: list[Committee], feeders: tuple[tuple[str, str], ...]
) -> tuple[Area, ...]:
    rng = stream(seed=seed, concern="areas")
    hard = [c for c in committees if c.name in words.HARD_VILLAGES]
    other = [c for c in committees if c.name not in words.HARD_VILLAGES] or hard
    low, high = plan.area_customers
    zone_sizes = area_sizes(
        rng=rng, total=plan.zone_customers, parts=plan.zone_areas, low=low, high=high
    )
    rest_parts = plan.areas - plan.zone_areas
    rest_sizes = area_sizes(
        rng=rng, total=plan.rest_customers, parts=rest_parts, low=low, high=high
    )
    weights = np.array([9.0 if c.kind == "COMMUNITY" else 1.5 for c in other])
    homes = [hard[n * len(hard) // plan.zone_areas] for n in range(plan.zone_areas)]
    bounds = np.cumsum(weights / weights.sum())
    homes += [
        other[int(np.searchsorted(bounds, (n + 0.5) / rest_parts))] for n in range(rest_parts)
    ]
    areas = []
    serial: dict[str, int] = {}
    for n, (home, size) in enumerate(zip(homes, [*zone_sizes, *rest_sizes], strict=True)):
        serial[home.name] = serial.get(home.name, 0) + 1
        spread = 0.006 if home.kind == "COMMUNITY" else 0.011
        areas.append(
            Area(
                code=f"TQ{n + 1:05d}",
                name=f"{home.name.removesuffix('社区').removesuffix('村')}{serial[home.name]}号台区",
                feeder_code=feeders[n * len(feeders) // plan.areas][0],
                committee=home,
                longitude=round(home.longitude + rng.uniform(-spread, spread), 6),
                latitude=round(home.latitude + rng.uniform(-spread, spread), 6),
                customers=int(size),
                is_hard=n < plan.zone_areas,
                reading_group=n % 4,
            )
        )
    return tuple(areas)


def area_sizes(
    *, rng: np.random.Generator, total: int, parts: int, low: int, high: int
) -> npt.NDArray[np.int64]:
    """Return sizes between two limits that add up to a total."""
    if parts == 0:
        return np.zeros(0, dtype=np.int64)
    shape = rng.gamma(6.0, 1.0, parts)
    sizes = np.clip(np.rint(shape / shape.sum() * total), low, high).astype(np.int64)
    while (gap := total - int(sizes.sum())) != 0:
        room = np.flatnonzero(sizes < high if gap > 0 else sizes > low)
        chosen = rng.permutation(room)[: abs(gap)]
        sizes[chosen] += 1 if gap > 0 else -1
    return np.asarray(sizes, dtype=np.int64)


def _staff(*, plan: Plan, seed: int) -> tuple[Colleague, ...]:
    rng = stream(seed=seed, concern="staff")
    posts = (
        [("STATION_HEAD", STATION_CODE, 240)]
        + [("SUPERVISOR", STATION_CODE, 360)] * plan.supervisors
        + [("MANAGER", STATION_CODE, 390)] * plan.managers
        + [("AGENT", STATION_CODE, 420)] * plan.agents
        + [("CREW", STATION_CODE, 420)] * plan.crews
        + [("BRANCH", CODES["COUNTY"], 120), ("BRANCH", CODES["CITY"], 60)]
    )
    return tuple(
        Colleague(
            number=f"P{n + 1:04d}",
            name=person_name(rng=rng, born=int(rng.integers(1968, 1998))),
            post=post,
            unit_code=unit,
            phone=phone_number(serial=9_000_000 + n),
            minutes_per_day=minutes,
        )
        for n, (post, unit, minutes) in enumerate(posts)
    )


def _responsibilities(
    *, plan: Plan, areas: tuple[Area, ...], staff: tuple[Colleague, ...], first: date, last: date
) -> tuple[tuple[str, str, date, date | None], ...]:
    """Give each manager a run of areas; one in seven areas was handed over half way."""
    managers = [person.number for person in staff if person.post == "MANAGER"]
    since = date(first.year, 1, 1)
    handed_over = first + (last - first) // 2
    rows: list[tuple[str, str, date, date | None]] = []
    for n, area in enumerate(areas):
        at = n * plan.managers // len(areas)
        if n % 7 == 3:
            before = managers[(at + 1) % len(managers)]
            rows.append((area.code, before, since, handed_over))
            rows.append((area.code, managers[at], handed_over + timedelta(days=1), None))
        else:
            rows.append((area.code, managers[at], since, None))
    return tuple(rows)
