"""A process as a picture for a page: from top to bottom, and no wider than a phone.

Colours are classes of the style sheet (``process-…``); the picture carries none of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from unicodedata import east_asian_width
from xml.sax.saxutils import escape, quoteattr

from lamplighter.policy.processes import codes, wording
from lamplighter.policy.processes.shapes import Process, Step

WIDTH, MARGIN, GAP, LANE = 390, 8, 10, 12
MOST_BESIDE = 2  # steps in one row
BOX, PAD, RISE = 240, 10, 44  # widest step, space inside, space between rows
TITLE, SMALL = 14, 12  # letters
TITLE_LINE, SMALL_LINE = 19, 16
NARROW, BOLD = 0.5, 1.1  # width of a Latin letter, and how much wider a title is


@dataclass(frozen=True, slots=True)
class Box:
    """Where a step stands, and its lines."""

    x: float
    y: float
    width: float
    height: float
    title: tuple[str, ...]
    small: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A way from one step to another, by the points it passes, with the answers that take it."""

    source: str
    target: str
    points: tuple[tuple[float, float], ...]
    label: str
    label_at: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands."""

    boxes: Mapping[str, Box]
    lines: tuple[Line, ...]
    height: float


def picture(*, process: Process, language: str, states: Mapping[str, str]) -> str:
    """Return a process as SVG; the same process gives the same bytes.

    Parameters
    ----------
    process
        The process.
    language
        Chinese where it begins with zh, else English.
    states
        The state of each step, as `flow.states` gives them; empty for the process as such.
    """
    placed = layout(process=process, language=language)
    name = process.title.in_language(language)
    code = escape(process.code.lower())
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="process" viewBox="0 0 {WIDTH}'
        f' {placed.height:g}" role="img" aria-labelledby="process-{code}">',
        f'<title id="process-{code}">{escape(name)}</title>',
        f'<defs><marker id="process-tip-{code}" class="process-tip" viewBox="0 0 8 8" refX="7"'
        ' refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 8 4 0 8z"/></marker></defs>',
    ]
    parts += [_line(line, tip=f"process-tip-{code}") for line in placed.lines]
    parts += [
        _box(placed.boxes[step.code], step=step, state=states.get(step.code, ""))
        for step in process.steps
    ]
    return "\n".join([*parts, *(_label(line) for line in placed.lines if line.label), "</svg>\n"])


def layout(*, process: Process, language: str) -> Layout:
    """Return where steps and ways stand: rows in order, long ways in lanes of their own."""
    row = _rows(process)
    ways = _ways(process, language=language)
    rows: list[list[tuple[str, str]]] = [[] for _ in range(max(row.values()) + 1)]
    for step in process.steps:
        rows[row[step.code]].append((step.code, ""))
    for source in dict.fromkeys(source for source, _ in ways):
        last = max(row[target] for begin, target in ways if begin == source)
        for between in range(row[source] + 1, last):
            rows[between].append((source, "PASSES"))
    _sort(rows, ways)
    boxes: dict[str, Box] = {}
    passes: dict[tuple[str, int], float] = {}
    tops: list[tuple[float, float]] = []
    top = float(MARGIN)
    for place, items in enumerate(rows):
        n_steps = sum(not kind for _, kind in items)
        width = (WIDTH - 2 * MARGIN - LANE * (len(items) - n_steps)) / max(n_steps, 1)
        x, height = float(MARGIN), 0.0
        for code, kind in items:
            if kind:
                passes[code, place] = x + LANE / 2
                x += LANE
                continue
            box = _sized(process.step(code), x=x, y=top, slot=width, language=language)
            boxes[code] = box
            height = max(height, box.height)
            x += width
        tops.append((top, top + height))
        top += height + RISE
    lines = _lines(ways, row=row, boxes=boxes, passes=passes, tops=tops)
    return Layout(boxes=boxes, lines=tuple(lines), height=top - RISE + MARGIN)


def _rows(process: Process) -> dict[str, int]:
    """Return the row of each step: below those it follows, at most so many beside each other."""
    row: dict[str, int] = {}
    for step in process.steps:
        place = max((row[way.step] for way in step.follows), default=-1) + 1
        while list(row.values()).count(place) >= MOST_BESIDE:
            place += 1
        row[step.code] = place
    return row


def _ways(process: Process, *, language: str) -> dict[tuple[str, str], str]:
    """Return the answers that take each way, in words; empty where every answer does."""
    found: dict[tuple[str, str], str] = {}
    for step in process.steps:
        for source in dict.fromkeys(way.step for way in step.follows):
            choice = process.step(source).choice
            taken = {way.answer for way in step.follows if way.step == source}
            titles = [
                answer.title.in_language(language)
                for answer in (choice.answers if choice else ())
                if answer.code in taken
            ]
            is_every = choice is not None and len(titles) == len(choice.answers)
            found[source, step.code] = "" if is_every else " / ".join(titles)
    return found


def _sort(rows: list[list[tuple[str, str]]], ways: Mapping[tuple[str, str], str]) -> None:
    """Order each row by where its ways come from, so that few of them cross."""
    share: dict[tuple[str, int], float] = {}
    for place, items in enumerate(rows):

        def from_above(item: tuple[str, str], place: int = place) -> float:
            code, kind = item
            sources = [code] if kind else [s for s, t in ways if t == code]
            above = [share[s, place - 1] for s in sources if (s, place - 1) in share]
            return sum(above) / len(above) if above else 0.5

        items.sort(key=from_above)
        for n, (code, _) in enumerate(items):
            share[code, place] = (n + 0.5) / len(items)


def _sized(step: Step, *, x: float, y: float, slot: float, language: str) -> Box:
    width = min(slot - GAP, BOX)
    title = _wrapped(step.title.in_language(language), room=(width - 2 * PAD) / TITLE / BOLD)
    post = codes.POSTS[step.who].in_language(language)
    said = f"{post} · {wording.when(step=step, language=language)}"
    small = _wrapped(said, room=(width - 2 * PAD) / SMALL)
    height = 2 * PAD + TITLE_LINE * len(title) + SMALL_LINE * len(small)
    return Box(x + (slot - width) / 2, y, width, height, title, small)


def _wrapped(text: str, *, room: float) -> tuple[str, ...]:
    """Return a text in lines of so many full-width letters; words are kept whole where they fit."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and _wide(f"{line}{piece}".rstrip()) > room:
            lines.append(line.rstrip())
            line = ""
        while _wide(piece.rstrip()) > room and len(piece) > 1:
            cut = max(1, int(room / max(_wide(piece[0]), NARROW)))
            lines.append(piece[:cut])
            piece = piece[cut:]
        line += piece
    return tuple([*lines, line.rstrip()] if line.strip() or not lines else lines)


