"""The risk of each account, and what would change its risk or its grade, asked of those accounts
alone of which something reads otherwise than it did the night before.

What is foreseen of an account rests on its own bills, payments and reminders and on no other
account's. Months pass without a change in them for most, so what was said of these still holds.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from lamplighter.findings.rules import KERNELS, Rules
from lamplighter.findings.shard import kept_arrays
from lamplighter.findings.shard.facts import Integers
from lamplighter.insight.arrears import outlook as risk_outlook
from lamplighter.insight.arrears import risk, scorecard
from lamplighter.insight.arrears.outlook import PaymentHistories
from lamplighter.insight.grading import outlook
from lamplighter.insight.grading.histories import Histories

Part = TypeVar("Part", risk.Risks, risk_outlook.Outlook, outlook.Outlook)
Bytes = npt.NDArray[np.uint8]
Parts = dict[str, Any]
RISK = {"risks": risk.Risks, "risk_outlook": risk_outlook.Outlook}
GRADE = {"outlook": outlook.Outlook}
READ = ("account_id", "payments", "histories")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is foreseen of a shard's accounts, and from what."""

    name: str  # of kernels, rules and card
    account_id: Integers
    payments: Bytes  # (n_accounts, n_bytes) all that the risk was foreseen from
    histories: Bytes  # (n_accounts, n_bytes) … and the grade
    risks: risk.Risks
    risk_outlook: risk_outlook.Outlook
    outlook: outlook.Outlook  # of the grade


def on(
    *,
    account_id: Integers,
    histories: Histories,
    payments: PaymentHistories,
    rules: Rules,
    card: scorecard.Scorecard | None,
    kept: Kept | None,
) -> Kept:
    """Return what is foreseen of some accounts (ids rising); what was kept changes nothing."""
    now = (_bytes_of(payments), _bytes_of(histories))
    name = _name(rules, card)
    if kept is not None and not (kept.name == name and _is_alike(kept, now)):
        kept = None
    place = there = np.zeros(0, np.int64)
    if kept is not None:
        place = np.minimum(np.searchsorted(kept.account_id, account_id), len(kept.account_id) - 1)
        there = kept.account_id[place] == account_id

    def again(before: Parts, read: Bytes, reads: Bytes, ask: Callable[[Integers], Parts]) -> Parts:
        """Return parts as they were said before, and anew of accounts that read otherwise."""
        other = np.flatnonzero(~(there & (read[place] == reads).all(axis=1)))
        found = {part: _rows(said, place) for part, said in before.items()}
        for part, anew in ask(other).items() if len(other) else ():
            for field in fields(anew):
                getattr(found[part], field.name)[other] = getattr(anew, field.name)
        return found

    def ask_risk(rows: Integers) -> Parts:
        return _foresee_risk(payments.rows(rows), rules, card)

    def ask_grade(rows: Integers) -> Parts:
        return _foresee_grade(histories.rows(rows), rules)

    if kept is None:
        parts = ask_risk(np.arange(len(account_id))) | ask_grade(np.arange(len(account_id)))
    else:
        parts = again(_parts_of(kept, RISK), kept.payments, now[0], ask_risk)
        parts |= again(_parts_of(kept, GRADE), kept.histories, now[1], ask_grade)
    return Kept(name=name, account_id=account_id, payments=now[0], histories=now[1], **parts)


def read(*, folder: Path, shard: int) -> Kept | None:
    """Return what a night kept of a shard; None where there is nothing of use."""
    arrays = kept_arrays.read(_file(folder, shard))
    parts = RISK | GRADE
    columns = {f"{part}.{f.name}" for part, form in parts.items() for f in fields(form)}
    if arrays is None or arrays.keys() != {"name", *READ, *columns}:
        return None
    return Kept(
        name=str(arrays["name"]),
        account_id=arrays["account_id"],
        payments=arrays["payments"],
        histories=arrays["histories"],
        **{part: _part(form, part, arrays) for part, form in parts.items()},
    )


def write(*, folder: Path, shard: int, kept: Kept) -> None:
    """Keep what is foreseen of a shard, wholly or not at all."""
    arrays = {"name": np.array(kept.name)} | {name: getattr(kept, name) for name in READ}
    for part, form in (RISK | GRADE).items():
        for field in fields(form):
            arrays[f"{part}.{field.name}"] = getattr(getattr(kept, part), field.name)
    kept_arrays.write(_file(folder, shard), arrays)


def _foresee_risk(
    payments: PaymentHistories, rules: Rules, card: scorecard.Scorecard | None
) -> Parts:
    by = risk_outlook.Foreseeing(card=card, recency=rules.recency, policy=rules.risk)
    risks = risk_outlook.foresee(histories=payments, by=by)
    way = risk_outlook.what_would_change(
        histories=payments, by=by, horizon_bills=rules.risk_outlook_bills, today=risks
    )
    return {"risks": risks, "risk_outlook": way}


def _foresee_grade(histories: Histories, rules: Rules) -> Parts:
    way = outlook.what_would_change(
        histories=histories, policy=rules.grading, horizon_months=rules.outlook_months
    )
    return {"outlook": way}


def _parts_of(kept: Kept, names: Iterable[str]) -> Parts:
    return {name: getattr(kept, name) for name in names}


def _bytes_of(records: Histories | PaymentHistories) -> Bytes:
    """Return each account's row of all fields, byte for byte."""
    columns = [getattr(records, field.name) for field in fields(records)]
    flat = [column.reshape(len(column), np.prod(column.shape[1:], dtype=int)) for column in columns]
    return np.concatenate([np.ascontiguousarray(c).view(np.uint8) for c in flat], axis=1)


def _is_alike(kept: Kept, now: tuple[Bytes, Bytes]) -> bool:
    """Tell whether rows can be compared: there are some, and they hold as much."""
    before = (kept.payments, kept.histories)
    alike = [a.shape[1] == b.shape[1] for a, b in zip(before, now, strict=True)]
    return len(kept.account_id) > 0 and all(alike)


def _part(form: type[Any], part: str, arrays: kept_arrays.Arrays) -> Any:
    return form(**{field.name: arrays[f"{part}.{field.name}"] for field in fields(form)})


def _rows(part: Part, place: Integers) -> Part:
    return type(part)(**{f.name: getattr(part, f.name)[place] for f in fields(part)})


def _name(rules: Rules, card: scorecard.Scorecard | None) -> str:
    versions = [
        *(KERNELS[name] for name in ("arrears", "grading", "inputs")),
        *(rules.versions[name] for name in ("grading", "risk")),
    ]
    return _name_of(tuple(versions), card)


@lru_cache(maxsize=8)  # the same for every shard of a night
def _name_of(versions: tuple[str, ...], card: scorecard.Scorecard | None) -> str:
    learnt = None if card is None else scorecard.to_dict(scorecard=card)
    return hashlib.sha256(json.dumps([versions, learnt]).encode()).hexdigest()


def _file(folder: Path, shard: int) -> Path:
    return folder / f"{shard:07d}-foreseen.arrays"
