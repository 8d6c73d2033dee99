"""Replays: the list with its two forms, one replay, one account in it, and beginning one."""

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from lamplighter.facts.metering import members as metering
from lamplighter.facts.network import queries as network
from lamplighter.findings import rules as night_rules
from lamplighter.findings.replay import queries, wishes
from lamplighter.findings.services import replay_asking
from lamplighter.kernel.viewer import Role, Viewer
from lamplighter.policy import candidates, loader
from lamplighter.web import desk
from lamplighter.web.desk import DeskRequest
from lamplighter.web.frame import actors, formats, versions
from lamplighter.web.replay import exports, forms, one_account, one_replay, pages, running
from lamplighter.web.replay.one_replay import ListPage

NIGHTS_SHOWN = 60
REPLAYS_SHOWN = 50
FOR = frozenset({Role.SUPERVISOR, Role.STATION_HEAD, Role.BRANCH})
WRONG_WISH = (
    wishes.WishImpossible,
    candidates.CandidateRefused,
    loader.PolicyFileWrong,
    loader.PolicyUnknown,
    loader.PolicyRowUnknown,
)


def _supervising(request: HttpRequest) -> Viewer:
    """Return who looks, where that person leads others.

    Raises
    ------
    Http404
        The page is not for this role.
    """
    viewer = desk.viewer_of(request)
    if viewer.role not in FOR:
        raise Http404
    return viewer


def _silent() -> timedelta:
    minutes = loader.load(name="replay", on=desk.today()).integer("silent_minutes")
    return timedelta(minutes=minutes)


@never_cache
@require_GET
def every(request: HttpRequest) -> HttpResponse:
    """List the replays, newest first, and the forms that begin one. At most 8 queries."""
    return _list(request, viewer=_supervising(request))


def _list(
    request: HttpRequest,
    *,
    viewer: Viewer,
    night: forms.NightForm | None = None,
    rules: forms.RulesForm | None = None,
) -> HttpResponse:
    today, now, silent = desk.today(), timezone.now(), _silent()
    kept = queries.kept_nights(limit=NIGHTS_SHOWN)
    newest = _newest(kept, today=today)
    found = queries.replays(viewer=viewer, on=today, limit=REPLAYS_SHOWN)
    called = actors.called(actors=[one.requested_by for one in found])
    first, last = forms.usual_days(newest=newest)
    page = ListPage(
        now=now,
        lines=tuple(pages.line_of(one, now=now, silent=silent, called=called) for one in found),
        night=night or forms.NightForm(nights=_nights(kept), now=now),
        rules=rules
        or forms.RulesForm(
            initial={"first_day": first, "last_day": last},
            **_choices(viewer=viewer, today=today, newest=newest),
        ),
        has_nights=bool(kept),
        is_night_open=night is not None,
        is_rules_open=rules is not None,
    )
    status = 422 if night or rules else 200
    return render(request, "replay/list.html", {"page": page}, status=status)


def _newest(kept: list[queries.KeptNight], *, today: date) -> date:
    return max((night.as_of_day for night in kept), default=today - timedelta(1))


def _nights(kept: list[queries.KeptNight]) -> list[tuple[str, str]]:
    text = _("%(day)s, as known on %(moment)s")
    return [
        (
            str(night.night_id),
            text
            % {
                "day": formats.day_long(value=night.as_of_day),
                "moment": formats.moment_long(value=night.known_at),
            },
        )
        for night in kept
    ]


def _choices(*, viewer: Viewer, today: date, newest: date) -> dict[str, Any]:
    language = get_language() or "zh-hans"
    titles = {
        name: loader.load(name=name, on=today).title.in_language(language)
        for name in night_rules.POLICIES
    }
    areas = network.areas_in_charge(viewer=viewer, on=today)
    return {
        "candidates": [(name, _called(name)) for name in _candidates()],
        "policies": sorted(titles.items(), key=lambda pair: pair[1]),
        "areas": [(area.code, area.name) for area in areas],
        "newest": newest,
        "nights_most": loader.load(name="replay", on=today).integer("span_days_most"),
    }