def _pieces(text: str) -> list[str]:
    """Return words with the space behind them, and full-width letters one by one."""
    pieces: list[str] = []
    is_open = False
    for letter in text:
        is_full = east_asian_width(letter) in "WF"
        if is_open and not is_full:
            pieces[-1] += letter
        else:
            pieces.append(letter)
        is_open = not is_full and letter != " "
    return pieces


def _wide(text: str) -> float:
    return sum(1.0 if east_asian_width(letter) in "WFA" else NARROW for letter in text)


def _lines(
    ways: Mapping[tuple[str, str], str],
    *,
    row: Mapping[str, int],
    boxes: Mapping[str, Box],
    passes: Mapping[tuple[str, int], float],
    tops: list[tuple[float, float]],
) -> list[Line]:
    def beside(way: tuple[str, str], *, end: int, step: int) -> float:
        """Return where a way goes next, seen from one of its ends."""
        if row[way[1]] > row[way[0]] + 1:
            return passes[way[0], row[way[end]] + step]
        box = boxes[way[1 - end]]
        return box.x + box.width / 2

    lines = []
    for way, label in ways.items():
        source, target = way
        begin, end = boxes[source], boxes[target]
        out = sorted((w for w in ways if w[0] == source), key=lambda w: beside(w, end=0, step=1))
        into = sorted((w for w in ways if w[1] == target), key=lambda w: beside(w, end=1, step=-1))
        x = begin.x + begin.width * (out.index(way) + 1) / (len(out) + 1)
        end_x = end.x + end.width * (into.index(way) + 1) / (len(into) + 1)
        points = [(x, begin.y + begin.height), (x, tops[row[source]][1])]
        for place in range(row[source] + 1, row[target]):
            points += [(passes[source, place], edge) for edge in tops[place]]
        points.append((end_x, end.y))
        label_at = (end_x, end.y - 12 - 13 * (into.index(way) % 2))
        lines.append(Line(source, target, tuple(points), label, label_at))
    return lines


def _line(line: Line, *, tip: str) -> str:
    (x, y), *rest = line.points
    path = [f"M{x:.1f} {y:.1f}"]
    for to_x, to_y in rest:
        if to_x == x:
            path.append(f"V{to_y:.1f}")
        else:
            middle = (y + to_y) / 2
            path.append(f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}")
        x, y = to_x, to_y
    return f'<path class="process-way" marker-end="url(#{tip})" d="{" ".join(path)}"/>'


def _label(line: Line) -> str:
    x, y = line.label_at
    half = _wide(line.label) * SMALL / 2 + MARGIN
    x = min(max(x, half), WIDTH - half)
    return (
        f'<text class="process-answer" text-anchor="middle" x="{x:.1f}" y="{y:.1f}">'
        f"{escape(line.label)}</text>"
    )


def _box(box: Box, *, step: Step, state: str) -> str:
    classes = ["process-step", *(["process-step-customer"] if step.pause else [])]
    classes += [f"process-step-{state.lower()}"] if state else []
    middle = box.x + box.width / 2
    parts = [
        f"<g class={quoteattr(' '.join(classes))}>",
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'
        ' rx="8"/>',
    ]
    y = box.y + PAD + TITLE_LINE * 0.75
    for kind, lines, rise in (
        ("process-title", box.title, TITLE_LINE),
        ("process-small", box.small, SMALL_LINE),
    ):
        for text in lines:
            parts.append(
                f'<text class="{kind}" text-anchor="middle" x="{middle:.1f}" y="{y:.1f}">'
                f"{escape(text)}</text>"
            )
            y += rise
    return "".join([*parts, "</g>"])
