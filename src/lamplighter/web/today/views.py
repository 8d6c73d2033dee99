"""Today's work: the day of one person, the day of a station, and what came of each line."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lamplighter.action.service import hands
from lamplighter.action.worklist import queries as worklist
from lamplighter.action.worklist import rules as rules_of_work
from lamplighter.action.worklist import services
from lamplighter.findings.contests import queries as contests
from lamplighter.kernel.viewer import Role, Viewer
from lamplighter.policy import loader
from lamplighter.web import desk
from lamplighter.web.desk import DeskRequest
from lamplighter.web.today import cards, pages

WITHOUT_A_LIST = {Role.AGENT, Role.CREW}


@never_cache
@require_GET
def day(request: HttpRequest) -> HttpResponse:
    """Show the viewer's day; to a head the day of the managers, or of one of them (``?staff=``).

    At most 12 queries for one person's day, 6 for the overview, one for the plain start.
    """
    viewer = desk.viewer_of(request)
    wanted = request.GET.get("staff", "")
    if wanted or viewer.role is Role.MANAGER:
        return _one_day(request, viewer=viewer, wanted=wanted)
    if viewer.role in WITHOUT_A_LIST:
        return _start(request, viewer=viewer)
    days = worklist.overview(viewer=viewer, day=desk.today())
    where: dict[str, Any] = {"viewer": viewer, "on": desk.today()}
    rules = loader.load(name="contests", on=desk.today())
    page = pages.overview_page(
        days=days,
        viewer=viewer,
        day=desk.today(),
        counts=contests.counts(**where),
        n_proposals=contests.n_proposals(**where, policy=rules),
    )
    return render(request, "today/overview.html", {"page": page})


def _one_day(request: HttpRequest, *, viewer: Viewer, wanted: str) -> HttpResponse:
    order = request.GET.get("order", "worth")
    if order not in pages.ORDERS:
        raise Http404
    today = _todays(viewer=viewer, wanted=wanted)
    if today is None and not wanted:
        return _start(
            request, viewer=viewer, no_plan=pages.no_plan(now=desk.now(), on=desk.today())
        )
    if today is None:
        raise Http404
    page = pages.day_page(today=today, viewer=viewer, order=order)
    return render(request, "today/day.html", {"page": page})


def _start(request: HttpRequest, *, viewer: Viewer, no_plan: str = "") -> HttpResponse:
    n_steps, n_late = hands.counted(viewer=viewer, now=desk.now())
    page = pages.StartPage(
        name=viewer.name,
        day=desk.today(),
        search_url=reverse("search:search"),
        no_plan=no_plan,
        n_steps=n_steps,
        n_late=n_late,
        takes_calls=viewer.role is Role.AGENT,
    )
    return render(request, "today/start.html", {"page": page})


def _todays(*, viewer: Viewer, wanted: str) -> worklist.TodayPage | None:
    if wanted and not wanted.isdecimal():
        raise Http404
    return worklist.today(
        viewer=viewer,
        day=desk.today(),
        rules=rules_of_work.rules_in_force(on=desk.today()),
        zone=ZoneInfo(settings.TIME_ZONE),
        staff_id=int(wanted) if wanted else None,
    )


@require_POST
def outcome(request: DeskRequest, item_id: int) -> HttpResponse:
    """Record what came of a line, or take it back (an empty outcome); answer with its card.

    "Promised" without a day is answered by the question for which day.
    """
    viewer = desk.viewer_of(request)
    wanted = request.GET.get("staff", "")
    today = _todays(viewer=viewer, wanted=wanted)
    card = _line(today, item_id=item_id)
    if today is None or card is None:
        raise Http404
    code = request.POST.get("outcome", "")
    promised = request.POST.get("promised_date", "")
    try:
        if code == "PROMISED" and "promised_date" not in request.POST:
            return _ask_day(request, card=card, today=today, has_error=False)
        if code:
            services.record_outcome(
                viewer=viewer,
                item_id=item_id,
                outcome=code,
                promised_date=date.fromisoformat(promised) if promised else None,
                note="",
                now=timezone.now(),
            )
        elif "keep" not in request.POST:
            services.withdraw_outcome(viewer=viewer, item_id=item_id, now=timezone.now())
    except (services.ItemUnknown, services.NotYourItem, services.OutcomeUnknown) as error:
        raise Http404 from error
    except ValueError:  # no day, or one that is past
        return _ask_day(request, card=card, today=today, has_error=True)
    if not request.htmx:
        return redirect(f"{reverse('today:day')}?staff={today.staff_id}")
    return _answer(request, viewer=viewer, item_id=item_id, wanted=wanted)


def _line(today: worklist.TodayPage | None, *, item_id: int) -> worklist.Card | None:
    cards = today.cards if today is not None else ()
    return next((card for card in cards if card.item_id == item_id), None)


def _ask_day(
    request: DeskRequest, *, card: worklist.Card, today: worklist.TodayPage, has_error: bool
) -> HttpResponse:
    page = cards.promise_page(card=card, today=today, has_error=has_error)
    part = "#question" if request.htmx else ""
    status = 422 if has_error else 200
    return render(request, f"today/promise.html{part}", {"page": page}, status=status)


def _answer(request: DeskRequest, *, viewer: Viewer, item_id: int, wanted: str) -> HttpResponse:
    today = _todays(viewer=viewer, wanted=wanted)
    card = _line(today, item_id=item_id)
    if today is None or card is None:
        raise Http404
    context = {
        "card": cards.card_of(card=card, today=today, number=card.position + 1),
        "progress": pages.progress(today=today),
        "is_swapped": True,
    }
    return render(request, "today/recorded.html", context)
