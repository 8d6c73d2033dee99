"""A county made up for a benchmark: stations, areas, people, and customers by COPY.

Rows have the shape of the twin's: an account has its customer, identity, premise, agreement, a
payer's telephone number, and what it is found by; every hundredth has a finding of the night.
Rows are made in parts of 20,000, so that memory holds no more; foreign keys are not looked up one
by one while they come in, as the rows that they name come from here too.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lamplighter.facts.customers import personal, phones, terms
from lamplighter.kernel import sealing

AT_ONCE = 20_000
SEED = 20261127
AREAS_PER_STATION, CUSTOMERS_PER_AREA, FINDINGS_EVERY = 500, 100, 100
POSTS = ("MANAGER",) * 20 + ("CREW",) * 10 + ("AGENT",) * 3 + ("SUPERVISOR", "STATION_HEAD")
N_AGENTS = 100  # of the county's telephone room
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = "伟芳娜敏静秀丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉建国志海文春红梅小金成永福祥"
STREETS = ("幸福路", "建设路", "人民路", "解放路", "新华路", "和平路", "中山路", "团结路")
VERSION = ("recorded_at", "recorded_by")
COLUMNS: dict[str, tuple[str, ...]] = {
    "customers_customer": ("id", "number"),
    "customers_account": ("id", "number", "customer_id"),
    "customers_identity": (
        *("customer_id", "name", "kind", "id_number_masked", "id_number_index", "industry"),
        *("importance", *VERSION),
    ),
    "customers_premise": ("account_id", "area_id", "address", *VERSION),
    "customers_agreement": (
        *("account_id", "category", "tariff_code", "is_prepaid", "payment_method", *VERSION),
    ),
    "customers_contact": (
        *("account_id", "role", "name", "phone_sealed", "phone_masked", "phone_index"),
        *("phone_tail_index", "purpose", "basis", *VERSION),
    ),
    "customers_searchentry": ("account_id", "area_id", "terms"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """An account with what people ask for it by."""

    account_id: int
    number: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """What a benchmark needs to know of it."""

    agent_ids: tuple[int, ...]  # staff
    user_ids: tuple[int, ...]  # of the agents
    n_customers: int

    def door(self, account_id: int) -> Door:
        """Return an account; the same one for the same number."""
        return _door(account_id)


def make(*, n_customers: int, field_key: bytes) -> County:
    """Write the county and return it; the database is empty and its user may do everything."""
    from django.db import connection  # noqa: PLC0415, RUF100 - Django has to be set up first

    n_areas = max(n_customers // CUSTOMERS_PER_AREA, 1)
    agents = _units(n_areas=n_areas)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'search_entry_terms'")
        (words,) = cursor.fetchone()
        cursor.execute("DROP INDEX search_entry_terms")
        for first in range(1, n_customers + 1, AT_ONCE):
            ids = range(first, min(first + AT_ONCE, n_customers + 1))
            for table, rows in _rows(ids, n_areas=n_areas, field_key=field_key).items():
                _copy(cursor, table, rows)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute(words)
        for table in COLUMNS:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, a.attname), %s) FROM pg_attribute a"
                " WHERE a.attrelid = %s::regclass AND a.attname = 'id'",
                [table, n_customers + 1, table],
            )
    _findings(n_customers=n_customers, n_areas=n_areas)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    staff, users = zip(*agents, strict=True)
    return County(agent_ids=staff, user_ids=users, n_customers=n_customers)


def _findings(*, n_customers: int, n_areas: int) -> None:
    """Write what a night found of every hundredth account."""
    from lamplighter.findings import models  # noqa: PLC0415, RUF100 - after the setup

    night = models.Night.objects.create(
        as_of_day=SINCE.date(),
        known_at=SINCE,
        kernels={},
        policies={},
        n_shards=1,
        started_at=SINCE,
        finished_at=SINCE,
    )
    models.AccountFinding.objects.bulk_create(
        (
            models.AccountFinding(
                account_id=account_id,
                night=night,
                area_id=_area(account_id, n_areas=n_areas),
                grade="B",
                risk_band="LOW",
                risk_probability=0.1,
                risk_is_rule_based=False,
                value_band="LOW",
                balance_due_cny=0,
                overdue_cny=0,
                days_overdue=0,
                months_reminded=0,
            )
            for account_id in range(FINDINGS_EVERY, n_customers + 1, FINDINGS_EVERY)
        ),
        batch_size=AT_ONCE // 4,
    )


def _area(account_id: int, *, n_areas: int) -> int:
    return (account_id - 1) // CUSTOMERS_PER_AREA % n_areas + 1


def _units(*, n_areas: int) -> list[tuple[int, int]]:
    """Write units, areas and people; return the agents of the county with their users."""
    from django.contrib.auth.models import User  # noqa: PLC0415, RUF100 - after the setup

    from lamplighter.facts.network import models  # noqa: PLC0415, RUF100

    county = models.OrgUnit.objects.create(code="C", kind="COUNTY", name="County", path="/C/")
    n_stations = -(-n_areas // AREAS_PER_STATION)
    stations = models.OrgUnit.objects.bulk_create(
        models.OrgUnit(
            code=f"S{n:03}",
            kind="STATION",
            name=f"Station {n}",
            parent=county,
            path=f"/C/S{n:03}/",
        )
        for n in range(n_stations)
    )
    areas = models.Area.objects.bulk_create(
        models.Area(
            pk=n + 1,
            code=f"A{n:05}",
            name=f"{STREETS[n % len(STREETS)]}{n}台区",
            station=stations[n // AREAS_PER_STATION],
            setting=("URBAN", "SUBURBAN", "RURAL")[n % 3],
            shard=n // 50,
        )
        for n in range(n_areas)
    )
    people = [
        _staff(number=f"M{place:03}{n:02}", post=post, unit=station)
        for place, station in enumerate(stations)
        for n, post in enumerate(POSTS)
    ]
    people = models.Staff.objects.bulk_create(people)
    users = User.objects.bulk_create(
        User(username=f"agent{n}", password="!") for n in range(N_AGENTS)
    )
    agents = models.Staff.objects.bulk_create(
        _staff(number=f"AG{n:03}", post="AGENT", unit=county, user=user)
        for n, user in enumerate(users)
    )
    n_managers = POSTS.count("MANAGER")
    models.Responsibility.objects.bulk_create(
        models.Responsibility(
            area=area,
            staff=people[n // AREAS_PER_STATION * len(POSTS) + n % n_managers],
            days=(SINCE.date(), None),
            recorded_at=SINCE,
            recorded_by="bench",
        )
        for n, area in enumerate(areas)
    )
    return [(agent.pk, user.pk) for agent, user in zip(agents, users, strict=True)]


def _staff(*, number: str, post: str, unit: Any, user: Any = None) -> Any:
    from lamplighter.facts.network import models  # noqa: PLC0415, RUF100 - after the setup

    return models.Staff(
        number=number,
        name=f"Staff {number}",
        post=post,
        org_unit=unit,
        phone="",
        minutes_per_day=420,
        user=user,
    )


def _door(account_id: int) -> Door:
    chance = random.Random(SEED + account_id)
    given = "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))
    return Door(
        account_id=account_id,
        number=f"6101{account_id:08}",
        name=chance.choice(FAMILY) + given,
        phone=f"1{chance.choice('3578')}{chance.randrange(10):01}{account_id:08}",
    )


def _rows(
    ids: Sequence[int], *, n_areas: int, field_key: bytes
) -> dict[str, list[tuple[Any, ...]]]:
    doors = [_door(account_id) for account_id in ids]
    areas = [_area(account_id, n_areas=n_areas) for account_id in ids]
    addresses = [
        f"{STREETS[area % len(STREETS)]}{area % 300}号{door.account_id % CUSTOMERS_PER_AREA + 1}栋"
        f"{door.account_id % 6 + 1}单元{door.account_id % 30 + 1}01室"
        for door, area in zip(doors, areas, strict=True)
    ]
    words = terms.entries(
        names=[door.name for door in doors],
        addresses=addresses,
        account_numbers=[door.number for door in doors],
        customer_numbers=[f"C{door.number}" for door in doors],
    )
    sealed = sealing.seal(doors[0].phone, field_key)
    said = (SINCE, "bench")
    return {
        "customers_customer": [(d.account_id, f"C{d.number}") for d in doors],
        "customers_account": [(d.account_id, d.number, d.account_id) for d in doors],
        "customers_identity": [
            (d.account_id, d.name, "PERSON", "", "", "", "NONE", *said) for d in doors
        ],
        "customers_premise": [
            (d.account_id, area, address, *said)
            for d, area, address in zip(doors, areas, addresses, strict=True)
        ],
        "customers_agreement": [
            (d.account_id, "RESIDENTIAL", "RESIDENTIAL", False, "COUNTER", *said) for d in doors
        ],
        "customers_contact": [
            (
                *(d.account_id, "PAYER", d.name, sealed, sealing.masked_phone(d.phone)),
                sealing.blind_index(d.phone, field_key, personal.PHONE),
                sealing.blind_index(d.phone[-phones.TAIL_DIGITS :], field_key, personal.PHONE_TAIL),
                *("service", "CONTRACT", *said),
            )
            for d in doors
        ],
        "customers_searchentry": [
            (d.account_id, area, line) for d, area, line in zip(doors, areas, words, strict=True)
        ],
    }


def _copy(cursor: Any, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
