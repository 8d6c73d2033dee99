"""One station area: its money, its people, its doors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamplighter.facts.billing import windows
from lamplighter.facts.billing.windows import BurnDown
from lamplighter.facts.customers import lines as customers
from lamplighter.facts.customers.lines import DoorLine
from lamplighter.facts.network import queries as network
from lamplighter.facts.network import staffing
from lamplighter.facts.network.queries import AreaInCharge
from lamplighter.facts.network.staffing import Supply, Tenure
from lamplighter.findings import areas_ahead
from lamplighter.findings import queries as findings
from lamplighter.findings.queries import CauseShare, SignalFound
from lamplighter.kernel.spans import month_span
from lamplighter.kernel.viewer import Viewer
from lamplighter.web.areas import ahead
from lamplighter.web.areas.ahead import OutlookCard
from lamplighter.web.frame import formats, lists, nights

DOORS = ("payment", "grade")
SIGNALS_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a stacked bar."""

    code: str
    kind: str
    value: Decimal | int
    text: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalLine:
    """A home whose use changed, or is high."""

    name: str
    url: str
    kind: str
    changed_date: date | None
    kwh_per_day: float | None  # how much it changed; of a high use how much is used


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalBox:
    """The first of one list of signals."""

    title: str
    text: str
    url: str
    n_all: int
    lines: tuple[SignalLine, ...]
    is_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorView:
    """One way to colour the doors."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaPage:
    """All that the page of one area shows."""

    name: str
    code: str
    place: str
    station: str
    summary: str
    list_url: str
    arrears_url: str
    staff_url: str
    manager: str
    tenures: tuple[Tenure, ...]
    supply: tuple[Supply, ...]
    capacity_kva: Decimal | None
    kva_per_customer: Decimal | None
    n_accounts: int
    n_owing: int
    due_cny: Decimal
    overdue_cny: Decimal
    recovery: float | None
    burn_down: dict[str, Any] | None
    unpaid_ahead: str
    outlook: OutlookCard
    unpaid: tuple[Part, ...]
    unpaid_rest: str
    grades: tuple[Part, ...]
    boxes: tuple[SignalBox, ...]
    doors: dict[str, Any] | None
    door_views: tuple[DoorView, ...]
    has_night: bool
    late: str
    as_of_day: date


def page(*, viewer: Viewer, today: date, code: str, doors: str, zone: ZoneInfo) -> AreaPage | None:
    """Fill the page; None where there is no such area for this viewer."""
    area = next(iter(network.areas_in_charge(viewer=viewer, on=today, code=code)), None)
    if area is None:
        return None
    night = findings.newest_night()
    as_of = night.as_of_day if night else today - timedelta(1)
    seen: dict[str, Any] = {"viewer": viewer, "on": today, "area_id": area.area_id}
    health = findings.areas_health(**seen).get(area.area_id)
    now = windows.burn_down(**seen, up_to=as_of, zone=zone)
    last_day = month_span(day=as_of).first_day - timedelta(1)
    before = windows.burn_down(**seen, up_to=last_day, zone=zone)
    coming = areas_ahead.unpaid_ahead(**seen, now=now, as_of=as_of, zone=zone)
    supply = tuple(staffing.supply_of(**seen))
    capacity = sum((t.capacity_kva for t in supply), Decimal(0)) if supply else None
    n_accounts = health.n_accounts if health else 0
    unpaid, rest = _unpaid(findings.unpaid_by_cause(**seen), code=code)
    recovery = _recovered(now)
    n_owing, due_cny = (health.n_owing, health.due_cny) if health else (0, Decimal(0))
    return AreaPage(
        name=area.name,
        code=code,
        place=" · ".join(part for part in (area.township, area.committee) if part),
        station=area.station_name,
        summary=_summary(n_owing=n_owing, due_cny=due_cny, recovery=recovery),
        list_url=reverse("areas:list"),
        arrears_url=lists.address(reverse("arrears:list"), area=code),
        staff_url=reverse("staff:list"),
        manager=area.staff_name,
        tenures=tuple(staffing.tenures(viewer=viewer, on=today, area_ids=[area.area_id])),
        supply=supply,
        capacity_kva=capacity,
        kva_per_customer=capacity / n_accounts if capacity and n_accounts else None,
        n_accounts=n_accounts,
        n_owing=n_owing,
        due_cny=due_cny,
        overdue_cny=health.overdue_cny if health else Decimal(0),
        recovery=recovery,
        burn_down=_chart(now, before, as_of=as_of, coming=ahead.band(coming)),
        unpaid_ahead=ahead.said(coming),
        outlook=ahead.card(viewer=viewer, today=today, area_id=area.area_id, as_of=as_of),
        unpaid=unpaid,
        unpaid_rest=rest,
        grades=_grades(health.n_by_grade if health else {}, code=code),
        boxes=_boxes(viewer=viewer, today=today, area=area),
        doors=_doors(viewer=viewer, today=today, area=area, kind=doors),
        door_views=_door_views(code=code, chosen=doors),
        has_night=night is not None,
        late=nights.late(as_of=as_of if night else None, today=today),
        as_of_day=as_of,
    )


def _recovered(burnt: BurnDown) -> float | None:
    left = burnt.unpaid_cny[-1] if burnt.unpaid_cny else None
    if left is None or not burnt.billed_cny:
        return None
    return float(1 - left / burnt.billed_cny)


def _summary(*, n_owing: int, due_cny: Decimal, recovery: float | None) -> str:
    said = []
    if recovery is not None:
        share = f"{formats.number(value=100 * recovery, digits=1)}%"
        said.append(_("%(share)s of this month's bills is in.") % {"share": share})
    money = formats.money(value=due_cny, digits=0)
    owing = ngettext(
        "%(n)s customer still owes %(money)s.", "%(n)s customers still owe %(money)s.", n_owing
    )
    said.append(owing % {"n": n_owing, "money": money})
    return formats.sentences(*said)


def _chart(
    now: BurnDown, before: BurnDown, *, as_of: date, coming: dict[str, Any] | None
) -> dict[str, Any] | None:
    if now.issued_day is None and before.issued_day is None:
        return None
    month = month_span(day=as_of)
    later: list[Decimal | None] = [None] * (month.n_days - len(now.unpaid_cny))
    opens = now.issued_day.day if now.issued_day else None
    return {
        "month": month.first_day.isoformat(),
        "unpaid_cny": [*now.unpaid_cny, *later],
        "last_month_cny": list(before.unpaid_cny)[: month.n_days],
        "forecast": coming,
        "window": [opens, month.n_days] if opens else None,
        "today": as_of.day,
    }


def _unpaid(shares: Sequence[CauseShare], *, code: str) -> tuple[tuple[Part, ...], str]:
    path = reverse("arrears:list")
    parts = tuple(
        Part(
            code=share.cause,
            kind="cause",
            value=share.due_cny,
            text=ngettext(
                "%(money)s · %(n)s customer", "%(money)s · %(n)s customers", share.n_accounts
            )
            % {"money": formats.money(value=share.due_cny, digits=0), "n": share.n_accounts},
            url=lists.address(path, area=code, cause=share.cause),
        )
        for share in shares
        if share.cause
    )
    rest = next((share for share in shares if not share.cause), None)
    if rest is None:
        return parts, ""
    text = ngettext(
        "Besides, %(n)s customer has %(money)s open without any pattern of arrears.",
        "Besides, %(n)s customers have %(money)s open without any pattern of arrears.",
        rest.n_accounts,
    )
    money = formats.money(value=rest.due_cny, digits=0)
    return parts, text % {"n": rest.n_accounts, "money": money}


def _grades(counts: dict[str, int], *, code: str) -> tuple[Part, ...]:
    return tuple(
        Part(
            code=grade,
            kind="grade",
            value=counts[grade],
            text=formats.number(value=counts[grade], digits=0),
            url=lists.address(reverse("arrears:list"), area=code, grade=grade),
        )
        for grade in "ABCDN"
        if counts.get(grade)
    )


def _boxes(*, viewer: Viewer, today: date, area: AreaInCharge) -> tuple[SignalBox, ...]:
    found = {
        name: findings.signal_list(
            viewer=viewer, on=today, name=name, area_id=area.area_id, limit=SIGNALS_SHOWN
        )
        for name in ("JUMP", "HIGH_USE")
    }
    ids = [signal.account_id for signals, _n in found.values() for signal in signals]
    doors = customers.lines_of(viewer=viewer, on=today, account_ids=ids)
    path = reverse("signals:list")
    words = {
        "JUMP": (_("Sudden jumps"), _("Use left its own habit; the neighbours' did not.")),
        "HIGH_USE": (_("High use"), _("Much, and as usual. Nothing needs asking.")),
    }
    return tuple(
        SignalBox(
            title=words[name][0],
            text=words[name][1],
            url=lists.address(path, list=name, area=area.code),
            n_all=n_all,
            lines=tuple(
                _signal(signal, doors[signal.account_id])
                for signal in signals
                if signal.account_id in doors
            ),
            is_change=name == "JUMP",
        )
        for name, (signals, n_all) in found.items()
    )


def _signal(signal: SignalFound, door: DoorLine) -> SignalLine:
    return SignalLine(
        name=door.name,
        url=reverse("customers:account", args=[door.account_number]),
        kind=signal.kind,
        changed_date=signal.changed_date,
        kwh_per_day=signal.size_kwh_per_day
        if signal.list == "JUMP"
        else signal.level_after_kwh_per_day,
    )


def _doors(*, viewer: Viewer, today: date, area: AreaInCharge, kind: str) -> dict[str, Any] | None:
    rows = findings.doors(viewer=viewer, on=today, area_id=area.area_id)
    ids = [account_id for account_id, *_rest in rows]
    doors = customers.lines_of(viewer=viewer, on=today, account_ids=ids)
    dots = []
    for account_id, grade, due_cny, overdue_cny in rows:
        if account_id not in doors:
            continue
        status = grade if kind == "grade" else _payment(due_cny, overdue_cny)
        door = doors[account_id]
        url = reverse("customers:account", args=[door.account_number])
        dots.append([f"{door.name} · {door.address}", status, url])
    return {"doors": dots, "kind": kind} if dots else None


def _payment(due_cny: Decimal, overdue_cny: Decimal) -> str:
    if overdue_cny > 0:
        return "LATE"
    return "OPEN" if due_cny > 0 else "PAID"


def _door_views(*, code: str, chosen: str) -> tuple[DoorView, ...]:
    path = reverse("areas:area", args=[code])
    labels = {"payment": _("By payment"), "grade": _("By grade")}
    return tuple(
        DoorView(
            label=labels[kind],
            url=lists.address(path, doors=kind),
            is_current=kind == chosen,
        )
        for kind in DOORS
    )
