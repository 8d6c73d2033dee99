"""A station with people, and orders opened through the door that everybody uses."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lamplighter.action.service import rules as service_rules
from lamplighter.action.service import services as service
from lamplighter.action.service.models import OrderStep, Promise, ServiceOrder
from lamplighter.action.service.rules import Rules
from lamplighter.facts.customers.models import Account
from lamplighter.facts.network.models import Area, OrgUnit, Staff
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy.processes import catalogue
from tests import factories as f

ZONE = ZoneInfo("Asia/Shanghai")
KEY = bytes(32)
NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)  # a Wednesday, noon in Shanghai
RULES = service_rules.in_force(on=f.TODAY, zone=ZONE)


def later(minutes: float, *, since: datetime = NOON) -> datetime:
    return since + timedelta(minutes=minutes)


@dataclass(frozen=True, kw_only=True)
class Station:
    """One unit with one person of each post, one area, one account."""

    unit: OrgUnit
    area: Area
    account: Account
    staff: dict[str, Staff]

    def viewer(self, post: str = "AGENT") -> Viewer:
        return f.viewer_for(self.staff[post])


def make_station() -> Station:
    unit = f.make_station()
    posts = ["MANAGER", "AGENT", "CREW", "SUPERVISOR", "STATION_HEAD", "BRANCH"]
    staff = {post: f.make_staff(station=unit, post=post) for post in posts}
    area = f.make_area(station=unit, staff=staff["MANAGER"])
    return Station(unit=unit, area=area, account=f.make_account(area=area), staff=staff)


def request(station: Station, type_code: str = "FAULT_REPAIR", **changed: Any) -> service.Request:
    values: dict[str, Any] = {
        "type_code": type_code,
        "channel": "PHONE",
        "asked_at": NOON,
        "account_number": station.account.number,
        "words": "家里没电了",
    }
    return service.Request(**values | changed)


def open_one(
    station: Station,
    type_code: str = "FAULT_REPAIR",
    *,
    viewer: Viewer | None = None,
    now: datetime = NOON,
    rules: Rules = RULES,
    **changed: Any,
) -> ServiceOrder:
    opened = service.open_order(
        viewer=viewer or station.viewer(),
        request=request(station, type_code, **changed),
        now=now,
        rules=rules,
        field_key=KEY,
    )
    return ServiceOrder.objects.get(pk=opened.order_id)


def asking(
    order: ServiceOrder, viewer: Viewer, minutes: float = 0, request_key: str = ""
) -> service.Asking:
    return service.Asking(
        viewer=viewer,
        number=order.number,
        now=later(minutes, since=order.opened_at),
        rules=RULES,
        request_key=request_key,
    )


def step(order: ServiceOrder, code: str) -> OrderStep:
    return OrderStep.objects.get(order=order, code=code, round=order.round)


def promise(order: ServiceOrder, code: str) -> Promise:
    return Promise.objects.get(order=order, code=code, round=order.round)


def run(
    order: ServiceOrder,
    viewer: Viewer,
    *,
    until: str = "",
    every: float = 5,
    answers: dict[str, str] | None = None,
) -> float:
    """Complete what is open, one after another, until a step is open or nothing is; the minute."""
    minutes = (NOON - order.opened_at) / timedelta(minutes=1)
    given = answers or {}
    process = catalogue.by_version(version=order.process_version)
    while True:
        opened = OrderStep.objects.filter(
            order=order, round=order.round, state__in=["READY", "BEGUN"]
        ).order_by("position")
        if not opened or any(one.code == until for one in opened):
            order.refresh_from_db()
            return minutes
        minutes += every
        code = opened[0].code
        choice = process.step(code).choice
        answer = given.get(code, choice.answers[0].code if choice else "")
        service.complete_step(asking(order, viewer, minutes), step_code=code, answer=answer)
