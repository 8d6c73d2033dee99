"""When we keep away from a door: promises, rest, moderation, open complaints."""

from datetime import date, timedelta
from typing import Any

from lamplighter.action.worklist.doors import SETTLED, Attempt, Door, Withheld
from lamplighter.action.worklist.rules import Rules


def by_history(*, door: Door, rules: Rules, day: date, fact_day: date) -> Withheld | None:
    """Return why the door waits because of what came before, or None.

    *fact_day* is the day of the newest thing that speaks for a contact; what was settled before
    it does not hold the door back.
    """
    if door.people.open_complaint_number:
        return Withheld(why="HOLD", code="OPEN_COMPLAINT", numbers={})
    last = door.last
    if last is None:
        return None
    if last.outcome == "MOVED_AWAY" and door.people.landlord is None:
        return Withheld(why="HOLD", code="MOVED_AWAY", numbers={})
    return _after(last=last, rules=rules, day=day, fact_day=fact_day)


def _after(*, last: Attempt, rules: Rules, day: date, fact_day: date) -> Withheld | None:
    worth = rules.worth
    if last.outcome == "PROMISED" and last.promised_date is not None:
        until = last.promised_date + timedelta(worth.promise_grace_days)
        if day <= until:
            numbers = {"until_date": last.promised_date.isoformat()}
            return Withheld(why="WAITING", code="PROMISED", numbers=numbers)
        return None
    if last.outcome in SETTLED:
        is_resting = day < last.day + timedelta(worth.done_rests_days)
        if is_resting and fact_day <= last.day:
            numbers = {"done_date": last.day.isoformat()}
            return Withheld(why="WAITING", code="IN_PROGRESS", numbers=numbers)
        return None
    rests = {"REFUSED": worth.refused_rests_days, "NOT_REACHED": worth.not_reached_rests_days}
    until = last.day + timedelta(rests.get(last.outcome, 0))
    if day < until:
        numbers = {"until_date": (until - timedelta(1)).isoformat()}
        return Withheld(why="WAITING", code="RESTING", numbers=numbers)
    return None


def by_moderation(
    *, contacted: tuple[date, ...], rules: Rules, day: date
) -> tuple[int, Withheld | None]:
    """Return how many contacts a customer has left today, and why none where it is none."""
    limits = rules.moderation
    since = day - timedelta(limits.contacts_span_days)
    counted = [on for on in contacted if since < on <= day]
    numbers: dict[str, Any]
    if counted and day < counted[-1] + timedelta(limits.rest_days):
        numbers = {"last_date": counted[-1].isoformat()}
        withheld = Withheld(why="CONTACTED_RECENTLY", code="CONTACTED_RECENTLY", numbers=numbers)
        return 0, withheld
    if len(counted) >= limits.contacts_most:
        numbers = {"n_contacts": len(counted), "span_days": limits.contacts_span_days}
        return 0, Withheld(why="CONTACTED_RECENTLY", code="CONTACT_LIMIT", numbers=numbers)
    left = limits.contacts_most - len(counted)
    return (min(left, 1) if limits.rest_days > 0 else left), None
