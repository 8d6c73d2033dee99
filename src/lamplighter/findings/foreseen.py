"""The risk of each account, and what would change its risk or its grade, asked of those accounts
alone of which something reads otherwise than it did the night before.

What is foreseen of an account rests on its own bills, payments and reminders and on no other
account's. Months pass without a change in them for most, so what was said of these still holds.
"""

import hashlib
import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from lamplighter.findings import kept_arrays
from lamplighter.findings.facts import Integers
from lamplighter.findings.rules import KERNELS, Rules
from lamplighter.insight.arrears import outlook as risk_outlook
from lamplighter.insight.arrears import risk, scorecard
from lamplighter.insight.arrears.outlook import PaymentHistories
from lamplighter.insight.grading import outlook
from lamplighter.insight.grading.histories import Histories

Part = TypeVar("Part", risk.Risks, risk_outlook.Outlook, outlook.Outlook)
PARTS = {"risks": risk.Risks, "risk_outlook": risk_outlook.Outlook, "outlook": outlook.Outlook}
POLICIES = ("grading", "risk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is foreseen of a shard's accounts, and from what."""

    name: str  # of kernels, rules and card
    account_id: Integers
    read: npt.NDArray[np.uint8]  # (n_accounts, n_bytes) all that it was foreseen from
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
    name, read = _name(rules, card), _bytes_of(histories, payments)
    if kept is None or kept.name != name or kept.read.shape[1] != read.shape[1]:
        kept = None
    if kept is None or not len(kept.account_id):
        parts = _foresee(histories, payments, rules, card)
        return Kept(name=name, account_id=account_id, read=read, **parts)
    place = np.minimum(np.searchsorted(kept.account_id, account_id), len(kept.account_id) - 1)
    same = (kept.account_id[place] == account_id) & (kept.read[place] == read).all(axis=1)
    if same.all() and len(place) == len(kept.account_id):
        return kept
    parts = {part: _rows(getattr(kept, part), place) for part in PARTS}
    other = np.flatnonzero(~same)
    if len(other):
        anew = _foresee(histories.rows(other), payments.rows(other), rules, card)
        for part, values in parts.items():
            for field in fields(values):
                getattr(values, field.name)[other] = getattr(anew[part], field.name)
    return Kept(name=name, account_id=account_id, read=read, **parts)


def read(*, folder: Path, shard: int) -> Kept | None:
    """Return what a night kept of a shard; None where there is nothing of use."""
    arrays = kept_arrays.read(_file(folder, shard))
    if arrays is None or arrays.keys() != {"name", "account_id", "read", *_columns()}:
        return None
    return Kept(
        name=str(arrays["name"]),
        account_id=arrays["account_id"],
        read=arrays["read"],
        **{
            part: form(**{f.name: arrays[f"{part}.{f.name}"] for f in fields(form)})
            for part, form in PARTS.items()
        },
    )


def write(*, folder: Path, shard: int, kept: Kept) -> None:
    """Keep what is foreseen of a shard, wholly or not at all."""
    arrays = {"name": np.array(kept.name), "account_id": kept.account_id, "read": kept.read}
    for part, form in PARTS.items():
        for field in fields(form):
            arrays[f"{part}.{field.name}"] = getattr(getattr(kept, part), field.name)
    kept_arrays.write(_file(folder, shard), arrays)


def _foresee(
    histories: Histories,
    payments: PaymentHistories,
    rules: Rules,
    card: scorecard.Scorecard | None,
) -> dict[str, Any]:
    by = risk_outlook.Foreseeing(card=card, recency=rules.recency, policy=rules.risk)
    risks = risk_outlook.foresee(histories=payments, by=by)
    return {
        "risks": risks,
        "risk_outlook": risk_outlook.what_would_change(
            histories=payments, by=by, horizon_bills=rules.risk_outlook_bills, today=risks
        ),
        "outlook": outlook.what_would_change(
            histories=histories, policy=rules.grading, horizon_months=rules.outlook_months
        ),
    }


def _bytes_of(*records: Histories | PaymentHistories) -> npt.NDArray[np.uint8]:
    """Return each account's row of all fields, byte for byte."""
    columns = [getattr(of, field.name) for of in records for field in fields(of)]
    flat = [column.reshape(len(column), np.prod(column.shape[1:], dtype=int)) for column in columns]
    return np.concatenate([np.ascontiguousarray(c).view(np.uint8) for c in flat], axis=1)


def _rows(part: Part, place: Integers) -> Part:
    return type(part)(**{f.name: getattr(part, f.name)[place] for f in fields(part)})


def _columns() -> set[str]:
    return {f"{part}.{field.name}" for part, form in PARTS.items() for field in fields(form)}


def _name(rules: Rules, card: scorecard.Scorecard | None) -> str:
    versions = [KERNELS["arrears"], KERNELS["grading"], *(rules.versions[p] for p in POLICIES)]
    learnt = None if card is None else scorecard.to_dict(scorecard=card)
    return hashlib.sha256(json.dumps([versions, learnt]).encode()).hexdigest()


def _file(folder: Path, shard: int) -> Path:
    return folder / f"{shard:07d}-foreseen.arrays"
