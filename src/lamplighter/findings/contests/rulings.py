"""What stands in place of the nights' findings: for the pages now, and as it was known once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, When

from lamplighter.findings.contests.models import GradeDReview, Ruling

EPOCH = date(1970, 1, 1)
FIELDS = {"GRADE": "grade", "RISK": "risk_band", "CAUSE": "cause", "VALUE": "value_band"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedBetween:
    """A person's word about a finding, or about a grade D, recorded between two moments."""

    account_id: int
    about: str
    value: str
    recorded_at: datetime
    by: str  # staff number


def standing(*, on: date) -> QuerySet[Ruling]:
    """Return the rulings in force on a day, as far as is known now."""
    still = Q(valid_until_date__isnull=True) | Q(valid_until_date__gte=on)
    return Ruling.objects.filter(still, ended_at__isnull=True)


def known(*, on: date, known_at: datetime) -> QuerySet[Ruling]:
    """Return the rulings in force on a day, as they were known at one moment."""
    still = Q(valid_until_date__isnull=True) | Q(valid_until_date__gte=on)
    not_ended = Q(ended_at__isnull=True) | Q(ended_at__gt=known_at)
    return Ruling.objects.filter(still, not_ended, recorded_at__lte=known_at)


def shown(*, about: str, on: date, key: str = "pk") -> Case:
    """Return the expression for what is shown of a finding: a person's value, else the night's.

    The set of ruled accounts is read once a query; only for those the value is looked up.
    """
    ruled = standing(on=on).filter(about=about)
    value = ruled.filter(account_id=OuterRef(key)).values("value")[:1]
    return Case(
        When(**{f"{key}__in": ruled.values("account_id")}, then=Subquery(value)),
        default=F(FIELDS[about]),
        output_field=CharField(),
    )


def probability_shown(*, on: date) -> Case:
    """Return the expression for the risk's probability; none where a person judged the risk."""
    ruled = standing(on=on).filter(about="RISK")
    return Case(When(pk__in=ruled.values("account_id"), then=None), default=F("risk_probability"))


def hides_change(*, on: date) -> Exists:
    """Return the condition on a signal that a person has decided it is not asked about."""
    ruled = standing(on=on).filter(about="CHANGE", account_id=OuterRef("account_id"))
    until = Q(hides_until_date__isnull=True) | Q(hides_until_date__gte=OuterRef("changed_date"))
    return Exists(ruled.filter(until))


def values_of(
    *, account_ids: Sequence[int], on: date, known_at: datetime
) -> dict[tuple[int, str], str]:
    """Return what stood at accounts as it was known once, by account and subject. One query."""
    rows = known(on=on, known_at=known_at).filter(account_id__in=account_ids)
    found = rows.order_by("recorded_at", "pk").values_list("account_id", "about", "value")
    return {(account_id, about): value for account_id, about, value in found}


def all_values(*, on: date, known_at: datetime) -> dict[tuple[int, str], str]:
    """Return the same of all accounts: what a replay of a whole night shows. One query."""
    rows = known(on=on, known_at=known_at).order_by("recorded_at", "pk")
    return {
        (account_id, about): value
        for account_id, about, value in rows.values_list("account_id", "about", "value")
    }


def decided_between(
    *, account_ids: Sequence[int], after: datetime, until: datetime
) -> list[DecidedBetween]:
    """Return what persons decided at accounts after one moment and until another. Two queries."""
    here = {"account_id__in": list(account_ids), "recorded_at__gt": after}
    rows = Ruling.objects.filter(**here, recorded_at__lte=until).order_by("recorded_at", "pk")
    reviews = GradeDReview.objects.filter(**here, recorded_at__lte=until)
    return [
        *(
            DecidedBetween(account_id=a, about=about, value=value, recorded_at=at, by=by)
            for a, about, value, at, by in rows.values_list(
                *("account_id", "about", "value", "recorded_at", "decision__decided_by__number")
            )
        ),
        *(
            DecidedBetween(account_id=a, about="GRADE", value=verdict, recorded_at=at, by=by)
            for a, verdict, at, by in reviews.order_by("recorded_at", "pk").values_list(
                *("account_id", "verdict", "recorded_at", "recorded_by__number")
            )
        ),
    ]


def confirmed_days(*, account_ids: Sequence[int], known_at: datetime, are_all: bool = False) -> Any:
    """Return the day each account's grade D was confirmed, as days since 1970; 0: it is not.

    The newest verdict known by then holds. One query; *are_all*: the accounts are all there are,
    so that it need not name them.
    """
    rows = GradeDReview.objects.filter(recorded_at__lte=known_at)
    if not are_all:
        rows = rows.filter(account_id__in=account_ids)
    newest: dict[int, int] = {}
    for account_id, verdict, day in rows.order_by("recorded_at", "pk").values_list(
        "account_id", "verdict", "recorded_day"
    ):
        newest[account_id] = (day - EPOCH).days if verdict == "CONFIRMED" else 0
    return np.array([newest.get(account_id, 0) for account_id in account_ids], np.int64)
