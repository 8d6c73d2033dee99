"""What deliveries may carry for this room."""

from decimal import Decimal

from lamplighter.facts.intake.records import Field, FieldKind, RecordType


def _code(name: str, *, is_required: bool = True) -> Field:
    return Field(name=name, kind=FieldKind.TEXT, is_required=is_required, longest=40)


def _name(name: str, *, longest: int, is_required: bool = False) -> Field:
    return Field(name=name, kind=FieldKind.TEXT, is_required=is_required, longest=longest)


def _degrees(name: str, most: int) -> Field:
    return Field(
        name=name, kind=FieldKind.NUMBER, unit="deg", least=Decimal(-most), most=Decimal(most)
    )


ORG_UNIT = RecordType(
    name="org_unit",
    key=("code",),
    fields=(
        _code("code"),
        Field(
            name="kind",
            kind=FieldKind.CHOICE,
            is_required=True,
            choices=("PROVINCE", "CITY", "COUNTY", "STATION"),
        ),
        _name("name", longest=120, is_required=True),
        _code("parent_code", is_required=False),
    ),
)
FEEDER = RecordType(
    name="feeder",
    key=("code",),
    fields=(_code("code"), _name("name", longest=120, is_required=True), _code("station_code")),
)
AREA = RecordType(
    name="area",
    key=("code",),
    fields=(
        _code("code"),
        _name("name", longest=120, is_required=True),
        _code("station_code"),
        _code("feeder_code", is_required=False),
        _name("township", longest=80),
        _name("committee", longest=80),
        Field(name="committee_kind", kind=FieldKind.CHOICE, choices=("COMMUNITY", "VILLAGE")),
        Field(
            name="setting",
            kind=FieldKind.CHOICE,
            is_required=True,
            choices=("URBAN", "SUBURBAN", "RURAL"),
        ),
        _degrees("longitude", 180),
        _degrees("latitude", 90),
    ),
)
TRANSFORMER = RecordType(
    name="transformer",
    key=("code",),
    fields=(
        _code("code"),
        _code("area_code"),
        Field(
            name="capacity_kva",
            kind=FieldKind.DECIMAL,
            is_required=True,
            unit="kVA",
            least=Decimal("0.01"),
            most=Decimal(1_000_000),
        ),
        Field(name="installed_date", kind=FieldKind.DAY),
    ),
)
STAFF = RecordType(
    name="staff",
    key=("number",),
    fields=(
        _code("number"),
        Field(name="name", kind=FieldKind.TEXT, is_required=True, is_personal=True, longest=80),
        Field(
            name="post",
            kind=FieldKind.CHOICE,
            is_required=True,
            choices=("MANAGER", "AGENT", "CREW", "SUPERVISOR", "STATION_HEAD", "BRANCH"),
        ),
        _code("org_unit_code"),
        Field(name="phone", kind=FieldKind.TEXT, is_personal=True, longest=40),
        Field(
            name="minutes_per_day",
            kind=FieldKind.INTEGER,
            unit="min",
            least=Decimal(0),
            most=Decimal(1440),
        ),
    ),
)
RESPONSIBILITY = RecordType(
    name="responsibility",
    key=("area_code", "first_day"),
    fields=(
        _code("area_code"),
        _code("staff_number"),
        Field(name="first_day", kind=FieldKind.DAY, is_required=True),
        Field(name="last_day", kind=FieldKind.DAY),
    ),
)
