"""All that a customer's page shows."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from lamplighter.facts.customers.story import ContactLine, RelationLine, Story
from lamplighter.facts.metering.queries import Point
from lamplighter.findings.queries import Finding, NightFacts
from lamplighter.web.customers import words
from lamplighter.web.customers.foresight import (
    CauseBox,
    GradeBox,
    Habit,
    Question,
    RiskBox,
    ValueBox,
)
from lamplighter.web.customers.story import BillRow, Entry
from lamplighter.web.frame import formats

TABS = ("story", "archive", "contacts", "versions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One view of the page."""

    label: str
    url: str
    is_current: bool
    count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody to call, masked; why we hold it and until when."""

    contact_id: int
    role: str
    name: str
    phone_masked: str
    ground: str
    consent: str
    is_usable: bool
    expires_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another account that belongs with this one."""

    kind: str
    name: str
    url: str | None
    first_day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A name and its value."""

    label: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One of the six facets with its statements."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagShown:
    """A flag, in force or not."""

    kind: str
    span: str
    evidence: str
    is_in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became known when, and by whom."""

    recorded_at: datetime
    who: str
    what: str
    fields: str
    url: str
    delivery_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """What the newest night found."""

    grade: GradeBox | None
    risk: RiskBox | None
    cause: CauseBox | None
    value: ValueBox | None
    habit: Habit | None
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPage:
    """An account's whole story."""

    account_number: str
    name: str
    url: str
    summary: str
    tab: str
    tabs: tuple[Tab, ...]
    known_at: datetime | None  # set when an earlier moment is asked about
    area_name: str
    area_url: str | None
    address: str
    supply: str
    flags: tuple[str, ...]
    foresight: Foresight
    due_cny: Decimal | None
    overdue_cny: Decimal | None
    days_overdue: int
    chart: dict[str, Any] | None
    chart_note: str
    bill_chart: dict[str, Any] | None
    forecast: Finding | None
    bills: tuple[BillRow, ...]
    contacts: tuple[Contact, ...]
    id_number_masked: str
    may_unmask_phone: bool
    may_unmask_id: bool
    needs_reason: bool
    unmask_url: str
    related: tuple[Related, ...]
    who: tuple[Fact, ...]
    terms: tuple[Fact, ...]
    place: tuple[Fact, ...]
    assessments: tuple[Fact, ...]
    all_flags: tuple[FlagShown, ...]
    facets: tuple[Facet, ...]
    answers: tuple[Fact, ...]
    entries: tuple[Entry, ...]
    changes: tuple[Change, ...]
    night: NightFacts | None
    now: datetime


def tabs(*, url: str, current: str, n_contacts: int, n_versions: int) -> tuple[Tab, ...]:
    """Return the views of the page."""
    labels = {
        "story": (_("Story"), None),
        "archive": (_("Archive"), None),
        "contacts": (_("What happened"), n_contacts),
        "versions": (_("What was known when"), n_versions),
    }
    return tuple(
        Tab(
            label=label,
            url=url if name == "story" else f"{url}?{urlencode({'tab': name})}",
            is_current=name == current,
            count=count,
        )
        for name, (label, count) in labels.items()
    )


def contacts(*, story: Story) -> tuple[Contact, ...]:
    """Return the contacts; those whose consent is over are named by their role only."""
    return tuple(_contact(line) for line in story.contacts)


def _contact(line: ContactLine) -> Contact:
    basis = words.word_or_itself(kind="basis", code=line.basis)
    return Contact(
        contact_id=line.contact_id,
        role=words.word(kind="contact", code=line.role),
        name=line.name,
        phone_masked=line.phone_masked,
        ground=" · ".join(part for part in (line.purpose, basis) if part),
        consent=words.word(kind="consent", code=line.consent),
        is_usable=line.consent == "VALID",
        expires_date=line.expires_date,
    )


def related(*, story: Story) -> tuple[Related, ...]:
    """Return the accounts that belong with this one; no name of those outside one's areas."""
    return tuple(_related(line) for line in story.relations)


def _related(line: RelationLine) -> Related:
    kind = "relation" if line.is_from_here else "relation_back"
    number = line.account_number
    return Related(
        kind=words.word(kind=kind, code=line.kind),
        name=line.name or number or _("an account outside your areas"),
        url=reverse("customers:account", args=[number]) if number else None,
        first_day=line.first_day,
    )


