"""What only one customer's page shows of a finding, as few bytes: written by whole shards as
arrays, read row by row as plain dictionaries.

A night writes these values for every account, a page reads those of one. As text they cost more
time than all kernels of the accounts together; as records of numbers they are written at memory
speed. Each record begins with a mark of the words its numbers stand for, so that a row written
with other words, by an older version, reads as nothing instead of as something else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from lamplighter.findings import records as packed_records
from lamplighter.findings import ways
from lamplighter.findings.records import Records
from lamplighter.insight.arrears import risk
from lamplighter.insight.causes import causes, evidence
from lamplighter.insight.grading import grades, histories, trace
from lamplighter.insight.habits import profile
from lamplighter.insight.value import value

STRONGEST = 4  # reasons kept; the page shows them in this order
NO_CODE = 255
LEAST_LOG_ODDS = 5e-5  # what rounds to nothing is no reason
DIGITS = 4


class Packing(Protocol):
    """How one field of a finding is kept."""

    @property
    def name(self) -> str:
        """The field's name."""
        ...

    def pack(self, content: Any) -> bytes | None:
        """Return one row's content as bytes; None where it says nothing."""
        ...

    def unpack(self, packed: bytes | None) -> Any:
        """Return one row's content; the empty one where there is none or its words are old."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """The strongest reasons: code and log odds."""

    name: str
    words: tuple[str, ...]

    @property
    def dtype(self) -> np.dtype[np.void]:
        return np.dtype(
            [("mark", "<u2"), ("code", "u1", (STRONGEST,)), ("log_odds", "<f4", (STRONGEST,))]
        )

    def records(self, log_odds: npt.NDArray[np.floating]) -> Records:
        """Return the strongest of each row of (n_rows, n_words); NaN is no reason."""
        known = np.nan_to_num(log_odds)
        order = np.argsort(-np.abs(known), axis=1, kind="stable")[:, :STRONGEST]
        strongest = np.take_along_axis(known, order, axis=1)
        said = np.abs(strongest) >= LEAST_LOG_ODDS
        records = np.zeros(len(known), self.dtype)
        records["mark"] = packed_records.mark_of(self.words)
        records["code"] = NO_CODE
        width = order.shape[1]
        records["code"][:, :width] = np.where(said, order, NO_CODE)
        records["log_odds"][:, :width] = np.where(said, np.round(strongest, DIGITS), 0.0)
        return records

    def pack(self, content: Sequence[dict[str, Any]] | None) -> bytes | None:
        if not content:
            return None
        record = np.zeros(1, self.dtype)
        record["mark"], record["code"] = packed_records.mark_of(self.words), NO_CODE
        for place, reason in enumerate(content[:STRONGEST]):
            record["code"][0, place] = packed_records.place(self.words, reason["code"])
            record["log_odds"][0, place] = reason["log_odds"]
        return record.tobytes()

    def unpack(self, packed: bytes | None) -> list[dict[str, Any]]:
        record = packed_records.one(packed, self.dtype, packed_records.mark_of(self.words))
        if record is None:
            return []
        pairs = zip(record["code"].tolist(), record["log_odds"].tolist(), strict=True)
        return [
            {"code": self.words[code], "log_odds": round(odds, DIGITS)}
            for code, odds in pairs
            if code != NO_CODE
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """A probability for each word."""

    name: str
    words: tuple[str, ...]

    @property
    def dtype(self) -> np.dtype[np.void]:
        return np.dtype([("mark", "<u2"), ("share", "<f4", (len(self.words),))])

    def records(self, shares: npt.NDArray[np.floating]) -> Records:
        """Return each row of (n_rows, n_words)."""
        records = np.zeros(len(shares), self.dtype)
        records["mark"] = packed_records.mark_of(self.words)
        records["share"] = np.round(np.nan_to_num(shares), DIGITS)
        return records

    def pack(self, content: dict[str, float] | None) -> bytes | None:
        if not content:
            return None
        record = np.zeros(1, self.dtype)
        record["mark"] = packed_records.mark_of(self.words)
        for word, share in content.items():
            record["share"][0, packed_records.place(self.words, word)] = share
        return record.tobytes()

    def unpack(self, packed: bytes | None) -> dict[str, float]:
        record = packed_records.one(packed, self.dtype, packed_records.mark_of(self.words))
        if record is None:
            return {}
        shares = record["share"].tolist()
        return {w: round(share, DIGITS) for w, share in zip(self.words, shares, strict=True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """Which of some words hold, one bit a word."""

    name: str
    words: tuple[str, ...]

    @property
    def dtype(self) -> np.dtype[np.void]:
        return np.dtype([("mark", "<u2"), ("bits", "<u4")])

    def records(self, bits: npt.NDArray[np.integer]) -> Records:
        records = np.zeros(len(bits), self.dtype)
        records["mark"], records["bits"] = packed_records.mark_of(self.words), bits
        return records

    def pack(self, content: Sequence[str] | None) -> bytes | None:
        if not content:
            return None
        record = np.zeros(1, self.dtype)
        record["mark"] = packed_records.mark_of(self.words)
        record["bits"] = sum(1 << packed_records.place(self.words, word) for word in content)
        return record.tobytes()

    def unpack(self, packed: bytes | None) -> list[str]:
        record = packed_records.one(packed, self.dtype, packed_records.mark_of(self.words))
        bits = 0 if record is None else int(record["bits"])
        return [word for place, word in enumerate(self.words) if bits >> place & 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The rules that gave a grade: which applied, what they looked at and compared with."""

    name: str

    @property
    def dtype(self) -> np.dtype[np.void]:
        numbers = [(name, "<i4") for name in (*trace.INPUT_NAMES, *trace.LIMIT_NAMES)]
        return np.dtype(
            [("mark", "<u2"), ("fired", "<u2"), ("grade", "u1"), ("theft_grade", "u1"), *numbers]
        )

    @property
    def words(self) -> tuple[str, ...]:
        return (*grades.RULES, *trace.INPUT_NAMES, *trace.LIMIT_NAMES)

    def records(
        self, *, of: histories.Histories, graded: grades.Grades, policy: histories.GradingPolicy
    ) -> Records:
        records = np.zeros(len(graded.grade), self.dtype)
        records["mark"] = packed_records.mark_of(self.words)
        records["fired"] = graded.fired
        records["grade"] = graded.grade
        records["theft_grade"] = histories.GRADES.index(policy.theft_grade)
        seen = trace.inputs(histories=of, grades=graded)
        for name in trace.INPUT_NAMES:
            records[name] = seen[name]
        for name in trace.LIMIT_NAMES:
            records[name] = int(getattr(policy, name))
        return records

    def pack(self, content: Sequence[dict[str, Any]] | None) -> bytes | None:
        if not content:
            return None
        record = np.zeros(1, self.dtype)
        record["mark"] = packed_records.mark_of(self.words)
        for step in content:
            record["fired"] |= np.uint16(1 << packed_records.place(grades.RULES, step["rule"]))
            record["grade"] = histories.GRADES.index(step["says"])
            if step["rule"] == "VERIFIED_THEFT":
                record["theft_grade"] = histories.GRADES.index(step["says"])
            for name, number in {**step["inputs"], **step["limits"]}.items():
                record[name] = number
        return record.tobytes()

    def unpack(self, packed: bytes | None) -> list[dict[str, Any]]:
        record = packed_records.one(packed, self.dtype, packed_records.mark_of(self.words))
        if record is None:
            return []
        steps = trace.steps(
            fired=int(record["fired"]),
            seen={name: int(record[name]) for name in trace.INPUT_NAMES},
            limits={name: int(record[name]) for name in trace.LIMIT_NAMES},
            grade=histories.GRADES[int(record["grade"])],
            theft_grade=histories.GRADES[int(record["theft_grade"])],
        )
        return [
            {"rule": s.rule, "inputs": dict(s.inputs), "limits": dict(s.limits), "says": s.says}
            for s in steps
        ]


