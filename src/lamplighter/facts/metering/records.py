"""What deliveries may carry for this room."""

from lamplighter.facts.intake.records import Field, FieldKind, RecordType

LONGEST_NUMBER = 60
POINT = Field(
    name="usage_point_number", kind=FieldKind.TEXT, is_required=True, longest=LONGEST_NUMBER
)
DAY = Field(name="day", kind=FieldKind.DAY, is_required=True)

USAGE_POINT = RecordType(
    name="usage_point",
    key=("number",),
    fields=(
        Field(name="number", kind=FieldKind.TEXT, is_required=True, longest=LONGEST_NUMBER),
        Field(name="account_number", kind=FieldKind.TEXT, is_required=True, longest=60),
        Field(name="area_code", kind=FieldKind.TEXT, longest=40),
    ),
)
METER = RecordType(
    name="meter",
    key=("number", "first_day"),
    fields=(
        Field(name="number", kind=FieldKind.TEXT, is_required=True, longest=LONGEST_NUMBER),
        POINT,
        Field(name="first_day", kind=FieldKind.DAY, is_required=True),
        Field(name="last_day", kind=FieldKind.DAY),
        Field(name="multiplier", kind=FieldKind.DECIMAL, decimals=3),
    ),
)
DAILY_READING = RecordType(
    name="daily_reading",
    key=("usage_point_number", "day"),
    dedupes_itself=True,
    fields=(
        POINT,
        DAY,
        Field(name="energy_kwh", kind=FieldKind.NUMBER, is_required=True, unit="kWh"),
        Field(name="quality", kind=FieldKind.CHOICE, choices=("MEASURED", "ESTIMATED")),
    ),
)
INTERVAL_READING = RecordType(
    name="interval_reading",
    key=("usage_point_number", "starts_at"),
    dedupes_itself=True,
    fields=(
        POINT,
        Field(name="starts_at", kind=FieldKind.MOMENT, is_required=True),
        Field(name="energy_kwh", kind=FieldKind.NUMBER, is_required=True, unit="kWh"),
    ),
)
INTERVAL_DAY = RecordType(
    name="interval_day",
    key=("usage_point_number", "day"),
    dedupes_itself=True,
    fields=(
        POINT,
        DAY,
        Field(name="values", kind=FieldKind.NUMBERS, is_required=True, unit="kWh"),
    ),
)