def who(*, story: Story) -> tuple[Fact, ...]:
    """Return who the customer is."""
    person = story.who
    facts = [
        Fact(label=_("Customer number"), text=person.customer_number),
        Fact(label=_("Kind"), text=words.word(kind="kind", code=person.kind)),
        Fact(label=_("Industry"), text=person.industry),
        Fact(label=_("Accounts of this customer"), text=str(person.n_accounts)),
    ]
    if person.importance != "NONE":
        facts.append(
            Fact(label=_("Importance"), text=words.word(kind="importance", code=person.importance))
        )
    return tuple(fact for fact in facts if fact.text)


def place(*, story: Story, points: list[Point]) -> tuple[Fact, ...]:
    """Return where the account is supplied and what counts there."""
    where = story.place
    facts = [
        Fact(label=_("Address"), text=where.address),
        Fact(label=_("Station area"), text=f"{where.area_name} ({where.area_code})"),
        Fact(
            label=_("Committee"), text=" · ".join(filter(None, (where.township, where.committee)))
        ),
        Fact(label=_("Station"), text=where.station_name),
        Fact(label=_("Feeder"), text=where.feeder_code),
    ]
    for point in points:
        meter = _("meter %(number)s") % {"number": point.meter_number}
        facts.append(
            Fact(
                label=_("Usage point"), text=point.number, note=meter if point.meter_number else ""
            )
        )
    return tuple(fact for fact in facts if fact.text)


def assessments(*, story: Story) -> tuple[Fact, ...]:
    """Return the safety and credit grades."""
    return tuple(
        Fact(
            label=words.word(kind="assessment", code=line.kind),
            text=line.grade,
            note=" · ".join(
                filter(None, (formats.day_long(value=line.assessed_date), line.assessor))
            ),
        )
        for line in story.assessments
    )


def all_flags(*, story: Story) -> tuple[FlagShown, ...]:
    """Return the flags with their spans."""
    return tuple(
        FlagShown(
            kind=line.kind,
            span=_("since %(day)s") % {"day": formats.day_long(value=line.first_day)}
            if line.last_day is None
            else f"{formats.day_long(value=line.first_day)} – "
            f"{formats.day_long(value=line.last_day)}",
            evidence=line.evidence,
            is_in_force=line.is_in_force,
        )
        for line in story.flags
    )


def facets(*, story: Story) -> tuple[Facet, ...]:
    """Return the six facets in their order, empty ones too."""
    return tuple(
        Facet(
            title=words.word(kind="facet", code=code),
            facts=tuple(
                Fact(
                    label=words.word_or_itself(kind="item", code=line.item.partition(":")[0]),
                    text=_content(line.item, line.content),
                    note=_until(line.stated_date, line.expires_date),
                )
                for line in lines
            ),
        )
        for code, lines in story.facets.items()
    )


def _content(item: str, content: str) -> str:
    if item == "kind":
        return words.word_or_itself(kind="kind", code=content)
    return content


def _until(stated: date | None, expires: date | None) -> str:
    parts = []
    if stated is not None:
        parts.append(_("stated %(day)s") % {"day": formats.day_long(value=stated)})
    if expires is not None:
        parts.append(_("kept until %(day)s") % {"day": formats.day_long(value=expires)})
    return " · ".join(parts)


def answers(*, story: Story) -> tuple[Fact, ...]:
    """Return the answers given on visits with their ground and expiry."""
    return tuple(
        Fact(
            label=line.question,
            text=line.answer,
            note=" · ".join(
                filter(
                    None,
                    (
                        line.purpose,
                        words.word_or_itself(kind="basis", code=line.basis),
                        _until(line.asked_date, line.expires_date),
                    ),
                )
            ),
        )
        for line in story.answers
    )


def changes(*, story: Story, url: str, may_see_imports: bool) -> tuple[Change, ...]:
    """Return what became known when; each line leads to the page as it was known then."""
    return tuple(
        Change(
            recorded_at=line.recorded_at,
            who=line.recorded_by.removeprefix("staff:"),
            what=words.word(kind="subject", code=line.subject),
            fields=_("first record")
            if line.is_first
            else ", ".join(words.word_or_itself(kind="field", code=name) for name in line.fields),
            url=f"{url}?{urlencode({'tab': 'archive', 'known_at': line.recorded_at.isoformat()})}",
            delivery_url=reverse("imports:delivery", args=[line.delivery_id])
            if line.delivery_id is not None and may_see_imports
            else None,
        )
        for line in story.history
    )
