"""A customer's page, and looking behind a mask."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from lamplighter.action.worklist import history as worklist
from lamplighter.facts.billing import account as billing
from lamplighter.facts.customers import queries as customers
from lamplighter.facts.customers import services
from lamplighter.facts.customers.story import Story
from lamplighter.facts.metering import queries as metering
from lamplighter.findings import queries as findings
from lamplighter.findings.queries import Finding
from lamplighter.kernel.spans import last_days
from lamplighter.kernel.viewer import Role, Viewer
from lamplighter.policy import loader
from lamplighter.web import desk
from lamplighter.web.customers import foresight, pages, story
from lamplighter.web.frame import codes, formats

STORY_DAYS = 400  # a year and a month, so that this month stands beside last year's
ATTEMPTS_DAYS = 365
SEE_IMPORTS = {Role.SUPERVISOR, Role.STATION_HEAD, Role.BRANCH}


@never_cache
@require_GET
def account(request: HttpRequest, account_number: str) -> HttpResponse:
    """Show the whole story of one account: at most 36 queries, whatever has happened there."""
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
        )
    except customers.AccountUnknown as error:
        raise Http404 from error
    page = _page(viewer=viewer, head=head, tab=tab, asked=asked)
    return render(request, "customers/account.html", {"page": page})


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


def _page(*, viewer: Viewer, head: Story, tab: str, asked: datetime | None) -> pages.CustomerPage:
    on, zone = desk.today(), ZoneInfo(settings.TIME_ZONE)
    known_at = asked or timezone.now()
    seen = {"viewer": viewer, "on": on, "account_id": head.account_id}
    night = findings.newest_night()
    found = findings.finding_of(**seen)
    money = billing.money_of(**seen, known_at=known_at, zone=zone)
    attempts = worklist.attempts(
        account_ids=[head.account_id],
        after=on - timedelta(ATTEMPTS_DAYS),
        before=on + timedelta(1),
        zone=zone,
    ).get(head.account_id, ())
    ahead = _foresight(viewer=viewer, head=head, found=found, night=night)
    entries = story.entries(story=head, money=money, attempts=attempts, zone=zone)
    access = loader.load(name="access", on=on)
    url = reverse("customers:account", args=[head.account_number])
    chart, note = None, ""
    if tab == "story":
        days = last_days(up_to=night.as_of_day if night else on - timedelta(1), n_days=STORY_DAYS)
        series = metering.daily_series(
            **seen,
            days=days,
            view=metering.lake_view(lake_folder=settings.LAKE_FOLDER, known_at=known_at),
        )
        note = _chart_note(series)
        if series is not None or money.bills or entries:
            chart = story.chart(
                series=series,
                money=money,
                entries=entries,
                questions=ahead.questions,
                first_day=days.first_day,
                today=on,
                zone=zone,
            )
    return pages.CustomerPage(
        account_number=head.account_number,
        name=head.who.name or head.account_number,
        url=url,
        summary=_summary(found, ahead),
        tab=tab,
        tabs=pages.tabs(
            url=url, current=tab, n_contacts=len(entries), n_versions=len(head.history)
        ),
        known_at=asked,
        area_name=head.place.area_name,
        area_url=_area_url(head.place.area_code),
        address=head.place.address,
        supply=_supply(head),
        flags=tuple(flag.kind for flag in head.flags if flag.is_in_force),
        foresight=ahead,
        due_cny=found.balance_due_cny if found else None,
        overdue_cny=found.overdue_cny if found else None,
        days_overdue=found.days_overdue if found else 0,
        chart=chart,
        chart_note=note,
        bill_chart=story.bill_forecast(
            money=money, finding=found, as_of=night.as_of_day if night else None
        )
        if money.bills
        else None,
        forecast=found if found and found.forecast_amount_cny is not None else None,
        bills=story.bill_rows(money=money, today=on),
        contacts=pages.contacts(story=head),
        id_number_masked=head.who.id_number_masked,
        may_unmask_phone=viewer.role in access.row("unmask_phone").value,
        may_unmask_id=viewer.role in access.row("unmask_id_number").value,
        needs_reason=viewer.role in access.row("unmask_needs_reason").value,
        unmask_url=reverse("customers:unmask"),
        related=pages.related(story=head),
        who=pages.who(story=head),
        terms=_terms(head),
        place=pages.place(
            story=head,
            points=metering.points_of_account(viewer=viewer, account_id=head.account_id, on=on)
            if tab == "archive"
            else [],
        ),
        assessments=pages.assessments(story=head),
        all_flags=pages.all_flags(story=head),
        facets=pages.facets(story=head),
        answers=pages.answers(story=head),
        entries=entries if tab == "contacts" else entries[:8],
        changes=pages.changes(story=head, url=url, may_see_imports=viewer.role in SEE_IMPORTS),
        night=night,
        now=timezone.now(),
    )


def _foresight(
    *, viewer: Viewer, head: Story, found: Finding | None, night: findings.NightFacts | None
) -> pages.Foresight:
    if found is None or night is None:
        return pages.Foresight(
            grade=None, risk=None, cause=None, value=None, habit=None, questions=()
        )
    on = desk.today()
    steps = findings.grade_steps(viewer=viewer, on=on, account_id=head.account_id)
    signals = findings.signals_of(viewer=viewer, on=on, account_id=head.account_id)
    return pages.Foresight(
        grade=foresight.grade_box(finding=found, changes=steps, on=night.as_of_day),
        risk=foresight.risk_box(finding=found, on=night.as_of_day),
        cause=foresight.cause_box(finding=found, on=night.as_of_day),
        value=foresight.value_box(finding=found, on=night.as_of_day),
        habit=foresight.habit(profile=found.profile, on=night.as_of_day),
        questions=foresight.questions(signals=signals, on=night.as_of_day),
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
    if ahead.questions and ahead.questions[0].texts:
        parts.append(ahead.questions[0].texts[0])
    return " ".join(parts)


def _chart_note(series: metering.DailySeries | None) -> str:
    if series is None:
        return _("No readings are known of this account: bills, payments and contacts alone.")
    if not series.n_neighbours:
        return _("Daily energy; there are no neighbours with readings to compare with.")
    return _("Grey: most of %(n)d neighbours in the same station area.") % {
        "n": series.n_neighbours
    }


def _area_url(area_code: str) -> str | None:
    try:
        return reverse("areas:area", args=[area_code])
    except NoReverseMatch:
        return None


def _supply(head: Story) -> str:
    if head.terms is None:
        return ""
    parts = [str(codes.word_for(kind="category", code=head.terms.category).label)]
    if head.terms.capacity_kva is not None:
        parts.append(f"{formats.short_number(value=head.terms.capacity_kva)} kVA")
    parts.append(str(codes.word_for(kind="payment", code=head.terms.payment_method).label))
    if head.terms.is_prepaid:
        parts.append(_("prepaid"))
    return " · ".join(parts)


def _terms(head: Story) -> tuple[pages.Fact, ...]:
    if head.terms is None:
        return ()
    terms = head.terms

    def day_of(day: date | None) -> str:
        return formats.day_long(value=day) if day else ""

    facts = [
        pages.Fact(label=_("Supply"), text=_supply(head)),
        pages.Fact(label=_("Tariff"), text=terms.tariff_code),
        pages.Fact(label=_("Contract from"), text=day_of(terms.first_day)),
        pages.Fact(label=_("Contract until"), text=day_of(terms.last_day)),
    ]
    return tuple(fact for fact in facts if fact.text)


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
    context = {"value": value, "is_call": request.POST.get("look") == "call"}
    return render(request, "customers/unmasked.html", context)
