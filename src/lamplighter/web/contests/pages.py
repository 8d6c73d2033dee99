"""What the pages of contests show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamplighter.facts.customers.lines import DoorLine
from lamplighter.findings.contests.queries import ContestFound, Counts
from lamplighter.kernel import workdays
from lamplighter.kernel.workdays import WorkCalendar
from lamplighter.web.contests import words
from lamplighter.web.frame import formats, lists

TABS = ("waiting", "facts", "decided")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One list."""

    label: str
    url: str
    is_current: bool
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestLine:
    """One contest in a list."""

    url: str
    customer: str
    where: str
    about: str
    wish: str
    words: str
    opened_at: datetime
    opened_by: str
    due_date: date
    slack: str
    is_late: bool
    is_soon: bool
    outcome: str
    decided_at: datetime | None
    decided_by: str
    wrong_fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestsPage:
    """The contests of one's areas."""

    summary: str
    tab: str
    tabs: tuple[Tab, ...]
    lines: tuple[ContestLine, ...]
    pager: lists.Pager
    n_overdue: int
    n_proposals: int
    proposals_url: str
    export_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPage:
    """The form to record a contest."""

    customer: str
    account_url: str
    form: forms.Form
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionShown:
    """A decision as a person reads it."""

    outcome: str
    value: str
    reasons: str
    who: str
    at: datetime
    until: str
    wrong_fact: str
    is_fact_corrected: bool
    stands: bool
    ended_at: datetime | None
    ended_because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestPage:
    """One contest, with what was contested, and the form to decide it."""

    line: ContestLine
    account_url: str
    reasons_url: str  # where the account's page explains what is contested
    account_number: str
    channel: str
    is_by_other: bool
    contested: str
    as_of_day: date
    is_due_in_workdays: bool
    decision: DecisionShown | None
    form: forms.Form | None  # None: decided, or not this person's to decide
    why_not: str
    end_form: forms.Form | None
    may_note_fact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLine:
    """One proposed grade D."""

    account_id: int
    customer: str
    url: str
    where: str
    why: str
    since_day: date | None
    due_cny: Decimal
    overdue_cny: Decimal
    cause: str
    form: forms.Form | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalsPage:
    """The grades D that nights propose and persons decide."""

    summary: str
    lines: tuple[ProposalLine, ...]
    pager: lists.Pager
    may_review: bool
    is_approved: bool  # the impact assessment, without which nothing is confirmed
    list_url: str


def tabs(*, current: str, counts: Counts) -> tuple[Tab, ...]:
    """Return the three lists with how much is in each."""
    labels = {
        "waiting": (_("Waiting"), counts.n_open),
        "facts": (_("Facts to put right"), counts.n_facts),
        "decided": (_("Decided"), counts.n_decided),
    }
    return tuple(
        Tab(
            label=label,
            url=lists.address(reverse("contests:list"), tab="" if name == TABS[0] else name),
            is_current=name == current,
            count=count,
        )
        for name, (label, count) in labels.items()
    )


def summary(*, counts: Counts) -> str:
    """Say how many wait, and how many of them too long."""
    if not counts.n_open:
        return _("No contest waits for a decision.")
    text = ngettext(
        "%(n)d contest waits for a person to decide.",
        "%(n)d contests wait for a person to decide.",
        counts.n_open,
    ) % {"n": counts.n_open}
    if not counts.n_overdue:
        return formats.sentences(text, _("None is past its day."))
    late = ngettext("%(n)d is past its day.", "%(n)d are past their day.", counts.n_overdue)
    return formats.sentences(text, late % {"n": counts.n_overdue})


def contest_lines(
    *,
    found: Sequence[ContestFound],
    doors: dict[int, DoorLine],
    today: date,
    soon_days: int,
    calendar: WorkCalendar,
) -> tuple[ContestLine, ...]:
    """Return contests as lines of a list."""
    return tuple(
        _line(one, doors.get(one.account_id), today, soon_days=soon_days, calendar=calendar)
        for one in found
    )


def _line(
    one: ContestFound,
    door: DoorLine | None,
    today: date,
    *,
    soon_days: int,
    calendar: WorkCalendar,
) -> ContestLine:
    decision = one.decision
    left = (one.due_date - today).days
    return ContestLine(
        url=reverse("contests:contest", args=[one.contest_id]),
        customer=(door.name if door else "") or one.account_number,
        where=door.address if door else "",
        about=str(words.ABOUT[one.about]),
        wish=str(words.WISHES[one.wish]),
        words=one.words,
        opened_at=one.opened_at,
        opened_by=one.opened_by,
        due_date=one.due_date,
        slack="" if decision else slack(today=today, due=one.due_date, calendar=calendar),
        is_late=decision is None and left < 0,
        is_soon=decision is None and 0 <= left <= soon_days,
        outcome=str(words.OUTCOMES[decision.outcome]) if decision else "",
        decided_at=decision.decided_at if decision else None,
        decided_by=decision.decided_by if decision else "",
        wrong_fact=str(words.FACTS[decision.wrong_fact])
        if decision and decision.wrong_fact
        else "",
    )


def slack(*, today: date, due: date, calendar: WorkCalendar) -> str:
    """Say how much time is left, in working days where the calendar reaches so far."""
    if due < today:
        days = (today - due).days
        return ngettext("%(n)d day late", "%(n)d days late", days) % {"n": days}
    if due == today:
        return _("due today")
    try:
        days = workdays.workdays_between(first=today, last=due, calendar=calendar)
    except workdays.OutsideCalendar:
        days = (due - today).days
        return ngettext("%(n)d day left", "%(n)d days left", days) % {"n": days}
    text = ngettext("%(n)d working day left", "%(n)d working days left", days)
    return text % {"n": days}


def contested(*, one: ContestFound) -> str:
    """Say what the night had found, as it was contested."""
    if one.about != "CHANGE":
        return words.value(about=one.about, code=str(one.machine.get("value", "")))
    days = [date.fromisoformat(c["day"]) for c in one.machine["changes"] if c["day"]]
    said = [formats.day_long(value=day) for day in sorted(set(days), reverse=True)]
    return ", ".join(said) or _("High use")


def decision_shown(*, one: ContestFound, today: date) -> DecisionShown | None:
    """Return the decision of a contest as a person reads it."""
    made = one.decision
    if made is None:
        return None
    return DecisionShown(
        outcome=str(words.OUTCOMES[made.outcome]),
        value=words.value(about=one.about, code=made.value),
        reasons=made.reasons,
        who=made.decided_by,
        at=made.decided_at,
        until=formats.day_long(value=made.valid_until_date) if made.valid_until_date else "",
        wrong_fact=str(words.FACTS[made.wrong_fact]) if made.wrong_fact else "",
        is_fact_corrected=made.is_fact_corrected,
        stands=made.stands(on=today),
        ended_at=made.ended_at,
        ended_because=made.ended_because,
    )
