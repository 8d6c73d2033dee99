"""The filter of a list by station area: a choice of few, and a field to type where there are many.

Nobody finds an area in a list of ten thousand names, and no page should carry it.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from lamplighter.facts.network import queries as network
from lamplighter.facts.network.queries import AreaInCharge
from lamplighter.kernel.viewer import Viewer
from lamplighter.web.frame import formats, lists

MOST_OFFERED = 500  # a supply station's
LONGEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaChoice:
    """The filter, and the area that is chosen by it."""

    filter: lists.Filter
    area: AreaInCharge | None  # None: all

    @property
    def code(self) -> str:
        """How the choice stands in addresses; empty: all."""
        return self.area.code if self.area else ""

    @property
    def area_id(self) -> int | None:
        return self.area.area_id if self.area else None


def area_choice(*, viewer: Viewer, on: date, asked: str) -> AreaChoice:
    """Return the filter by area for a person, and what they chose. At most six queries.

    Who sees few areas chooses one of them. Who sees more types a code or a part of a name; where
    several have it, these are offered.

    Raises
    ------
    Http404
        Who sees few areas asks for one that is not among them.
    """
    few = network.areas_in_charge(viewer=viewer, on=on, limit=MOST_OFFERED + 1)
    if len(few) <= MOST_OFFERED:
        chosen = next((area for area in few if area.code == asked), None)
        return AreaChoice(filter=_offered(few, every=_("All areas"), chosen=asked), area=chosen)
    words = asked.strip()[:LONGEST].replace("\x00", "")
    if not words:
        return _typed()
    exact = network.areas_in_charge(viewer=viewer, on=on, code=words)
    if exact:
        return _typed(exact[0], value=words)
    fitting = network.areas_in_charge(viewer=viewer, on=on, words=words, limit=MOST_OFFERED + 1)
    if len(fitting) == 1:
        return _typed(fitting[0], value=fitting[0].code)
    if not fitting:
        return _typed(value=words, note=_("No area is called so; all are shown."))
    if len(fitting) > MOST_OFFERED:
        return _typed(value=words, note=_("Too many areas are called so; all are shown."))
    every = _("%(n)s areas fit: please choose") % {
        "n": formats.number(value=len(fitting), digits=0)
    }
    return AreaChoice(filter=_offered(fitting, every=every, chosen=""), area=None)


def _offered(areas: list[AreaInCharge], *, every: str, chosen: str) -> lists.Filter:
    options = [(area.code, area.name) for area in areas]
    return lists.choice(name="area", label=_("Area"), every=every, options=options, chosen=chosen)


def _typed(area: AreaInCharge | None = None, *, value: str = "", note: str = "") -> AreaChoice:
    field = lists.Typed(value=value, note=area.name if area else note, hint=_("Name or code"))
    by_area = lists.Filter(name="area", label=_("Area"), options=(), typed=field)
    return AreaChoice(filter=by_area, area=area)
