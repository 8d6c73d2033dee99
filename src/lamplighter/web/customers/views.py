"""A customer's page, and looking behind a mask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from lamplighter.action.service import queries as service
from lamplighter.action.worklist import history as worklist
from lamplighter.facts.billing import account as billing
from lamplighter.facts.billing.account import Money
from lamplighter.facts.customers import queries as customers
from lamplighter.facts.customers import services
from lamplighter.facts.customers.story import Story
from lamplighter.facts.metering import queries as metering
from lamplighter.facts.metering.queries import DailySeries, Point
from lamplighter.findings import queries as findings
from lamplighter.findings.contests import queries as contests
from lamplighter.findings.contests.queries import ContestFound, ReviewFound
from lamplighter.findings.queries import Finding, NightFacts, SignalFound
from lamplighter.kernel.spans import DaySpan, last_days
from lamplighter.kernel.viewer import Role, Viewer
from lamplighter.policy import loader
from lamplighter.web import desk
from lamplighter.web.customers import archive, explained, foresight, pages, segment, story
from lamplighter.web.customers.story import Entry
from lamplighter.web.frame import formats, lists, nights, order_shorts
from lamplighter.web.frame.order_shorts import OrderShort

STORY_DAYS = 400  # a year and a month, so that this month stands beside last year's
ATTEMPTS_DAYS = 365
MOST_ORDERS = 50
ENTRIES_A_PAGE = 40  # of what happened
LATEST = 8  # events beside the story; all of them have a view of their own
SEE_IMPORTS = {Role.SUPERVISOR, Role.STATION_HEAD, Role.BRANCH}


@never_cache
@require_GET
def account(request: HttpRequest, account_number: str) -> HttpResponse:
    """Show the whole story of one account: at most 26 queries, whatever has happened there."""
    viewer = desk.viewer_of(request)
    tab = request.GET.get("tab", "story")
    if tab not in pages.TABS:
        raise Http404
    asked = _moment(request.GET.get("known_at", ""))
    try:
        head = customers.account_story_head(
            viewer=viewer,
            on=desk.today(),
            account_number=account_number,
            known_at=asked or timezone.now(),
            with_papers=tab == "archive",
            with_versions=tab == "versions",
        )
    except customers.AccountUnknown as error:
        raise Http404 from error
    known = _known(viewer=viewer, head=head, tab=tab, known_at=asked or timezone.now())
    number = lists.page_number(request) if tab == "contacts" else 1
    page = _page(viewer=viewer, known=known, tab=tab, asked=asked, number=number)
    return render(request, "customers/account.html", {"page": page})


@never_cache
@require_GET
def explanation(request: HttpRequest, account_number: str) -> HttpResponse:
    """Show what the customer has a right to be told, on one sheet to print. At most 25 queries."""
    viewer = desk.viewer_of(request)
    try:
        head = customers.account_story_head(
            viewer=viewer, on=desk.today(), account_number=account_number, known_at=timezone.now()
        )
    except customers.AccountUnknown as error:
        raise Http404 from error
    known = _known(viewer=viewer, head=head, tab="story", known_at=timezone.now())
    rules = loader.load(name="contests", on=desk.today())
    page = pages.ExplanationPage(
        account_number=head.account_number,
        name=formats.masked_name(value=head.who.name),
        address=head.place.address,
        station=viewer.org_name,
        today=desk.today(),
        as_of_day=known.night.as_of_day if known.night else None,
        boxes=known.told.all,
        days_to_decide=rules.integer("days_to_decide"),
        account_url=reverse("customers:account", args=[head.account_number]),
    )
    return render(request, "customers/explanation.html", {"page": page})


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
    if moment.tzinfo is None:
        raise Http404
    return moment


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the rooms say of one account, before it is put into words."""

    head: Story
    night: NightFacts | None
    found: Finding | None
    money: Money
    ahead: pages.Foresight
    told: explained.Explained
    entries: tuple[Entry, ...]
    orders: tuple[OrderShort, ...]
    series: DailySeries | None
    points: list[Point]
    days: DaySpan


