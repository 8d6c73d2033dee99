"""From a person's doors to their day: who is on it, in which order, and who is not and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lamplighter.action.worklist import candidates, choice, keeping_off, weighing
from lamplighter.action.worklist.choice import Choice
from lamplighter.action.worklist.doors import Door, Proposal, Withheld
from lamplighter.action.worklist.options import Limits, Option
from lamplighter.action.worklist.rules import Rules
from lamplighter.action.worklist.weighing import Weighed


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What one person's day allows, less what is already done of it."""

    day: date
    as_of: date
    minutes: int
    visits_done: int
    areas_on_the_way: frozenset[int]
    customers_done: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """A door that is not on the plan."""

    weighed: Weighed
    why: Withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The chosen lines in the order of the way, and those left out, most worth first."""

    lines: tuple[Weighed, ...]
    left_out: tuple[Absent, ...]
    choice: Choice
    n_candidates: int


def plan(*, doors: Sequence[Door], rules: Rules, day: Day) -> Planned:
    """Choose one person's day."""
    pairs = [
        (door, proposal)
        for door in sorted(doors, key=lambda d: d.account_id)
        for proposal in candidates.proposals(door=door, rules=rules, day=day.day)
    ]
    by_door: dict[int, list[Weighed]] = {}
    for weighed in weighing.weigh(pairs=pairs, rules=rules, day=day.day):
        by_door.setdefault(weighed.proposal.account_id, []).append(weighed)
    open_ones, absent, contacts_left = _sift(doors=doors, by_door=by_door, rules=rules, day=day)
    chosen = choice.choose(
        options=[_option(w) for w in open_ones],
        limits=Limits(
            minutes=max(day.minutes, 0),
            travel_minutes=rules.worth.travel_minutes,
            visits_most=rules.worth.visits_most - day.visits_done,
            contacts_left=contacts_left,
            areas_on_the_way=day.areas_on_the_way,
        ),
        effort=rules.worth.solver_effort,
    )
    picked = {(o.door, o.remedy) for o in chosen.options}
    lines = [w for w in open_ones if (w.proposal.account_id, w.proposal.remedy) in picked]
    on_plan = {w.proposal.account_id for w in lines}
    taken = {w.proposal.customer_id for w in lines}
    for weighed in _best_of_each(open_ones):
        if weighed.proposal.account_id not in on_plan:
            absent.append(Absent(weighed=weighed, why=_crowded_out(weighed.proposal, taken)))
    absent.sort(key=lambda a: (-a.weighed.benefit_fen, a.weighed.proposal.account_id))
    return Planned(
        lines=tuple(_by_the_way(lines)),
        left_out=tuple(absent),
        choice=chosen,
        n_candidates=len(by_door),
    )


def _sift(
    *, doors: Sequence[Door], by_door: dict[int, list[Weighed]], rules: Rules, day: Day
) -> tuple[list[Weighed], list[Absent], dict[int, int]]:
    """Return what may be chosen, what may not and why, and the contacts left by customer."""
    open_ones: list[Weighed] = []
    absent: list[Absent] = []
    contacts_left: dict[int, int] = {}
    for door in sorted(doors, key=lambda d: d.account_id):
        options = by_door.get(door.account_id, [])
        if not options:
            continue
        fact_day = candidates.fact_day(door=door, rules=rules, day=day.day, as_of=day.as_of)
        held = keeping_off.by_history(door=door, rules=rules, day=day.day, fact_day=fact_day)
        allowed: list[Weighed] = []
        for weighed in options if held is None else []:
            why = _refused(weighed=weighed, door=door, rules=rules, day=day, left=contacts_left)
            held = held or why
            if why is None:
                allowed.append(weighed)
        if allowed:
            open_ones += allowed
        elif held is not None:
            absent.append(Absent(weighed=_best(options), why=held))
    return open_ones, absent, contacts_left


def _refused(
    *, weighed: Weighed, door: Door, rules: Rules, day: Day, left: dict[int, int]
) -> Withheld | None:
    customer = weighed.proposal.customer_id
    if customer in day.customers_done:
        return Withheld(why="CONTACTED_RECENTLY", code="SAME_CUSTOMER", numbers={})
    if weighed.benefit_fen < rules.worth.benefit_least_cny * 100:
        return Withheld(why="LOW_BENEFIT", code="LOW_BENEFIT", numbers={})
    contacted = door.contacted.get(customer, ())
    left[customer], why = keeping_off.by_moderation(contacted=contacted, rules=rules, day=day.day)
    return why


def _crowded_out(proposal: Proposal, taken: set[int]) -> Withheld:
    if proposal.customer_id in taken:
        return Withheld(why="CONTACTED_RECENTLY", code="SAME_CUSTOMER", numbers={})
    return Withheld(why="NO_TIME", code="NO_TIME", numbers={})


def _option(weighed: Weighed) -> Option:
    proposal = weighed.proposal
    return Option(
        door=proposal.account_id,
        customer=proposal.customer_id,
        area=proposal.area_id,
        remedy=proposal.remedy,
        is_visit=proposal.is_visit,
        minutes=proposal.minutes,
        benefit_fen=weighed.benefit_fen,
    )


def _best(options: Sequence[Weighed]) -> Weighed:
    return min(options, key=lambda w: (-w.benefit_fen, w.proposal.remedy))


def _best_of_each(weighed: Sequence[Weighed]) -> list[Weighed]:
    by_door: dict[int, list[Weighed]] = {}
    for one in weighed:
        by_door.setdefault(one.proposal.account_id, []).append(one)
    return [_best(options) for options in by_door.values()]


def _by_the_way(lines: Sequence[Weighed]) -> list[Weighed]:
    """Order lines area by area, the area worth most first; within it the worthiest first."""
    worth: dict[int, int] = {}
    for line in lines:
        area = line.proposal.area_id
        worth[area] = worth.get(area, 0) + line.benefit_fen
    return sorted(
        lines,
        key=lambda w: (
            -worth[w.proposal.area_id],
            w.proposal.area_id,
            -w.benefit_fen,
            w.proposal.account_id,
        ),
    )
