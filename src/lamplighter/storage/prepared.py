"""Statements written by hand that are asked at every call: planned once a connection.

Planning a join of seven tables takes PostgreSQL ten times as long as reading one row by it.
"""

import re
from collections.abc import Mapping
from functools import cache
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.backends.utils import CursorWrapper

_NAMED = re.compile(r"%\((\w+)\)s")
_NUMBERS = count(1)
_KNOWN: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()  # by connection: what it prepared


def execute(cursor: CursorWrapper, statement: str, values: Mapping[str, Any]) -> None:
    """Execute a statement by the plan that this connection keeps of it. One query.

    Parameters
    ----------
    cursor
        Of the default connection; its rows are read as after any other statement.
    statement
        With ``%(name)s`` for each value, where PostgreSQL can tell by the context what it is; a per
        cent sign of its own stands twice. There are few of them: each is kept.
    values
        The values; those that are not named are left alone.
    """
    name, preparing, executing, places = _kept(statement)
    known = _KNOWN.setdefault(connection.connection, set())
    if name not in known:
        with connection.wrap_database_errors:
            connection.connection.execute(preparing)
        known.add(name)
    cursor.execute(executing, [values[place] for place in places])


@cache
def _kept(statement: str) -> tuple[str, str, str, tuple[str, ...]]:
    places = tuple(dict.fromkeys(_NAMED.findall(statement)))
    name = f"kept_{next(_NUMBERS)}"
    numbered = statement % {place: f"${n}" for n, place in enumerate(places, 1)}
    values = f" ({', '.join(['%s'] * len(places))})" if places else ""
    return name, f"PREPARE {name} AS {numbered}", f"EXECUTE {name}{values}", places