def _known(*, viewer: Viewer, head: Story, tab: str, known_at: datetime) -> _Known:
    on, zone = desk.today(), ZoneInfo(settings.TIME_ZONE)
    where: dict[str, Any] = {"viewer": viewer, "on": on, "account_id": head.account_id}
    night = findings.newest_night()
    found = findings.finding_of(**where)
    money = billing.money_of(**where, known_at=known_at, zone=zone)
    said, reviews = contests.of_account(**where), contests.reviews_of(**where)
    attempts = worklist.attempts(
        account_ids=[head.account_id],
        after=on - timedelta(ATTEMPTS_DAYS),
        before=on + timedelta(1),
        zone=zone,
    ).get(head.account_id, ())
    days = last_days(up_to=night.as_of_day if night else on - timedelta(1), n_days=STORY_DAYS)
    series, points = None, []
    if tab == "story":
        view = metering.lake_view(lake_folder=settings.LAKE_FOLDER, known_at=known_at)
        series = metering.daily_series(**where, days=days, view=view)
    if tab == "archive":
        points = metering.points_of_account(**where)
    happened = story.entries(story=head, money=money, attempts=attempts, zone=zone)
    signals = findings.signals_of(**where) if found else []
    ahead = _foresight(viewer=viewer, head=head, found=found, night=night, signals=signals)
    return _Known(
        head=head,
        night=night,
        found=found,
        money=money,
        ahead=ahead,
        told=_told(
            viewer=viewer,
            head=head,
            found=found,
            night=night,
            signals=signals,
            money=money,
            series=series,
            first_day=days.first_day,
            said=said,
            reviews=reviews,
            way=ahead.grade.outlook if ahead.grade else "",
        ),
        entries=story.with_contests(entries=happened, contests=said, reviews=reviews, zone=zone),
        orders=_orders(viewer=viewer, head=head),
        series=series,
        points=points,
        days=days,
    )


def _orders(*, viewer: Viewer, head: Story) -> tuple[OrderShort, ...]:
    """Return the customer's service orders that the viewer may see, open ones first. One query."""
    rules, now = desk.service_rules(), desk.now()
    found = service.of_customer(
        viewer=viewer, rules=rules, customer_id=head.customer_id, limit=MOST_ORDERS
    )
    return tuple(order_shorts.order_short(line=line, rules=rules, now=now) for line in found)


def _told(
    *,
    viewer: Viewer,
    head: Story,
    found: Finding | None,
    night: NightFacts | None,
    signals: Sequence[SignalFound],
    money: Money,
    series: DailySeries | None,
    first_day: date,
    said: Sequence[ContestFound],
    reviews: Sequence[ReviewFound],
    way: str,
) -> explained.Explained:
    """Return every finding in two sentences; nothing before the first night."""
    if found is None or night is None:
        return explained.Explained()
    rules = loader.load(name="contests", on=desk.today())
    known = explained.Known(
        account_number=head.account_number,
        finding=found,
        signals=signals,
        money=money,
        series=series,
        first_day=first_day,
        as_of=night.as_of_day,
        today=desk.today(),
        zone=ZoneInfo(settings.TIME_ZONE),
        contests=said,
        reviews=reviews,
        may_contest=viewer.role in rules.row("open_contest").value,
        way_to_a_better_grade=way,
    )
    return explained.explained(known=known)


def _page(
    *, viewer: Viewer, known: _Known, tab: str, asked: datetime | None, number: int
) -> pages.CustomerPage:
    head, found, on = known.head, known.found, desk.today()
    url = reverse("customers:account", args=[head.account_number])
    size = ENTRIES_A_PAGE if tab == "contacts" else LATEST
    return pages.CustomerPage(
        account_number=head.account_number,
        name=head.who.name or head.account_number,
        url=url,
        summary=_summary(found, known.ahead),
        tab=tab,
        tabs=pages.tabs(
            url=url, current=tab, n_contacts=len(known.entries), n_versions=head.n_versions
        ),
        known_at=asked,
        area_name=head.place.area_name,
        area_url=reverse("areas:area", args=[head.place.area_code]),
        address=head.place.address,
        supply=archive.supply(story=head),
        flags=tuple(flag.kind for flag in head.flags if flag.is_in_force),
        foresight=known.ahead,
        explained=known.told,
        explanation_url=reverse("customers:explanation", args=[head.account_number]),
        due_cny=found.balance_due_cny if found else None,
        chart=_chart(known, tab=tab),
        chart_note=_chart_note(known.series),
        bill_chart=_bill_chart(known),
        forecast=found if found and found.forecast_amount_cny is not None else None,
        bills=story.bill_rows(money=known.money, today=on),
        people=_people(viewer=viewer, head=head),
        archive=archive.archive(story=head, points=known.points),
        entries=known.entries[size * (number - 1) : size * number],
        pager=pages.pager(
            url=url, tab=tab, number=number, size=size, total=len(known.entries), known_at=asked
        ),
        orders=known.orders if tab == "contacts" else known.orders[:LATEST],
        n_orders=len(known.orders),
        changes=pages.changes(story=head, url=url, may_see_imports=viewer.role in SEE_IMPORTS),
        night=known.night,
        rules=pages.rules(night=known.night),
    )


