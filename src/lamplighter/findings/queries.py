"""What was found, for the people who may see it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from lamplighter.facts.network import queries as network
from lamplighter.findings import estimates
from lamplighter.findings.contests import rulings
from lamplighter.findings.models import AccountFinding, GradeChange, Night, Signal
from lamplighter.kernel.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class NightFacts:
    """What one night looked at and with which versions."""

    night_id: int
    as_of_day: date
    known_at: datetime
    kernels: dict[str, str]
    policies: dict[str, str]
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """All that the newest night holds of one account.

    Where a person has decided about a finding, their value stands in grade, risk band, cause or
    value band; *machine* keeps the night's.
    """

    account_id: int
    area_id: int | None
    grade: str
    grade_rule: str
    grade_trace: list[dict[str, Any]]
    grade_would_change: list[dict[str, Any]]
    risk_probability: float | None
    risk_band: str
    risk_is_rule_based: bool
    risk_reasons: list[dict[str, Any]]
    risk_would_change: dict[str, Any]  # empty: the lowest band, or no way is seen
    cause: str
    cause_probability: float | None
    cause_probabilities: dict[str, float]
    cause_reasons: list[dict[str, Any]]
    value_band: str
    value_yearly_cny: Decimal | None
    value_growth_ratio: float | None
    value_reasons: list[dict[str, Any]]
    forecast_energy_kwh: float | None
    forecast_amount_cny: Decimal | None
    forecast_low_cny: Decimal | None
    forecast_high_cny: Decimal | None
    forecast_basis: str
    segment: str
    segment_conditions: int
    segment_nature: str
    balance_due_cny: Decimal
    overdue_cny: Decimal
    days_overdue: int
    months_reminded: int
    profile: dict[str, Any]
    candidate_grade: str  # waits to be granted, or, of D, to be confirmed by a person
    machine: Mapping[str, str] = field(default_factory=dict)  # about → the night's, where ruled


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalFound:
    """A change of habit or a high use at one usage point."""

    account_id: int
    area_id: int | None
    usage_point_id: int
    list: str
    kind: str
    changed_date: date | None
    size_kwh_per_day: float
    size_low_kwh_per_day: float | None
    size_high_kwh_per_day: float | None
    level_before_kwh_per_day: float | None
    level_after_kwh_per_day: float | None
    probability: float | None
    is_recent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeStep:
    """A grade that became another one."""

    as_of_day: date
    grade_before: str
    grade: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaHealth:
    """One station area in numbers."""

    area_id: int
    n_accounts: int
    n_by_grade: dict[str, int]
    n_by_risk: dict[str, int]
    due_cny: Decimal
    overdue_cny: Decimal
    n_owing: int
    n_jumps: int
    n_high_use: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseShare:
    """What is unpaid for one cause."""

    cause: str
    n_accounts: int
    due_cny: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of a list and how many there are in all."""

    findings: list[Finding]
    n_all: int


_FINDING_FIELDS = tuple(name for name in Finding.__dataclass_fields__ if name != "machine")
_SIGNAL_FIELDS = tuple(SignalFound.__dataclass_fields__)


def newest_night() -> NightFacts | None:
    """Return the newest finished night, or None before the first."""
    night = Night.objects.filter(finished_at__isnull=False).order_by("-as_of_day", "-id").first()
    if night is None:
        return None
    return NightFacts(
        night_id=night.pk,
        as_of_day=night.as_of_day,
        known_at=night.known_at,
        kernels=night.kernels,
        policies=night.policies,
        finished_at=night.finished_at,
    )


def unfinished_known_at(*, as_of: date) -> datetime | None:
    """Return the knowledge of the newest night of a day that was begun and not finished."""
    begun = Night.objects.filter(as_of_day=as_of, finished_at__isnull=True).order_by("-id")
    return begun.values_list("known_at", flat=True).first()


def _seen(*, viewer: Viewer, on: date) -> QuerySet[AccountFinding]:
    return AccountFinding.objects.filter(area__in=network.areas_seen_by(viewer=viewer, on=on))


def _read(rows: QuerySet[AccountFinding], *, on: date) -> Iterator[Finding]:
    """Return findings as they are shown: a person's value stands in place of the night's."""
    values = rows.values(
        *_FINDING_FIELDS,
        shown_risk_probability=rulings.probability_shown(on=on),
        **{f"shown_{name}": rulings.shown(about=a, on=on) for a, name in rulings.FIELDS.items()},
    )
    for row in values:
        shown = {name: row.pop(f"shown_{name}") for name in _SHOWN}
        ruled = {a: row[name] for a, name in rulings.FIELDS.items() if shown[name] != row[name]}
        if "CAUSE" in ruled:
            shown |= {"cause_probability": None, "cause_probabilities": {}, "cause_reasons": []}
        yield Finding(**row | shown, machine=ruled)