def _called(name: str) -> str:
    """Return what a candidate is called; a file that names no day by its name."""
    try:
        return versions.said(version=name)
    except (ValueError, loader.PolicyUnknown):
        return name


def _candidates() -> list[str]:
    """Return the names of the candidates of this installation that a night could decide by."""
    folder = Path(settings.CANDIDATES_FOLDER)
    files = [f for name in night_rules.POLICIES for f in sorted((folder / name).glob("*.toml"))]
    return [f"{file.parent.name}/{file.stem}" for file in files]


@never_cache
@require_POST
def start_night(request: HttpRequest) -> HttpResponse:
    """Begin to hold a kept night against another knowledge, or against itself."""
    viewer = _supervising(request)
    kept = queries.kept_nights(limit=NIGHTS_SHOWN)
    form = forms.NightForm(request.POST, nights=_nights(kept), now=timezone.now())
    if not form.is_valid():
        return _list(request, viewer=viewer, night=form)
    night = next(n for n in kept if str(n.night_id) == form.cleaned_data["night"])
    known_at = {
        forms.SAME: night.known_at,
        forms.TODAY: timezone.now(),
        forms.MOMENT: form.cleaned_data["moment"],
    }[form.cleaned_data["knowledge"]]
    wish = wishes.Wish(
        first_day=night.as_of_day,
        last_day=night.as_of_day,
        known_at=known_at,
        against=night.known_at,
        area_ids=_areas(viewer, code=""),
    )
    try:
        return _begun(request, viewer=viewer, wish=wish)
    except WRONG_WISH as error:
        form.add_error(None, _said(error))
        return _list(request, viewer=viewer, night=form)


@never_cache
@require_POST
def start_rules(request: HttpRequest) -> HttpResponse:
    """Begin to decide some nights by rules on trial, beside the rules in force."""
    viewer, today = _supervising(request), desk.today()
    newest = _newest(queries.kept_nights(limit=NIGHTS_SHOWN), today=today)
    choices = _choices(viewer=viewer, today=today, newest=newest)
    form = forms.RulesForm(request.POST, request.FILES, **choices)
    if not form.is_valid():
        return _list(request, viewer=viewer, rules=form)
    try:
        wish = wishes.Wish(
            first_day=form.cleaned_data["first_day"],
            last_day=form.cleaned_data["last_day"],
            known_at=None,
            candidates=(_candidate(form, today=today),),
            area_ids=_areas(viewer, code=form.cleaned_data["area"]),
        )
        return _begun(request, viewer=viewer, wish=wish)
    except WRONG_WISH as error:
        form.add_error(None, _said(error))
        return _list(request, viewer=viewer, rules=form)


def _said(error: Exception) -> str:
    """Return why a replay cannot be made, in the reader's language."""
    if isinstance(error, loader.Refused):
        return error.words.in_language(get_language() or "zh-hans")
    return _("The rules of those days cannot be used: %(error)s") % {"error": error}


def _candidate(form: forms.RulesForm, *, today: date) -> wishes.Candidate:
    chosen, own = form.cleaned_data["candidate"], form.cleaned_data["file"]
    if not own:
        file = candidates.find(wanted=chosen, folder=Path(settings.CANDIDATES_FOLDER))
        return wishes.candidate_of(file=file, today=today)
    with TemporaryDirectory() as folder:
        name = Path((own.name or "").replace("\\", "/")).name
        file = Path(folder) / form.cleaned_data["policy"] / name
        file.parent.mkdir()
        file.write_bytes(own.read())
        return wishes.candidate_of(file=file, today=today)


def _areas(viewer: Viewer, *, code: str) -> tuple[int, ...]:
    """Return the areas to decide again: one, or all the viewer sees."""
    areas = network.areas_in_charge(viewer=viewer, on=desk.today())
    return tuple(area.area_id for area in areas if code in ("", area.code))


