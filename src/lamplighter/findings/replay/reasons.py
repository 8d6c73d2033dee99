"""Why an account is found otherwise: what became known of it in between, and from whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lamplighter.facts.billing import recorded as billing
from lamplighter.facts.customers import recorded as customers
from lamplighter.facts.intake.recorded import Recorded
from lamplighter.facts.metering import recorded as metering
from lamplighter.findings.contests import rulings
from lamplighter.findings.night.gathering import OUTCOME_RECORDED, OUTCOME_WITHDRAWN
from lamplighter.findings.shard import readings
from lamplighter.ledger import queries as ledger

# Of one account: codes of facts' subjects, and these, told where no fact of its own differs.
RULES, OTHERS, NOTHING = "RULES", "OTHERS", "NOTHING_FOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """The two moments, the day that is decided, and where readings lie."""

    as_of: date
    after: datetime
    until: datetime
    history_days: int
    lake_folder: Path
    zone: ZoneInfo


def facts_between(
    *, shard: int, account_ids: Sequence[int], between: Between
) -> dict[int, list[dict[str, Any]]]:
    """Return what two moments know differently of accounts of one shard, by account."""
    if between.after == between.until:
        return {}
    moments: dict[str, Any] = {"after": between.after, "until": between.until}
    found = [
        *billing.between(
            account_ids=account_ids, up_to=between.as_of, zone=between.zone, **moments
        ),
        *customers.between(account_ids=account_ids, **moments),
        *metering.between(
            shard=shard,
            account_ids=account_ids,
            days=readings.days_looked_at(as_of=between.as_of, history_days=between.history_days),
            lake_folder=between.lake_folder,
            **moments,
        ),
    ]
    told: dict[int, list[dict[str, Any]]] = {}
    for fact in sorted(found, key=lambda f: (f.account_id, f.recorded_at, f.subject, f.key)):
        told.setdefault(fact.account_id, []).append(_told(fact))
    for account_id, said in (*_outcomes(account_ids, between), *_words(account_ids, between)):
        told.setdefault(account_id, []).append(said)
    return told


def without_facts(*, is_same_moment: bool, is_other_rules: bool) -> list[dict[str, Any]]:
    """Return why an account differs that has no fact of its own to show for it.

    By other rules or kernels; or, at another moment, because a neighbour's readings or what is
    learnt from all accounts became others.
    """
    if is_other_rules:
        return [{"code": RULES}]
    return [{"code": NOTHING if is_same_moment else OTHERS}]


def _told(fact: Recorded) -> dict[str, Any]:
    return {
        "code": fact.subject,
        "key": fact.key,
        "was": fact.was,
        "now": fact.now,
        "recorded_at": fact.recorded_at.isoformat(),
        "recorded_by": fact.recorded_by,
        "delivery_id": fact.delivery_id,
        "file_name": fact.file_name,
    }


def _outcomes(account_ids: Sequence[int], between: Between) -> list[tuple[int, dict[str, Any]]]:
    """Return what was recorded of the work at accounts in between: it counts as a remedy tried."""
    happened = ledger.happenings(
        names=(OUTCOME_RECORDED, OUTCOME_WITHDRAWN),
        subjects=[f"account:{account_id}" for account_id in account_ids],
        until=between.until,
    )
    return [
        (event.payload["account_id"], _outcome(event.name, event.payload, event))
        for event in happened
        if event.at > between.after
    ]


def _outcome(name: str, payload: Mapping[str, Any], event: ledger.Happening) -> dict[str, Any]:
    content = {"remedy": payload["remedy"], "outcome": payload["outcome"]}
    is_new = name == OUTCOME_RECORDED
    return {
        "code": "OUTCOME",
        "key": str(payload["item_id"]),
        "was": None if is_new else content,
        "now": content if is_new else None,
        "recorded_at": event.at.isoformat(),
        "recorded_by": event.actor,
        "delivery_id": None,
        "file_name": "",
    }


def _words(account_ids: Sequence[int], between: Between) -> list[tuple[int, dict[str, Any]]]:
    """Return what persons decided in between about findings of accounts."""
    decided = rulings.decided_between(
        account_ids=account_ids, after=between.after, until=between.until
    )
    return [
        (
            one.account_id,
            {
                "code": "RULING",
                "key": one.about,
                "was": None,
                "now": {"value": one.value},
                "recorded_at": one.recorded_at.isoformat(),
                "recorded_by": f"staff:{one.by}",
                "delivery_id": None,
                "file_name": "",
            },
        )
        for one in decided
    ]
