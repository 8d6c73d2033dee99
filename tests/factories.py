"""Small builders of rows that many tests need. They say what a test does not care about."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from lamplighter.facts.billing.models import Bill, DebitAttempt, Payment, Reminder
from lamplighter.facts.customers.models import (
    Account,
    Contact,
    Customer,
    Flag,
    Identity,
    Premise,
    Relation,
    ServiceRequest,
)
from lamplighter.facts.metering.models import UsagePoint
from lamplighter.facts.network.models import Area, OrgUnit, Responsibility, Staff
from lamplighter.findings.areas import services as area_services
from lamplighter.findings.contests.models import AssessmentApproval
from lamplighter.findings.models import AccountFinding, Night, Signal
from lamplighter.kernel.viewer import Role, Viewer
from lamplighter.policy import assessments

TODAY = date(2026, 11, 25)
MORNING = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # 07:30 in Shanghai on TODAY
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_numbers = count(1)


def _version() -> dict[str, Any]:
    return {"recorded_at": LONG_AGO, "recorded_by": "test"}


def at(day: date, hour: int = 4) -> datetime:
    """Return a moment of a day; 4 UTC is noon in Shanghai."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def make_station(*, code: str = "", parent: OrgUnit | None = None) -> OrgUnit:
    code = code or f"S{next(_numbers)}"
    path = f"{parent.path}{code}/" if parent else f"/{code}/"
    return OrgUnit.objects.create(
        code=code, kind="STATION", name=f"Station {code}", parent=parent, path=path
    )


def make_area(
    *, station: OrgUnit, staff: Staff | None = None, since: date = date(2020, 1, 1)
) -> Area:
    n = next(_numbers)
    area = Area.objects.create(
        code=f"A{n:05}", name=f"Area {n}", station=station, setting="RURAL", shard=0
    )
    if staff is not None:
        Responsibility.objects.create(
            area=area, staff=staff, days=(since, None), recorded_at=LONG_AGO, recorded_by="test"
        )
    return area


def make_staff(*, station: OrgUnit, post: str = "MANAGER", minutes_per_day: int = 420) -> Staff:
    n = next(_numbers)
    return Staff.objects.create(
        number=f"M{n:05}",
        name=f"Staff {n}",
        post=post,
        org_unit=station,
        phone="",
        minutes_per_day=minutes_per_day,
    )


def viewer_for(staff: Staff) -> Viewer:
    return Viewer(
        staff_id=staff.pk,
        staff_number=staff.number,
        name=staff.name,
        role=Role(staff.post),
        org_name=staff.org_unit.name,
        org_path=staff.org_unit.path,
    )


def make_account(
    *,
    area: Area | None = None,
    customer: Customer | None = None,
    roles: tuple[str, ...] = ("PAYER",),
) -> Account:
    n = next(_numbers)
    if customer is None:
        customer = Customer.objects.create(number=f"C{n:06}")
        Identity.objects.create(
            customer=customer, name=f"Name {n}", kind="PERSON", importance="NONE", **_version()
        )
    account = Account.objects.create(number=f"{n:010}", customer=customer)
    Premise.objects.create(account=account, area=area, address=f"Lane {n}", **_version())
    for role in roles:
        make_contact(account=account, role=role)
    return account


def make_contact(*, account: Account, role: str, **changed: Any) -> Contact:
    n = next(_numbers)
    values = {
        "name": f"Contact {n}",
        "phone_sealed": b"",
        "phone_masked": "138****0000",
        "phone_index": f"index-{n}",
        "purpose": "service",
        "basis": "CONSENT",
    }
    return Contact.objects.create(account=account, role=role, **values | changed, **_version())


def make_flag(*, account: Account, kind: str, first_day: date = date(2024, 1, 1)) -> Flag:
    return Flag.objects.create(account=account, kind=kind, first_day=first_day, **_version())


def make_landlord(*, of: Account, landlord: Account) -> Relation:
    return Relation.objects.create(account=landlord, related=of, kind="LANDLORD_OF", **_version())


def make_request(
    *, account: Account, area: Area | None = None, requested_at: datetime, **changed: Any
) -> ServiceRequest:
    values: dict[str, Any] = {"kind": "COMPLAINT", "channel": "PHONE", "content": ""}
    return ServiceRequest.objects.create(
        number=f"R{next(_numbers)}",
        account=account,
        area=area,
        requested_at=requested_at,
        **values | changed,
        **_version(),
    )