def _begun(request: HttpRequest, *, viewer: Viewer, wish: wishes.Wish) -> HttpResponse:
    """Ask for a replay, begin it beside the page, and lead there.

    Raises
    ------
    WishImpossible
        It cannot be made, or is too large to run beside the pages.
    """
    _check_size(wish)
    replay_id = replay_asking.request(
        wish=wish,
        results_folder=running.places().results_folder,
        now=timezone.now(),
        requested_by=viewer.actor,
    )
    found = queries.replay(viewer=viewer, on=desk.today(), replay_id=replay_id)
    if found is None:
        raise Http404
    if found.finished_at is None:
        running.start(replay=found, actor=viewer.actor)
        messages.success(request, _("The replay has begun."))
    return redirect("replay:one", replay_id)


def _check_size(wish: wishes.Wish) -> None:
    most = loader.load(name="replay", on=desk.today()).integer("page_account_nights_most")
    moment = wish.known_at or timezone.now()
    shards = metering.shards_of_areas(area_ids=wish.area_ids or (), known_at=moment)
    n_days = (wish.last_day - wish.first_day).days + 1
    n = 2 * max(n_days, 0) * metering.n_accounts(shards=shards, known_at=moment)
    if n > most:
        fitting = n_days * most // n
        text = _(
            "That is too much beside the pages: %(n_days)s nights of %(accounts)s accounts, by "
            "both sides."
        )
        if wish.candidates and fitting:
            text += " " + _("Choose one area, or at most %(fitting)s nights.")
        elif wish.candidates:
            text += " " + _("Choose one area.")
        text += " " + _("Whoever runs the system does it by the command “lamplighter replay”.")
        shown = {
            "n_days": n_days,
            "accounts": formats.number(value=n // (2 * n_days), digits=0),
            "fitting": fitting,
        }
        raise wishes.WishImpossible(text % shown, text % shown)  # in the reader's language


@never_cache
@require_POST
def go_on(request: HttpRequest, replay_id: int) -> HttpResponse:
    """Go on with a replay that stopped."""
    viewer = _supervising(request)
    found = queries.replay(viewer=viewer, on=desk.today(), replay_id=replay_id)
    if found is None:
        raise Http404
    running.start(replay=found, actor=viewer.actor)
    return redirect("replay:one", replay_id)


@never_cache
@require_GET
def one(request: DeskRequest, replay_id: int) -> HttpResponse:
    """Show one replay, a part of it at a time (``?part=``). At most 30 queries.

    While it runs, htmx asks again for it: how far it is stands in the answer, and once that is
    another step than when the page was written, the whole page is fetched anew.
    """
    viewer = _supervising(request)
    asked = {n: request.GET.get(n, "") for n in ("part", "before", "after", "all", "day")}
    kind = request.GET.get("as", "")
    page = one_replay.page(
        viewer=viewer,
        today=desk.today(),
        now=timezone.now(),
        silent=_silent(),
        replay_id=replay_id,
        asked=asked,
        number=one_replay.page_number(request),
        is_file=bool(kind),
    )
    if page is None:
        raise Http404
    if kind:
        return exports.answer(page, kind=kind)
    since = request.GET.get("since", "")
    if request.htmx and since:
        return _further(request, page, since=since)
    return render(request, "replay/one.html", {"page": page})


def _further(request: DeskRequest, page: one_replay.ReplayPage, *, since: str) -> HttpResponse:
    """Answer whoever waits for a replay: how far it is, nothing new, or to look again."""
    if page.is_running and since == "begun":
        return render(request, "replay/one.html#whole", {"page": page})
    if page.is_comparing and since == "decided":
        return HttpResponse(status=204)
    return HttpResponseClientRefresh()


@never_cache
@require_GET
def account(request: HttpRequest, replay_id: int, number: str) -> HttpResponse:
    """Show one account on both sides, and why. At most 20 queries."""
    viewer = _supervising(request)
    context: dict[str, Any] = {
        "page": one_account.account_page(
            viewer=viewer,
            today=desk.today(),
            replay_id=replay_id,
            number=number,
        )
    }
    if context["page"] is None:
        raise Http404
    return render(request, "replay/account.html", context)
