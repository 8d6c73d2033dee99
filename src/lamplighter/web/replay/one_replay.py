"""One replay: gathered, and put into the page's form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamplighter.action.worklist import beside as worklist
from lamplighter.facts.customers import lines as customers
from lamplighter.findings.replay import queries
from lamplighter.findings.replay.queries import ReplayFacts
from lamplighter.kernel.viewer import Viewer
from lamplighter.web.frame import codes, formats, lists
from lamplighter.web.replay import forms, pages, rows, stopped, work

ROWS_A_PAGE = 25
ROWS_OF_A_FILE = 20_000
PARTS = ("", "accounts", "work")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """The replays and the two forms that begin one."""

    now: datetime
    lines: tuple[pages.ReplayLine, ...]
    night: forms.NightForm
    rules: forms.RulesForm
    has_nights: bool
    is_night_open: bool
    is_rules_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """A rule of which the two sides have other versions: in words, and by their exact names."""

    name: str
    before: str
    after: str
    exact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A part of the page."""

    label: str
    url: str
    is_current: bool
    count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayPage:
    """One replay."""

    replay_id: int
    title: str
    summary: str
    url: str
    state: str
    tone: str
    is_running: bool
    is_comparing: bool  # decided, and the work of both sides is being planned
    poll_url: str
    may_go_on: bool
    share: float
    failed_because: str  # in words
    failed_kind: str  # as the program calls it
    known: str
    verdict: pages.Verdict | None
    notes: tuple[str, ...]
    rules: tuple[pages.RuleRow, ...]
    versions: tuple[Versions, ...]  # that differ
    is_result: bool
    part: str
    tabs: tuple[Tab, ...]
    matrix: pages.Matrix | None
    moves: tuple[pages.Moves, ...]
    grades_charts: tuple[pages.SidesChart, ...]
    days_chart: dict[str, Any] | None
    lines: tuple[rows.ChangeLine, ...]
    n_changed: int
    filter_text: str
    shows_all: bool
    all_url: str
    pager: lists.Pager
    work: work.WorkPart | None
    work_lines: tuple[rows.WorkLine, ...]
    xlsx_url: str
    csv_url: str


def page_number(request: HttpRequest) -> int:
    """Return which part of the list is asked for."""
    return lists.page_number(request)


def page(
    *,
    viewer: Viewer,
    today: date,
    now: datetime,
    silent: timedelta,
    replay_id: int,
    asked: Mapping[str, str],
    number: int,
    is_file: bool,
) -> ReplayPage | None:
    """Return one replay as its viewer may see it; None where they may not.

    A part of it shows its own lists only; a file holds all.
    """
    who: dict[str, Any] = {"viewer": viewer, "on": today, "replay_id": replay_id}
    replay = queries.replay(**who)
    if replay is None:
        return None
    path = reverse("replay:one", args=[replay_id])
    part, day = _part(asked), work.asked_day(asked["day"])
    by_day = {about: queries.by_day(**who, about=about) for about in pages.KINDS}
    found = _changes(who, asked, number=number, is_shown=part == "accounts", is_file=is_file)
    head = _head(replay, now=now, silent=silent, part=part)
    person_days = [] if head["is_comparing"] else worklist.person_days(**who)
    is_work = part == "work" or is_file
    doors_apart = (
        work.lines(replay, who, day=day, number=number, is_file=is_file) if is_work else []
    )
    ids = {c.account_id for c in found.changes} | {line.account_id for line in doors_apart}
    doors = customers.lines_of(viewer=viewer, on=today, account_ids=sorted(ids))
    kept = {name: value for name, value in asked.items() if value} | {"part": part}
    return ReplayPage(
        **head,
        **_overview(replay, by_day, path=path, n_changed=found.n_all),
        summary=_summary(replay, by_day, work_said=work.summary(person_days)),
        url=path,
        part=part,
        tabs=_tabs(
            path,
            part,
            n_changed=None if _filter(asked) else found.n_decisions,
            person_days=person_days,
        ),
        lines=tuple(
            rows.line_of(change, doors[change.account_id], replay_id=replay_id, viewer=viewer)
            for change in found.changes
            if change.account_id in doors
        ),
        n_changed=found.n_all,
        filter_text=_filter(asked),
        shows_all=bool(asked["all"]),
        all_url=lists.address(path, part="accounts", all="" if asked["all"] else "1"),
        pager=lists.pager(
            number=number, total=found.n_all, size=ROWS_A_PAGE, path=path, wanted=kept
        ),
        work=work.part(person_days, day=day, number=number, path=path, asked=kept)
        if person_days and is_work
        else None,
        work_lines=tuple(rows.work_lines_of(doors_apart, person_days, doors, viewer=viewer)),
        xlsx_url=lists.address(path, **{"as": "xlsx"}),
        csv_url=lists.address(path, **{"as": "csv"}),
    )


def _overview(
    replay: ReplayFacts,
    by_day: Mapping[str, Mapping[date, queries.Pairs]],
    *,
    path: str,
    n_changed: int,
) -> dict[str, Any]:
    """Return what is counted of all accounts."""
    last = {about: days.get(replay.last_day, {}) for about, days in by_day.items()}
    moved = (pages.moves(about, last[about]) for about in pages.ABOUT)
    nights = queries.nights(replay_id=replay.replay_id)
    return {
        "verdict": pages.verdict(replay, nights, n_changed=n_changed),
        "matrix": pages.matrix(last["GRADE"], path=path) if last["GRADE"] else None,
        "moves": tuple(of for of in moved if of.moves),
        "grades_charts": pages.sides_charts(by_day),
        "days_chart": pages.chart(by_day),
    }