_SHOWN = (*rulings.FIELDS.values(), "risk_probability")


def _signals(*, viewer: Viewer, on: date) -> QuerySet[Signal]:
    areas = network.areas_seen_by(viewer=viewer, on=on)
    return Signal.objects.filter(~rulings.hides_change(on=on), area__in=areas)


def finding_of(*, viewer: Viewer, on: date, account_id: int) -> Finding | None:
    """Return what is found of one account, or None where the viewer may not see it. One query."""
    return next(_read(_seen(viewer=viewer, on=on).filter(pk=account_id), on=on), None)


def findings_of(*, viewer: Viewer, on: date, account_ids: Sequence[int]) -> dict[int, Finding]:
    """Return what is found of several accounts, by account; unseen ones are absent."""
    rows = _seen(viewer=viewer, on=on).filter(pk__in=account_ids)
    return {found.account_id: found for found in _read(rows, on=on)}


def signals_of(*, viewer: Viewer, on: date, account_id: int) -> list[SignalFound]:
    """Return all signals of one account, oldest change first.

    What a person has decided not to ask about is left out.
    """
    seen = _signals(viewer=viewer, on=on).filter(account_id=account_id)
    rows = seen.order_by(F("changed_date").asc(nulls_last=True), "id").values(*_SIGNAL_FIELDS)
    return [SignalFound(**row) for row in rows]


def signal_list(
    *,
    viewer: Viewer,
    on: date,
    name: str,
    area_id: int | None,
    kind: str | None = None,
    limit: int,
    offset: int = 0,
) -> tuple[list[SignalFound], int]:
    """Return a part of the list of sudden jumps (``JUMP``) or of high use (``HIGH_USE``).

    Jumps come surest and largest first, high use by kWh a day; with how many there are in all.
    A jump has the size of the change of the history behind it, as on its customer's page.
    """
    seen = _signals(viewer=viewer, on=on).filter(list=name)
    if area_id is not None:
        seen = seen.filter(area_id=area_id)
    if kind is not None:
        seen = seen.filter(kind=kind)
    order: list[Any] = [F("size_kwh_per_day").desc(), "id"]
    if name == "JUMP":
        order.insert(0, F("probability").desc(nulls_last=True))
    rows = seen.order_by(*order)[offset : offset + limit].values(*_SIGNAL_FIELDS)
    found = [SignalFound(**row) for row in rows]
    if name == "JUMP":
        found = _as_in_history(found, viewer=viewer, on=on)
    return found, seen.count()


def _as_in_history(jumps: list[SignalFound], *, viewer: Viewer, on: date) -> list[SignalFound]:
    ids = [jump.account_id for jump in jumps]
    rows = _signals(viewer=viewer, on=on).filter(list="CHANGE", account_id__in=ids)
    changes = (SignalFound(**row) for row in rows.order_by("id").values(*_SIGNAL_FIELDS))
    return estimates.of_history(signals=jumps, changes=changes)


def signal_counts(*, viewer: Viewer, on: date, area_id: int | None) -> dict[str, int]:
    """Return how many signals each list has; an empty list is absent. One query."""
    seen = _signals(viewer=viewer, on=on).filter(list__in=["JUMP", "HIGH_USE"])
    if area_id is not None:
        seen = seen.filter(area_id=area_id)
    return dict(seen.order_by().values_list("list").annotate(n=Count("pk")))


def grade_steps(*, viewer: Viewer, on: date, account_id: int) -> list[GradeStep]:
    """Return how an account's grade changed, newest first; nothing where one may not look."""
    seen = _seen(viewer=viewer, on=on).filter(pk=account_id).values("pk")
    changes = GradeChange.objects.filter(account_id__in=seen).order_by("-as_of_day", "-id")
    return [
        GradeStep(
            as_of_day=step.as_of_day,
            grade_before=step.grade_before,
            grade=step.grade,
            rule=step.rule,
        )
        for step in changes
    ]


