"""Outages: the dispatch system records, changes and ends them; others read them."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field
from pydantic import StringConstraints as Text

from lamplighter.action.outages import errors, queries
from lamplighter.action.outages import rules as outage_rules
from lamplighter.action.outages import services as outages
from lamplighter.action.outages.lines import REASON_AT_MOST, OutageLine
from lamplighter.action.outages.rules import Rules
from lamplighter.api import door, paging
from lamplighter.api.door import NO_NUL, ApiRequest, Caller, Key
from lamplighter.api.orders.shapes import Input, Moment, Number
from lamplighter.facts.network import queries as network

OF = "outages"
router = Router(tags=["outages"])
Kind = Literal["PLANNED", "TEMPORARY", "UNPLANNED"]
Cause = Literal[
    "MAINTENANCE", "REBUILDING", "CONNECTING", "EQUIPMENT", "WEATHER", "OUTSIDE_FORCE", "OVERLOAD",
    "NOT_YET_KNOWN",
]  # fmt: skip
State = Literal["RUNNING", "COMING", "OVER"]
AreaCode = Annotated[str, Text(min_length=1, max_length=40, pattern=NO_NUL)]
Areas = Annotated[list[AreaCode], Field(max_length=2000)]
Because = Annotated[str, Text(max_length=REASON_AT_MOST, pattern=NO_NUL)]


class OutageIn(Input):
    """An outage as the dispatch system knows it."""

    kind: Kind
    cause: Cause
    begins_at: Moment
    expected_end_at: Moment | None = None
    area_codes: Areas = []
    feeder_code: Annotated[str, Text(max_length=40, pattern=NO_NUL)] = ""
    notice_exception: Because = ""
    source_number: Annotated[str, Text(max_length=60, pattern=NO_NUL)] = ""


class ChangeIn(Input):
    """How an outage stands from now on; areas that are not named stay as they are."""

    begins_at: Moment
    expected_end_at: Moment | None
    area_codes: Annotated[list[AreaCode], Field(min_length=1, max_length=2000)] | None = None
    notice_exception: Because = ""
    reason: Because


class EndIn(Input):
    """Since when supply is back everywhere."""

    ended_at: Moment


class CallOffIn(Input):
    """Why it will not be."""

    reason: Because


class OutageOut(Schema):
    """An outage in a list."""

    number: str
    source_number: str
    kind: str
    cause: str
    state: str
    is_over_time: bool
    unit: str
    feeder: str
    begins_at: datetime
    expected_end_at: datetime | None
    ended_at: datetime | None
    called_off_at: datetime | None
    published_at: datetime
    notice_exception: str
    release_order: str
    incident: str


class Outages(paging.Paged):
    """A page of outages."""

    items: list[OutageOut]


class AreaOut(Schema):
    """A station area of an outage."""

    code: str
    name: str
    n_accounts: int
    left_at: datetime | None
    n_times_off: int


class ChangeOut(Schema):
    """How an outage stood after one change."""

    kind: str
    at: datetime
    begins_at: datetime
    expected_end_at: datetime | None
    n_areas: int
    reason: str


class OutageWhole(OutageOut):
    """One outage with its areas and every change."""

    areas: list[AreaOut]
    changes: list[ChangeOut]


class Done(Schema):
    """An outage after a write."""

    number: str


@router.get("", response=Outages)
def list_outages(
    request: ApiRequest,
    state: State | None = None,
    limit: paging.Limit = None,
    after: paging.After = "",
) -> Outages:
    """Return the outages you may see, the newest first; go on with `after=next`."""
    caller = request.auth
    n_rows = paging.rows(limit, policy=caller.policy)
    found = queries.listed(
        viewer=caller.viewer,
        on=caller.today,
        now=caller.now,
        state=state or "",
        before_id=paging.place(of=OF, text=after),
        limit=n_rows + 1,
    )
    shown = found[:n_rows]
    is_last = len(found) <= n_rows
    return Outages(
        items=[OutageOut(**_out(line, caller)) for line in shown],
        next=None if is_last else paging.cursor(of=OF, place=shown[-1].outage_id),
    )


@router.get("/{number}", response=OutageWhole)
def read_outage(request: ApiRequest, number: Number) -> OutageWhole:
    """Return one outage with its areas and every change of it."""
    caller = request.auth
    found = queries.outage(viewer=caller.viewer, number=number, rules=_rules(caller))
    return OutageWhole(
        **_out(found.line, caller),
        areas=[
            AreaOut(
                code=area.code,
                name=area.name,
                n_accounts=area.n_accounts,
                left_at=area.left_at,
                n_times_off=area.n_times_off,
            )
            for area in found.areas
        ],
        changes=[
            ChangeOut(
                kind=one.kind,
                at=one.at,
                begins_at=one.begins_at,
                expected_end_at=one.expected_end_at,
                n_areas=one.n_areas,
                reason=one.reason,
            )
            for one in found.changes
        ],
    )


@router.post("", response={201: Done})
def record_outage(request: ApiRequest, body: OutageIn, key: Key) -> HttpResponse:
    """Record an outage; its release order begins, and faults reported there can join it."""
    caller = request.auth

    def write() -> dict[str, Any]:
        number = outages.record_outage(
            viewer=caller.viewer,
            draft=outages.Draft(
                kind=body.kind,
                cause=body.cause,
                begins_at=body.begins_at,
                expected_end_at=body.expected_end_at,
                area_ids=_area_ids(body.area_codes),
                feeder_code=body.feeder_code,
                notice_exception=body.notice_exception,
                source_number=body.source_number,
            ),
            now=caller.now,
            rules=_rules(caller),
            field_key=settings.FIELD_KEY,
            request_key=door.request_key(request, key=key),
        )
        return {"number": number}

    return door.once(request, key=key, write=write, status=201)


@router.post("/{number}/change", response=Done)
def change_outage(request: ApiRequest, number: Number, body: ChangeIn, key: Key) -> HttpResponse:
    """Give an outage other times or areas, with the reason; how it stood stays on record."""
    areas = None if body.area_codes is None else _area_ids(body.area_codes)
    terms = outages.Terms(
        begins_at=body.begins_at,
        expected_end_at=body.expected_end_at,
        area_ids=areas,
        notice_exception=body.notice_exception,
    )
    return _change(
        request,
        number,
        key,
        lambda **asked: outages.change_outage(**asked, terms=terms, reason=body.reason),
    )


@router.post("/{number}/end", response=Done)
def end_outage(request: ApiRequest, number: Number, body: EndIn, key: Key) -> HttpResponse:
    """Say since when supply is back everywhere."""
    return _change(
        request, number, key, lambda **asked: outages.end_outage(**asked, ended_at=body.ended_at)
    )


@router.post("/{number}/call-off", response=Done)
def call_off(request: ApiRequest, number: Number, body: CallOffIn, key: Key) -> HttpResponse:
    """Say that an outage will not be, with the reason."""
    return _change(
        request, number, key, lambda **asked: outages.call_off(**asked, reason=body.reason)
    )


def _change(
    request: ApiRequest, number: str, key: str, change: Callable[..., None]
) -> HttpResponse:
    caller = request.auth

    def write() -> dict[str, Any]:
        change(
            viewer=caller.viewer,
            number=number,
            now=caller.now,
            rules=_rules(caller),
            request_key=door.request_key(request, key=key),
        )
        return {"number": number}

    return door.once(request, key=key, write=write)


def _rules(caller: Caller) -> Rules:
    return outage_rules.in_force(on=caller.today, zone=ZoneInfo(settings.TIME_ZONE))


def _area_ids(codes: list[str]) -> tuple[int, ...]:
    """Return the ids of areas; whether they may be seen is asked where they are used."""
    try:
        return network.area_ids_of(codes=codes)
    except network.AreaUnknown as error:
        raise errors.PlaceUnknown("area") from error


def _out(line: OutageLine, caller: Caller) -> dict[str, Any]:
    return {
        "number": line.number,
        "source_number": line.source_number,
        "kind": line.kind,
        "cause": line.cause,
        "state": line.state(now=caller.now),
        "is_over_time": line.is_over_time(now=caller.now),
        "unit": line.unit_name,
        "feeder": line.feeder_name,
        "begins_at": line.begins_at,
        "expected_end_at": line.expected_end_at,
        "ended_at": line.ended_at,
        "called_off_at": line.called_off_at,
        "published_at": line.published_at,
        "notice_exception": line.notice_exception,
        "release_order": line.order_number,
        "incident": line.incident_number,
    }
