"""Who answers for which area, and handing an area over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lamplighter.facts.network import queries as network
from lamplighter.facts.network import services, staffing
from lamplighter.facts.network.queries import AreaInCharge
from lamplighter.facts.network.staffing import Person, Tenure
from lamplighter.kernel.viewer import Role, Viewer
from lamplighter.web import desk
from lamplighter.web.frame import area_picker, lists, sheets
from lamplighter.web.frame.area_picker import AreaPicker, Picking

AREAS_A_PAGE, ROWS_OF_A_FILE = 100, 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaLine:
    """One area with who answers for it now and who did before."""

    code: str
    name: str
    url: str
    station: str
    place: str
    staff_name: str  # empty: nobody
    since_day: date | None
    until_day: date | None
    next_name: str
    next_day: date | None
    earlier: tuple[Tenure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """One person with how many areas they answer for."""

    name: str
    number: str
    post: str
    org_name: str
    under: str  # the number, with the unit where it is not the viewer's own
    phone: str
    minutes_per_day: int
    n_areas: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPage:
    """Areas and people."""

    summary: str
    areas: tuple[AreaLine, ...]
    pager: lists.Pager  # of the areas
    people: tuple[PersonLine, ...]
    n_uncovered: int
    form: "HandOverForm | None"  # None: may not hand over
    is_form_open: bool
    export_url: str
    imports_url: str


class HandOverForm(forms.Form):
    """Which area, to whom, from which day."""

    area = forms.TypedChoiceField(label=gettext_lazy("Area"), coerce=int)
    staff = forms.TypedChoiceField(label=gettext_lazy("To"), coerce=int)
    from_day = forms.DateField(
        label=gettext_lazy("From"),
        help_text=gettext_lazy("The one before answers until the evening before."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(
        self,
        data: object = None,
        *,
        picker: AreaPicker,
        people: Sequence[Person],
        first_day: date,
        sent: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial={"from_day": first_day, **(sent or {})})  # type: ignore[arg-type] # Django takes any mapping
        self.first_day = first_day
        self.picker = picker
        self.fields["area"].choices = picker.choices  # type: ignore[attr-defined] # a ChoiceField
        self.fields["staff"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            (person.staff_id, f"{person.name} · {person.org_name}")
            for person in people
            if person.post == "MANAGER"
        ]

    def clean_from_day(self) -> date:
        """Refuse a day that is past: who answered yesterday is a fact."""
        day: date = self.cleaned_data["from_day"]
        if day < self.first_day:
            raise forms.ValidationError(_("Choose today or a later day."))
        return day


@never_cache
@require_GET
def everybody(request: HttpRequest) -> HttpResponse:
    """Show areas without anybody first, then the others, a page of them, and the staff.

    Nine queries.
    """
    viewer = desk.viewer_of(request)
    if request.GET.get("as") == "xlsx":
        return _export(_page(viewer=viewer, form=None, size=ROWS_OF_A_FILE))
    page = _page(viewer=viewer, form=None, number=lists.page_number(request))
    return render(request, "staff/list.html", {"page": page})


@require_POST
def hand_over(request: HttpRequest) -> HttpResponse:
    """Let another person answer for an area; the head of the station decides."""
    viewer = _head(request)
    form = _form(viewer=viewer, people=staffing.people(viewer=viewer), sent=request.POST)
    if form.is_bound and form.is_valid():
        error = _handed_over(form, actor=viewer.actor)
        if not error:
            messages.success(request, _("The area is handed over."))
            return redirect("staff:list")
        form.add_error(None, str(error))
    page = _page(viewer=viewer, form=form)
    return render(request, "staff/list.html", {"page": page}, status=422 if form.errors else 200)


@never_cache
@require_POST
def areas(request: HttpRequest) -> HttpResponse:
    """Show the areas that a text names, to pick one, for htmx. Two queries."""
    viewer = _head(request)
    return area_picker.found(request, picking=_picking(), viewer=viewer, on=desk.today())


def _head(request: HttpRequest) -> Viewer:
    viewer = desk.viewer_of(request)
    if viewer.role is not Role.STATION_HEAD:
        raise PermissionDenied("the head of the station hands areas over")
    return viewer


def _picking() -> Picking:
    return Picking(name="area", find_url=reverse("staff:areas"), tells_who=True)


def _form(
    *, viewer: Viewer, people: Sequence[Person], sent: QueryDict | None = None
) -> HandOverForm:
    picker = area_picker.picker(picking=_picking(), viewer=viewer, on=desk.today(), sent=sent)
    return HandOverForm(
        None if picker.is_looking else sent,
        picker=picker,
        people=people,
        first_day=desk.today(),
        sent=sent.dict() if sent else None,
    )


def _handed_over(form: HandOverForm, *, actor: str) -> str | Promise:
    try:
        services.hand_over(
            area_id=form.cleaned_data["area"],
            staff_id=form.cleaned_data["staff"],
            from_day=form.cleaned_data["from_day"],
            actor=actor,
            now=timezone.now(),
        )
    except services.AlreadyResponsible:
        return _("This person answers for the area on that day already.")
    except services.LaterSpanStands:
        return _("A later hand-over is already arranged for this area: choose a day after it.")
    return ""


def _page(
    *, viewer: Viewer, form: HandOverForm | None, number: int = 1, size: int | None = None
) -> StaffPage:
    today, size = desk.today(), size or AREAS_A_PAGE
    areas = network.areas_in_charge(
        viewer=viewer, on=today, are_uncovered_first=True, limit=size, offset=size * (number - 1)
    )
    n_areas, uncovered = network.cover(viewer=viewer, on=today)
    people = staffing.people(viewer=viewer)
    by_area: dict[int, list[Tenure]] = {}
    ids = [area.area_id for area in areas]
    for tenure in staffing.tenures(viewer=viewer, on=today, area_ids=ids):
        by_area.setdefault(tenure.area_id, []).append(tenure)
    is_form_open = form is not None
    if form is None and viewer.role is Role.STATION_HEAD:
        form = _form(viewer=viewer, people=people)
    counts = staffing.areas_of_each(viewer=viewer, on=today)
    path = reverse("staff:list")
    return StaffPage(
        summary=_summary(n_areas=n_areas, n_uncovered=uncovered),
        areas=tuple(_area_line(area, by_area.get(area.area_id, []), today=today) for area in areas),
        pager=lists.pager(number=number, total=n_areas, size=size, path=path, wanted={}),
        people=tuple(
            _person_line(person, viewer=viewer, n_areas=counts.get(person.staff_id, 0))
            for person in people
        ),
        n_uncovered=uncovered,
        form=form,
        is_form_open=is_form_open,
        export_url=f"{path}?as=xlsx",
        imports_url=reverse("imports:list"),
    )


def _summary(*, n_areas: int, n_uncovered: int) -> str:
    if not n_areas:
        return _("No station area is yours to see today.")
    if not n_uncovered:
        return _("Each of the %(n)s areas has one person who answers for it.") % {"n": n_areas}
    text = ngettext(
        "%(n)s of %(all)s areas has nobody who answers for it.",
        "%(n)s of %(all)s areas have nobody who answers for them.",
        n_uncovered,
    )
    return text % {"n": n_uncovered, "all": n_areas}


def _area_line(area: AreaInCharge, tenures: list[Tenure], *, today: date) -> AreaLine:
    standing = next((t for t in tenures if t.holds_on(today)), None)
    ahead = [t for t in tenures if t.first_day is not None and t.first_day > today]
    earlier = [t for t in tenures if t.last_day is not None and t.last_day < today]
    return AreaLine(
        code=area.code,
        name=area.name,
        url=reverse("areas:area", args=[area.code]),
        station=area.station_name,
        place=" · ".join(part for part in (area.township, area.committee) if part),
        staff_name=area.staff_name,
        since_day=standing.first_day if standing else None,
        until_day=standing.last_day if standing else None,
        next_name=ahead[-1].staff_name if ahead else "",
        next_day=ahead[-1].first_day if ahead else None,
        earlier=tuple(earlier),
    )


def _person_line(person: Person, *, viewer: Viewer, n_areas: int) -> PersonLine:
    return PersonLine(
        name=person.name,
        number=person.number,
        post=person.post,
        org_name=person.org_name,
        under=desk.beside_unit(person.number, unit=person.org_name, viewer=viewer),
        phone=person.phone,
        minutes_per_day=person.minutes_per_day,
        n_areas=n_areas,
    )


def _export(page: StaffPage) -> HttpResponse:
    columns = [
        sheets.Column(title=_("Code"), width=18),
        sheets.Column(title=_("Area"), width=24),
        sheets.Column(title=_("Station"), width=20),
        sheets.Column(title=_("Who answers"), width=14),
        sheets.Column(title=_("Since"), kind="day"),
        sheets.Column(title=_("Until"), kind="day"),
    ]
    rows = [(a.code, a.name, a.station, a.staff_name, a.since_day, a.until_day) for a in page.areas]
    sheet = sheets.Sheet(title=_("Staff and areas"), columns=columns, rows=rows)
    return sheets.answer(file_name="staff-and-areas", sheets=[sheet])
