"""Picking station areas in a form: out of few at once; where there are many, found by typing.

What was picked stays and stands first, whatever is typed. Without scripts a button sends the form,
which comes back as it was, with the areas that were found.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamplighter.facts.network import feeders
from lamplighter.kernel.viewer import Viewer
from lamplighter.web.frame import formats

MOST_SHOWN, LONGEST = 40, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaOption:
    """A station area to pick."""

    area_id: int
    title: str
    who: str  # answers for it; empty: that is not told
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaPicker:
    """What a form shows in the place of a list of all areas."""

    name: str  # of the form's field
    is_many: bool  # several may be picked
    find_url: str
    must_find: bool  # there are more areas than a person looks through
    is_looking: bool  # the form was sent only to find areas
    text: str  # that is looked for
    note: str
    options: tuple[AreaOption, ...]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Return the areas as a field of a form takes them: no other one is valid."""
        return [(str(one.area_id), one.title) for one in self.options]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picking:
    """A field that names areas, and where they are found."""

    name: str
    find_url: str
    is_many: bool = False
    tells_who: bool = False  # each with who answers for it


def picker(
    *,
    picking: Picking,
    viewer: Viewer,
    on: date,
    sent: QueryDict | None = None,
    chosen: Collection[int] = (),
) -> AreaPicker:
    """Return the areas to pick, as they stand in what was sent, else with some chosen.

    Only what the person may see is ever offered; what was sent beside that is not among the
    choices. Two queries at most.
    """
    text = ""
    if sent is not None:
        chosen = _ids(sent.getlist(picking.name))
        text = sent.get(f"{picking.name}_find", "").replace("\x00", "").strip()[:LONGEST]
    few = feeders.areas_like(viewer=viewer, on=on, text="", also=chosen, limit=MOST_SHOWN + 1)
    must_find = len(few) > MOST_SHOWN + sum(one.area_id in chosen for one in few)
    if must_find and text:
        found = feeders.areas_like(
            viewer=viewer, on=on, text=text, also=chosen, limit=MOST_SHOWN + 1
        )
    else:
        found = few
    own = [one for one in found if one.area_id in chosen]
    others = [one for one in found if one.area_id not in chosen]
    shown = others if text or not must_find else []
    return AreaPicker(
        name=picking.name,
        is_many=picking.is_many,
        find_url=picking.find_url,
        must_find=must_find,
        is_looking=sent is not None and f"{picking.name}_look" in sent,
        text=text,
        note=_note(text=text, n_found=len(others)) if must_find else "",
        options=tuple(
            AreaOption(
                area_id=one.area_id,
                title=f"{one.name} · {one.code}",
                who=(one.staff_name or _("nobody")) if picking.tells_who else "",
                is_chosen=one.area_id in chosen,
            )
            for one in (*own, *shown[:MOST_SHOWN])
        ),
    )


def found(request: HttpRequest, *, picking: Picking, viewer: Viewer, on: date) -> HttpResponse:
    """Show the areas that what was typed names, and those picked before, for htmx."""
    part = picker(picking=picking, viewer=viewer, on=on, sent=request.POST)
    return render(request, "frame/area_options.html", {"picker": part, "is_part": True})


def _note(*, text: str, n_found: int) -> str:
    if not text:
        return _("Type a part of the name, the code or the village.")
    if not n_found:
        return _("No further area fits.")
    if n_found > MOST_SHOWN:
        return _("More than %(n)s areas fit: please type more of the name.") % {"n": MOST_SHOWN}
    said = ngettext("%(n)s area fits.", "%(n)s areas fit.", n_found)
    return said % {"n": formats.number(value=n_found, digits=0)}


def _ids(sent: list[str]) -> set[int]:
    return {int(area) for area in sent if area.isdecimal() and len(area) < 19}
