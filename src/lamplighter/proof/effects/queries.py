"""What the work was followed by: every figure with its denominator and its definition."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from lamplighter.action.worklist import records as worklist
from lamplighter.action.worklist.records import LineRecord
from lamplighter.facts.billing import recovery as billing
from lamplighter.facts.customers import complaints as customers
from lamplighter.facts.customers.complaints import Complaints
from lamplighter.facts.network import queries as network
from lamplighter.facts.network.queries import AreaInCharge
from lamplighter.findings.areas import months
from lamplighter.findings.areas import queries as area_sums
from lamplighter.findings.areas.months import MonthSums
from lamplighter.kernel.spans import DaySpan, two_months
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy.loader import Policy, Words

REACHED = {"DONE", "PROMISED", "REFUSED"}
DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a figure is called, how it is computed, and where that comes from."""

    name: Words
    text: Words
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of a whole; None where the whole is nothing."""

    part: Decimal
    whole: Decimal
    n: int  # accounts, lines or complaints behind it
    is_small: bool  # too few to say much

    @property
    def ratio(self) -> float | None:
        return float(self.part / self.whole) if self.whole else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRow:
    """One area's bills of this month and of last month, at the same age."""

    area: AreaInCharge | None  # None: all together
    now: Share
    before: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsPerYuan:
    """How many contacts it took to bring the money in."""

    days: DaySpan
    n_reminders: int
    n_contacts: int  # recorded lines on which somebody was reached
    received_cny: Decimal
    per_1000_cny: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """What became of the lines with one remedy, and how often a payment came after."""

    remedy: str
    n_lines: int
    n_by_outcome: dict[str, int]  # "" for lines nobody recorded anything on
    paid_after: Share  # among the lines on which somebody was reached


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintRate:
    """Complaints per 10,000 customers a year."""

    days: DaySpan
    counted: Complaints
    per_10000_a_year: float | None
    upheld: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofPage:
    """All figures of the first Proof page."""

    as_of: date
    definitions: dict[str, Definition]
    recovery_total: RecoveryRow
    recovery_by_area: tuple[RecoveryRow, ...]
    contacts_now: ContactsPerYuan
    contacts_before: ContactsPerYuan
    outcomes: tuple[OutcomeRow, ...]
    complaints_now: ComplaintRate
    complaints_before: ComplaintRate


def proof(*, viewer: Viewer, as_of: date, policy: Policy, zone: ZoneInfo) -> ProofPage:
    """Return the figures for the areas the viewer may see, up to the end of *as_of*.

    This month is compared with last month up to the same day of the month. A fixed number of
    queries (at most 20), however many areas.
    """
    areas = network.areas_in_charge(viewer=viewer, on=as_of)
    seen = network.areas_seen_by(viewer=viewer, on=as_of)
    now, before = two_months(up_to=as_of)
    of_now, of_before = area_sums.months(viewer=viewer, on=as_of, spans=(now, before)) or (
        months.computed(area_ids=[area.area_id for area in areas], days=days, zone=zone)
        for days in (now, before)
    )
    total, by_area = _recovery(areas=areas, now=of_now, before=of_before, policy=policy)
    lines = worklist.line_records(area_ids=seen, days=now)
    earlier = worklist.line_records(area_ids=seen, days=before)
    year = DaySpan(first_day=as_of - timedelta(DAYS_A_YEAR - 1), end_day=as_of + timedelta(1))
    last_year = DaySpan(first_day=year.first_day - timedelta(DAYS_A_YEAR), end_day=year.first_day)
    return ProofPage(
        as_of=as_of,
        definitions=definitions(policy=policy),
        recovery_total=total,
        recovery_by_area=by_area,
        contacts_now=_contacts(of_now, days=now, lines=lines),
        contacts_before=_contacts(of_before, days=before, lines=earlier),
        outcomes=_outcomes(lines=lines, policy=policy),
        complaints_now=_complaints(area_ids=seen, days=year, policy=policy, zone=zone),
        complaints_before=_complaints(area_ids=seen, days=last_year, policy=policy, zone=zone),
    )


