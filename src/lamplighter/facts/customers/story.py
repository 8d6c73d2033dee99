"""Everything the archive knows of one account, as it was known at one moment."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The customer behind the account."""

    customer_number: str
    name: str
    kind: str
    id_number_masked: str
    industry: str
    importance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under which terms the account is supplied."""

    category: str
    capacity_kva: Decimal | None
    tariff_code: str
    is_prepaid: bool
    payment_method: str
    first_day: date | None
    last_day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the account is supplied."""

    address: str
    longitude_deg: float | None
    latitude_deg: float | None
    area_id: int
    area_code: str
    area_name: str
    setting: str
    township: str
    committee: str
    station_name: str
    feeder_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLine:
    """Somebody to call. *consent* is VALID, EXPIRED or WITHDRAWN; name and number are empty
    unless it is VALID."""

    contact_id: int
    role: str
    name: str
    phone_masked: str
    purpose: str
    basis: str
    granted_date: date | None
    expires_date: date | None
    consent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationLine:
    """Another account that belongs with this one; *is_from_here*: this one is the subject."""

    kind: str
    is_from_here: bool
    account_number: str  # empty where the viewer may not see that account
    name: str
    first_day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagLine:
    kind: str
    first_day: date
    last_day: date | None
    evidence: str
    is_in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentLine:
    kind: str
    grade: str
    assessed_date: date
    assessor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetLine:
    """One statement; *is_derived*: taken from the other facts, not stated by anybody."""

    facet: str
    item: str
    content: str
    stated_date: date | None
    expires_date: date | None
    is_derived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLine:
    answer_id: int
    question: str
    answer: str
    asked_date: date
    asked_by: str
    purpose: str
    basis: str
    expires_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    number: str
    kind: str
    channel: str
    requested_at: datetime
    closed_at: datetime | None
    content: str
    is_upheld: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """What became known when, and by whom; *fields* are those that differ from the version
    before, empty for the first one. Values of personal fields are not repeated here."""

    subject: str  # HOLDING, IDENTITY, AGREEMENT, PREMISE, CONTACT, FLAG
    fields: tuple[str, ...]
    recorded_at: datetime
    recorded_by: str
    delivery_id: int | None
    is_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What is stated of an account beside its supply."""

    n_accounts: int  # of the same customer
    assessments: tuple[AssessmentLine, ...]
    facets: dict[str, tuple[FacetLine, ...]]  # by facet, all six in order
    answers: tuple[AnswerLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What the archive knows of one account."""

    account_id: int
    customer_id: int
    account_number: str
    who: Who
    terms: Terms | None
    place: Place
    contacts: tuple[ContactLine, ...]
    relations: tuple[RelationLine, ...]
    flags: tuple[FlagLine, ...]
    requests: tuple[RequestLine, ...]
    n_versions: int
    papers: Papers | None  # None: not asked for
    versions: tuple[VersionLine, ...] | None  # newest first; None: not asked for
