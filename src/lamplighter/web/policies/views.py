"""The rules: every number we decide by, its meaning, its source, and how sure we are of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_GET, require_POST

from lamplighter.kernel.viewer import Role, Viewer
from lamplighter.policy import assessments, calendars, loader, sources
from lamplighter.policy.loader import Policy, Row, Words
from lamplighter.web import desk
from lamplighter.web.frame import formats, lists
from lamplighter.web.policies import approving
from lamplighter.web.policies.units import UNITS, UNSAID

NOT_FOR = {Role.AGENT, Role.CREW}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
ASSESSED = {
    "GRADE": later("The grade"),
    "RISK": later("The risk of arrears"),
    "CAUSE": later("The cause of arrears"),
    "CHANGE": later("Changes in use"),
    "VALUE": later("The value band"),
    "FORECAST": later("The bill ahead"),
    "WORK": later("The day's work"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """One rule as a person reads it."""

    key: str
    part: str  # of an impact assessment: the decision it is about
    value: str
    is_words: bool  # rather than a number
    unit: str
    about: str
    source: str
    certainty: str
    certainty_word: str
    is_confirmed: bool
    policy_title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyLine:
    """One policy in the list."""

    name: str
    title: str
    url: str
    valid_from: date
    n_rows: int
    n_unconfirmed: int
    n_versions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesPage:
    """All policies, or the rules that a search finds."""

    text: str
    policies: tuple[PolicyLine, ...]
    found: tuple[RuleLine, ...]
    n_rows: int
    n_unconfirmed: int
    certainties: tuple[tuple[str, str], ...]
    assessment_note: str  # empty: approved and in date
    assessment_url: str
    calendar_note: str  # empty: it does not end soon
    calendar_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One version of a policy."""

    valid_from: date
    url: str
    is_current: bool
    is_shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPage:
    """One version of one policy."""

    title: str
    name: str
    version: str
    valid_from: date
    is_in_force: bool
    rules: tuple[RuleLine, ...]
    n_unconfirmed: int
    versions: tuple[VersionLine, ...]
    list_url: str
    certainties: tuple[tuple[str, str], ...]
    approval: approving.Approval | None  # of the impact assessment in force


@require_GET
def every(request: HttpRequest) -> HttpResponse:
    """List the policies in force, or what a search (``?q=``) finds in them. One query."""
    _refuse(desk.viewer_of(request))
    text = request.GET.get("q", "").strip()[:80]
    policies = _in_force(on=desk.today())
    lines = tuple(_policy_line(policy) for policy in policies)
    page = RulesPage(
        text=text,
        policies=lines,
        found=_found(policies, text=text.casefold()) if text else (),
        n_rows=sum(line.n_rows for line in lines),
        n_unconfirmed=sum(line.n_unconfirmed for line in lines),
        certainties=_certainties(),
        assessment_note=approving.note(on=desk.today()),
        assessment_url=reverse("policies:policy", args=[assessments.NAME]),
        calendar_note=_calendar_note(on=desk.today()),
        calendar_url=reverse("policies:policy", args=["workdays"]),
    )
    return render(request, "policies/list.html", {"page": page})


@require_GET
def policy(request: HttpRequest, name: str) -> HttpResponse:
    """Show one policy, as it stands or as of a version (``?from=``). At most one query."""
    viewer = desk.viewer_of(request)
    _refuse(viewer)
    return _render(request, viewer, name=name, refused=None)


@require_POST
def approve(request: HttpRequest, name: str) -> HttpResponse:
    """Approve the impact assessment in force, in one's own name."""
    viewer, today = desk.viewer_of(request), desk.today()
    if name != assessments.NAME:
        raise Http404
    if viewer.role not in loader.load(name="access", on=today).row("approve_assessment").value:
        raise PermissionDenied("who is responsible for personal information approves")
    refused = approving.approve(request=request, viewer=viewer, on=today)
    if refused is not None:
        return _render(request, viewer, name=name, refused=refused)
    messages.success(request, _("Your approval is kept."))
    return redirect("policies:policy", name)