def _people(*, viewer: Viewer, head: Story) -> pages.People:
    access = loader.load(name="access", on=desk.today())
    return pages.People(
        contacts=pages.contacts(story=head),
        related=pages.related(story=head),
        id_number_masked=head.who.id_number_masked,
        may_unmask_phone=viewer.role in access.row("unmask_phone").value,
        may_unmask_id=viewer.role in access.row("unmask_id_number").value,
        needs_reason=viewer.role in access.row("unmask_needs_reason").value,
        unmask_url=reverse("customers:unmask"),
    )


def _chart(known: _Known, *, tab: str) -> dict[str, Any] | None:
    if tab != "story" or not (known.series or known.money.bills or known.entries):
        return None
    return story.chart(
        series=known.series,
        money=known.money,
        entries=known.entries,
        questions=known.ahead.questions,
        first_day=known.days.first_day,
        today=desk.today(),
        zone=ZoneInfo(settings.TIME_ZONE),
    )


def _bill_chart(known: _Known) -> dict[str, Any] | None:
    if not known.money.bills:
        return None
    as_of = known.night.as_of_day if known.night else None
    return story.bill_forecast(money=known.money, finding=known.found, as_of=as_of)


def _foresight(
    *,
    viewer: Viewer,
    head: Story,
    found: Finding | None,
    night: NightFacts | None,
    signals: list[SignalFound],
) -> pages.Foresight:
    if found is None or night is None:
        return pages.Foresight(
            grade=None, risk=None, cause=None, value=None, segment=None, habit=None, questions=()
        )
    on = desk.today()
    steps = findings.grade_steps(viewer=viewer, on=on, account_id=head.account_id)
    return pages.Foresight(
        grade=foresight.grade_box(finding=found, changes=steps, on=night.as_of_day),
        risk=foresight.risk_box(finding=found, on=night.as_of_day),
        cause=foresight.cause_box(finding=found, on=night.as_of_day),
        value=foresight.value_box(finding=found, on=night.as_of_day),
        segment=segment.box(finding=found, on=on),
        habit=foresight.habit(profile=found.profile, on=night.as_of_day),
        questions=foresight.questions(signals=signals, on=night.as_of_day),
        late=nights.late(as_of=night.as_of_day, today=on),
    )


def _summary(found: Finding | None, ahead: pages.Foresight) -> str:
    if found is None:
        return _("Not looked at by the nightly foresight yet.")
    parts = []
    if found.overdue_cny > 0:
        parts.append(
            ngettext(
                "%(amount)s overdue for %(n)d day.",
                "%(amount)s overdue for %(n)d days.",
                found.days_overdue,
            )
            % {"amount": formats.money(value=found.overdue_cny, digits=2), "n": found.days_overdue}
        )
    elif found.balance_due_cny > 0:
        amount = formats.money(value=found.balance_due_cny, digits=2)
        parts.append(_("%(amount)s is open, still in time.") % {"amount": amount})
    else:
        parts.append(_("Everything is paid."))
    if ahead.questions and ahead.questions[0].is_recent:
        parts.append(ahead.questions[0].texts[0])
    return formats.sentences(*parts)


def _chart_note(series: metering.DailySeries | None) -> str:
    if series is None:
        return _("No readings are known of this account: bills, payments and contacts alone.")
    if not series.n_neighbours:
        return _("Daily energy; there are no neighbours with readings to compare with.")
    return _("Grey: most of %(n)d neighbours in the same station area.") % {
        "n": series.n_neighbours
    }


@never_cache
@sensitive_post_parameters("reason")
@require_POST
def unmask(request: HttpRequest) -> HttpResponse:
    """Show one telephone or identity number in full; that somebody looked is recorded.

    A role that must say why is asked for its reason first (422, with the question).
    """
    viewer = desk.viewer_of(request)
    field = request.POST.get("field", services.PHONE)
    contact = request.POST.get("contact", "")
    if contact and not contact.isdecimal():
        raise Http404
    try:
        value = services.unmask(
            viewer=viewer,
            on=desk.today(),
            account_number=request.POST.get("account", ""),
            field=field,
            contact_id=int(contact) if contact else None,
            reason=request.POST.get("reason", ""),
            now=timezone.now(),
            field_key=settings.FIELD_KEY,
            policy=loader.load(name="access", on=desk.today()),
        )
    except (services.NotAllowed, services.NothingToShow, customers.AccountUnknown) as error:
        raise Http404 from error
    except services.ReasonMissing:
        context = {"sent": request.POST, "unmask_url": request.path}
        return render(request, "customers/why.html", context, status=422)
    is_call = request.POST.get("look") == "call"
    return render(request, "customers/unmasked.html", {"value": value, "is_call": is_call})
