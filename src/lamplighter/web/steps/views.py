"""My steps: the least time left first, what waits apart, and all of it done from the row."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lamplighter.action.service import hands
from lamplighter.action.service.hands import StepInHand
from lamplighter.action.service.rules import Rules
from lamplighter.facts.network import posts
from lamplighter.kernel.viewer import Viewer
from lamplighter.web import desk
from lamplighter.web.frame import formats
from lamplighter.web.steps import rows
from lamplighter.web.steps.rows import Pair, Row, Waiting

STEPS_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class StepsPage:
    """All that a person has in hand."""

    summary: str
    chased: tuple[Row, ...]
    late: tuple[Row, ...]
    running: tuple[Row, ...]
    waiting: tuple[Row, ...]
    others_waiting: tuple[Waiting, ...]  # orders I answer for, without a step of mine
    is_cut: bool  # there is more than is shown
    is_empty: bool
    page_key: str
    fault: str
    fault_at: str  # the row that was refused
    said: str


@never_cache
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Show my steps. Eight queries."""
    return shown(request)


def shown(
    request: HttpRequest, *, fault: str = "", fault_at: str = "", said: str = "", status: int = 200
) -> HttpResponse:
    """Render the desk, with why something was refused where that is so."""
    viewer, rules, now = desk.viewer_of(request), desk.service_rules(), desk.now()
    found = hands.steps(viewer=viewer, limit=STEPS_SHOWN + 1)
    people = _colleagues(found, viewer=viewer, rules=rules)
    in_hand = [
        rows.row(step, place=place, rules=rules, now=now, colleagues=people)
        for place, step in enumerate(
            sorted(found[:STEPS_SHOWN], key=lambda one: bool(one.line.order.waits_for))
        )
    ]
    waiting = tuple(row for row in in_hand if row.waits_for)
    chased = tuple(row for row in in_hand if row.chased and not row.waits_for)
    late = tuple(row for row in in_hand if row.is_late and not row.chased)
    running = tuple(
        row for row in in_hand if not row.is_late and not row.waits_for and not row.chased
    )
    n_late, n_now = sum(row.is_late for row in in_hand), len(in_hand) - len(waiting)
    others = tuple(rows.waiting(line) for line in hands.waiting(viewer=viewer, limit=STEPS_SHOWN))
    page = StepsPage(
        summary=_summary(n_late, n_now - n_late, len(waiting) + len(others)),
        chased=chased,
        late=late,
        running=running,
        waiting=waiting,
        others_waiting=others,
        is_cut=len(found) > STEPS_SHOWN,
        is_empty=not in_hand and not others,
        page_key=uuid.uuid4().hex,
        fault=fault,
        fault_at=fault_at,
        said=said,
    )
    return render(request, "steps/mine.html", {"page": page}, status=status)


def _summary(n_late: int, n_running: int, n_waiting: int) -> str:
    n = n_late + n_running
    if not n and not n_waiting:
        return _("Nothing is in your hands.")
    said = [ngettext("%(n)d step is yours to do now.", "%(n)d steps are yours to do now.", n)]
    if n_late:
        said.append(ngettext("%(late)d is late.", "%(late)d are late.", n_late))
    if n_waiting:
        said.append(
            ngettext("%(waiting)d waits for others.", "%(waiting)d wait for others.", n_waiting)
        )
    return formats.sentences(*said) % {"n": n, "late": n_late, "waiting": n_waiting}


def _colleagues(
    found: Sequence[StepInHand], *, viewer: Viewer, rules: Rules
) -> dict[str, tuple[Pair, ...]]:
    """Return to whom a step of each post may be handed, without the viewer. Two queries."""
    roles = {step.line.post: rules.posts(step.line.post) for step in found}
    wanted = sorted({role for of in roles.values() for role in of})
    if not wanted:
        return {}
    people = [
        one
        for one in posts.colleagues(
            posts=wanted, unit_path=viewer.org_path, area_id=None, on=rules.on
        )
        if one.staff_id != viewer.staff_id
    ]
    called = posts.names_of(staff_ids=[one.staff_id for one in people])
    return {
        post: tuple(
            (str(one.staff_id), f"{called[one.staff_id]} · {one.number}")
            for one in people
            if one.post in of and one.staff_id in called
        )
        for post, of in roles.items()
    }
