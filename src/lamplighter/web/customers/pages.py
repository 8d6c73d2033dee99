"""All that a customer's page shows."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from lamplighter.facts.customers.story import ContactLine, RelationLine, Story
from lamplighter.findings.queries import Finding, NightFacts
from lamplighter.policy import loader
from lamplighter.web.customers import words
from lamplighter.web.customers.explained import Box, Explained
from lamplighter.web.customers.foresight import (
    CauseBox,
    GradeBox,
    Habit,
    Question,
    RiskBox,
    ValueBox,
)
from lamplighter.web.customers.segment import SegmentBox
from lamplighter.web.customers.story import BillRow, Entry
from lamplighter.web.frame import actors, formats, lists, versions
from lamplighter.web.frame.lists import Pager
from lamplighter.web.frame.order_shorts import OrderShort

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
    segment: SegmentBox | None
    habit: Habit | None
    questions: tuple[Question, ...]
    late: str = ""  # why all of it is older than it should be


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Whom to call, who belongs together, and what the viewer may see in full."""

    contacts: tuple[Contact, ...]
    related: tuple[Related, ...]
    id_number_masked: str
    may_unmask_phone: bool
    may_unmask_id: bool
    needs_reason: bool
    unmask_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What the archive states."""

    who: tuple[Fact, ...]
    terms: tuple[Fact, ...]
    place: tuple[Fact, ...]
    assessments: tuple[Fact, ...]
    flags: tuple[FlagShown, ...]
    facets: tuple[Facet, ...]  # of which something is stated
    unstated: tuple[str, ...]  # the titles of the others of the six
    answers: tuple[Fact, ...]


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
    explained: Explained
    explanation_url: str
    due_cny: Decimal | None
    chart: dict[str, Any] | None
    chart_note: str
    bill_chart: dict[str, Any] | None
    forecast: Finding | None
    bills: tuple[BillRow, ...]
    people: People
    archive: Archive | None  # of its own tab
    entries: tuple[Entry, ...]
    pager: Pager  # of the entries, in their own tab
    orders: tuple[OrderShort, ...]  # of the customer, open ones first
    n_orders: int
    changes: tuple[Change, ...]
    night: NightFacts | None
    rules: tuple[str, ...]  # that the night went by, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationPage:
    """What a customer is told of the findings about them, on one sheet."""

    account_number: str
    name: str
    address: str
    station: str
    today: date
    as_of_day: date | None
    boxes: tuple[Box, ...]
    days_to_decide: int
    account_url: str


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


def pager(
    *, url: str, tab: str, number: int, size: int, total: int, known_at: datetime | None
) -> Pager:
    """Say where a part of what happened stands in the whole, as of the moment asked about."""
    wanted = {"tab": tab, "known_at": known_at.isoformat() if known_at else ""}
    return lists.pager(number=number, total=total, size=size, path=url, wanted=wanted)


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


def changes(*, story: Story, url: str, may_see_imports: bool) -> tuple[Change, ...]:
    """Return what became known when, if asked for; each line leads to the page as known then."""
    lines = story.versions or ()
    called = actors.called(actors=[line.recorded_by for line in lines]) if lines else {}
    return tuple(
        Change(
            recorded_at=line.recorded_at,
            who=called[line.recorded_by],
            what=words.word(kind="subject", code=line.subject),
            fields=_("first record")
            if line.is_first
            else formats.listed(
                texts=[words.word_or_itself(kind="field", code=name) for name in line.fields]
            ),
            url=f"{url}?{urlencode({'tab': 'archive', 'known_at': line.recorded_at.isoformat()})}",
            delivery_url=reverse("imports:delivery", args=[line.delivery_id])
            if line.delivery_id is not None and may_see_imports
            else None,
        )
        for line in lines
    )


def rules(*, night: NightFacts | None) -> tuple[str, ...]:
    """Return by which rules a night found what it found, in words; rules that are gone by name."""
    return tuple(sorted(_rule(version) for version in (night.policies.values() if night else ())))


def _rule(version: str) -> str:
    try:
        return versions.said(version=version)
    except (ValueError, loader.PolicyUnknown):
        return version
