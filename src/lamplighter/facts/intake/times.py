"""Converting days and moments."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from lamplighter.facts.intake import cells, reasons
from lamplighter.facts.intake.cells import Converted, Task, Unusable
from lamplighter.facts.intake.quantities import number_of

EXCEL = "excel"  # days since 1899-12-30, as spreadsheets count them
EXCEL_BEGIN = datetime(1899, 12, 30)  # noqa: DTZ001 - a local time; its zone comes with the task
EXCEL_DAYS = (32_874.0, 73_051.0)  # 1990 to 2100
DAY_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日")
TIME_FORMATS = ("", " %H:%M:%S", " %H:%M", "T%H:%M:%S", " %H:%M:%S.%f", "T%H:%M:%S.%f")
MOMENT_FORMATS = tuple(day + time for day in DAY_FORMATS for time in TIME_FORMATS)
MICROSECONDS = pa.timestamp("us", "UTC")
ENDS = ("last_day", "expires_day")


def convert_day(*, array: pa.Array, task: Task) -> Converted:
    """Return days, inside the range that policy allows."""
    array = cells.plain(array=array)
    if pa.types.is_timestamp(array.type):
        return _days_of_moments(array, task)
    if pa.types.is_date(array.type):
        found = Converted(values=array.cast(pa.date32()))
    else:
        texts = cells.trimmed(array=array, task=task)
        found = cells.by_word(texts=texts, parse=_day_parser(task), kind=pa.date32())
    return _in_days(found, task)


def convert_moment(*, array: pa.Array, task: Task) -> Converted:
    """Return moments in UTC; local times are of the file's zone."""
    array = cells.plain(array=array)
    if pa.types.is_timestamp(array.type):
        if array.type.tz is not None:
            return _in_moments(Converted(values=array.cast(MICROSECONDS, safe=False)), task)
        return _in_moments(_from_local(array.cast(pa.timestamp("us"), safe=False), task), task)
    if pa.types.is_date(array.type):
        return _in_moments(_from_local(array.cast(pa.timestamp("us")), task), task)
    texts = cells.trimmed(array=array, task=task)
    fast = _fast_local(texts, task)
    local = cells.mended(fast=fast, texts=texts, parse=_local_parser(task))
    found = _from_local(local.values, task)
    if local.reasons is not None:
        own = found.reasons if found.reasons is not None else pa.nulls(len(texts), pa.string())
        found = Converted(values=found.values, reasons=pc.coalesce(local.reasons, own))
    return _in_moments(found, task)


def is_end(*, name: str) -> bool:
    """Tell whether a field's day ends something, so that it may lie far ahead.

    >>> is_end(name="contract_last_day"), is_end(name="issued_date")
    (True, False)
    """
    return name.endswith(ENDS)


def _day_parser(task: Task) -> Callable[[str], date | None]:
    formats = tuple(f for f in task.column.formats if f != EXCEL) or DAY_FORMATS
    serial = EXCEL in task.column.formats or task.form.format == "xlsx"
    without_end = set(task.limits.dates_without_end) if is_end(name=task.field.name) else set()

    def parse(word: str) -> date | None:
        for form in formats:
            try:
                day = datetime.strptime(word, form).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
            return None if day.isoformat() in without_end else day
        if task.form.format == "xlsx":  # a true date cell arrives as ISO whatever the format
            try:
                written = datetime.fromisoformat(word)
            except ValueError:
                pass
            else:
                if written.time() != datetime.min.time():
                    raise Unusable(reasons.NOT_MIDNIGHT)
                return None if written.date().isoformat() in without_end else written.date()
        if serial:
            return _from_serial(word).date()
        if word.startswith("="):
            raise Unusable(reasons.FORMULA)
        raise Unusable(reasons.NOT_A_DAY)

    return parse


def _local_parser(task: Task) -> Callable[[str], datetime]:
    formats = tuple(f for f in task.column.formats if f != EXCEL) or MOMENT_FORMATS
    serial = EXCEL in task.column.formats or task.form.format == "xlsx"

    def parse(word: str) -> datetime:
        for form in formats:
            try:
                moment = datetime.strptime(word, form)  # noqa: DTZ007 - the zone follows below
            except ValueError:
                continue
            return _local(moment, task)
        try:
            return _local(datetime.fromisoformat(word), task)
        except ValueError:
            pass
        if serial:
            return _from_serial(word)
        raise Unusable(reasons.FORMULA if word.startswith("=") else reasons.NOT_A_MOMENT)

    return parse


