"""Opening orders: one from a person at the desk, or many from another system, by the same code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from lamplighter.action.service import errors, moves
from lamplighter.action.service.assigning import Assigner
from lamplighter.action.service.models import CHANNELS, OPEN, OrderEvent, ServiceOrder
from lamplighter.action.service.rules import Rules, short
from lamplighter.action.service.services import giving, storing
from lamplighter.action.service.whole import Whole
from lamplighter.facts.customers import parties as customers
from lamplighter.facts.customers import personal, phones
from lamplighter.facts.customers.parties import Party
from lamplighter.facts.network import posts as network
from lamplighter.facts.network.posts import Place, Where
from lamplighter.findings import attention
from lamplighter.kernel import sealing, spans
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import services as ledger
from lamplighter.policy.processes import catalogue
from lamplighter.policy.processes.shapes import Process
from lamplighter.storage import prepared

WORDS_AT_MOST, PLACE_AT_MOST = 20_000, 200
BEFORE_AND_NEW = """
SELECT request_key, id, number FROM service_serviceorder
WHERE request_key = ANY(%(keys)s) AND request_key <> ''
UNION ALL
SELECT NULL, nextval(pg_get_serial_sequence('service_serviceorder', 'id')), NULL
FROM generate_series(1, %(n_new)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a customer asks for, as it reached us."""

    type_code: str
    channel: str
    asked_at: datetime
    account_number: str = ""  # empty: nobody's account is named
    area_id: int | None = None  # where no account is named
    place: str = field(default="", repr=False)  # as it is told, where no account is named
    phone: str = field(default="", repr=False)
    words: str = field(default="", repr=False)
    priority: str = "NORMAL"
    cases: Mapping[str, str] = field(default_factory=dict)  # dimension → value
    given_at: Mapping[str, datetime] = field(default_factory=dict)  # promise → a fixed moment
    request_key: str = ""
    is_present: bool = False  # the customer speaks with whoever opens it


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An order that was opened, now or by the same request before."""

    order_id: int
    number: str


def open_order(
    *,
    viewer: Viewer,
    request: Request,
    now: datetime,
    rules: Rules,
    field_key: bytes,
    actor: str = "",
) -> Opened:
    """Open one order: its process, promises, steps with their limits, and an owner.

    Where the customer is present, whoever opens it keeps the first steps they may do. The same
    request sent twice (the same key) opens one order. *actor* is who did it, where that
    is not the viewer: a customer by their link.

    Raises
    ------
    errors.NotAllowed, errors.ChannelUnknown, errors.PriorityUnknown, errors.CaseMissing
        See there.
    errors.ReasonTooLong
        The words or the place are longer than can be kept.
    errors.PlaceUnknown
        No such account or area where the viewer may look.
    errors.MomentGoesBack
        It was asked for later than now.
    errors.PromiseImpossible, errors.PromiseUnknown
        A fixed moment before the request, or for a promise that is not made.
    errors.KeyReused
        The key was sent with another type of request.
    catalogue.ProcessUnknown
        There is no such type.
    phones.PhoneUnusable
        The number reaches nobody.
    """
    desk = _Desk(viewer=viewer, now=now, rules=rules, field_key=field_key, actor=actor)
    return _open([request], desk=desk)[0]


def open_orders(
    *,
    viewer: Viewer,
    requests: Sequence[Request],
    now: datetime,
    rules: Rules,
    field_key: bytes,
) -> list[Opened]:
    """Open many orders in one transaction, all or none; the ledger says so once.

    Raises
    ------
    errors.NotAllowed, …
        As `open_order`, for the first request that cannot be opened.
    """
    if not requests:
        return []
    return _open(requests, desk=_Desk(viewer=viewer, now=now, rules=rules, field_key=field_key))


def _open(requests: Sequence[Request], *, desk: "_Desk") -> list[Opened]:
    desk.rules.check_role(desk.viewer, "may_open")
    keys = [request.request_key for request in requests if request.request_key]
    if len(set(keys)) < len(keys):
        raise errors.KeyReused("two requests of one call have the same key")
    known, ids = _opened_before(keys, n_new=len(requests))
    fresh = [request for request in requests if request.request_key not in known]
    made: list[Whole] = []
    if fresh:
        desk.look_up(fresh)
        try:
            with transaction.atomic():
                made = desk.write(fresh, ids=ids)
        except errors.ChangedMeanwhile:
            known, _ = _opened_before(keys)  # the same requests were opened beside this call
            if len(keys) < len(requests) or not set(keys) <= set(known):
                raise
            return [_checked(known[request.request_key], request) for request in requests]
    opened = {id(request): whole for request, whole in zip(fresh, made, strict=True)}
    return [
        _checked(known[request.request_key], request)
        if request.request_key in known
        else Opened(order_id=opened[id(request)].order.pk, number=opened[id(request)].order.number)
        for request in requests
    ]


def _opened_before(keys: Sequence[str], *, n_new: int = 0) -> tuple[dict[str, Opened], list[int]]:
    """Return what the keys opened already, and numbers for so many new orders."""
    with connection.cursor() as cursor:
        prepared.execute(cursor, BEFORE_AND_NEW, {"keys": list(keys), "n_new": n_new})
        rows = cursor.fetchall()
    known = {
        key: Opened(order_id=order_id, number=number)
        for key, order_id, number in rows
        if key is not None
    }
    return known, [order_id for key, order_id, _ in rows if key is None]


def _checked(opened: Opened, request: Request) -> Opened:
    event = OrderEvent.objects.get(order=opened.order_id, kind="OPENED")
    if event.detail["type"] != request.type_code:
        raise errors.KeyReused(f"{opened.number} is of another type")
    return opened


class _Desk:
    """What the requests of one call have in common, looked up once."""

    def __init__(
        self, *, viewer: Viewer, now: datetime, rules: Rules, field_key: bytes, actor: str = ""
    ) -> None:
        self.viewer, self.now, self.rules, self.field_key = viewer, now, rules, field_key
        self.actor = actor or viewer.actor
        self.parties: dict[str, Party] = {}
        self.places: dict[int, Place] = {}
        self.home: Place | None = None
        self.grades: dict[int, str] = {}
        self.processes: dict[tuple[str, object], Process] = {}

    def look_up(self, requests: Sequence[Request]) -> None:
        """Find accounts, places and, for a green channel, grades; raise where one is unknown."""
        on = self.rules.on
        numbers = {request.account_number for request in requests} - {""}
        if numbers:
            self.parties = customers.parties(
                viewer=self.viewer, on=on, account_numbers=sorted(numbers)
            )
        if unknown := numbers - set(self.parties):
            raise errors.PlaceUnknown(min(unknown))
        areas = {request.area_id for request in requests if not request.account_number}
        if named := [area for area in areas if area is not None]:
            self.places = network.places_seen_by(viewer=self.viewer, on=on, area_ids=named)
        if None in areas:
            self.home = network.place_of_viewer(viewer=self.viewer)
        green = [
            self.parties[request.account_number].account_id
            for request in requests
            if request.account_number and self._process(request).green is not None
        ]
        if green:
            doors = attention.findings_by_account(account_ids=green, on=on)
            self.grades = {account_id: door.grade for account_id, door in doors.items()}

    def write(self, requests: Sequence[Request], *, ids: Sequence[int]) -> list[Whole]:
        """Make the orders, give their first steps to people, and write all of it."""
        assigner = Assigner(rules=self.rules, at=self.now)
        places = [self._place(request) for request in requests]
        made = [
            self._whole(request, order_id=order_id, place=place)
            for order_id, request, place in zip(ids, requests, places, strict=False)
        ]
        for request, whole in zip(requests, made, strict=True):
            if request.is_present:
                giving.keep(whole, viewer=self.viewer, rules=self.rules, at=request.asked_at)
        look_for: dict[Where, list[Sequence[str]]] = {}
        for place, whole in zip(places, made, strict=True):
            where = (place.unit_path, whole.order.area_id)
            look_for.setdefault(where, []).extend(giving.wanted(whole, rules=self.rules))
        assigner.gather_at(look_for)
        for request, place, whole in zip(requests, places, made, strict=True):
            giving.give(whole, unit_path=place.unit_path, assigner=assigner, at=request.asked_at)
        storing.save(made, before={})
        self._tell(made)
        return made

    def _tell(self, made: Sequence[Whole]) -> None:
        if len(made) > 1:
            ledger.record(
                "service.orders.opened",
                subject=f"unit:{made[0].order.unit_id}",
                actor=self.actor,
                at=self.now,
                n_orders=len(made),
                first_order_id=made[0].order.pk,
                last_order_id=made[-1].order.pk,
                policy=self.rules.policy.version,
            )
            return
        order = made[0].order
        ledger.record(
            "service.order.opened",
            subject=f"order:{order.pk}",
            actor=self.actor,
            at=self.now,
            number=order.number,
            type=order.type_code,
            process=order.process_version,
            channel=order.channel,
            account_id=order.account_id,
            area_id=order.area_id,
            owner_id=order.owner_id,
            policy=self.rules.policy.version,
        )

    def _place(self, request: Request) -> Place:
        if request.account_number:
            return self.parties[request.account_number].place
        area_id = request.area_id
        place = self.places.get(area_id) if area_id is not None else self.home
        if place is None:
            raise errors.PlaceUnknown(f"area {area_id}")
        return place

    def _process(self, request: Request) -> Process:
        day = request.asked_at.astimezone(self.rules.zone).date()
        key = (request.type_code, day)
        if key not in self.processes:
            self.processes[key] = catalogue.in_force(code=request.type_code, on=day)
        return self.processes[key]

    def _whole(self, request: Request, *, order_id: int, place: Place) -> Whole:
        process = self._process(request)
        order = self._order(request, process=process, order_id=order_id, place=place)
        whole = Whole(order=order, process=process, steps={}, promises={}, waits=[])
        moves.follow(whole, process=process, given_at=request.given_at)
        moves.advance(whole, at=request.asked_at, terms=self.rules.terms)
        whole.tell(
            "OPENED",
            at=request.asked_at,
            actor=self.actor,
            is_outward=True,
            type=process.code,
            channel=request.channel,
            priority=request.priority,
        )
        return whole

    def _order(
        self, request: Request, *, process: Process, order_id: int, place: Place
    ) -> ServiceOrder:
        if request.channel not in CHANNELS:
            raise errors.ChannelUnknown(request.channel)
        if request.asked_at > self.now:
            raise errors.MomentGoesBack(request.asked_at.isoformat())
        for code, moment in request.given_at.items():
            if moment < request.asked_at:
                raise errors.PromiseImpossible(f"{code} {moment.isoformat()}")
        party = self.parties.get(request.account_number)
        day = request.asked_at.astimezone(self.rules.zone).date()
        is_green = process.green is not None and self._is_green(party)
        factor = process.green.factor if process.green is not None and is_green else 1.0
        number = phones.normalised(text=request.phone) if request.phone else ""
        index = sealing.blind_index(number, self.field_key, personal.PHONE) if number else ""
        told = short(request.place.replace("\x00", ""), at_most=PLACE_AT_MOST)
        words = short(request.words.replace("\x00", ""), at_most=WORDS_AT_MOST)
        lasts = self.rules.policy.integer("words_last_months")
        return ServiceOrder(
            pk=order_id,
            number=f"{day:%y%m%d}{order_id:07d}",
            round=1,
            channel=request.channel,
            customer_id=party.customer_id if party else None,
            account_id=party.account_id if party else None,
            premise_id=party.premise_id if party else None,
            area_id=place.area_id,
            unit_id=place.unit_id,
            phone_sealed=sealing.seal(number, self.field_key) if number else None,
            phone_masked=sealing.masked_phone(number) if number else "",
            phone_index=index,
            words_sealed=sealing.seal(words, self.field_key) if words else None,
            place_sealed=sealing.seal(told, self.field_key) if told and party is None else None,
            words_expire_date=spans.months_after(day=day, n_months=lasts),
            priority=request.priority,
            is_green=is_green,
            aim_ratio=self.rules.aim_ratio(priority=request.priority, green_factor=factor),
            cases={"AREA_TYPE": place.setting, **_cases_of(party), **request.cases},
            state=OPEN,
            opened_at=request.asked_at,
            policy_version=self.rules.policy.version,
            request_key=request.request_key,
        )

    def _is_green(self, party: Party | None) -> bool:
        grade = self.grades.get(party.account_id) if party else None
        return grade in self.rules.policy.row("green_grades").value


def _cases_of(party: Party | None) -> dict[str, str]:
    """Return what the archive says of an account, by which promises differ."""
    if party is None or not party.category:
        return {}
    return {"CUSTOMER_KIND": "RESIDENT" if party.category == "RESIDENTIAL" else "OTHER"}
