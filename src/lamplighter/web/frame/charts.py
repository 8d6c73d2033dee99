"""What the server does for a chart: embed its data safely, and draw the small ones whole."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from lamplighter.web.frame import codes
from lamplighter.web.frame.formats import Number

NAMES = frozenset(
    {"story", "burn_down", "day_profile", "day_lines", "proof", "bill_forecast", "doors"}
)

SQUARE = "M1 1h10v10H1z"
_CIRCLE = "M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1z"
_DIAMOND = "M6 0l6 6-6 6-6-6z"
_TRIANGLE = "M6 1l6 10H0z"
_LINE = "M0 5h12v2H0z"
# The same shapes and colours as in assets/charts/story.ts.
_SIGNS = {
    "REMINDER": (_DIAMOND, "mark"),
    "CALL": (_CIRCLE, "mark"),
    "VISIT": (_TRIANGLE, "1"),
    "ORDER": (SQUARE, "mark"),
    "COMPLAINT": (_CIRCLE, "d"),
    "NOTICE": (_CIRCLE, "n"),
    "OTHER": (_CIRCLE, "n"),
}

_WIDTH, _HEIGHT = 96.0, 24.0
_UNSAFE = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


class ChartUnknown(ValueError):
    """No chart has this name."""


def known(*, name: str) -> str:
    """Return the name of a chart that exists.

    Raises
    ------
    ChartUnknown
        No chart has this name.
    """
    if name not in NAMES:
        raise ChartUnknown(f"{name!r}; there are {', '.join(sorted(NAMES))}")
    return name


def embedded(*, data: Any) -> SafeString:
    """Return data as JSON that is safe inside a script element.

    Decimals become numbers (for drawing only), days ISO strings.

    Raises
    ------
    ValueError
        A number is NaN or infinite: a gap is None.
    TypeError
        A value is of a kind that JSON cannot carry.
    """
    text = json.dumps(data, default=_plain, allow_nan=False, ensure_ascii=False)
    return mark_safe(text.translate(_UNSAFE))  # noqa: S308 - no <, > or & is left in it


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"a chart cannot carry {type(value).__name__}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark:
    """A small line: its path and the place of its last value."""

    path: str
    last_x: str
    last_y: str


def spark(*, values: Sequence[Number | None]) -> Spark | None:
    """Lay a line of values into the box of a sparkline, lowest at zero or below.

    None where there is no value at all.
    """
    there = [float(value) for value in values if value is not None]
    if not there:
        return None
    low, high = min(0.0, *there), max(there)
    height = (high - low) or 1.0
    step = _WIDTH / max(len(values) - 1, 1)
    path: list[str] = []
    pen_is_down = False
    x = y = 0.0
    for place, value in enumerate(values):
        if value is None:
            pen_is_down = False
            continue
        x = place * step
        y = _HEIGHT - 2 - (float(value) - low) / height * (_HEIGHT - 4)
        path.append(f"{'L' if pen_is_down else 'M'}{x:.1f} {y:.1f}")
        pen_is_down = True
    return Spark(path=" ".join(path), last_x=f"{x:.1f}", last_y=f"{y:.1f}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One piece of a stacked bar."""

    label: str | Promise
    text: str
    url: str | None
    hue: str
    start: str  # per cent of the bar
    width: str


def pieces(*, parts: Sequence[Any]) -> tuple[Piece, ...]:
    """Lay parts side by side; parts of no size keep their place in the key.

    Raises
    ------
    ValueError
        A part is negative.
    """
    rows = [part if isinstance(part, dict) else _fields(part) for part in parts]
    values = [Decimal(str(row["value"])) for row in rows]
    if any(value < 0 for value in values):
        raise ValueError("a part of a whole cannot be negative")
    total = sum(values, Decimal(0)) or Decimal(1)
    done = Decimal(0)
    laid = []
    for row, value in zip(rows, values, strict=True):
        laid.append(
            Piece(
                label=codes.word_for(kind=row["kind"], code=row["code"]).label,
                text=row["text"],
                url=row["url"],
                hue=codes.HUES[row["kind"]][row["code"]],
                start=f"{100 * done / total:.3f}",
                width=f"{100 * value / total:.3f}",
            )
        )
        done += value
    return tuple(laid)


def _fields(part: Any) -> dict[str, Any]:
    return {name: getattr(part, name) for name in ("code", "kind", "value", "text", "url")}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEntry:
    """One line of the key under a chart: a small shape, its colour and its word."""

    label: str | Promise
    hue: str
    count: int | None = None
    path: str = SQUARE


def code_key(*, kind: str) -> tuple[KeyEntry, ...]:
    """Name the colour of each code of a kind, in the order in which the words are kept."""
    return tuple(
        KeyEntry(label=word.label, hue=codes.HUES[kind][code])
        for code, word in codes.WORDS[kind].items()
    )


def door_key(*, data: dict[str, Any]) -> tuple[KeyEntry, ...]:
    """Count the doors of each status, in the order in which the words are kept."""
    kind = {"grade": "grade", "payment": "payment_status"}[data["kind"]]
    counts = Counter(status for _, status, _ in data["doors"])
    return tuple(
        KeyEntry(label=word.label, count=counts[code], hue=codes.HUES[kind][code])
        for code, word in codes.WORDS[kind].items()
        if counts[code]
    )


def story_key(*, data: dict[str, Any]) -> tuple[KeyEntry, ...]:
    """Name what a customer's story shows, leaving out what does not occur in it.

    Raises
    ------
    codes.CodeUnknown
        A mark is of no known kind.
    """
    entries = [KeyEntry(label=_("Daily use"), hue="1", path=_LINE)]
    if data.get("neighbours_low_kwh"):
        entries.append(KeyEntry(label=_("Usual range of neighbours"), hue="band"))
    if any(not bill["is_unpaid"] for bill in data["bills"]):
        entries.append(KeyEntry(label=_("Bill, settled"), hue="n"))
    if any(bill["is_unpaid"] for bill in data["bills"]):
        entries.append(KeyEntry(label=_("Bill, open"), hue="open"))
    if data["payments"]:
        entries.append(KeyEntry(label=_("Payment"), hue="good"))
    present = {mark["kind"] for mark in data["marks"]}
    for kind in present - _SIGNS.keys():
        raise codes.CodeUnknown(f"mark {kind!r}")
    for kind in sorted(present, key=list(_SIGNS).index):
        path, hue = _SIGNS[kind]
        word = codes.word_for(kind="mark", code=kind)
        entries.append(KeyEntry(label=word.label, hue=hue, path=path))
    return tuple(entries)


def key_of(*, name: str, data: dict[str, Any]) -> tuple[KeyEntry, ...]:
    """Return the key that a chart needs; most say all by direct labels."""
    if name == "doors":
        return door_key(data=data)
    return story_key(data=data) if name == "story" else ()
