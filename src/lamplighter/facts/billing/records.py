"""What a delivery may say about bills and payments."""

from decimal import Decimal

from lamplighter.facts.billing import columns, models
from lamplighter.facts.intake.records import Field, FieldKind, RecordType

MOST_CNY = Decimal("99999999999.99")
NUMBER = Field(name="number", kind=FieldKind.TEXT, is_required=True, longest=60)
ACCOUNT_NUMBER = Field(name="account_number", kind=FieldKind.TEXT, is_required=True, longest=60)
AMOUNT = Field(
    name="amount_cny",
    kind=FieldKind.DECIMAL,
    unit="CNY",
    is_required=True,
    least=-MOST_CNY,
    most=MOST_CNY,
)


def _day(name: str) -> Field:
    return Field(name=name, kind=FieldKind.DAY, is_required=True)


def _moment(name: str) -> Field:
    return Field(name=name, kind=FieldKind.MOMENT, is_required=True)


def _choice(name: str, choices: list[str]) -> Field:
    return Field(name=name, kind=FieldKind.CHOICE, choices=tuple(choices), is_required=True)


BILL = RecordType(
    name="bill",
    key=("number",),
    fields=(
        NUMBER,
        ACCOUNT_NUMBER,
        _day("first_day"),
        _day("last_day"),
        _day("issued_date"),
        _day("due_date"),
        Field(
            name="energy_kwh",
            kind=FieldKind.DECIMAL,
            unit="kWh",
            least=Decimal(0),
            most=MOST_CNY,
        ),
        AMOUNT,
    ),
)
PAYMENT = RecordType(
    name="payment",
    key=("number",),
    fields=(
        NUMBER,
        ACCOUNT_NUMBER,
        _moment("paid_at"),
        AMOUNT,
        _choice("method", list(columns.METHODS)),
    ),
)
DEBIT_ATTEMPT = RecordType(
    name="debit_attempt",
    key=("number",),
    fields=(
        NUMBER,
        ACCOUNT_NUMBER,
        _moment("attempted_at"),
        AMOUNT,
        _choice("outcome", list(columns.OUTCOMES)),
    ),
)
REMINDER = RecordType(
    name="reminder",
    key=("number",),
    fields=(
        NUMBER,
        ACCOUNT_NUMBER,
        _moment("sent_at"),
        _choice("channel", models.CHANNELS),
        Field(name="is_delivered", kind=FieldKind.FLAG, is_required=True),
        Field(name="bill_number", kind=FieldKind.TEXT, longest=60),
    ),
)