def definitions(*, policy: Policy) -> dict[str, Definition]:
    """Return what each figure means, by its key."""
    keys = [row.key.removesuffix(".definition") for row in policy.rows if "definition" in row.key]
    return {
        key: Definition(
            name=policy.text(f"{key}.name"),
            text=policy.text(f"{key}.definition"),
            source=policy.row(f"{key}.definition").source,
        )
        for key in keys
    }


def _recovery(
    *,
    areas: Sequence[AreaInCharge],
    now: Sequence[MonthSums],
    before: Sequence[MonthSums],
    policy: Policy,
) -> tuple[RecoveryRow, tuple[RecoveryRow, ...]]:
    small = policy.integer("small_cell")
    found = [{row.area_id: [row] for row in rows if row.n_billed} for rows in (now, before)]
    by_area = tuple(
        RecoveryRow(
            area=area,
            now=_recovered(found[0].get(area.area_id, []), small=small),
            before=_recovered(found[1].get(area.area_id, []), small=small),
        )
        for area in areas
        if area.area_id in found[0] or area.area_id in found[1]
    )
    total = RecoveryRow(
        area=None, now=_recovered(now, small=small), before=_recovered(before, small=small)
    )
    return total, by_area


def _recovered(rows: Sequence[MonthSums], *, small: int) -> Share:
    n = sum(row.n_billed for row in rows)
    return Share(
        part=sum((row.received_cny for row in rows), Decimal(0)),
        whole=sum((row.billed_cny for row in rows), Decimal(0)),
        n=n,
        is_small=n < small,
    )


def _contacts(
    sums: Sequence[MonthSums], *, days: DaySpan, lines: Sequence[LineRecord]
) -> ContactsPerYuan:
    n_reminders = sum(row.n_reminders for row in sums)
    received = sum((row.paid_cny for row in sums), Decimal(0))
    n_contacts = sum(line.outcome in REACHED for line in lines)
    contacts = n_reminders + n_contacts
    return ContactsPerYuan(
        days=days,
        n_reminders=n_reminders,
        n_contacts=n_contacts,
        received_cny=received,
        per_1000_cny=contacts / float(received) * 1000 if received > 0 else None,
    )


def _outcomes(*, lines: Sequence[LineRecord], policy: Policy) -> tuple[OutcomeRow, ...]:
    reached = [
        (line, line.recorded_at)
        for line in lines
        if line.outcome in REACHED and line.recorded_at is not None
    ]
    paid = billing.paid_within(
        contacts=[(line.account_id, at) for line, at in reached],
        days=policy.integer("paid_after_days"),
    )
    rows = []
    for remedy in sorted({line.remedy for line in lines}):
        own = [line for line in lines if line.remedy == remedy]
        after = [
            is_paid
            for (line, _), is_paid in zip(reached, paid, strict=True)
            if line.remedy == remedy
        ]
        counts: dict[str, int] = {}
        for line in own:
            counts[line.outcome] = counts.get(line.outcome, 0) + 1
        share = Share(
            part=Decimal(sum(after)),
            whole=Decimal(len(after)),
            n=len(after),
            is_small=len(after) < policy.integer("small_cell"),
        )
        rows.append(
            OutcomeRow(remedy=remedy, n_lines=len(own), n_by_outcome=counts, paid_after=share)
        )
    return tuple(rows)


def _complaints(
    *, area_ids: Iterable[int], days: DaySpan, policy: Policy, zone: ZoneInfo
) -> ComplaintRate:
    counted = customers.complaints(area_ids=area_ids, span=days, zone=zone)
    years = counted.n_days / DAYS_A_YEAR
    rate = None
    if counted.n_accounts:
        rate = counted.n_complaints / counted.n_accounts * 10_000 / years
    return ComplaintRate(
        days=days,
        counted=counted,
        per_10000_a_year=rate,
        upheld=Share(
            part=Decimal(counted.n_upheld),
            whole=Decimal(counted.n_judged),
            n=counted.n_judged,
            is_small=counted.n_judged < policy.integer("small_cell"),
        ),
    )
