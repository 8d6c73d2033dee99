"""The ways to a better grade and to a lower risk, as packed records."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lamplighter.findings import records as packed_records
from lamplighter.findings.records import Records
from lamplighter.insight.arrears import outlook as risk_outlook
from lamplighter.insight.arrears import risk
from lamplighter.insight.grading import histories


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What would change a grade; nothing where there is no way."""

    name: str
    dtype = np.dtype([("mark", "<u2"), ("grade", "u1"), ("pays_debt", "?"), ("months", "<i2")])

    def records(
        self,
        *,
        grade: npt.NDArray[np.integer],
        pays_debt: npt.NDArray[np.bool_],
        quiet_months: npt.NDArray[np.integer],
    ) -> Records:
        records = np.zeros(len(grade), self.dtype)
        records["mark"] = packed_records.mark_of(histories.GRADES)
        records["grade"], records["pays_debt"] = grade, pays_debt
        records["months"] = quiet_months
        return records

    def pack(self, content: dict[str, Any] | None) -> bytes | None:
        if not content:
            return None
        record = np.zeros(1, self.dtype)
        record["mark"] = packed_records.mark_of(histories.GRADES)
        record["grade"] = histories.GRADES.index(content["grade"])
        record["pays_debt"] = content["pays_debt"]
        record["months"] = content["quiet_months"]
        return record.tobytes()

    def unpack(self, packed: bytes | None) -> dict[str, Any]:
        record = packed_records.one(packed, self.dtype, packed_records.mark_of(histories.GRADES))
        if record is None:
            return {}
        return {
            "grade": histories.GRADES[int(record["grade"])],
            "pays_debt": bool(record["pays_debt"]),
            "quiet_months": int(record["months"]),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskOutlook:
    """What would lower a risk; nothing where there is no way."""

    name: str
    words: tuple[str, ...] = (*risk.BANDS, *risk.METHODS)
    dtype = np.dtype(
        [
            ("mark", "<u2"),
            ("pays_debt", "?"),
            ("bills_in_time", "i1"),
            ("band", "i1"),
            ("method", "i1"),
            ("method_band", "i1"),
        ]
    )

    def records(self, *, ahead: risk_outlook.Outlook) -> Records:
        records = np.zeros(len(ahead.band), self.dtype)
        records["mark"] = packed_records.mark_of(self.words)
        for name in ("pays_debt", "bills_in_time", "band", "method", "method_band"):
            records[name] = getattr(ahead, name)
        return records

    def pack(self, content: dict[str, Any] | None) -> bytes | None:
        if not content:
            return None
        record = np.zeros(1, self.dtype)
        record["mark"] = packed_records.mark_of(self.words)
        bills, method = content["bills_in_time"], content["method"]
        record["pays_debt"] = content["pays_debt"]
        record["bills_in_time"] = risk_outlook.NONE if bills is None else bills
        record["band"] = risk.BANDS.index(content["band"])
        record["method"] = risk.METHODS.index(method) if method else risk_outlook.NONE
        record["method_band"] = risk.BANDS.index(content["method_band"])
        return record.tobytes()

    def unpack(self, packed: bytes | None) -> dict[str, Any]:
        record = packed_records.one(packed, self.dtype, packed_records.mark_of(self.words))
        if record is None:
            return {}
        bills, method = int(record["bills_in_time"]), int(record["method"])
        return {
            "pays_debt": bool(record["pays_debt"]),
            "bills_in_time": None if bills == risk_outlook.NONE else bills,
            "band": risk.BANDS[int(record["band"])],
            "method": None if method == risk_outlook.NONE else risk.METHODS[method],
            "method_band": risk.BANDS[int(record["method_band"])],
        }
