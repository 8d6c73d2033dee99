"""One search, always there: the palette and the page show the same hits."""

from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lamplighter.facts.customers import queries as customers
from lamplighter.facts.customers.search import ENOUGH, Hit
from lamplighter.findings import glances as findings
from lamplighter.web import desk
from lamplighter.web.desk import DeskRequest

ON_THE_PAGE, ON_THE_WIDE_PAGE = 20, 60
IN_THE_PALETTE = 8
PLACE = "-number-"  # of an account's number in its address
GROUPS: dict[str, Promise] = {
    "NUMBER": gettext_lazy("By account number"),
    "PHONE": gettext_lazy("By telephone number"),
    "PHONE_TAIL": gettext_lazy("By the last digits of a telephone number"),
    "ID_NUMBER": gettext_lazy("By identity number"),
    "NAME": gettext_lazy("By name"),
    "ADDRESS": gettext_lazy("By address"),
    "SOUND": gettext_lazy("By pinyin, initials or parts"),
    "FORGIVING": gettext_lazy("Similar: perhaps mistyped or misheard"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One account that may be meant."""

    url: str
    name: str
    account_number: str
    where: str
    grade: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Accounts that were found for the same reason."""

    title: str
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """What was typed and what was found."""

    text: str
    summary: str
    groups: tuple[Group, ...]
    n_found: int
    is_cut: bool
    has_more: bool  # a wide search may find others


@never_cache
@require_http_methods(["GET", "POST"])
def search(request: DeskRequest) -> HttpResponse:
    """Find accounts in the viewer's areas.

    Our forms send the text by POST: a name or a telephone number never stands in an address.
    At most six queries, for four ways of understanding; each reads the grades too. A name that
    many bear is what was meant, until somebody asks for the rest.
    """
    viewer = desk.viewer_of(request)
    is_palette = request.htmx.target == "palette-results"
    sent = request.POST if request.method == "POST" else request.GET
    text = sent.get("q", "").strip()
    is_wide = "wide" in sent
    on_the_page = ON_THE_WIDE_PAGE if is_wide else ON_THE_PAGE
    limit = IN_THE_PALETTE if is_palette else on_the_page
    hits: list[Hit] = []
    if text:
        today = desk.today()
        hits = customers.search(
            viewer=viewer,
            on=today,
            text=text,
            limit=limit,
            field_key=settings.FIELD_KEY,
            is_wide=is_wide,
            beside=findings.grade_beside(viewer=viewer, on=today),
        )
    page = _page(text=text, hits=hits, limit=limit, is_wide=is_wide)
    part = "#palette" if is_palette else "#results" if request.htmx else ""
    return render(request, f"search/search.html{part}", {"page": page})


def _page(*, text: str, hits: list[Hit], limit: int, is_wide: bool) -> SearchPage:
    address = reverse("customers:account", args=[PLACE])  # found once: it costs as a row does
    why = {hit.account_id: _group(hit, text) for hit in hits}
    reasons = set(why.values())
    titles = {code: str(title) for code, title in GROUPS.items() if code in reasons}
    groups: dict[str, list[Result]] = {code: [] for code in titles}
    for hit in hits:
        group = why[hit.account_id]
        groups[group].append(
            Result(
                url=address.replace(PLACE, quote(hit.account_number, safe="")),
                name=hit.name or hit.account_number,
                account_number=hit.account_number,
                where=" · ".join(part for part in (hit.area_name, hit.address) if part),
                grade=hit.beside,
                why=titles[group],
            )
        )
    is_cut = len(hits) >= limit
    return SearchPage(
        text=text,
        summary=_summary(text, len(hits), is_cut=is_cut),
        groups=tuple(
            Group(title=title, results=tuple(groups[code])) for code, title in titles.items()
        ),
        n_found=len(hits),
        is_cut=is_cut,
        has_more=not is_wide and (is_cut or (len(hits) >= ENOUGH and hits[-1].matched == "NAME")),
    )


def _group(hit: Hit, text: str) -> str:
    """Return why a hit was found, as far as the text itself shows it."""
    if hit.matched != "WORDS":
        return hit.matched
    typed = "".join(text.split()).lower()
    if typed.isascii() and typed in hit.account_number.lower():
        return "NUMBER"
    if typed in hit.name.lower():
        return "NAME"
    if typed in "".join(hit.address.split()).lower():
        return "ADDRESS"
    return "SOUND"


def _summary(text: str, n_found: int, *, is_cut: bool) -> str:
    if not text:
        return _("A name, a telephone number, an address: type what you remember.")
    if not n_found:
        return _("Nobody in your areas fits this.")
    if is_cut:
        return _("The %(n)d likeliest accounts; type more to narrow them down.") % {"n": n_found}
    return ngettext("%(n)d account.", "%(n)d accounts.", n_found) % {"n": n_found}
