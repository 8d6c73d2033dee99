"""The lines of a day as cards."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from lamplighter.action.worklist import queries as worklist
from lamplighter.action.worklist import services
from lamplighter.action.worklist.doors import Attempt
from lamplighter.policy.loader import Words
from lamplighter.web.frame import codes, formats, service_words


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCard:
    """One line of the day, as `frame/work_card.html` takes it."""

    key: str
    number: int
    name: str
    url: str
    where: str
    grade: str
    risk: str | None
    flags: tuple[str, ...]
    why: str
    remedy: str
    minutes: int
    worth_cny: Decimal | None
    worth_note: str
    phone: str | None
    phone_url: None  # a number is shown only after it was asked for, and that is recorded
    reveal_url: str | None
    contact_id: int | None
    contact_account: str
    phone_note: str
    script: tuple[str, ...]
    attempts: tuple[str, ...]
    outcome_url: str
    said_url: str  # where what the customer says is noted
    visit_url: str  # where the form of a regular visit begins; empty: it is none
    outcome: str | None
    outcome_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisePage:
    """The question for which day the payment was promised."""

    key: str
    name: str
    where: str
    url: str
    outcome_url: str
    days: tuple[tuple[date, str], ...]
    first_day: date
    error: str


def said(*, words: Words) -> str:
    """Return a policy's text in the language of the page."""
    return service_words.own(words)


def card_of(*, card: worklist.Card, today: worklist.TodayPage, number: int) -> DayCard:
    """Return one line as its card."""
    contact = card.contacts[0] if card.contacts else None
    account_url = reverse("customers:account", args=[card.account_number])
    return DayCard(
        key=str(card.item_id),
        number=number,
        name=card.name,
        url=account_url,
        where=" · ".join(part for part in (card.area_name, card.address) if part),
        grade=card.grade,
        risk=card.risk_band or None,
        flags=card.flags,
        why=said(words=card.why),
        remedy=card.remedy,
        minutes=card.minutes,
        worth_cny=card.benefit_cny,
        worth_note=_("expected gain, with %(amount)s at stake")
        % {"amount": formats.money(value=card.at_stake_cny, digits=0)},
        phone=contact.phone_masked if contact else None,
        phone_url=None,
        reveal_url=reverse("customers:unmask") if contact else None,
        contact_id=contact.contact_id if contact else None,
        contact_account=card.contact_account_number,
        phone_note=_phone_note(card),
        script=_script(card),
        attempts=tuple(_attempt(attempt) for attempt in card.attempts),
        outcome_url=_url("today:outcome", card=card, today=today),
        said_url=_url("today:said", card=card, today=today),
        visit_url=_url("today:visit", card=card, today=today)
        if card.remedy == services.ROUND
        else "",
        outcome=card.outcome,
        outcome_note=_outcome_note(card),
    )


def _url(name: str, *, card: worklist.Card, today: worklist.TodayPage) -> str:
    return f"{reverse(name, args=[card.item_id])}?{urlencode({'staff': today.staff_id})}"


def _phone_note(card: worklist.Card) -> str:
    if not card.contacts:
        return _("No number on file: ask for one")
    contact = card.contacts[0]
    role = contact_role(code=contact.role)
    if card.calls_landlord:
        role = _("Landlord")
    return f"{role} {contact.name}"


def contact_role(*, code: str) -> str:
    """Return what a contact is to the account.

    Raises
    ------
    KeyError
        Nobody has given words to this role.
    """
    return {
        "OWNER": _("Owner"),
        "TENANT": _("Tenant"),
        "PAYER": _("Pays the bills"),
        "CHILD_AWAY": _("Child working away"),
        "HOUSEHOLD_HEAD": _("Head of the household"),
        "OTHER": _("Contact"),
    }[code]


def _script(card: worklist.Card) -> tuple[str, ...]:
    script = card.script
    lines = [script.opening, *script.ask, *script.answers, script.closing]
    return tuple(said(words=line) for line in lines)


def _attempt(attempt: Attempt) -> str:
    outcome = str(codes.word_for(kind="outcome", code=attempt.outcome).label)
    how = _("visit") if attempt.is_visit else _("call")
    line = f"{formats.day(value=attempt.day)} · {how} · {outcome}"
    if attempt.promised_date is not None:
        line += _(" (for %(day)s)") % {"day": formats.day(value=attempt.promised_date)}
    return line


def _outcome_note(card: worklist.Card) -> str:
    if card.promised_date is None:
        return ""
    return _("for %(day)s") % {"day": formats.day(value=card.promised_date)}


def promise_page(*, card: worklist.Card, today: worklist.TodayPage, has_error: bool) -> PromisePage:
    """Return the question that follows a tap on "promised"."""
    first = today.day
    month_end = (first.replace(day=1) + timedelta(32)).replace(day=1) - timedelta(1)
    days: dict[date, str] = {
        first: _("Still today"),
        first + timedelta(1): _("Tomorrow"),
        first + timedelta(3): _("In three days"),
    }
    days.setdefault(month_end, _("By the end of the month"))
    return PromisePage(
        key=str(card.item_id),
        name=card.name,
        where=" · ".join(part for part in (card.area_name, card.address) if part),
        url=reverse("customers:account", args=[card.account_number]),
        outcome_url=_url("today:outcome", card=card, today=today),
        days=tuple(sorted(days.items())),
        first_day=first,
        error=_("Choose today or a later day.") if has_error else "",
    )
