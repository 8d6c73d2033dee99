"""What a delivery may say about customers."""

from decimal import Decimal

from lamplighter.facts.customers import kinds, models
from lamplighter.facts.intake.records import Field, FieldKind, RecordType

ACCOUNT_NUMBER = Field(name="account_number", kind=FieldKind.TEXT, is_required=True, longest=60)


def _text(
    name: str, *, longest: int, is_required: bool = False, is_personal: bool = False
) -> Field:
    return Field(
        name=name,
        kind=FieldKind.TEXT,
        longest=longest,
        is_required=is_required,
        is_personal=is_personal,
    )


def _choice(name: str, choices: list[str], *, is_required: bool = True) -> Field:
    return Field(name=name, kind=FieldKind.CHOICE, choices=tuple(choices), is_required=is_required)


def _day(name: str, *, is_required: bool = False) -> Field:
    return Field(name=name, kind=FieldKind.DAY, is_required=is_required)


def _degrees(name: str, limit: int) -> Field:
    return Field(
        name=name, kind=FieldKind.NUMBER, unit="deg", least=Decimal(-limit), most=Decimal(limit)
    )


CUSTOMER = RecordType(
    name="customer",
    key=("account_number",),
    fields=(
        ACCOUNT_NUMBER,
        _text("customer_number", longest=60, is_required=True),
        _text("name", longest=200, is_required=True, is_personal=True),
        _choice("kind", kinds.KINDS),
        _text("id_number", longest=40, is_personal=True),
        _choice("category", kinds.CATEGORIES),
        Field(
            name="capacity_kva",
            kind=FieldKind.DECIMAL,
            unit="kVA",
            decimals=3,
            least=Decimal(0),
            most=Decimal(999_999_999),
        ),
        _text("tariff_code", longest=40, is_required=True),
        Field(name="is_prepaid", kind=FieldKind.FLAG, is_required=True),
        _choice("payment_method", models.PAYMENT_METHODS),
        _day("contract_first_day"),
        _day("contract_last_day"),
        _text("address", longest=300, is_personal=True),
        _text("area_code", longest=40),
        _degrees("longitude", 180),
        _degrees("latitude", 90),
        _text("industry", longest=80),
        _choice("importance", models.IMPORTANCE, is_required=False),
    ),
)
CONTACT = RecordType(
    name="contact",
    key=("account_number", "role", "phone"),
    fields=(
        ACCOUNT_NUMBER,
        _choice("role", models.ROLES),
        _text("name", longest=120, is_required=True, is_personal=True),
        _text("phone", longest=40, is_required=True, is_personal=True),
        _text("purpose", longest=120, is_required=True),
        _choice("basis", models.BASES),
        _day("granted_day"),
        _day("expires_day"),
    ),
)
RELATION = RecordType(
    name="relation",
    key=("account_number", "related_account_number", "kind"),
    fields=(
        ACCOUNT_NUMBER,
        _text("related_account_number", longest=60, is_required=True),
        _choice("kind", models.RELATIONS),
        _day("first_day"),
    ),
)
FACET = RecordType(
    name="facet",
    key=("account_number", "facet", "item"),
    fields=(
        ACCOUNT_NUMBER,
        _choice("facet", models.FACETS),
        _text("item", longest=80, is_required=True),
        _text("content", longest=400, is_required=True, is_personal=True),
        _day("stated_day", is_required=True),
        _day("expires_day"),
    ),
)
FLAG = RecordType(
    name="flag",
    key=("account_number", "kind", "first_day"),
    fields=(
        ACCOUNT_NUMBER,
        _choice("kind", models.FLAGS),
        _day("first_day", is_required=True),
        _day("last_day"),
        _text("evidence", longest=200, is_personal=True),
    ),
)
ASSESSMENT = RecordType(
    name="assessment",
    key=("account_number", "kind", "assessed_day"),
    fields=(
        ACCOUNT_NUMBER,
        _choice("kind", ["SAFETY", "CREDIT"]),
        _text("grade", longest=20, is_required=True),
        _day("assessed_day", is_required=True),
        _text("assessor", longest=80),
    ),
)
SURVEY_ANSWER = RecordType(
    name="survey_answer",
    key=("account_number", "question", "asked_day"),
    fields=(
        ACCOUNT_NUMBER,
        _text("question", longest=60, is_required=True),
        _text("answer", longest=400, is_required=True, is_personal=True),
        _day("asked_day", is_required=True),
        _text("asked_by", longest=80),
        _text("purpose", longest=120, is_required=True),
        _choice("basis", models.BASES),
        _day("expires_day"),
    ),
)
SERVICE_REQUEST = RecordType(
    name="service_request",
    key=("number",),
    fields=(
        _text("number", longest=60, is_required=True),
        _text("account_number", longest=60),
        _text("area_code", longest=40),
        _choice("kind", models.REQUEST_KINDS),
        _choice("channel", models.REQUEST_CHANNELS),
        Field(name="requested_at", kind=FieldKind.MOMENT, is_required=True),
        Field(name="closed_at", kind=FieldKind.MOMENT),
        _text("content", longest=4000, is_personal=True),
        Field(name="is_upheld", kind=FieldKind.FLAG),
    ),
)