WIDTHS = {"season_kwh": 4, "season_days": 4, "weekday_ratio": 7, "weekday_days": 7}
PARTS = "part_share"  # as many as the policy has parts of a day: kept last


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A habit profile: every number in single precision, NaN where it is not known."""

    name: str

    @property
    def names(self) -> list[str]:
        return [n for n in profile.Profiles.__dataclass_fields__ if n != PARTS]

    def records(self, *, of: profile.Profiles, points: npt.NDArray[np.integer]) -> Records:
        """Return the profiles of some points."""
        columns = [np.asarray(getattr(of, name))[points] for name in self.names]
        for name, column in zip(self.names, columns, strict=True):
            if column.size != len(points) * WIDTHS.get(name, 1):
                raise packed_records.NotPacked(f"{name} {column.shape}")
        columns.append(np.asarray(of.part_share)[points])
        flat = [column.reshape(len(points), -1).astype(np.float64) for column in columns]
        numbers = np.round(np.concatenate(flat, axis=1), DIGITS)
        records = np.zeros(len(points), self._dtype(numbers.shape[1]))
        records["mark"], records["number"] = packed_records.mark_of(self.names), numbers
        return records

    def n_bytes(self, *, n_parts: int) -> int:
        """Return how long a profile is when a day has so many parts."""
        widths = [WIDTHS.get(name, 1) for name in self.names]
        return self._dtype(sum(widths) + n_parts).itemsize

    def _dtype(self, n_numbers: int) -> np.dtype[np.void]:
        return np.dtype([("mark", "<u2"), ("number", "<f4", (n_numbers,))])

    def pack(self, content: dict[str, Any] | None) -> bytes | None:
        if not content:
            return None
        numbers: list[float] = []
        for name in (*self.names, PARTS):
            width = WIDTHS.get(name, 1)
            missing: Any = [None] * width if name != PARTS else []
            entry = content.get(name, missing)
            entries = entry if isinstance(entry, list | tuple) else [entry]
            if name != PARTS and len(entries) != width:
                raise packed_records.NotPacked(f"{name} {len(entries)}")
            numbers += [np.nan if entry is None else float(entry) for entry in entries]
        record = np.zeros(1, self._dtype(len(numbers)))
        record["mark"], record["number"] = packed_records.mark_of(self.names), numbers
        return record.tobytes()

    def unpack(self, packed: bytes | None) -> dict[str, Any]:
        n_numbers = (len(packed or b"") - 2) // 4
        record = packed_records.one(
            packed, self._dtype(max(n_numbers, 0)), packed_records.mark_of(self.names)
        )
        if record is None:
            return {}
        numbers = [_number(number) for number in record["number"].tolist()]
        content: dict[str, Any] = {}
        for name in self.names:
            width = WIDTHS.get(name, 1)
            taken, numbers = numbers[:width], numbers[width:]
            content[name] = taken if width > 1 else taken[0]
        return content | {PARTS: numbers}


def _number(value: float) -> int | float | None:
    if not np.isfinite(value):
        return None
    return int(value) if value == int(value) else round(value, DIGITS)


GRADE_TRACE = Trace(name="grade_trace")
GRADE_WOULD_CHANGE = ways.Outlook(name="grade_would_change")
RISK_REASONS = Reasons(name="risk_reasons", words=risk.REASONS)
RISK_WOULD_CHANGE = ways.RiskOutlook(name="risk_would_change")
CAUSE_PROBABILITIES = Shares(name="cause_probabilities", words=causes.CAUSES)
CAUSE_REASONS = Reasons(name="cause_reasons", words=evidence.EVIDENCES)
VALUE_REASONS = Codes(name="value_reasons", words=value.REASONS)
PROFILE = Profile(name="profile")
PACKINGS: dict[str, Packing] = {
    packing.name: packing
    for packing in (
        GRADE_TRACE,
        GRADE_WOULD_CHANGE,
        RISK_REASONS,
        RISK_WOULD_CHANGE,
        CAUSE_PROBABILITIES,
        CAUSE_REASONS,
        VALUE_REASONS,
        PROFILE,
    )
}