def _part(asked: Mapping[str, str]) -> str:
    """Return which part of the page is asked for; a pair of grades leads to the accounts."""
    part = asked["part"]
    if part not in PARTS:
        raise Http404
    return "accounts" if asked["before"] or asked["after"] else part


def _changes(
    who: dict[str, Any], asked: Mapping[str, str], *, number: int, is_shown: bool, is_file: bool
) -> queries.Changes:
    """Return the accounts of one page of the list, for a file all; elsewhere only how many."""
    return queries.changes(
        **who,
        limit=ROWS_OF_A_FILE if is_file else ROWS_A_PAGE if is_shown else 0,
        offset=(number - 1) * ROWS_A_PAGE if is_shown and not is_file else 0,
        only_decisions=not (asked["all"] or is_file),
        grade_before=_grade(asked["before"]),
        grade_after=_grade(asked["after"]),
    )


def _tabs(
    path: str, part: str, *, n_changed: int | None, person_days: list[worklist.PersonDay]
) -> tuple[Tab, ...]:
    n_doors = sum(work.apart(one) for one in person_days)
    labels: tuple[tuple[str, str, int | None], ...] = (
        ("", _("Changes"), None),
        ("accounts", _("Accounts"), n_changed),
        ("work", _("Work"), n_doors if person_days else None),
    )
    return tuple(
        Tab(
            label=label,
            url=lists.address(path, part=name),
            is_current=name == part,
            count=count,
        )
        for name, label, count in labels
    )


def _head(replay: ReplayFacts, *, now: datetime, silent: timedelta, part: str) -> dict[str, Any]:
    """Return what a replay is, whatever it found."""
    state, tone = pages.state_of(replay, now=now, silent=silent)
    is_done = replay.finished_at is not None
    is_compared = is_done and worklist.is_compared(replay_id=replay.replay_id)
    is_stopped = bool(replay.failed_because) or now - replay.said_at > silent
    path = reverse("replay:one", args=[replay.replay_id])
    return {
        "replay_id": replay.replay_id,
        "title": pages.title_of(replay),
        "state": state,
        "tone": tone,
        "is_running": not is_done and not is_stopped,
        "is_comparing": is_done and not is_compared and not is_stopped,
        "poll_url": lists.address(path, part=part, since="decided" if is_done else "begun"),
        "may_go_on": is_stopped and not is_compared,
        "share": replay.n_done / max(replay.n_all, 1),
        "failed_because": stopped.said(kind=replay.failed_because) if replay.failed_because else "",
        "failed_kind": replay.failed_because,
        "known": pages.known(replay),
        "notes": pages.notes(replay),
        "rules": pages.rule_rows(replay),
        "versions": _versions(replay),
        "is_result": is_done,
    }


def _grade(text: str) -> str | None:
    if text and text not in codes.WORDS["grade"]:
        raise Http404
    return text or None


def _filter(asked: Mapping[str, str]) -> str:
    if not asked["before"] and not asked["after"]:
        return ""
    return _("Only grade %(before)s → %(after)s") % {
        "before": asked["before"] or _("any"),
        "after": asked["after"] or _("any"),
    }


def _versions(replay: ReplayFacts) -> tuple[Versions, ...]:
    pairs = (
        (name, replay.policies_before.get(name, ""), version)
        for name, version in sorted(replay.policies_after.items())
    )
    return tuple(
        Versions(
            name=pages.name_of_rule(name, on=replay.last_day),
            before=pages.of_day(before),
            after=pages.of_day(after),
            exact=f"{before or formats.NOTHING} → {after}",
        )
        for name, before, after in pairs
        if before != after
    )


def _summary(
    replay: ReplayFacts, by_day: Mapping[str, Mapping[date, queries.Pairs]], *, work_said: str
) -> str:
    last = {about: days.get(replay.last_day, {}) for about, days in by_day.items()}
    if replay.finished_at is None:
        return _("Being decided again: nothing that the other pages show is touched.")
    n = sum(last["GRADE"].values())
    apart = {
        about: sum(k for (old, new), k in pairs.items() if old != new)
        for about, pairs in last.items()
    }
    said = {
        "GRADE": _("%(k)s with another grade"),
        "WAITING": _("%(k)s with another grade waiting"),
        "RISK": _("%(k)s with another risk"),
        "CAUSE": _("%(k)s with another cause"),
    }
    parts = [
        said[about] % {"k": formats.number(value=k, digits=0)} for about, k in apart.items() if k
    ]
    text = (
        ngettext("Of %(n)s account: %(apart)s.", "Of %(n)s accounts: %(apart)s.", n)
        if parts
        else ngettext(
            "None of %(n)s account would have another grade, risk or cause.",
            "None of %(n)s accounts would have another grade, risk or cause.",
            n,
        )
    )
    shown = {"n": formats.number(value=n, digits=0), "apart": formats.listed(texts=parts)}
    found = text % shown
    return formats.sentences(found, work_said) if work_said else found
