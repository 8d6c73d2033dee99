"""Which accounts and usage points make up a shard; every account is in exactly one.

For the nightly foresight only: nothing here is scoped to a viewer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from lamplighter.facts.intake.columns import fetch_columns

Integers = npt.NDArray[np.int64]

FIRST_WITHOUT_AREA = 1_000_000  # shards of accounts with neither usage point nor station area
ACCOUNTS_WITHOUT_AREA = 2_000  # in each of them

SHARD_OF_ACCOUNT = f"""
SELECT a.id AS account_id, p.area_id AS area_id,
       coalesce(u.shard, r.shard, {FIRST_WITHOUT_AREA} + a.id / {ACCOUNTS_WITHOUT_AREA}) AS shard
FROM customers_account a
LEFT JOIN (SELECT DISTINCT ON (account_id) account_id, shard FROM metering_usagepoint
           WHERE account_id IS NOT NULL AND recorded_at <= %(known_at)s
           ORDER BY account_id, id) u ON u.account_id = a.id
LEFT JOIN customers_premise p ON p.account_id = a.id AND p.recorded_at <= %(known_at)s
          AND (p.superseded_at IS NULL OR p.superseded_at > %(known_at)s)
LEFT JOIN network_area r ON r.id = p.area_id
WHERE EXISTS (SELECT FROM customers_agreement g
              WHERE g.account_id = a.id AND g.recorded_at <= %(known_at)s)
"""  # noqa: S608 # built from the constants above


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The accounts and usage points of one shard, both ascending."""

    account_ids: Integers
    point_ids: Integers
    account_of_point: Integers
    shard_of_point: Integers  # where its readings lie: not always the account's shard


def is_anybody_known(*, known_at: datetime) -> bool:
    """Tell whether any shard has an account."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM customers_agreement WHERE recorded_at <= %s)", [known_at]
        )
        (found,) = cursor.fetchone() or (False,)
        return bool(found)


def shards(*, known_at: datetime) -> list[int]:
    """Return every shard that has an account, ascending."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT shard FROM ({SHARD_OF_ACCOUNT}) s ORDER BY 1",  # noqa: S608 # constants
            {"known_at": known_at},
        )
        return [row[0] for row in cursor.fetchall()]


def shards_of_areas(*, area_ids: Sequence[int], known_at: datetime) -> list[int]:
    """Return the shards that hold an account of some station areas, ascending."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT shard FROM ({SHARD_OF_ACCOUNT}) s"  # noqa: S608 # constants
            " WHERE area_id = ANY(%(area_ids)s) ORDER BY 1",
            {"known_at": known_at, "area_ids": list(area_ids)},
        )
        return [row[0] for row in cursor.fetchall()]


def n_accounts(*, shards: Sequence[int], known_at: datetime) -> int:
    """Return how many accounts some shards have together."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM ({SHARD_OF_ACCOUNT}) s"  # noqa: S608 # constants
            " WHERE shard = ANY(%(shards)s)",
            {"known_at": known_at, "shards": list(shards)},
        )
        (number,) = cursor.fetchone() or (0,)
        return int(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Everybody:
    """The accounts and usage points of all shards; accounts by shard and id, points by id."""

    account_ids: Integers
    shard_of_account: Integers
    point_ids: Integers
    account_of_point: Integers
    shard_of_point: Integers  # where its readings lie: not always the account's shard


def everybody(*, known_at: datetime) -> Everybody:
    """Return who belongs to every shard, as known at a moment."""
    values = {"known_at": known_at}
    accounts = fetch_columns(
        query=f"SELECT account_id, shard FROM ({SHARD_OF_ACCOUNT}) s ORDER BY 2, 1",  # noqa: S608 # constants
        parameters=values,
        columns={"account_id": "int8", "shard": "int8"},
    )
    points = fetch_columns(
        query="SELECT id, account_id, shard FROM metering_usagepoint"
        " WHERE account_id IS NOT NULL AND recorded_at <= %(known_at)s ORDER BY id",
        parameters=values,
        columns={"id": "int8", "account_id": "int8", "shard": "int8"},
    )
    return Everybody(
        account_ids=accounts["account_id"],
        shard_of_account=accounts["shard"],
        point_ids=points["id"],
        account_of_point=points["account_id"],
        shard_of_point=points["shard"],
    )


def members_of_shard(*, shard: int, known_at: datetime) -> Members:
    """Return who belongs to a shard, as known at a moment."""
    values: dict[str, Any] = {"shard": shard, "known_at": known_at}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT account_id FROM ({SHARD_OF_ACCOUNT}) s"  # noqa: S608 # constants
            " WHERE shard = %(shard)s ORDER BY 1",
            values,
        )
        accounts = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "SELECT id, account_id, shard FROM metering_usagepoint"
            " WHERE account_id = ANY(%(accounts)s) AND recorded_at <= %(known_at)s ORDER BY id",
            {**values, "accounts": accounts},
        )
        points = cursor.fetchall()
    return Members(
        account_ids=np.array(accounts, np.int64),
        point_ids=np.array([row[0] for row in points], np.int64),
        account_of_point=np.array([row[1] for row in points], np.int64),
        shard_of_point=np.array([row[2] for row in points], np.int64),
    )
