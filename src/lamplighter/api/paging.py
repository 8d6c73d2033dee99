"""Pages of lists by cursor: a page begins where the one before it ended, whatever came since."""

import base64
import binascii
from typing import Annotated

from ninja import Query, Schema

from lamplighter.policy.loader import Policy


class CursorWrong(ValueError):
    """The cursor was not given out by this list."""


After = Annotated[
    str,
    Query(max_length=80, pattern=r"^[A-Za-z0-9_-]*$", description="`next` of the page before."),
]
Limit = Annotated[int | None, Query(ge=1, le=1000, description="Rows of a page at most.")]
LARGEST = 2**63 - 1


class Paged(Schema):
    """What every page says of itself."""

    next: str | None  # cursor of the page after it; null: this is the last one for now


def cursor(*, of: str, place: int) -> str:
    """Return where a list goes on, as a text that programs need not understand.

    >>> place(of="orders", text=cursor(of="orders", place=17))
    17
    """
    return base64.urlsafe_b64encode(f"{of}:{place}".encode()).decode().rstrip("=")


def place(*, of: str, text: str) -> int | None:
    """Return the place that a cursor stands for; None without one.

    Raises
    ------
    CursorWrong
        It is of another list, or nobody's.
    """
    if not text:
        return None
    try:
        padded = text + "=" * (-len(text) % 4)
        name, _, number = base64.urlsafe_b64decode(padded).decode("ascii").partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise CursorWrong from error
    if name != of or not number.isdecimal() or int(number) > LARGEST:
        raise CursorWrong
    return int(number)


def rows(limit: int | None, *, policy: Policy) -> int:
    """Return how many rows a page has: as many as asked for, within what the policy allows."""
    if limit is None:
        return policy.integer("page_rows_usual")
    return min(limit, policy.integer("page_rows_at_most"))
