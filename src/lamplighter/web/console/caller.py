"""Who calls, and what we know of their place before anybody speaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamplighter.action.outages import queries as outages
from lamplighter.action.outages import rules as outage_rules
from lamplighter.action.outages.lines import OutageLine
from lamplighter.action.service import queries as service
from lamplighter.action.service.lines import OrderLine
from lamplighter.action.service.rules import Rules
from lamplighter.facts.customers import newest, phones
from lamplighter.facts.customers import queries as customers
from lamplighter.facts.customers.search import Hit
from lamplighter.facts.customers.story import RequestLine
from lamplighter.facts.network import posts
from lamplighter.facts.network import queries as network
from lamplighter.facts.network.queries import AreaInCharge
from lamplighter.findings import glances as findings
from lamplighter.findings.glances import Owed
from lamplighter.kernel import sealing
from lamplighter.kernel.viewer import Viewer
from lamplighter.web.frame import formats, order_shorts, outage_words
from lamplighter.web.frame.order_shorts import OrderShort

NOBODY = "-"  # in place of an account: the caller is none of those who were found
MOST_CANDIDATES, MOST_ORDERS, MOST_NEARBY, MOST_REQUESTS = 6, 8, 6, 3
LONGEST_TEXT = 60
FAULTS = ("FAULT_REPAIR", "VOLTAGE_COMPLAINT")  # what one cause brings to many homes


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An account that may be the caller's."""

    account_number: str
    name: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageSaid:
    """An outage at the caller's place, in the words to say."""

    number: str
    url: str
    said: str
    incident: str  # of what runs now: a fault reported there can join it


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """The one customer who calls."""

    account_number: str
    url: str
    name: str
    where: str
    area_id: int
    flags: tuple[str, ...]
    money: str
    is_overdue: bool
    requests: tuple[RequestLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Everything that the left side shows."""

    asked: str  # what was typed, or what the telephone system said
    phone: str  # a number that reaches a person; empty: withheld, or something else was typed
    phone_masked: str
    note: str
    customer: Customer | None
    candidates: tuple[Candidate, ...]
    orders: tuple[OrderShort, ...]
    nearby: tuple[OrderShort, ...]  # faults that neighbours reported
    outages: tuple[OutageSaid, ...]  # what is off at the place, or soon will be
    reported: str  # a sentence, where neighbours have reported a fault and no outage is known
    areas: tuple[AreaInCharge, ...]  # to choose from, where nobody's account is named
    area_id: int | None
    setting: str  # of the place, by which promises differ; empty where none is known

    @property
    def account_number(self) -> str:
        return self.customer.account_number if self.customer else ""


def caller(
    *, viewer: Viewer, rules: Rules, now: datetime, asked: str, account: str, area_id: int | None
) -> Caller:
    """Return who calls. At most nine queries, five where the number is known.

    Parameters
    ----------
    viewer, rules, now
        Who looks, by which rules, when.
    asked
        A telephone number, an account number, a name or an address; may be empty or ``withheld``.
    account
        The account that was chosen; `NOBODY` where the caller is none of those found.
    area_id
        The station area that was chosen for a caller without an account.
    """
    phone = _phone(asked)
    hits: list[Hit] = []
    if account != NOBODY and (account or _says_something(asked)):
        hits = customers.search(
            viewer=viewer,
            on=rules.on,
            text=account or asked,
            limit=MOST_CANDIDATES + 1,
            field_key=settings.FIELD_KEY,
        )
        if account:
            hits = [hit for hit in hits if hit.account_number == account]
    one = hits[0] if len(hits) == 1 else None
    place = one.area_id if one else area_id
    ours, near = _orders(viewer, rules, phone=phone, hit=one, area_id=place)
    off: list[OutageLine] = []
    if place is not None:
        by = outage_rules.in_force(on=rules.on, zone=rules.zone)
        off = outages.at_area(viewer=viewer, area_id=place, now=now, rules=by)
    known = {line.number for line in ours}
    near = [line for line in near if line.number not in known]
    return Caller(
        asked=asked,
        phone=phone,
        phone_masked=sealing.masked_phone(phone) if phone else "",
        note=_note(asked, phone=phone, account=account, hits=hits),
        customer=_customer(viewer, rules, one) if one else None,
        candidates=_candidates(hits) if one is None else (),
        orders=tuple(order_shorts.order_short(line=line, rules=rules, now=now) for line in ours),
        nearby=tuple(order_shorts.order_short(line=line, rules=rules, now=now) for line in near),
        outages=tuple(_said(line, now) for line in off),
        reported="" if any(line.begins_at <= now for line in off) else _reported(near),
        areas=() if one else tuple(network.areas_in_charge(viewer=viewer, on=rules.on)),
        area_id=place,
        setting=one.setting if one else _setting(viewer, rules, place),
    )


def _setting(viewer: Viewer, rules: Rules, area_id: int | None) -> str:
    if area_id is None:
        return ""
    places = posts.places_seen_by(viewer=viewer, on=rules.on, area_ids=[area_id])
    return places[area_id].setting if area_id in places else ""


def _says_something(asked: str) -> bool:
    return any(letter.isalnum() for letter in asked) and asked.lower() not in WITHHELD


WITHHELD = {"withheld", "anonymous", "unknown", "private", "未知", "匿名", "隐藏号码", "无主叫"}


def _phone(asked: str) -> str:
    try:
        return phones.normalised(text=asked)
    except phones.PhoneUnusable:
        return ""


def _orders(
    viewer: Viewer, rules: Rules, *, phone: str, hit: Hit | None, area_id: int | None
) -> tuple[list[OrderLine], list[OrderLine]]:
    """Return the orders of the account, else those that the number asked for; and those nearby."""
    if hit is not None:
        return service.at_door(
            viewer=viewer,
            rules=rules,
            account_id=hit.account_id,
            limit=MOST_ORDERS,
            area_id=hit.area_id,
            type_codes=FAULTS,
            limit_of_area=MOST_NEARBY + 1,
        )
    ours: list[OrderLine] = []
    near: list[OrderLine] = []
    if phone:
        ours = service.of_phone(
            viewer=viewer,
            rules=rules,
            number=phone,
            field_key=settings.FIELD_KEY,
            limit=MOST_ORDERS,
        )
    if area_id is not None:
        near = service.open_at_area(
            viewer=viewer, rules=rules, area_id=area_id, type_codes=FAULTS, limit=MOST_NEARBY + 1
        )
    return ours, near


def _customer(viewer: Viewer, rules: Rules, hit: Hit) -> Customer:
    owed = findings.owed(viewer=viewer, on=rules.on, account_id=hit.account_id)
    known = newest.glance(
        viewer=viewer, on=rules.on, account_id=hit.account_id, n_requests=MOST_REQUESTS
    )
    return Customer(
        account_number=hit.account_number,
        url=reverse("customers:account", args=[hit.account_number]),
        name=formats.masked_name(value=hit.name) or hit.account_number,
        where=" · ".join(part for part in (hit.area_name, hit.address) if part),
        area_id=hit.area_id,
        flags=known.flags,
        money=_money(owed),
        is_overdue=owed is not None and owed.overdue_cny > 0,
        requests=known.requests,
    )


def _money(owed: Owed | None) -> str:
    if owed is None:
        return _("No bill is known yet.")
    if owed.overdue_cny > 0:
        text = ngettext(
            "%(amount)s overdue for %(n)d day.",
            "%(amount)s overdue for %(n)d days.",
            owed.days_overdue,
        )
        amount = formats.money(value=owed.overdue_cny, digits=2)
        return text % {"amount": amount, "n": owed.days_overdue}
    if owed.balance_due_cny > Decimal(0):
        amount = formats.money(value=owed.balance_due_cny, digits=2)
        return _("%(amount)s is open, still in time.") % {"amount": amount}
    return _("Everything is paid.")


def _candidates(hits: Sequence[Hit]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(
            account_number=hit.account_number,
            name=formats.masked_name(value=hit.name) or hit.account_number,
            where=" · ".join(part for part in (hit.area_name, hit.address) if part),
        )
        for hit in hits[:MOST_CANDIDATES]
    )


def _note(asked: str, *, phone: str, account: str, hits: Sequence[Hit]) -> str:
    if account == NOBODY:
        return _("None of those who were found: the order names a place alone.")
    if not asked and not account:
        return _("Nobody is on the line. Type a number, or a name, an address, an account.")
    if len(hits) > MOST_CANDIDATES:
        return _("Many fit; type more to narrow them down.")
    if len(hits) > 1:
        return _("Several customers are known by this. Ask who is calling, then choose.")
    if hits:
        return ""
    if not _says_something(asked):
        return _("The number is withheld. Ask for the account, the name or the address.")
    if phone:
        return _("Nobody is known by this number. Ask where it is; the order can name a place.")
    return _("Nobody in your areas fits this. Ask again, or choose the place below.")


def _said(line: OutageLine, now: datetime) -> OutageSaid:
    return OutageSaid(
        number=line.number,
        url=reverse("outages:outage", args=[line.number]),
        said=outage_words.said(line=line, now=now),
        incident=line.incident_number if line.begins_at <= now else "",
    )


def _reported(near: Sequence[OrderLine]) -> str:
    faults = [line for line in near if line.type_code == FAULTS[0]]
    if not faults:
        return ""
    first = min(line.opened_at for line in faults)
    text = ngettext(
        "%(n)s fault is reported and open in this area, since %(at)s.",
        "%(n)s faults are reported and open in this area, the first since %(at)s.",
        len(faults),
    )
    count = f"{MOST_NEARBY}+" if len(faults) > MOST_NEARBY else str(len(faults))
    return text % {"n": count, "at": formats.moment(value=first)}