def make_bill(*, account: Account, issued_date: date, amount_cny: str, **changed: Any) -> Bill:
    values = {
        "first_day": issued_date - timedelta(31),
        "last_day": issued_date - timedelta(2),
        "due_date": issued_date + timedelta(8),
    }
    return Bill.objects.create(
        number=f"B{next(_numbers)}",
        account=account,
        issued_date=issued_date,
        amount_cny=Decimal(amount_cny),
        **values | changed,
        **_version(),
    )


def make_payment(
    *, account: Account, paid_at: datetime, amount_cny: str, method: str = "COUNTER"
) -> Payment:
    return Payment.objects.create(
        number=f"P{next(_numbers)}",
        account=account,
        paid_at=paid_at,
        amount_cny=Decimal(amount_cny),
        method=method,
        **_version(),
    )


def make_debit(
    *, account: Account, attempted_at: datetime, outcome: str = "INSUFFICIENT"
) -> DebitAttempt:
    return DebitAttempt.objects.create(
        number=f"D{next(_numbers)}",
        account=account,
        attempted_at=attempted_at,
        amount_cny=Decimal("80.00"),
        outcome=outcome,
        **_version(),
    )


def make_reminder(*, account: Account, sent_at: datetime, channel: str = "SMS") -> Reminder:
    return Reminder.objects.create(
        number=f"N{next(_numbers)}",
        account=account,
        sent_at=sent_at,
        channel=channel,
        is_delivered=True,
        bill_number="",
        **_version(),
    )


def make_approval(*, by: Staff) -> AssessmentApproval:
    """Let a person have approved the impact assessment in force."""
    return AssessmentApproval.objects.create(
        policy_version=assessments.in_force(on=TODAY).version,
        statement="read it against what the nights do",
        approved_at=MORNING,
        approved_by=by,
    )


def make_night(*, as_of_day: date = TODAY - timedelta(1)) -> Night:
    return Night.objects.create(
        as_of_day=as_of_day,
        known_at=MORNING,
        kernels={},
        policies={},
        n_shards=1,
        started_at=MORNING,
        finished_at=MORNING,
    )


def finding_values(**changed: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "grade": "C",
        "grade_rule": "reminded_often",
        "grade_trace": [],
        "grade_would_change": [],
        "risk_probability": 0.6,
        "risk_band": "HIGH",
        "risk_is_rule_based": False,
        "risk_reasons": [],
        "risk_would_change": {},
        "cause": "UNFUNDED_DEBIT",
        "cause_probability": 0.9,
        "cause_probabilities": {"UNFUNDED_DEBIT": 0.9, "SHORT_BALANCE": 0.1},
        "cause_reasons": [],
        "value_band": "LOW",
        "value_reasons": [],
        "forecast_amount_cny": Decimal("90.00"),
        "balance_due_cny": Decimal("120.00"),
        "overdue_cny": Decimal("120.00"),
        "days_overdue": 20,
        "months_reminded": 5,
        "profile": {},
    }
    return values | changed


def make_finding(*, account: Account, area: Area, night: Night, **changed: Any) -> AccountFinding:
    return AccountFinding.objects.create(
        account=account, area=area, night=night, **finding_values(**changed)
    )


def make_signal(
    *, account: Account, area: Area, night: Night, kind: str = "SURGE", **changed: Any
) -> Signal:
    values: dict[str, Any] = {
        "list": "JUMP",
        "changed_date": TODAY - timedelta(6),
        "size_kwh_per_day": 6.4,
        "probability": 0.95,
        "is_recent": True,
        "rank": 0,
    }
    point = UsagePoint.objects.create(
        number=f"U{next(_numbers)}", account=account, shard=0, recorded_at=LONG_AGO
    )
    return Signal.objects.create(
        account=account, area=area, night=night, usage_point=point, kind=kind, **values | changed
    )


def sum_up_areas(*, now: datetime = MORNING) -> int:
    """Sum the newest night up by station area, with books that are thrown away."""
    with TemporaryDirectory() as folder:
        return area_services.sum_up(
            lake_folder=Path(folder), zone=ZoneInfo("Asia/Shanghai"), actor="test", now=now
        )
