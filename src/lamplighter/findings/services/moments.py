"""Pinning what a night looks at: everybody, once, by one snapshot of the database."""

import shutil
from datetime import date, datetime
from pathlib import Path

import numpy as np

from lamplighter.facts.billing import bookkeeping, books, pricing
from lamplighter.facts.customers import bulk as customers
from lamplighter.facts.metering import members as metering
from lamplighter.facts.metering import queries as readings
from lamplighter.findings.contests import rulings
from lamplighter.findings.night import gathering, handover, moment
from lamplighter.findings.night.moment import FLAGS, GRADES, Columns, Moment


def keep(
    *,
    folder: Path,
    on: date,
    known_at: datetime,
    lake_folder: Path,
    zone: str,
    before_file: Path | None,
    judge: bytes = b"",
) -> Path:
    """Keep in a folder what is known at a moment, of accounts as they are on a day; once.

    With it goes the file of the station's own *judge*, where one is in force.

    A night that was killed finds what it began with.
    """
    if moment.is_kept(folder=folder):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(folder.with_name(f"{folder.name}.part"), ignore_errors=True)
    with bookkeeping.alone_in_one_snapshot():
        shelf = bookkeeping.up_to_date(folder=lake_folder / books.FOLDER, zone=zone)
        who = metering.everybody(known_at=known_at)
        kept = Moment(
            known_at=known_at,
            zone=zone,
            view=readings.lake_view(lake_folder=lake_folder, known_at=known_at),
            shelf=shelf,
            accounts=_accounts(who, on=on, known_at=known_at, before_file=before_file),
            points=_points(who),
        )
    moment.write(folder=folder, moment=kept, judge=judge)
    return folder


def _accounts(
    who: metering.Everybody, *, on: date, known_at: datetime, before_file: Path | None
) -> Columns:
    terms = customers.terms_of(
        account_ids=None, on=on, known_at=known_at, tariff_codes=pricing.known_codes()
    )
    row = np.searchsorted(terms.account_id, who.account_ids)
    tried = gathering.remedies_of_all(who.account_ids, known_at=known_at)
    before = handover.before_of(file=before_file, account_ids=who.account_ids)
    return {
        "shard": who.shard_of_account,
        "account_id": who.account_ids,
        "area_id": terms.area_id[row],
        "capacity_kva": terms.capacity_kva[row],
        "method": terms.method[row].astype(np.int8),
        "category": terms.category[row].astype(np.int8),
        "tariff": terms.tariff[row].astype(np.int16),
        "kind": terms.kind[row].astype(np.int8),
        **{name: getattr(terms, name)[row].astype(np.int8) for name in FLAGS},
        "remedies_tried": tried.astype(np.int32),
        "d_confirmed_day": rulings.confirmed_days(
            account_ids=who.account_ids.tolist(), known_at=known_at, are_all=True
        ),
        "grade_before": _places(before.grade),
        "candidate_before": _places(before.candidate_grade),
        "candidate_since_day": before.candidate_since_day,
        "segment_before": before.segment,
    }


def _points(who: metering.Everybody) -> Columns:
    order = np.argsort(who.account_ids, kind="stable")
    ids = who.account_ids[order]
    place = np.minimum(np.searchsorted(ids, who.account_of_point), max(len(ids) - 1, 0))
    known = ids[place] == who.account_of_point if len(ids) else np.zeros(0, np.bool_)
    shard = who.shard_of_account[order[place[known]]]
    points = np.flatnonzero(known)
    by_shard = np.lexsort((who.point_ids[points], shard))
    points = points[by_shard]
    return {
        "shard": shard[by_shard],
        "point_id": who.point_ids[points],
        "account_id": who.account_of_point[points],
        "lake_shard": who.shard_of_point[points],
    }


def _places(grades: np.ndarray) -> np.ndarray:
    codes = np.zeros(len(grades), np.int8)
    for code, grade in enumerate(GRADES):
        codes[grades == grade] = code
    return codes