def _render(
    request: HttpRequest, viewer: Viewer, *, name: str, refused: approving.ApprovalForm | None
) -> HttpResponse:
    if name not in loader.names():
        raise Http404
    try:
        versions = loader.versions(name=name)
    except loader.PolicyUnknown as error:
        raise Http404 from error
    standing = [v for v in versions if v.valid_from <= desk.today()]
    current = standing[-1] if standing else None
    wanted = request.GET.get("from", "")
    shown = next((v for v in versions if v.valid_from.isoformat() == wanted), None)
    if wanted and shown is None:
        raise Http404
    shown = shown or current or versions[0]
    path = reverse("policies:policy", args=[name])
    rules = tuple(_rule_line(shown, row) for row in shown.rows)
    page = PolicyPage(
        title=_said(shown.title),
        name=name,
        version=shown.version,
        valid_from=shown.valid_from,
        is_in_force=shown is current,
        rules=rules,
        n_unconfirmed=sum(not rule.is_confirmed for rule in rules),
        versions=tuple(
            VersionLine(
                valid_from=version.valid_from,
                url=lists.address(path, **{"from": version.valid_from.isoformat()}),
                is_current=version is current,
                is_shown=version is shown,
            )
            for version in reversed(versions)
        ),
        list_url=reverse("policies:list"),
        certainties=_certainties(),
        approval=approving.approval(viewer=viewer, on=desk.today(), refused=refused)
        if name == assessments.NAME and shown is current
        else None,
    )
    status = 200 if refused is None else 422
    return render(request, "policies/policy.html", {"page": page}, status=status)


def _calendar_note(*, on: date) -> str:
    """Say that the calendar of working days ends soon, and what to do; empty: it does not."""
    end = calendars.calendar_end(on=on)
    if end is None:
        return ""
    said = {"day": formats.day_long(value=end.last_day), "year": end.last_day.year + 1}
    what = (
        _("The calendar of working days ends on %(day)s.")
        if end.n_days_left >= 0
        else _("The calendar of working days ended on %(day)s.")
    )
    do = _(
        "Once the State Council has announced the days off of %(year)s, add them as a new version; "
        "until then terms that reach into %(year)s count every day."
    )
    return formats.sentences(what, do) % said


def _refuse(viewer: Viewer) -> None:
    if viewer.role in NOT_FOR:
        raise PermissionDenied("the rules are for managers, supervisors and heads")


def _in_force(*, on: date) -> list[Policy]:
    found = []
    for name in loader.names():
        try:
            found.append(loader.load(name=name, on=on))
        except loader.PolicyUnknown:  # announced, and not yet in force
            continue
    return sorted(found, key=lambda policy: _said(policy.title))


def _policy_line(policy: Policy) -> PolicyLine:
    return PolicyLine(
        name=policy.name,
        title=_said(policy.title),
        url=reverse("policies:policy", args=[policy.name]),
        valid_from=policy.valid_from,
        n_rows=len(policy.rows),
        n_unconfirmed=sum(row.certainty == "U" for row in policy.rows),
        n_versions=len(loader.versions(name=policy.name)),
    )


def _found(policies: Sequence[Policy], *, text: str) -> tuple[RuleLine, ...]:
    return tuple(
        _rule_line(policy, row)
        for policy in policies
        for row in policy.rows
        if any(text in part.casefold() for part in _searched(policy, row))
    )


def _searched(policy: Policy, row: Row) -> tuple[str, ...]:
    titles = (policy.title.zh, policy.title.en)
    said = sources.in_language(row.source, language="zh")
    return (*titles, row.key, row.about.zh, row.about.en, row.source, said, str(row.value))


def _rule_line(policy: Policy, row: Row) -> RuleLine:
    return RuleLine(
        key=row.key,
        part=str(ASSESSED.get(row.key.partition(".")[0], "")),
        value=_value(row.value),
        is_words=isinstance(row.value, dict),
        unit=_unit(row.unit),
        about=_said(row.about),
        source=sources.in_language(row.source, language=get_language() or ""),
        certainty=row.certainty,
        certainty_word=dict(_certainties())[row.certainty],
        is_confirmed=row.certainty != "U",
        policy_title=_said(policy.title),
        url=f"{reverse('policies:policy', args=[policy.name])}#{row.key}",
    )


def _certainties() -> tuple[tuple[str, str], ...]:
    return (
        ("C", _("The text itself was read")),
        ("T", _("A secondary page says so")),
        ("U", _("Not confirmed")),
        ("O", _("Our own decision")),
    )


def _said(words: Words) -> str:
    return words.in_language(get_language() or "")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return f"{value:g}" if abs(value) < 1 else formats.short_number(value=value)
    if isinstance(value, dict) and set(value) == {"zh", "en"}:
        return _said(Words(**value))
    if isinstance(value, dict):
        return " · ".join(f"{key} {_value(part)}" for key, part in value.items())
    if isinstance(value, list):
        return formats.listed(texts=[_value(part) for part in value])
    text = str(value)
    return formats.day_long(value=date.fromisoformat(text)) if DAY.fullmatch(text) else text


def _unit(unit: str) -> str:
    """Return a unit's word; empty where the value says all by itself."""
    return "" if unit in UNSAID else str(UNITS.get(unit, unit))
