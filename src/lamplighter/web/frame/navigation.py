"""The four parts of the product and what stands in each."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SEARCH = "search:search"
SIGN_OUT = "door:sign-out"
SECURITY = "door:security"
SET_LANGUAGE = "set_language"

Words = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One page in the navigation; *key* takes a person there with "g" and that letter."""

    url_name: str
    label: Words
    icon: str
    key: str
    hidden_from: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of know, foresee, serve, prove."""

    code: str
    label: Words
    icon: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownItem:
    """An item as one viewer sees it on one page."""

    url: str
    label: Words
    icon: str
    key: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPart:
    """A part as one viewer sees it on one page."""

    code: str
    label: Words
    icon: str
    items: tuple[ShownItem, ...]
    is_current: bool


_NOT_FOR_FIELD = frozenset({"AGENT", "CREW"})

NAVIGATION: tuple[Part, ...] = (
    Part(
        code="know",
        label=_("Know"),
        icon="person",
        items=(
            Item(url_name=SEARCH, label=_("Customers"), icon="search", key="c"),
            Item(url_name="areas:list", label=_("Station areas"), icon="area", key="a"),
            Item(url_name="staff:list", label=_("Staff and areas"), icon="people", key="s"),
            Item(
                url_name="imports:list",
                label=_("Imports"),
                icon="inbox",
                key="i",
                hidden_from=_NOT_FOR_FIELD | {"MANAGER"},
            ),
        ),
    ),
    Part(
        code="foresee",
        label=_("Foresee"),
        icon="lamp",
        items=(
            Item(url_name="signals:list", label=_("Changes in use"), icon="pulse", key="u"),
            Item(url_name="arrears:list", label=_("Arrears ahead"), icon="wallet", key="r"),
            Item(url_name="segments:list", label=_("Segments"), icon="filter", key="e"),
            Item(url_name="demand:list", label=_("Requests"), icon="chat", key="d"),
            Item(
                url_name="contests:list",
                label=_("Contests"),
                icon="shield",
                key="o",
                hidden_from=frozenset({"CREW"}),
            ),
            Item(
                url_name="policies:list",
                label=_("Rules"),
                icon="file",
                key="p",
                hidden_from=_NOT_FOR_FIELD,
            ),
            Item(
                url_name="replay:list",
                label=_("Look back and try"),
                icon="clock",
                key="l",
                hidden_from=_NOT_FOR_FIELD | {"MANAGER"},
            ),
        ),
    ),
    Part(
        code="serve",
        label=_("Serve"),
        icon="hand",
        items=(
            Item(url_name="today:day", label=_("Today"), icon="sun", key="t"),
            Item(
                url_name="console:console",
                label=_("Agent console"),
                icon="phone",
                key="h",
                hidden_from=frozenset({"CREW"}),
            ),
            Item(url_name="steps:mine", label=_("My steps"), icon="inbox", key="y"),
            Item(url_name="orders:list", label=_("Service orders"), icon="wrench", key="w"),
            Item(url_name="outages:board", label=_("Outages"), icon="bulb", key="b"),
            Item(
                url_name="watch:ahead",
                label=_("Supervisor's desk"),
                icon="eye",
                key="v",
                hidden_from=_NOT_FOR_FIELD | {"MANAGER"},
            ),
            Item(
                url_name="voices:list",
                label=_("Feedback"),
                icon="chat",
                key="n",
                hidden_from=frozenset({"CREW"}),
            ),
            Item(url_name="processes:list", label=_("Processes"), icon="arrow", key="f"),
            Item(url_name="knowledge:list", label=_("Knowledge base"), icon="book", key="k"),
            Item(
                url_name="programs:list",
                label=_("Program access"),
                icon="shield",
                key="x",
                hidden_from=_NOT_FOR_FIELD | {"MANAGER", "SUPERVISOR"},
            ),
        ),
    ),
    Part(
        code="prove",
        label=_("Prove"),
        icon="check",
        items=(Item(url_name="proof:month", label=_("Results"), icon="bars", key="m"),),
    ),
)


def shown(*, role: str, view_name: str) -> tuple[ShownPart, ...]:
    """Return the navigation for one role, with the current page marked.

    A page belongs to the item whose URL namespace it shares.

    Raises
    ------
    django.urls.NoReverseMatch
        The project has no URL of one of the names.
    """
    parts = []
    for part in NAVIGATION:
        items = tuple(
            ShownItem(
                url=reverse(item.url_name),
                label=item.label,
                icon=item.icon,
                key=item.key,
                is_current=_holds(item, view_name=view_name),
            )
            for item in part.items
            if role not in item.hidden_from
        )
        if items:
            parts.append(
                ShownPart(
                    code=part.code,
                    label=part.label,
                    icon=part.icon,
                    items=items,
                    is_current=any(item.is_current for item in items),
                )
            )
    return tuple(parts)


# A customer's page is reached by searching: it lights the same item.
_ALSO_UNDER = {"customers": "search"}


def _holds(item: Item, *, view_name: str) -> bool:
    namespace = view_name.partition(":")[0]
    home = _ALSO_UNDER.get(namespace, namespace)
    return bool(home) and item.url_name.partition(":")[0] == home
