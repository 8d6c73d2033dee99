"""What the pages of today's work show, made from what the worklist says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lamplighter.action.worklist import queries as worklist
from lamplighter.findings.contests.queries import Counts
from lamplighter.kernel.viewer import Role, Viewer
from lamplighter.policy import loader
from lamplighter.web.frame import formats, versions
from lamplighter.web.today import cards as cards_of_a_day
from lamplighter.web.today.cards import DayCard

ORDERS = ("worth", "way")


FIRST_CARDS, FEW_CARDS = 5, 2  # so many stand open on a phone; for a few more nothing is folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How much of the day is recorded."""

    n_done: int
    n_all: int
    minutes_left: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutLine:
    """A door that is not on the plan."""

    name: str
    url: str
    remedy: str
    worth_cny: Decimal
    minutes: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutGroup:
    """How many doors were left out for one reason."""

    n: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to order the cards."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPage:
    """One person's day."""

    day: date
    title: str
    is_own: bool
    summary: str
    progress: Progress
    worth_cny: Decimal
    orders: tuple[Choice, ...]
    cards: tuple[DayCard, ...]
    first_cards: tuple[DayCard, ...]
    later_cards: tuple[DayCard, ...]  # folded on a phone
    left_out_title: str
    left_out_groups: tuple[LeftOutGroup, ...]
    left_out: tuple[LeftOutLine, ...]
    n_left_out_unnamed: int
    made_with: str
    overview_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerLine:
    """One manager's day at a glance."""

    name: str
    url: str | None
    n_areas: int
    n_items: int
    n_recorded: int
    minutes_planned: int
    minutes_available: int
    worth_cny: Decimal
    n_left_out: int
    outcomes: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDecide:
    """Something that waits for a person to decide."""

    text: str
    url: str
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewPage:
    """The day of all managers below one unit."""

    day: date
    org_name: str
    summary: str
    n_items: int
    n_recorded: int
    n_promised: int
    n_not_reached: int
    n_left_out: int
    worth_cny: Decimal
    managers: tuple[ManagerLine, ...]
    to_decide: tuple[ToDecide, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPage:
    """The start of somebody who has no list of doors."""

    name: str
    day: date
    search_url: str
    no_plan: str  # why there is none yet; empty: somebody who has none
    n_steps: int  # of service orders, theirs to do now
    n_late: int
    takes_calls: bool


def no_plan(*, now: datetime, on: date) -> str:
    """Say why somebody has no plan of a day yet, or that it should have been there by now."""
    hour = loader.load(name="programs", on=on).integer("night_latest_hour")
    if timezone.localtime(now).hour < hour:
        said = _(
            "Your plan is not made yet: it follows the night's foresight, which runs when "
            "yesterday's readings are in, at %(hour)s o'clock at the latest."
        )
    else:
        said = _(
            "There is no plan for you today. It should have been made soon after %(hour)s o'clock: "
            "tell whoever runs the system."
        )
    return said % {"hour": hour}


def day_page(*, today: worklist.TodayPage, viewer: Viewer, order: str) -> DayPage:
    """Return the page of one person's day."""
    is_own = today.staff_id == viewer.staff_id
    cards = tuple(
        cards_of_a_day.card_of(card=card, today=today, number=n)
        for n, card in enumerate(_ordered(today.cards, order=order), start=1)
    )
    n_first = FIRST_CARDS if len(cards) > FIRST_CARDS + FEW_CARDS else len(cards)
    n_left_out = sum(today.left_out_counts.values())
    return DayPage(
        day=today.day,
        title=_("Today") if is_own else _("Today: %(name)s") % {"name": today.staff_name},
        is_own=is_own,
        summary=_summary(today),
        progress=progress(today=today),
        worth_cny=today.benefit_cny,
        orders=_orders(today, order=order),
        cards=cards,
        first_cards=cards[:n_first],
        later_cards=cards[n_first:],
        left_out_title=_("Left out today: %(n)d") % {"n": n_left_out},
        left_out_groups=_groups(today),
        left_out=tuple(
            LeftOutLine(
                name=door.name,
                url=reverse("customers:account", args=[door.account_number]),
                remedy=door.remedy,
                worth_cny=door.benefit_cny,
                minutes=door.minutes,
                why=cards_of_a_day.said(words=door.words),
            )
            for door in today.left_out
        ),
        n_left_out_unnamed=n_left_out - len(today.left_out),
        made_with=versions.listed(versions=today.policy_version),
        overview_url=None if viewer.role is Role.MANAGER else reverse("today:day"),
    )


def _summary(today: worklist.TodayPage) -> str:
    words = ngettext(
        "%(n)d door, about %(time)s of %(available)s.",
        "%(n)d doors, about %(time)s of %(available)s.",
        today.n_items,
    ) % {
        "n": today.n_items,
        "time": formats.minutes(value=today.minutes_planned),
        "available": formats.minutes(value=today.minutes_available),
    }
    n_left_out = sum(today.left_out_counts.values())
    if not n_left_out:
        return words + _(" Nothing had to be left out.")
    largest = max(today.left_out_counts.items(), key=lambda pair: (pair[1], pair[0]))
    return words + _(" %(n)d left out, %(most)d of them: %(why)s.") % {
        "n": n_left_out,
        "most": largest[1],
        "why": reason_left_out(code=largest[0]),
    }


def reason_left_out(*, code: str) -> str:
    """Return why doors were left out, in a few words.

    Raises
    ------
    KeyError
        Nobody has given words to this reason.
    """
    return {
        "NO_TIME": _("no time left today"),
        "CONTACTED_RECENTLY": _("contacted recently"),
        "WAITING": _("an answer or payment is awaited"),
        "LOW_BENEFIT": _("too little to gain to disturb anybody"),
        "HOLD": _("on hold: a complaint or a move comes first"),
    }[code]


def _groups(today: worklist.TodayPage) -> tuple[LeftOutGroup, ...]:
    counts = sorted(today.left_out_counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(LeftOutGroup(n=n, why=reason_left_out(code=code)) for code, n in counts)


def progress(*, today: worklist.TodayPage) -> Progress:
    """Return how much of the day is recorded."""
    left = sum(card.minutes for card in today.cards if card.outcome is None)
    n_left = today.n_items - today.n_recorded
    if today.n_items and not n_left:
        text = _("All %(n)d done. Thank you.") % {"n": today.n_items}
    else:
        text = _("%(done)d of %(all)d done, about %(time)s to go") % {
            "done": today.n_recorded,
            "all": today.n_items,
            "time": formats.minutes(value=left),
        }
    return Progress(
        n_done=today.n_recorded, n_all=max(today.n_items, 1), minutes_left=left, text=text
    )


def _orders(today: worklist.TodayPage, *, order: str) -> tuple[Choice, ...]:
    labels = {"worth": _("By value"), "way": _("By route")}
    return tuple(
        Choice(
            label=labels[name],
            url=f"?{urlencode({'staff': today.staff_id, 'order': name})}",
            is_current=name == order,
        )
        for name in ORDERS
    )


def _ordered(cards: Sequence[worklist.Card], *, order: str) -> list[worklist.Card]:
    """Return the cards as planned, or visits area by area along the way and calls after them.

    What is recorded comes last in both.
    """
    still_open = [card for card in cards if card.outcome is None]
    recorded = [card for card in cards if card.outcome is not None]
    if order == "way":
        still_open = _along_the_way([card for card in still_open if card.is_visit]) + [
            card for card in still_open if not card.is_visit
        ]
    return [*still_open, *recorded]


def _along_the_way(visits: list[worklist.Card]) -> list[worklist.Card]:
    """Go from each door to the nearest one left, beginning with the one worth most."""
    placed = [c for c in visits if c.longitude_deg is not None and c.latitude_deg is not None]
    way: list[worklist.Card] = placed[:1]
    left = placed[1:]
    while left:
        here = way[-1]
        nearest = min(left, key=lambda card: (_distance(here, card), card.position))
        way.append(nearest)
        left.remove(nearest)
    return way + [card for card in visits if card not in placed]


def _distance(here: worklist.Card, there: worklist.Card) -> float:
    # Squared degrees, a degree of longitude taken as 0.82 of one of latitude (at 35° north):
    # only the order matters.
    east = ((here.longitude_deg or 0.0) - (there.longitude_deg or 0.0)) * 0.82
    north = (here.latitude_deg or 0.0) - (there.latitude_deg or 0.0)
    return east * east + north * north


def overview_page(
    *,
    days: Sequence[worklist.ManagerDay],
    viewer: Viewer,
    day: date,
    counts: Counts,
    n_proposals: int,
) -> OverviewPage:
    """Return the day of all managers whom the viewer sees."""
    on_duty = [d for d in days if d.n_areas or d.plan_id is not None]
    n_items = sum(d.n_items for d in on_duty)
    n_recorded = sum(d.n_recorded for d in on_duty)
    n_planned = sum(d.plan_id is not None for d in on_duty)
    return OverviewPage(
        day=day,
        org_name=viewer.org_name,
        summary=_(
            "%(managers)d managers with a plan, %(n)d doors, %(done)d done, about %(time)s in all."
        )
        % {
            "managers": n_planned,
            "n": n_items,
            "done": n_recorded,
            "time": formats.minutes(value=sum(d.minutes_planned for d in on_duty)),
        },
        n_items=n_items,
        n_recorded=n_recorded,
        n_promised=sum(d.n_by_outcome.get("PROMISED", 0) for d in on_duty),
        n_not_reached=sum(d.n_by_outcome.get("NOT_REACHED", 0) for d in on_duty),
        n_left_out=sum(d.n_left_out for d in on_duty),
        worth_cny=sum((d.benefit_cny for d in on_duty), Decimal(0)),
        managers=tuple(_manager_line(d) for d in on_duty),
        to_decide=_to_decide(counts=counts, n_proposals=n_proposals),
    )


def _to_decide(*, counts: Counts, n_proposals: int) -> tuple[ToDecide, ...]:
    """Return what customers contest and which grades D are proposed; nothing where none waits."""
    found = []
    if counts.n_open:
        text = ngettext(
            "%(n)d contest of a customer waits for a decision.",
            "%(n)d contests of customers wait for a decision.",
            counts.n_open,
        ) % {"n": counts.n_open}
        if counts.n_overdue:
            late = ngettext("%(n)d is past its day.", "%(n)d are past their day.", counts.n_overdue)
            text += " " + late % {"n": counts.n_overdue}
        url, is_late = reverse("contests:list"), counts.n_overdue > 0
        found.append(ToDecide(text=text, url=url, is_late=is_late))
    if n_proposals:
        text = ngettext(
            "%(n)d proposed grade D waits for a person to look at it.",
            "%(n)d proposed grades D wait for a person to look at them.",
            n_proposals,
        ) % {"n": n_proposals}
        found.append(ToDecide(text=text, url=reverse("contests:proposals"), is_late=False))
    return tuple(found)


def _manager_line(day: worklist.ManagerDay) -> ManagerLine:
    has_plan = day.plan_id is not None
    return ManagerLine(
        name=day.name,
        url=f"{reverse('today:day')}?{urlencode({'staff': day.staff_id})}" if has_plan else None,
        n_areas=day.n_areas,
        n_items=day.n_items,
        n_recorded=day.n_recorded,
        minutes_planned=day.minutes_planned,
        minutes_available=day.minutes_available,
        worth_cny=day.benefit_cny,
        n_left_out=day.n_left_out,
        outcomes=tuple(sorted(day.n_by_outcome.items())),
    )
