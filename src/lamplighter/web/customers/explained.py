"""Each finding as the page tells it: two sentences, a small chart, what would change it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from lamplighter.facts.billing.account import Money
from lamplighter.facts.metering.queries import DailySeries
from lamplighter.findings import explaining
from lamplighter.findings.contests.queries import ContestFound, ReviewFound
from lamplighter.findings.queries import Finding, SignalFound
from lamplighter.web.customers import phrases, running_bill, sentences, small_charts, words
from lamplighter.web.customers.sentences import Explanation
from lamplighter.web.customers.small_charts import Bar, Cell, Line
from lamplighter.web.frame import codes, formats, lists

CHANGES_AT_MOST = 3  # explained at length; the story's chart marks them all
ASKED_DAYS = 180  # older changes are told among the earlier ones
FACTORS_AT_MOST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Human:
    """What a person has decided here, or what waits for one."""

    text: str
    quote: str
    url: str
    is_waiting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One finding, explained."""

    about: str
    code: str  # as shown: a person's where one has decided
    what: str
    why: str
    way: str  # what would change it; empty where nothing is said
    chart_title: str
    cells: tuple[Cell, ...] = ()
    bars: tuple[Bar, ...] = ()
    energy_bars: tuple[Bar, ...] = ()  # of the running bill
    is_both_ways: bool = False
    line: Line | None = None
    chart_note: str = ""  # of the page's own chart of it
    human: Human | None = None
    contest_url: str = ""

    @property
    def told(self) -> str:
        """What was found, and why."""
        return formats.sentences(*filter(None, (self.what, self.why)))

    @property
    def title(self) -> str:
        """What the finding is about, as a heading."""
        code = "HIGH_USE" if self.code == "HIGH_USE" else self.about
        return words.word(kind="about", code=code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """All findings of one account that can be told."""

    grade: Box | None = None
    risk: Box | None = None
    cause: Box | None = None
    value: Box | None = None
    segment: Box | None = None
    forecast: Box | None = None
    changes: tuple[Box, ...] = ()

    @property
    def all(self) -> tuple[Box, ...]:
        """Every box, in the order people read them."""
        ones = (self.grade, self.risk, self.cause, self.forecast, self.value, self.segment)
        return tuple(box for box in ones if box is not None) + self.changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the boxes are made from."""

    account_number: str
    finding: Finding
    signals: Sequence[SignalFound]
    money: Money
    series: DailySeries | None
    first_day: date  # of the series
    as_of: date
    today: date
    zone: ZoneInfo
    contests: Sequence[ContestFound]
    reviews: Sequence[ReviewFound]
    may_contest: bool
    way_to_a_better_grade: str


def explained(*, known: Known) -> Explained:
    """Return all findings of an account, each explained."""
    finding = known.finding
    return Explained(
        grade=_grade(known),
        risk=_risk(known) if finding.risk_band or "RISK" in finding.machine else None,
        cause=_cause(known) if finding.cause or "CAUSE" in finding.machine else None,
        value=_value(known) if finding.value_band or "VALUE" in finding.machine else None,
        segment=_segment(finding),
        forecast=_forecast(known) if finding.forecast_amount_cny is not None else None,
        changes=_changes(known),
    )


def _grade(known: Known) -> Box:
    finding = known.finding
    told = sentences.explain(told=explaining.grade(finding=finding))
    return Box(
        about="GRADE",
        code=finding.grade,
        **_said(known, told, code=finding.grade),
        way=_way(known),
        chart_title=_("The last twelve months"),
        cells=small_charts.strip(money=known.money, today=known.as_of, zone=known.zone),
        human=_human(known, "GRADE") or _review(known),
        contest_url=_contest_url(known, "GRADE"),
    )


def _way(known: Known) -> str:
    """Return what would change the grade; nothing where a person has set it."""
    finding = known.finding
    if "GRADE" in finding.machine:
        return ""
    if finding.grade_would_change:
        return known.way_to_a_better_grade
    if finding.grade == "A":
        return _("It stays so as long as no reminder is needed.")
    return _("Nothing that the customer can do changes it in the time we can look ahead.")


def _risk(known: Known) -> Box:
    finding = known.finding
    told = explaining.risk(finding=finding)
    reasons = [
        (phrases.factor(code=r["code"]), float(r["log_odds"]))
        for r in finding.risk_reasons[:FACTORS_AT_MOST]
        if abs(r["log_odds"]) >= explaining.NOTICEABLE
    ]
    is_shown = "RISK" not in finding.machine
    return Box(
        about="RISK",
        code=finding.risk_band,
        **_said(known, sentences.explain(told=told), code=finding.risk_band),
        way=phrases.risk_way(change=finding.risk_would_change, band=finding.risk_band)
        if is_shown
        else "",
        chart_title=_("What moves it, from the middle: usual here"),
        bars=small_charts.both_ways(parts=reasons) if is_shown else (),
        is_both_ways=True,
        human=_human(known, "RISK"),
        contest_url=_contest_url(known, "RISK"),
    )


def _cause(known: Known) -> Box:
    finding = known.finding
    told = explaining.cause(finding=finding)
    is_unknown = finding.cause == "UNKNOWN"
    if is_unknown:
        parts = [
            (phrases.cause(code=code), share, phrases.percent(share=share))
            for code, share in told.numbers["others"]
        ]
    else:
        parts = [
            (phrases.signs(codes=[r["code"]]), float(r["log_odds"]), "")
            for r in finding.cause_reasons
            if r["log_odds"] >= explaining.NOTICEABLE
        ]
    return Box(
        about="CAUSE",
        code=finding.cause,
        **_said(known, _explained_cause(finding, told), code=finding.cause),
        way="",
        chart_title=_("It might be") if is_unknown else _("What speaks for it"),
        bars=small_charts.shares(parts=parts, whole=1.0 if is_unknown else 0.0),
        human=_human(known, "CAUSE"),
        contest_url=_contest_url(known, "CAUSE"),
    )


def _explained_cause(finding: Finding, told: explaining.Told) -> Explanation | None:
    # A person's cause has the person's reasons; the night's signs are not theirs.
    return None if "CAUSE" in finding.machine else sentences.explain(told=told)


def _value(known: Known) -> Box:
    finding = known.finding
    told = sentences.explain(told=explaining.value(finding=finding))
    return Box(
        about="VALUE",
        code=finding.value_band,
        **_said(known, told, code=finding.value_band),
        way="",
        chart_title=_("Billed in each twelve months"),
        bars=small_charts.amounts(parts=_by_year(known)),
        human=_human(known, "VALUE"),
        contest_url=_contest_url(known, "VALUE"),
    )


def _segment(finding: Finding) -> Box | None:
    """Return the group an account is counted among; none where a person judges its value."""
    if not finding.segment or "VALUE" in finding.machine:
        return None
    told = sentences.explain(told=explaining.segment(finding=finding))
    return Box(
        about="SEGMENT", code=told.code, what=told.what, why=told.why, way="", chart_title=""
    )


def _by_year(known: Known) -> list[tuple[str, Any, Any, Any, str]]:
    """Return what was billed in each of the last years, the oldest first; whole years alone."""
    parts: list[tuple[str, Any, Any, Any, str]] = []
    closed = [bill for bill in known.money.bills if bill.due_date <= known.as_of]
    first = min((bill.first_day for bill in closed), default=known.as_of)
    end = known.as_of
    for years_ago in range(3):
        begin = end - timedelta(365)
        billed = [b.amount_cny for b in closed if begin < b.last_day <= end]
        if begin < first or not billed:
            break
        label = _("until %(month)s") % {"month": formats.month(value=end)}
        parts.append((label, None, sum(billed), None, "context" if years_ago else "action"))
        end = begin
    return parts[::-1]


def _forecast(known: Known) -> Box:
    finding = known.finding
    measured = running_bill.so_far(series=known.series, money=known.money, as_of=known.as_of)
    numbers = running_bill.numbers(measured=measured, finding=finding)
    told = sentences.explain(told=explaining.forecast(finding=finding, so_far=numbers))
    return Box(
        about="FORECAST",
        code="MONTH",
        what=told.what,
        why=told.why,
        way="",
        chart_title=" · ".join(
            part
            for part in (_("A year ago, last month, and now"), running_bill.basis(finding=finding))
            if part
        ),
        bars=running_bill.amount_bars(money=known.money, finding=finding, as_of=known.as_of),
        energy_bars=running_bill.energy_bars(measured=measured, finding=finding),
        chart_note=running_bill.amber(finding=finding),
    )


def _changes(known: Known) -> tuple[Box, ...]:
    boxes: list[Box] = []
    since = known.as_of - timedelta(ASKED_DAYS)
    asked = explaining.newest_changes(signals=known.signals, since=since)
    for signal in asked[:CHANGES_AT_MOST]:
        told = sentences.explain(told=explaining.change(signal=signal))
        boxes.append(
            Box(
                about="CHANGE",
                code=signal.kind or signal.list,
                what=told.what,
                why=told.why,
                way="",
                chart_title=_("Before and after, with most of the neighbours in grey"),
                line=small_charts.around(
                    series=known.series, first_day=known.first_day, signal=signal
                ),
                human=None if boxes else _human(known, "CHANGE"),
                contest_url=_contest_url(known, "CHANGE"),
            )
        )
    return tuple(boxes)


def _said(known: Known, told: Explanation | None, *, code: str) -> Mapping[str, Any]:
    """Return the two sentences: a person's where one has decided, else the night's."""
    about = told.about if told is not None else "CAUSE"
    contest = _standing(known, about)
    if contest is None or contest.decision is None:
        if told is None:
            return {"what": _("A person named this cause."), "why": _("Their reasons are kept.")}
        return {"what": told.what, "why": told.why}
    decision = contest.decision
    numbers = {
        "word": _word(about, code),
        "who": decision.decided_by,
        "day": formats.day_long(value=decision.decided_at.astimezone(known.zone).date()),
        "machine": _word(about, known.finding.machine.get(about, code)),
        "until": formats.day_long(value=decision.valid_until_date)
        if decision.valid_until_date
        else "",
    }
    if not code:
        return {
            "what": _("No machine judges this here, as the customer wished on %(day)s.") % numbers,
            "why": _("A person looks at each case instead; the night's estimate is not shown."),
        }
    what = _("%(word)s, decided by a person (%(who)s) on %(day)s.") % numbers
    if decision.outcome == "AUTOMATION_REFUSED":
        return {"what": what, "why": _("The customer wished that no machine alone judges this.")}
    why = _("By its rules the system would say “%(machine)s”; the decision holds until %(until)s.")
    return {"what": what, "why": why % numbers}


def _word(about: str, code: str) -> str:
    kind = {"GRADE": "grade", "RISK": "risk", "CAUSE": "cause", "VALUE": "value"}.get(about, "")
    return str(codes.word_for(kind=kind, code=code).label) if kind and code else _("nothing")


def _standing(known: Known, about: str) -> ContestFound | None:
    for contest in known.contests:
        decision = contest.decision
        if contest.about == about and decision is not None and decision.stands(on=known.today):
            return contest
    return None


def _human(known: Known, about: str) -> Human | None:
    """Return the contest that waits, else the newest decision about a finding."""
    for contest in known.contests:
        if contest.about != about:
            continue
        url = reverse("contests:contest", args=[contest.contest_id])
        if contest.decision is None:
            due = formats.day_long(value=contest.due_date)
            text = _("Contested; a person decides by %(day)s.") % {"day": due}
            return Human(text=text, quote=contest.words, url=url, is_waiting=True)
        decided = contest.decision
        day = formats.day_long(value=decided.decided_at.astimezone(known.zone).date())
        said = {"who": decided.decided_by, "day": day}
        text = {
            "UPHELD": _("Contested and upheld by %(who)s on %(day)s."),
            "CORRECTED": _("Contested and corrected by %(who)s on %(day)s."),
            "AUTOMATION_REFUSED": _("Judged by a person since %(day)s (%(who)s)."),
        }[decided.outcome] % said
        return Human(text=text, quote=decided.reasons, url=url, is_waiting=False)
    return None


def _review(known: Known) -> Human | None:
    """Return what waits or was said about a proposed grade D."""
    url = reverse("contests:proposals")
    if "D" not in (known.finding.grade, known.finding.candidate_grade):
        return None
    if known.reviews:
        newest = known.reviews[0]
        day = formats.day_long(value=newest.recorded_at.astimezone(known.zone).date())
        said = {"who": newest.recorded_by, "day": day}
        text = (
            _("Grade D was confirmed by %(who)s on %(day)s.")
            if newest.verdict == "CONFIRMED"
            else _("Grade D was proposed and not given: %(who)s looked at it on %(day)s.")
        )
        return Human(text=text % said, quote=newest.reasons, url=url, is_waiting=False)
    if known.finding.candidate_grade != "D":
        return None
    text = _("Grade D is proposed and waits for a person to look at it.")
    return Human(text=text, quote="", url=url, is_waiting=True)


def _contest_url(known: Known, about: str) -> str:
    is_open = any(c.about == about and c.decision is None for c in known.contests)
    if is_open or not known.may_contest:
        return ""
    return lists.address(reverse("contests:new"), account=known.account_number, about=about)
