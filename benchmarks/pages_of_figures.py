"""Figures as tables of a document: one row a figure, or one row a case where cases look alike."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.goals import Reached

LONGEST_CELL = 400


def tables(figures: Mapping[str, Any], *, level: int = 4) -> str:
    """Return the figures as Markdown: plain ones in one table, nested ones under headings."""
    plain = {key: value for key, value in figures.items() if not _is_nested(value)}
    parts = [
        _table(("figure", "value"), [(key, _value(key, value)) for key, value in plain.items()])
    ]
    for key, value in figures.items():
        if _is_nested(value):
            parts += [f"{'#' * min(level, 6)} {key}", _nested(value, level=level)]
    return "\n\n".join(part for part in parts if part)


def goals_table(reached: Sequence[Reached]) -> str:
    """Return goals beside what was measured."""
    rows = [(r.goal.words, r.goal.said(), *_measured(r)) for r in reached]
    return _table(("goal", "aim", "measured", ""), rows)


def _measured(reached: Reached) -> tuple[str, str]:
    if reached.measured is None:
        return "", "**not measured**"
    return _cell(reached.measured), "met" if reached.is_met else "**fell short**"


def _nested(value: Any, *, level: int) -> str:
    cases = _cases(value)
    if cases is None:
        named = value if isinstance(value, Mapping) else dict(_numbered(value))
        return tables(named, level=level + 1)
    columns = list(dict.fromkeys(key for _, case in cases for key in case))
    rows = [(name, *(_cell(case.get(c, "")) for c in columns)) for name, case in cases]
    return _table(("", *columns), rows)


def _cases(value: Any) -> list[tuple[str, Mapping[str, Any]]] | None:
    """Return the rows of a table of cases; None where the value is no such table."""
    named = value.items() if isinstance(value, Mapping) else _numbered(value)
    cases = [(str(name), case) for name, case in named]
    if cases and all(isinstance(c, Mapping) and c and not _any_nested(c) for _, c in cases):
        return cases
    return None


def _numbered(value: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    for number, case in enumerate(value, start=1):
        yield str(number), case


def _any_nested(case: Mapping[str, Any]) -> bool:
    return any(_is_nested(value) for value in case.values())


def _is_nested(value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(value)
    return isinstance(value, list) and any(isinstance(entry, Mapping) for entry in value)


def _value(key: str, value: Any) -> str:
    """Return a figure as it is read: a seed is a name and has no thousands."""
    if "seed" in key and isinstance(value, int | list):
        return ", ".join(map(str, value if isinstance(value, list) else [value]))
    return _cell(value)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(_cell(entry) for entry in value)
    return str(value).replace("|", "\\|").replace("\n", " ")[:LONGEST_CELL]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
