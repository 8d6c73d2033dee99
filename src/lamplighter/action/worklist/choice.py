"""Choosing today's work within the hours, the visits and the contacts there may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lamplighter.action.worklist import bounds
from lamplighter.action.worklist.options import Limits, Option, cost_alone, minutes_of


class SolverFailed(RuntimeError):
    """The solver refused the model or found nothing, which the model does not allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was chosen, in the order of the options' doors."""

    options: tuple[Option, ...]
    benefit_fen: int
    minutes: int  # the way included
    is_proved_optimal: bool


def choose(*, options: Sequence[Option], limits: Limits, effort: float) -> Choice:
    """Choose the options that are worth most together, never over a limit.

    The answer does not depend on the order of the options nor on the machine: one worker, a fixed
    seed, and *effort* counts the solver's own work instead of seconds. A greedy choice is the
    floor: what comes back is never worth less.

    Raises
    ------
    SolverFailed
        The solver gave no answer at all.
    """
    ordered = sorted(options, key=lambda o: (o.door, o.remedy, o.is_visit, o.minutes))
    fits = [o for o in ordered if o.benefit_fen > 0 and cost_alone(o, limits) <= limits.minutes]
    fits = [o for o in fits if limits.contacts_left.get(o.customer, 1) > 0]
    if limits.visits_most <= 0:
        fits = [o for o in fits if not o.is_visit]
    floor = greedy(options=fits, limits=limits)
    if not fits:
        return floor
    worth_a_look = bounds.possible(options=fits, limits=limits, floor_fen=floor.benefit_fen)
    kept = [o for o, is_possible in zip(fits, worth_a_look, strict=True) if is_possible]
    if not kept:
        return _choice(options=floor.options, limits=limits, is_proved=True)
    picked, is_proved = _solve(options=kept, limits=limits, floor=floor, effort=effort)
    best = picked if sum(o.benefit_fen for o in picked) > floor.benefit_fen else floor.options
    return _choice(options=best, limits=limits, is_proved=is_proved)


def greedy(*, options: Sequence[Option], limits: Limits) -> Choice:
    """Take what is worth most a minute, one after another, while it fits."""
    left, visits = limits.minutes, limits.visits_most
    doors: set[int] = set()
    areas = set(limits.areas_on_the_way)
    contacts: dict[int, int] = {}
    picked = []
    worth = sorted(options, key=lambda o: (-o.benefit_fen / max(cost_alone(o, limits), 1), o.door))
    for o in worth:
        way = limits.travel_minutes if o.is_visit and o.area not in areas else 0
        spent = contacts.get(o.customer, 0)
        if o.door in doors or spent >= limits.contacts_left.get(o.customer, 1):
            continue
        if o.minutes + way > left or (o.is_visit and visits < 1):
            continue
        picked.append(o)
        left -= o.minutes + way
        doors.add(o.door)
        contacts[o.customer] = spent + 1
        if o.is_visit:
            visits -= 1
            areas.add(o.area)
    return _choice(options=picked, limits=limits, is_proved=not options)


def _choice(*, options: Sequence[Option], limits: Limits, is_proved: bool) -> Choice:
    return Choice(
        options=tuple(sorted(options, key=lambda o: (o.door, o.remedy))),
        benefit_fen=sum(o.benefit_fen for o in options),
        minutes=minutes_of(options=options, limits=limits),
        is_proved_optimal=is_proved,
    )


def _solve(
    *, options: list[Option], limits: Limits, floor: Choice, effort: float
) -> tuple[list[Option], bool]:
    from ortools.sat.python import cp_model  # heavy: only where a day is planned

    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in options]
    _bind(model=model, taken=taken, options=options, limits=limits)
    model.maximize(sum(o.benefit_fen * x for o, x in zip(options, taken, strict=True)))
    in_floor = set(floor.options)
    for option, x in zip(options, taken, strict=True):
        model.add_hint(x, option in in_floor)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = effort
    status = solver.solve(model)
    if status == cp_model.UNKNOWN:
        return list(floor.options), False
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise SolverFailed(solver.status_name(status))
    chosen = [o for o, x in zip(options, taken, strict=True) if solver.boolean_value(x)]
    return chosen, status == cp_model.OPTIMAL


def _bind(*, model: Any, taken: list[Any], options: list[Option], limits: Limits) -> None:
    doors: dict[int, list[Any]] = {}
    customers: dict[int, list[Any]] = {}
    ways: dict[int, Any] = {}
    for option, x in zip(options, taken, strict=True):
        doors.setdefault(option.door, []).append(x)
        customers.setdefault(option.customer, []).append(x)
        if option.is_visit and option.area not in limits.areas_on_the_way:
            way = ways.setdefault(option.area, model.new_bool_var(""))
            model.add_implication(x, way)
    for same_door in doors.values():
        if len(same_door) > 1:
            model.add_at_most_one(same_door)
    for customer, same in customers.items():
        if len(same) > limits.contacts_left.get(customer, 1):
            model.add(sum(same) <= limits.contacts_left.get(customer, 1))
    minutes = sum(o.minutes * x for o, x in zip(options, taken, strict=True))
    model.add(minutes + limits.travel_minutes * sum(ways.values()) <= limits.minutes)
    visits = [x for o, x in zip(options, taken, strict=True) if o.is_visit]
    model.add(sum(visits) <= limits.visits_most)
