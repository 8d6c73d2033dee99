"""Service orders by how much time their promises leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lamplighter.action.service import queries as service
from lamplighter.action.service import queues
from lamplighter.action.service.lines import OrderLine, StepLine
from lamplighter.action.service.queues import Counted, Wanted
from lamplighter.action.service.rules import Rules
from lamplighter.kernel.viewer import Role
from lamplighter.policy.processes import catalogue, codes
from lamplighter.web import desk
from lamplighter.web.frame import formats, lists, service_words, sheets
from lamplighter.web.frame.service_words import Slack

ROWS_A_PAGE = 50
ROWS_OF_A_FILE = 20_000
MINE = "mine"
TABS = (MINE, "running", "waiting", "ended")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One order, or one step that is mine."""

    number: str
    url: str
    type: str
    step: str
    step_state: str
    where: str
    whose: str
    state: str
    priority: str
    incident: str
    opened_at: datetime
    due_at: datetime | None
    slack: Slack | None
    waits_for: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One list."""

    label: str
    url: str
    is_current: bool
    count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersPage:
    """The orders one may see."""

    summary: str
    tab: str
    tabs: tuple[Tab, ...]
    lines: tuple[Line, ...]
    filters: tuple[lists.Filter, ...]
    action: str
    kept: tuple[tuple[str, str], ...]
    next_url: str
    first_url: str
    export_url: str
    may_open: bool


@never_cache
@require_GET
def every(request: HttpRequest) -> HttpResponse:
    """List orders (``?tab=mine|running|waiting|ended``, ``?after=``). Eight queries."""
    viewer, rules, now = desk.viewer_of(request), desk.service_rules(), desk.now()
    own_first = viewer.role is Role.CREW
    tab = request.GET.get("tab", MINE if own_first else "running")
    if tab not in TABS:
        raise Http404
    is_file = request.GET.get("as") == "xlsx"
    size = ROWS_OF_A_FILE if is_file else ROWS_A_PAGE
    counts = queues.counted(viewer=viewer, rules=rules)
    asked = {name: request.GET.get(name, "") for name in ("type", "priority", "unit", "owner")}
    filters = _filters(counts, asked)
    after = ""
    if tab == MINE:
        steps = service.my_steps(viewer=viewer, limit=ROWS_OF_A_FILE)
        lines = tuple(_step_line(step, rules=rules, now=now) for step in steps)
    else:
        wanted = Wanted(
            view=tab.upper(),
            type_code=asked["type"],
            priority=asked["priority"],
            unit_id=int(asked["unit"]) if asked["unit"] else None,
            owner_id=int(asked["owner"]) if asked["owner"] else None,
        )
        place = "" if is_file else request.GET.get("after", "")
        try:
            found = queues.listed(
                viewer=viewer, rules=rules, wanted=wanted, limit=size, after=place
            )
        except queues.PlaceWrong as error:
            raise Http404 from error
        after = found.after
        lines = tuple(_line(line, rules=rules, now=now) for line in found.lines)
    if is_file:
        return _export(lines)
    path = reverse("orders:list")
    kept = {"tab": tab, **asked}
    page = OrdersPage(
        summary=_summary(counts, lines, tab),
        tab=tab,
        tabs=_tabs(tab, counts, path),
        lines=lines,
        filters=() if tab == MINE else filters,
        action=path,
        kept=(("tab", tab),),
        next_url=lists.address(path, **kept, after=after) if after else "",
        first_url=lists.address(path, **kept) if request.GET.get("after") else "",
        export_url=lists.address(path, **kept, **{"as": "xlsx"}),
        may_open=rules.has_right(viewer, "may_open") and not own_first,
    )
    return render(request, "orders/list.html", {"page": page})


def _tabs(current: str, counts: Counted, path: str) -> tuple[Tab, ...]:
    labels: dict[str, tuple[str, int | None]] = {
        MINE: (_("My steps"), None),
        "running": (_("By time left"), counts.n_running),
        "waiting": (_("Waiting for customers"), counts.n_waiting),
        "ended": (_("Finished"), None),
    }
    return tuple(
        Tab(label=label, url=f"{path}?tab={name}", is_current=name == current, count=count)
        for name, (label, count) in labels.items()
    )


def _filters(counts: Counted, asked: dict[str, str]) -> tuple[lists.Filter, ...]:
    types = [(code, service_words.type_name(code=code)) for code in codes.TYPES]
    return (
        lists.choice(
            name="type", label=_("Type"), every=_("All types"), options=types,
            chosen=asked["type"],
        ),
        lists.choice(
            name="priority", label=_("Priority"), every=_("All priorities"),
            options=[(code, str(said)) for code, said in service_words.PRIORITIES.items()],
            chosen=asked["priority"],
        ),
        lists.choice(
            name="unit", label=_("Unit"), every=_("All units"),
            options=[(str(pk), name) for pk, name in counts.units], chosen=asked["unit"],
        ),
        lists.choice(
            name="owner", label=_("Who has it"), every=_("Everybody"),
            options=[(str(pk), name) for pk, name in counts.owners], chosen=asked["owner"],
        ),
    )  # fmt: skip


def _line(line: OrderLine, *, rules: Rules, now: datetime) -> Line:
    return Line(
        number=line.number,
        url=reverse("orders:order", args=[line.number]),
        type=service_words.type_name(code=line.type_code),
        step="",
        step_state="",
        where=" · ".join(part for part in (line.area_name, line.account_number) if part)
        or line.unit_name,
        whose=line.owner_name,
        state=str(service_words.STATES[line.state]),
        priority=str(service_words.PRIORITIES[line.priority]) if line.priority != "NORMAL" else "",
        incident=line.incident_number,
        opened_at=line.opened_at,
        due_at=line.closed_at or line.due_at,
        slack=None
        if line.closed_at
        else service_words.slack(due_at=line.due_at, now=now, soon=soon(rules)),
        waits_for=service_words.wait_name(code=line.waits_for),
    )


def _step_line(step: StepLine, *, rules: Rules, now: datetime) -> Line:
    line = _line(step.order, rules=rules, now=now)
    card = catalogue.versions(code=step.order.type_code)[-1]
    titles = {one.code: service_words.own(one.title) for one in card.steps}
    return Line(
        number=line.number,
        url=f"{line.url}#step-{step.step_code}",
        type=line.type,
        step=titles.get(step.step_code, step.step_code),
        step_state=str(service_words.STEP_STATES[step.state]),
        where=line.where,
        whose=line.whose,
        state=line.state,
        priority=line.priority,
        incident=line.incident,
        opened_at=line.opened_at,
        due_at=step.end_by_at,
        slack=service_words.slack(due_at=step.end_by_at, now=now, soon=soon(rules)),
        waits_for=line.waits_for,
    )


def soon(rules: Rules) -> timedelta:
    """Return how near a deadline is when it is called near."""
    return timedelta(hours=rules.policy.integer("ahead_hours"))


def _summary(counts: Counted, lines: Sequence[Line], tab: str) -> str:
    if not counts.n_running and not counts.n_waiting:
        return _("No order is open.")
    said = ngettext("%(n)d order is in hand.", "%(n)d orders are in hand.", counts.n_running) % {
        "n": counts.n_running
    }
    waiting = ngettext(
        "%(n)d waits for its customer.", "%(n)d wait for their customers.", counts.n_waiting
    )
    said = formats.sentences(said, waiting % {"n": counts.n_waiting})
    n_late = sum(line.slack is not None and line.slack.tone == "harm" for line in lines)
    if tab in {"ended", "waiting"}:
        return said
    if not n_late:
        return formats.sentences(said, _("Nothing shown here is late."))
    late = ngettext("%(n)d shown here is late.", "%(n)d shown here are late.", n_late)
    return formats.sentences(said, late % {"n": n_late})


def _export(lines: Sequence[Line]) -> HttpResponse:
    columns = [
        sheets.Column(title=_("Service order"), width=18),
        sheets.Column(title=_("Type"), width=22),
        sheets.Column(title=_("Step"), width=22),
        sheets.Column(title=_("Where"), width=30),
        sheets.Column(title=_("Who has it"), width=14),
        sheets.Column(title=_("State"), width=22),
        sheets.Column(title=_("Opened"), width=18),
        sheets.Column(title=_("Time left"), width=18),
    ]
    rows = [
        (
            *(line.number, line.type, line.step, line.where, line.whose),
            line.waits_for or line.state,
            f"{line.opened_at:%Y-%m-%d %H:%M}Z",
            line.slack.text if line.slack else "",
        )
        for line in lines
    ]
    sheet = sheets.Sheet(title=_("Service orders"), columns=columns, rows=rows)
    return sheets.answer(file_name="orders", sheets=[sheet])
