"""What the pages of replays show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from lamplighter.findings.replay.queries import NightDecided, Pairs, ReplayFacts
from lamplighter.policy import candidates, loader, sources
from lamplighter.web.frame import codes, formats, lists, versions

GRADES = ("A", "B", "C", "D", "N", "")
KINDS = {"GRADE": "grade", "WAITING": "grade", "RISK": "risk", "CAUSE": "cause"}
ABOUT = {
    "WAITING": later("Grade that waits to be granted or confirmed"),
    "RISK": later("Risk of arrears"),
    "CAUSE": later("Cause of arrears"),
}
LINES_DRAWN = 3  # charts of grades: those that differ most
LEAST_DAYS = 2  # for a line


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayLine:
    """One replay in the list."""

    url: str
    title: str
    rules: str
    known: str
    state: str
    tone: str
    share: float | None
    requested_at: datetime
    requested_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How many accounts a pair of grades has; the link leads to them."""

    n: int
    url: str
    is_same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One grade before, and where its accounts are after."""

    code: str
    cells: tuple[Cell, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Grades before against grades after."""

    codes: tuple[str, ...]
    rows: tuple[MatrixRow, ...]
    totals: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Accounts that went from one word to another."""

    before: str
    after: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """All such moves of one finding."""

    label: str
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A row that the rules on trial give another value."""

    policy: str
    key: str
    about: str
    before: str
    after: str
    unit: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a night came out the same."""

    tone: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SidesChart:
    """One grade day by day, before and after."""

    title: str
    data: dict[str, Any]


def title_of(replay: ReplayFacts) -> str:
    """Return what a replay is called."""
    if replay.first_day == replay.last_day:
        text = _("The night of %(day)s, by other rules") if replay.candidates else None
        text = text or _("The night of %(day)s, as we knew it")
        return text % {"day": formats.day_long(value=replay.last_day)}
    text = _("%(first)s to %(last)s, by other rules") if replay.candidates else None
    text = text or _("%(first)s to %(last)s, as we knew it")
    return text % {
        "first": formats.day_long(value=replay.first_day),
        "last": formats.day_long(value=replay.last_day),
    }


def line_of(
    replay: ReplayFacts, *, now: datetime, silent: timedelta, called: Mapping[str, str]
) -> ReplayLine:
    """Return one replay as the list shows it; *called* says who its asker is."""
    state, tone = state_of(replay, now=now, silent=silent)
    share = None if replay.finished_at else replay.n_done / max(replay.n_all, 1)
    return ReplayLine(
        url=reverse("replay:one", args=[replay.replay_id]),
        title=title_of(replay),
        rules=formats.listed(
            texts=[
                versions.said(version=f"{c.name}/{c.day.isoformat()}") for c in replay.candidates
            ]
        ),
        known=known(replay),
        state=state,
        tone=tone,
        share=share,
        requested_at=replay.requested_at,
        requested_by=called[replay.requested_by],
    )


def state_of(replay: ReplayFacts, *, now: datetime, silent: timedelta) -> tuple[str, str]:
    """Return a replay's state in a word, and its tone."""
    if replay.finished_at is not None:
        return _("Completed"), "good"
    if replay.failed_because:
        return _("Stopped by an error"), "harm"
    if now - replay.said_at > silent:
        return _("Interrupted"), "warn"
    return _("Under way"), "action"


def known(replay: ReplayFacts) -> str:
    """Say what either side knows."""
    if replay.known_before_at == replay.known_after_at:
        moment = formats.moment_long(value=replay.known_before_at)
        return _("as known on %(moment)s") % {"moment": moment}
    return _("as known on %(before)s, then on %(after)s") % {
        "before": formats.moment_long(value=replay.known_before_at),
        "after": formats.moment_long(value=replay.known_after_at),
    }


def name_of_rule(name: str, *, on: date) -> str:
    """Return what a rule is called in the language of the page."""
    return loader.load(name=name, on=on).title.in_language(get_language() or "zh-hans")


def of_day(version: str) -> str:
    """Say from which day a version holds, and whether it is on trial."""
    if not version:
        return formats.NOTHING
    _name, _slash, day = version.partition("/")
    day, _sign, is_on_trial = day.partition("#")
    text = _("on trial, from %(day)s") if is_on_trial else _("from %(day)s")
    return text % {"day": formats.day_long(value=date.fromisoformat(day))}


def matrix(pairs: Pairs, *, path: str) -> Matrix:
    """Lay the grades before against those after; each cell leads to its accounts."""
    there = {code for pair in pairs for code in pair}
    shown = tuple(code for code in GRADES if code in there)
    rows = []
    for old in shown:
        cells = tuple(
            Cell(
                n=pairs.get((old, new), 0),
                url=""
                if old == new or not pairs.get((old, new))
                else lists.address(path, part="accounts", before=old, after=new),
                is_same=old == new,
            )
            for new in shown
        )
        rows.append(MatrixRow(code=old, cells=cells, total=sum(cell.n for cell in cells)))
    totals = tuple(sum(pairs.get((old, new), 0) for old in shown) for new in shown)
    return Matrix(codes=shown, rows=tuple(rows), totals=totals)


def word(about: str, code: str) -> str:
    """Return the word for a finding's code."""
    if not code:
        return _("none")
    return str(codes.word_for(kind=KINDS[about], code=code).label)


def moves(about: str, pairs: Pairs) -> Moves:
    """Return what became what, most accounts first."""
    moved = sorted(
        ((n, old, new) for (old, new), n in pairs.items() if old != new),
        key=lambda move: (-move[0], move[1], move[2]),
    )
    return Moves(
        label=str(ABOUT[about]),
        moves=tuple(
            Move(before=word(about, old), after=word(about, new), n=n) for n, old, new in moved
        ),
    )


