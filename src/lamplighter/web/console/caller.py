"""Who calls, and what is off at their place, before anybody speaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from lamplighter.action.outages import rules as outage_rules
from lamplighter.action.outages import told
from lamplighter.action.outages.lines import OutageLine
from lamplighter.action.service.rules import Rules
from lamplighter.facts.customers import phones
from lamplighter.facts.customers import queries as customers
from lamplighter.facts.customers.search import Hit
from lamplighter.facts.network import feeders, posts
from lamplighter.kernel import sealing
from lamplighter.kernel.viewer import Viewer
from lamplighter.web.frame import formats, outage_words

NOBODY = "-"  # in place of an account: the caller is none of those who were found
MOST_CANDIDATES, MOST_AREAS = 6, 40


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
    is_off: bool  # now
    incident: str  # of what runs now: a fault reported there can join it


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """The one customer who calls."""

    account_number: str
    url: str
    name: str
    where: str
    account_id: int
    area_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaOption:
    """A station area that may be chosen."""

    area_id: int
    code: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, from where, and what is off there: what has to be seen before the first word."""

    asked: str  # what was typed, or what the telephone system said
    phone: str  # a number that reaches a person; empty: withheld, or something else was typed
    phone_masked: str
    note: str
    customer: Customer | None
    candidates: tuple[Candidate, ...]
    outages: tuple[OutageSaid, ...]  # what is off at the place, or soon will be
    areas: tuple[AreaOption, ...]  # to choose from, where nobody's account is named
    must_find: bool  # there are more areas than a list can hold: one is searched
    area_id: int | None
    setting: str  # of the place, by which promises differ; empty where none is known

    @property
    def account_number(self) -> str:
        return self.customer.account_number if self.customer else ""


def caller(
    *, viewer: Viewer, rules: Rules, now: datetime, asked: str, account: str, area_id: int | None
) -> Caller:
    """Return who calls. At most six queries, two where the number is known.

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
    off: list[OutageLine] = []
    if place is not None:
        by = outage_rules.in_force(on=rules.on, zone=rules.zone)
        off = told.at_area(viewer=viewer, area_id=place, now=now, rules=by)
    areas = () if one else areas_found(viewer=viewer, rules=rules, text="", area_id=area_id)
    return Caller(
        asked=asked,
        phone=phone,
        phone_masked=sealing.masked_phone(phone) if phone else "",
        note=_note(asked, phone=phone, account=account, hits=hits),
        customer=_customer(one) if one else None,
        candidates=_candidates(hits) if one is None else (),
        outages=tuple(_said(line, now) for line in off),
        areas=areas[:MOST_AREAS],
        must_find=len(areas) > MOST_AREAS,
        area_id=place,
        setting=one.setting if one else _setting(viewer, rules, place),
    )


def areas_found(
    *, viewer: Viewer, rules: Rules, text: str, area_id: int | None
) -> tuple[AreaOption, ...]:
    """Return areas by their name, code or place, the chosen one first. One query.

    At most one more than a list holds, so that it is known whether there are more.
    """
    found = feeders.areas_like(
        viewer=viewer,
        on=rules.on,
        text=text,
        also=() if area_id is None else (area_id,),
        limit=MOST_AREAS + 1,
    )
    return tuple(
        AreaOption(
            area_id=one.area_id, code=one.code, name=one.name, is_chosen=one.area_id == area_id
        )
        for one in found
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


def _customer(hit: Hit) -> Customer:
    return Customer(
        account_number=hit.account_number,
        url=reverse("customers:account", args=[hit.account_number]),
        name=formats.masked_name(value=hit.name) or hit.account_number,
        where=" · ".join(part for part in (hit.area_name, hit.address) if part),
        account_id=hit.account_id,
        area_id=hit.area_id,
    )


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
    is_off = line.begins_at <= now
    return OutageSaid(
        number=line.number,
        url=reverse("outages:outage", args=[line.number]),
        said=outage_words.said(line=line, now=now),
        is_off=is_off,
        incident=line.incident_number if is_off else "",
    )
