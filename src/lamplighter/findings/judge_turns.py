"""Which judge of habit changes is in force on a day: the one that ships, or a station's own."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lamplighter.findings import judges
from lamplighter.findings.judges import JudgeOfOtherKernel, OwnJudge
from lamplighter.findings.models import JudgeTurn


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A decision by which nights go by a judge from a day on."""

    from_day: date
    version: str  # empty: the judge that ships
    about: dict[str, Any]
    because: str
    decided_by: str  # number of the staff
    decided_at: datetime
    is_of_other_kernel: bool  # learnt for another kernel: the judge that ships serves instead


def in_force(*, day: date) -> Turn | None:
    """Return the newest decision for nights of a day; None: there was none."""
    row = _in_force(day)
    return None if row is None else _turn(row)


def turns() -> list[Turn]:
    """Return every decision, the newest first."""
    rows = JudgeTurn.objects.select_related("decided_by").defer("content").order_by("-id")
    return [_turn(row) for row in rows]


def serving(*, day: date) -> OwnJudge | None:
    """Return the station's own judge that nights of a day go by; None: the one that ships.

    A judge that was learnt for another version of the kernel steps back for the one that ships:
    nights then name none, and the status says so.
    """
    row = _in_force(day)
    return None if row is None or not row.version else named(version=row.version)


def named(*, version: str) -> OwnJudge | None:
    """Return an own judge that was ever in force; None: unknown, or of another kernel.

    Raises
    ------
    judges.JudgeFileWrong
        What was kept of him is damaged.
    """
    rows = JudgeTurn.objects.filter(version=version).order_by("-id")
    content = rows.values_list("content", flat=True).first()
    if content is None:
        return None
    try:
        return judges.from_bytes(content=bytes(content))
    except JudgeOfOtherKernel:
        return None


def _in_force(day: date) -> JudgeTurn | None:
    rows = JudgeTurn.objects.filter(from_day__lte=day).select_related("decided_by")
    return rows.defer("content").order_by("-from_day", "-id").first()


def _turn(row: JudgeTurn) -> Turn:
    return Turn(
        from_day=row.from_day,
        version=row.version,
        about=row.about,
        because=row.because,
        decided_by=row.decided_by.number,
        decided_at=row.decided_at,
        is_of_other_kernel=bool(row.version) and named(version=row.version) is None,
    )