def chart(by_day: Mapping[str, Mapping[date, Pairs]]) -> dict[str, Any] | None:
    """Return how many accounts differ on each day: in grade, in the one that waits, in the rest."""
    days = sorted({day for pairs in by_day.values() for day in pairs})
    if len(days) < LEAST_DAYS:
        return None
    series = []
    labels = {"GRADE": later("Grade"), **ABOUT, "WAITING": later("Grade waiting")}
    tones = {"GRADE": "action", "WAITING": "today", "RISK": "context", "CAUSE": "good"}
    for about, of_days in by_day.items():
        values = [
            sum(n for (old, new), n in of_days.get(day, {}).items() if old != new) for day in days
        ]
        if any(values):
            series.append({"label": str(labels[about]), "values": values, "tone": tones[about]})
    return {"days": [day.isoformat() for day in days], "series": series} if series else None


def sides_charts(by_day: Mapping[str, Mapping[date, Pairs]]) -> tuple[SidesChart, ...]:
    """Return day by day how many accounts have a grade, or one waiting, before and after.

    Drawn are the grades that differ most, each on a scale of its own.
    """
    days = sorted(by_day["GRADE"])
    lines: list[tuple[int, str, list[int], list[int]]] = []
    for about, text in (("GRADE", "%(grade)s"), ("WAITING", _("%(grade)s waiting"))):
        of = by_day[about]
        for code in GRADES[:-1]:
            before, after = ([_count(of.get(d, {}), side, code) for d in days] for side in (0, 1))
            apart = sum(abs(one - other) for one, other in zip(before, after, strict=True))
            label = text % {"grade": codes.word_for(kind="grade", code=code).label}
            lines.append((apart, label, before, after))
    if len(days) < LEAST_DAYS:
        return ()
    chosen = sorted((line for line in lines if line[0]), key=lambda line: -line[0])
    return tuple(
        SidesChart(
            title=label,
            data={
                "days": [day.isoformat() for day in days],
                "series": [
                    {"label": _("before"), "values": before, "tone": "context"},
                    {"label": _("after"), "values": after, "tone": "action"},
                ],
            },
        )
        for _apart, label, before, after in chosen[:LINES_DRAWN]
    )


def _count(pairs: Pairs, side: int, code: str) -> int:
    return sum(n for pair, n in pairs.items() if pair[side] == code)


def rule_rows(replay: ReplayFacts) -> tuple[RuleRow, ...]:
    """Return the rows that the rules on trial change, each beside the one in force."""
    language = get_language() or "zh-hans"
    found = []
    for candidate in replay.candidates:
        bases = [
            p for p in loader.versions(name=candidate.name) if p.version == candidate.on_top_of
        ]
        for base in bases:
            proposed = candidates.parse(
                name=candidate.name, day=candidate.day, text=candidate.text, of=base
            )
            for old, new in candidates.changed_rows(candidate=proposed, in_force=base):
                found.append(
                    RuleRow(
                        policy=candidate.name,
                        key=new.key,
                        about=new.about.in_language(language),
                        before=_value(old.value),
                        after=_value(new.value),
                        unit=new.unit,
                        source=sources.in_language(new.source, language=language),
                    )
                )
    return tuple(found)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return formats.listed(texts=[_value(one) for one in value])
    return str(value)


def verdict(
    replay: ReplayFacts, nights: Sequence[NightDecided], *, n_changed: int
) -> Verdict | None:
    """Say whether what was decided again is what was kept, byte for byte."""
    compared = [night for night in nights if night.n_shards_alike is not None]
    if not compared:
        return None
    alike = sum(night.n_shards_alike or 0 for night in compared)
    unlike = sum(night.n_shards_unlike or 0 for night in compared)
    if not unlike:
        text = ngettext(
            "%(n)s part of the night comes out byte for byte as it was kept.",
            "All %(n)s parts of the night come out byte for byte as they were kept.",
            alike,
        )
        return Verdict(tone="good", title=_("Unchanged"), text=text % {"n": alike})
    text = _("%(unlike)s of %(all)s parts come out otherwise than they were kept.")
    text = text % {"unlike": unlike, "all": alike + unlike}
    if replay.asks_for_the_same and not n_changed:
        text += " " + _("No account is found otherwise: only the form of the files differs.")
        return Verdict(tone="info", title=_("The same findings"), text=text)
    return Verdict(tone="warn", title=_("Not the same"), text=text)


def notes(replay: ReplayFacts) -> tuple[str, ...]:
    """Return what a reader has to know of how a replay was made."""
    said: dict[str, str] = {
        "NO_NIGHT_KEPT": _(
            "No night of that day and knowledge is kept: both sides were decided again."
        ),
        "FILES_GONE": _("The kept night's files are gone: the side before was decided again."),
        "BEFORE_GONE": _(
            "What the kept night began with is gone: it was taken from the night before it."
        ),
        "KERNEL_DIFFERS": _("The kernel %(name)s was %(kept)s then and is %(now)s today."),
        "POLICY_DIFFERS": _("The rule %(name)s was %(kept)s then; the replay uses %(now)s."),
        "POLICY_GONE": _("The rule %(version)s used then is gone."),
    }
    # With rules on trial both sides are decided again anyhow.
    told = [
        note
        for note in replay.notes
        if not (note["code"] == "NO_NIGHT_KEPT" and replay.first_day != replay.last_day)
    ]
    return tuple(said[note["code"]] % note for note in told)