def areas_health(*, viewer: Viewer, on: date, area_id: int | None = None) -> dict[int, AreaHealth]:
    """Return the numbers of each station area the viewer may see, by area."""
    seen = _seen(viewer=viewer, on=on)
    signals = _signals(viewer=viewer, on=on)
    if area_id is not None:
        seen, signals = seen.filter(area_id=area_id), signals.filter(area_id=area_id)
    sums = seen.values("area_id").annotate(
        n=Count("pk"),
        due_cny=Sum("balance_due_cny", filter=Q(balance_due_cny__gt=0), default=Decimal(0)),
        overdue_cny=Sum("overdue_cny", default=Decimal(0)),
        n_owing=Count("pk", filter=Q(balance_due_cny__gt=0)),
    )
    grades = _counts(_by(seen, "GRADE", "area_id", on=on), "shown")
    risks = _counts(_by(seen, "RISK", "area_id", on=on), "shown")
    lists = _counts(signals.values("area_id", "list").annotate(n=Count("pk")), "list")
    return {
        row["area_id"]: AreaHealth(
            area_id=row["area_id"],
            n_accounts=row["n"],
            n_by_grade=grades.get(row["area_id"], {}),
            n_by_risk=risks.get(row["area_id"], {}),
            due_cny=row["due_cny"],
            overdue_cny=row["overdue_cny"],
            n_owing=row["n_owing"],
            n_jumps=lists.get(row["area_id"], {}).get("JUMP", 0),
            n_high_use=lists.get(row["area_id"], {}).get("HIGH_USE", 0),
        )
        for row in sums
    }


def _by(seen: QuerySet[AccountFinding], about: str, *also: str, on: date) -> Any:
    shown = rulings.shown(about=about, on=on)
    return seen.annotate(shown=shown).values(*also, "shown").annotate(n=Count("pk"))


def _counts(rows: Any, name: str) -> dict[int, dict[str, int]]:
    counts: dict[int, dict[str, int]] = {}
    for row in rows:
        counts.setdefault(row["area_id"], {})[row[name]] = row["n"]
    return counts


def unpaid_by_cause(*, viewer: Viewer, on: date, area_id: int | None = None) -> list[CauseShare]:
    """Return what is unpaid and overdue or likely to become so, by cause, largest first.

    Accounts without a pattern of arrears have the cause "" and are counted under it.
    """
    owing = _seen(viewer=viewer, on=on).filter(balance_due_cny__gt=0)
    if area_id is not None:
        owing = owing.filter(area_id=area_id)
    sums = _by(owing, "CAUSE", on=on).annotate(due_cny=Sum("balance_due_cny"))
    return [
        CauseShare(cause=row["shown"], n_accounts=row["n"], due_cny=row["due_cny"])
        for row in sums.order_by("-due_cny", "shown")
    ]


def arrears(
    *,
    viewer: Viewer,
    on: date,
    area_id: int | None = None,
    cause: str | None = None,
    risk_band: str | None = None,
    grade: str | None = None,
    only_owing: bool = True,
    limit: int,
    offset: int = 0,
) -> Page:
    """Return accounts by what is at risk (due amount × probability), with how many in all."""
    seen = _seen(viewer=viewer, on=on).alias(
        **{f"shown_{name}": rulings.shown(about=a, on=on) for a, name in rulings.FIELDS.items()},
        shown_probability=rulings.probability_shown(on=on),
    )
    wanted: dict[str, Any] = {
        "area_id": area_id,
        "shown_cause": cause,
        "shown_risk_band": risk_band,
        "shown_grade": grade,
    }
    seen = seen.filter(**{name: value for name, value in wanted.items() if value is not None})
    if only_owing:
        seen = seen.filter(balance_due_cny__gt=0)
    at_risk = F("balance_due_cny") * F("shown_probability")
    ordered = seen.order_by(at_risk.desc(nulls_last=True), "pk")
    part = ordered[offset : offset + limit]
    return Page(findings=list(_read(part, on=on)), n_all=seen.count())


def in_segment(
    *,
    viewer: Viewer,
    on: date,
    segment: str,
    area_id: int | None = None,
    limit: int,
    offset: int = 0,
) -> Page:
    """Return who is in a segment, those billed most in a year first, with how many in all."""
    seen = _seen(viewer=viewer, on=on).filter(segment=segment)
    if area_id is not None:
        seen = seen.filter(area_id=area_id)
    ordered = seen.order_by(F("value_yearly_cny").desc(nulls_last=True), "pk")
    part = ordered[offset : offset + limit]
    return Page(findings=list(_read(part, on=on)), n_all=seen.count())


def doors(*, viewer: Viewer, on: date, area_id: int) -> list[tuple[int, str, Decimal, Decimal]]:
    """Return (account id, grade, due, overdue) of every door of an area, by account."""
    seen = _seen(viewer=viewer, on=on).filter(area_id=area_id).order_by("pk")
    grade = rulings.shown(about="GRADE", on=on)
    return list(seen.values_list("pk", grade, "balance_due_cny", "overdue_cny"))