def _local(moment: datetime, task: Task) -> datetime:
    """Return a moment with its own offset as the local time of the file's zone."""
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(task.form.time_zone).replace(tzinfo=None)


def _from_serial(word: str) -> datetime:
    try:
        days = float(number_of(text=word))
    except Unusable:
        raise Unusable(reasons.NOT_A_DAY) from None
    if not EXCEL_DAYS[0] <= days < EXCEL_DAYS[1]:
        raise Unusable(reasons.NOT_A_DAY)
    return EXCEL_BEGIN + timedelta(seconds=round(days * 86_400))


def _fast_local(texts: pa.Array, task: Task) -> pa.Array:
    """Read the usual forms all at once; the others stay null."""
    if not task.column.formats:
        try:
            return texts.cast(pa.timestamp("us"))
        except pa.ArrowInvalid:
            return pa.nulls(len(texts), pa.timestamp("us"))
    form = task.column.formats[0]
    if "%f" in form or "%z" in form or form == EXCEL:
        return pa.nulls(len(texts), pa.timestamp("us"))
    return pc.strptime(texts, format=form, unit="us", error_is_null=True)


def _from_local(local: pa.Array, task: Task) -> Converted:
    """Turn local times into moments; times that occurred twice or never are refused."""
    zone = task.form.time_zone.key
    early = pc.assume_timezone(local, zone, ambiguous="earliest", nonexistent="earliest")
    late = pc.assume_timezone(local, zone, ambiguous="latest", nonexistent="latest")
    values = early.cast(MICROSECONDS)
    found = Converted(values=values)
    differ = pc.fill_null(pc.not_equal(values, late.cast(MICROSECONDS)), False)
    if pc.any(differ).as_py():
        # A time that never was is moved by both; one that was twice comes back as it was.
        back = pc.local_timestamp(early)
        twice = pc.and_(differ, pc.equal(back, local))
        never = pc.and_(differ, pc.not_equal(back, local))
        found = cells.refuse_where(converted=found, wrong=twice, reason=reasons.AMBIGUOUS_MOMENT)
        found = cells.refuse_where(converted=found, wrong=never, reason=reasons.NO_SUCH_MOMENT)
    return found


def _days_of_moments(array: pa.Array, task: Task) -> Converted:
    if array.type.tz is not None:
        array = pc.local_timestamp(array.cast(pa.timestamp("us", task.form.time_zone.key)))
    days = array.cast(pa.date32(), safe=False)
    off = pc.not_equal(days.cast(array.type), array)
    found = cells.refuse_where(
        converted=Converted(values=days), wrong=off, reason=reasons.NOT_MIDNIGHT
    )
    return _in_days(found, task)


def _in_days(found: Converted, task: Task) -> Converted:
    end = is_end(name=task.field.name)
    first = task.limits.earliest
    last = task.limits.latest(today=task.today, is_end=end)
    reach = pc.min_max(found.values).as_py()
    if end and reach["max"] is not None and reach["max"] > last:
        endless = pa.array([date.fromisoformat(day) for day in task.limits.dates_without_end])
        values = pc.if_else(
            pc.is_in(found.values, endless), pa.scalar(None, pa.date32()), found.values
        )
        found = Converted(values=values, reasons=found.reasons)
    return _between(found, reach, pa.scalar(first), pa.scalar(last))


def _in_moments(found: Converted, task: Task) -> Converted:
    zone = task.form.time_zone
    first = datetime.combine(task.limits.earliest, datetime.min.time(), tzinfo=zone)
    last_day = task.limits.latest(today=task.today, is_end=is_end(name=task.field.name))
    last = datetime.combine(last_day + timedelta(1), datetime.min.time(), tzinfo=zone)
    reach = pc.min_max(found.values).as_py()
    return _between(
        found,
        reach,
        pa.scalar(first.astimezone(UTC), MICROSECONDS),
        pa.scalar(last.astimezone(UTC), MICROSECONDS),
    )


def _between(
    found: Converted, reach: dict[str, date | None], first: pa.Scalar, last: pa.Scalar
) -> Converted:
    if reach["min"] is None or reach["max"] is None:
        return found
    if reach["min"] < first.as_py():
        found = cells.refuse_where(
            converted=found, wrong=pc.less(found.values, first), reason=reasons.TOO_EARLY
        )
    if reach["max"] > last.as_py():
        found = cells.refuse_where(
            converted=found, wrong=pc.greater(found.values, last), reason=reasons.TOO_LATE
        )
    return found
