"""Loading whole orders under their locks, and writing what differs; one order or many alike."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from operator import itemgetter
from typing import Any

from django.db import IntegrityError, connection, models
from django.utils.duration import duration_iso_string
from psycopg.types.json import Jsonb

from lamplighter.action.service import errors, loading
from lamplighter.action.service.models import (
    OrderEvent,
    OrderStep,
    Promise,
    ServiceFailure,
    ServiceOrder,
    Wait,
)
from lamplighter.action.service.whole import Whole
from lamplighter.ledger import services as ledger

# In the order in which rows point at each other.
TABLES: tuple[type[models.Model], ...] = (ServiceOrder, OrderStep, Promise, Wait, OrderEvent)
BY_STATEMENT_AT_MOST = 100  # new rows; more go by COPY
Column = tuple[str, str, bool]  # as we name it, as the table does, whether it is JSON
Written = tuple[str, str, list[Column]]
_WRITTEN: dict[tuple[type[models.Model], bool], Written] = {}  # tables do not change while we run
_COLUMNS: dict[type[models.Model], Callable[[dict[str, Any]], tuple[Any, ...]]] = {}
Snapshot = dict[int, tuple[Any, ...]]  # by identity of a row: what its columns held
# The error of each promise of the tables that a caller can break; the others hold us to our own.
REFUSALS: dict[str, type[Exception]] = {
    "wait_one_open": errors.AlreadyWaiting,
    "wait_one_at_a_time": errors.AlreadyWaiting,
    "wait_reason_known": errors.WaitNotAllowed,
    "wait_ends_after_it_begins": errors.MomentGoesBack,
    "order_channel_known": errors.ChannelUnknown,
    "order_priority_known": errors.PriorityUnknown,
    "order_closes_after_it_opens": errors.MomentGoesBack,
    "step_ends_after_it_begins": errors.MomentGoesBack,
    "promise_ends_after_it_starts": errors.MomentGoesBack,
    "promise_is_an_amount_or_a_moment": errors.PromiseImpossible,
    "order_event_one_per_request": errors.KeyReused,
    "failure_level_known": errors.FailureUnknown,
    "failure_losses_weighed": errors.FailureUnknown,
    "absence_ends_after_it_begins": errors.AbsenceImpossible,
}


@contextmanager
def named_refusals(subject: str) -> Iterator[None]:
    """Turn the name of a broken constraint into its error.

    Raises
    ------
    errors.ChangedMeanwhile
        A constraint without an error of its own.
    """
    try:
        yield
    except IntegrityError as error:
        for constraint, refusal in REFUSALS.items():
            if ledger.violates(error, constraint):
                raise refusal(f"{subject}: {constraint}") from error
        raise errors.ChangedMeanwhile(subject) from error


def locked(*, order_ids: Sequence[int], skip_locked: bool = False) -> list[Whole]:
    """Lock orders in the order of their numbers, and return them whole. Four queries."""
    rows = (
        ServiceOrder.objects.select_for_update(skip_locked=skip_locked)
        .filter(pk__in=order_ids)
        .order_by("pk")
    )
    return loading.wholes(orders=list(rows))


def snapshot(found: Iterable[Whole]) -> Snapshot:
    """Return what all rows hold now, to tell later what differs."""
    return {id(row): _values(row) for whole in found for row in _rows(whole)}


def save(found: Sequence[Whole], *, before: Snapshot) -> None:
    """Write what differs from before: rows that changed, and rows that are new.

    Raises
    ------
    errors.AlreadyWaiting, errors.MomentGoesBack, errors.KeyReused, errors.ChangedMeanwhile, …
        The database holds a promise that this would break; nothing of it is written.
    """
    new: dict[type[models.Model], list[models.Model]] = {}
    changed: dict[type[models.Model], list[models.Model]] = {}
    for whole in found:
        for row in _rows(whole):
            if row._state.adding:
                new.setdefault(type(row), []).append(row)
            elif before[id(row)] != _values(row):
                changed.setdefault(type(row), []).append(row)
    with named_refusals(found[0].order.number if len(found) == 1 else f"{len(found)} orders"):
        for model in TABLES:
            if model in changed:
                _update(model, changed[model], before=before)
        if sum(len(rows) for rows in new.values()) <= BY_STATEMENT_AT_MOST:
            _insert([(model, new[model]) for model in TABLES if model in new])
        else:
            for model in TABLES:
                if model in new:
                    _copy(model, new[model])
        failures = [failure for whole in found for failure in whole.failures]
        if failures:  # the clock finds each once
            ServiceFailure.objects.bulk_create(failures, ignore_conflicts=True)


def _rows(whole: Whole) -> Iterator[models.Model]:
    yield whole.order
    yield from whole.steps.values()
    yield from whole.promises.values()
    yield from whole.waits
    yield from whole.former
    yield from whole.events


def _values(row: models.Model) -> tuple[Any, ...]:
    """Return what all columns hold, read at once: a pass over all orders asks millions of rows."""
    model = type(row)
    if model not in _COLUMNS:
        _COLUMNS[model] = itemgetter(*[field.attname for field in model._meta.concrete_fields])
    return _COLUMNS[model](row.__dict__)


def _insert(new: Sequence[tuple[type[models.Model], Sequence[models.Model]]]) -> None:
    """Write a few new rows of several tables on one way to the database and back.

    The rows of a table are one text: of a placeholder for each value, finding the placeholders
    alone takes longer than making the order does.
    """
    statements, sent = [], []
    for model, rows in new:
        table, columns, fields = _written(model, rows[0])
        statements.append(
            f"INSERT INTO {table} ({columns}) SELECT {columns}"  # noqa: S608 - names of our own tables
            f" FROM json_populate_recordset(NULL::{table}, %s::json)"
        )
        sent.append(json.dumps([_named(row, fields) for row in rows], default=_as_text))
    if statements:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(statements), sent)


def _named(row: models.Model, fields: Sequence[Column]) -> dict[str, Any]:
    return {column: getattr(row, name) for name, column, _ in fields}


def _as_text(value: date | timedelta | bytes) -> str:
    """Write what JSON does not know as PostgreSQL reads it."""
    if isinstance(value, timedelta):
        return duration_iso_string(value)
    return value.isoformat() if isinstance(value, date) else f"\\x{bytes(value).hex()}"


def _copy(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Write many new rows by COPY, which costs a tenth a row of what building a statement does."""
    table, columns, fields = _written(model, rows[0])
    errors_of_ours = connection.wrap_database_errors
    with (
        connection.cursor() as cursor,
        errors_of_ours,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(_sent(row, fields))


def _written(model: type[models.Model], row: models.Model) -> Written:
    """Return the table, its columns and the names of its fields, as a new row is written."""
    key = (model, row.pk is None)
    if key not in _WRITTEN:
        fields = [f for f in model._meta.concrete_fields if not f.primary_key or row.pk is not None]
        quote = connection.ops.quote_name
        columns = ", ".join(quote(str(field.column)) for field in fields)
        _WRITTEN[key] = (
            quote(model._meta.db_table),
            columns,
            [
                (field.attname, str(field.column), isinstance(field, models.JSONField))
                for field in fields
            ],
        )
    return _WRITTEN[key]


def _sent(row: models.Model, fields: Sequence[Column]) -> list[Any]:
    return [
        Jsonb(getattr(row, name)) if is_json else getattr(row, name) for name, _, is_json in fields
    ]


def _update(
    model: type[models.Model],
    rows: Sequence[models.Model],
    *,
    before: Snapshot,
) -> None:
    """Write the columns in which any of the rows differs, with one statement."""
    fields = [
        field
        for place, field in enumerate(model._meta.concrete_fields)
        if any(before[id(row)][place] != getattr(row, field.attname) for row in rows)
    ]
    update_rows(
        model,
        ids=[row.pk for row in rows],
        columns={field.attname: [getattr(row, field.attname) for row in rows] for field in fields},
    )


def update_rows(
    model: type[models.Model], *, ids: Sequence[int], columns: dict[str, Sequence[Any]]
) -> int:
    """Set columns of many rows with one statement, and return how many rows there were."""
    table = model._meta
    quote = connection.ops.quote_name
    named = {field.attname: field for field in table.concrete_fields}
    names = [quote(str(named[name].column)) for name in columns]
    types = [str(named[name].db_type(connection)) for name in columns]
    arrays = ", ".join(["%s::bigint[]", *(f"%s::{kind}[]" for kind in types)])
    sets = ", ".join(f"{name} = v.{name}" for name in names)
    sql = (
        f"UPDATE {quote(table.db_table)} AS t SET {sets}"  # noqa: S608 - names of our own tables
        f" FROM unnest({arrays}) AS v(id, {', '.join(names)}) WHERE t.id = v.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(ids), *(list(values) for values in columns.values())])
        return int(cursor.rowcount)
