"""What one shard of a night is decided from: arrays, with nothing of the database left in them."""

import hashlib
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from lamplighter.facts.billing.columns import Bills, Debits, Payments, Reminders

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

EPOCH = date(1970, 1, 1)
NO_AREA = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the night before left behind, for waiting times and changes; by account."""

    grade: npt.NDArray[np.str_]  # "" where there was none
    candidate_grade: npt.NDArray[np.str_]
    candidate_since_day: Integers  # days since 1970, 0 where none waits
    segment: npt.NDArray[np.int8]  # place in insight.segments.terms.SEGMENTS; −1: none


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The accounts of a shard, ascending by id."""

    account_id: Integers
    area_id: Integers  # NO_AREA where there is none
    capacity_kva: Floats
    method: Integers  # place in insight.arrears.risk.METHODS; −1 unknown
    category: Integers  # place in facts.customers.kinds.CATEGORIES; −1 unknown
    tariff: Integers  # place in pricing.known_codes(); −1 none of them
    kind: Integers  # place in facts.customers.kinds.KINDS; −1 unknown
    has_family_away: Booleans
    has_dispute: Booleans
    has_hardship: Booleans
    has_theft: Booleans
    remedies_tried: Integers
    d_confirmed_day: Integers  # a person confirmed grade D, days since 1970; 0: nobody did

    def __len__(self) -> int:
        return len(self.account_id)


@dataclass(frozen=True, kw_only=True)
class Points:
    """The usage points of a shard, ascending by id, with their days of readings."""

    point_id: Integers
    account_id: Integers
    energy_kwh: npt.NDArray[np.floating]  # (n_points, n_days) NaN missing
    days: npt.NDArray[np.datetime64]  # (n_days,)
    n_settled: int  # first days, the same ones for four weeks
    shaped: Integers  # (n_shaped,) places of the points that have shapes of days, mostly few
    shapes: npt.NDArray[np.floating]  # (n_shaped, last days, slots) NaN missing

    @cached_property
    def settled_sha256(self) -> str:
        """A digest of the energy of the settled days."""
        digest = hashlib.sha256()
        _digest(digest, self.energy_kwh[:, : self.n_settled])
        return digest.hexdigest()

    def named(self, *, settled_sha256: str) -> "Points":
        """Return these points, the digest of whose settled days is known already.

        Points that are made of them by `dataclasses.replace` do not have it.
        """
        vars(self)["settled_sha256"] = settled_sha256
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardFacts:
    """Everything a shard is decided from."""

    shard: int
    as_of: date
    accounts: Accounts
    points: Points
    bills: Bills
    payments: Payments
    debits: Debits
    reminders: Reminders
    before: Before

    @property
    def as_of_day(self) -> int:
        return day_number(self.as_of)

    def index_of(self, account_id: Integers) -> Integers:
        """Return the place of each account id among the shard's accounts.

        What belongs to one account mostly lies together: it is looked up once.
        """
        begins = np.ones(len(account_id), np.bool_)
        np.not_equal(account_id[1:], account_id[:-1], out=begins[1:])
        first = np.flatnonzero(begins)
        place: Integers = np.searchsorted(self.accounts.account_id, account_id[first])
        return place.repeat(np.diff(first, append=len(account_id)))

    def sha256(self) -> str:
        """Return a digest of every fact.

        Of the facts themselves, not of the files they came from: compaction does not change it,
        a correction of any one of them does.
        """
        digest = hashlib.sha256()
        _digest(digest, self)
        return digest.hexdigest()


def _digest(digest: Any, content: Any) -> None:
    if is_dataclass(content):
        for field in fields(content):
            digest.update(f"{field.name}:".encode())
            if field.name == "energy_kwh" and isinstance(content, Points):
                digest.update(content.settled_sha256.encode())
                _digest(digest, content.energy_kwh[:, content.n_settled :])
            else:
                _digest(digest, getattr(content, field.name))
    elif isinstance(content, np.ndarray):
        digest.update(f"{content.dtype.str}{content.shape}".encode())
        told = _narrowed(digest, content) if content.dtype == np.int64 else content
        digest.update(np.ascontiguousarray(told).reshape(-1).view(np.uint8))  # no copy
    else:
        digest.update(f"{content};".encode())


def _narrowed(digest: Any, values: Integers) -> npt.NDArray[np.integer]:
    """Return numbers from their least on, as narrow as they fit: less to hash, the same said."""
    least, most = (int(values.min()), int(values.max())) if values.size else (0, 0)
    narrow = np.min_scalar_type(most - least)
    if narrow.itemsize == values.itemsize:
        return values
    digest.update(f"{least}{narrow.str}".encode())
    return (values - least).astype(narrow)


def day_number(day: date) -> int:
    """Return the days since 1970-01-01."""
    return (day - EPOCH).days


def month_number(days: Integers) -> Integers:
    """Return each day's month, counted from January 1970 as 0."""
    months: Integers = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months


def whole_months(*, since: Integers, day: int) -> Integers:
    """Return the whole months from days to a later day; 0 where a day is not before it.

    >>> starts = np.array([day_number(date(2026, 9, 22)), day_number(date(2026, 10, 31))])
    >>> whole_months(since=starts, day=day_number(date(2026, 11, 24)))
    array([2, 0])
    """
    until = np.array([day])
    apart = month_number(until) - month_number(since)
    unfinished = day_of_month(since) > day_of_month(until)
    months: Integers = np.maximum(apart - unfinished, 0)
    return months


def day_of_month(days: Integers) -> Integers:
    """Return each day's place in its month, 1 … 31."""
    moments = days.astype("datetime64[D]")
    place: Integers = (moments - moments.astype("datetime64[M]")).astype(np.int64) + 1
    return place
