"""Whether the days a customer asks for keep the rules of their business (suspension, removal)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lamplighter.kernel import spans
from lamplighter.policy.processes.shapes import Process, Rule, Term

Days = tuple[date, date]  # half-open: the day on which it ends is not one of them


class TermImpossible(ValueError):
    """The days end before they begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What an account has had of a calendar year."""

    n_days: int
    n_times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A rule that the days asked for would break, and what they come to, in the rule's unit."""

    rule: Rule
    found: int
    unit: str  # days or times


def used(*, earlier: Sequence[Days], year: int) -> Used:
    """Return the days of a year that earlier terms took, and how many of them began in it.

    >>> used(earlier=[(date(2026, 12, 20), date(2027, 1, 5))], year=2027)
    Used(n_days=4, n_times=0)
    """
    begin, end = date(year, 1, 1), date(year + 1, 1, 1)
    taken = (min(last, end) - max(first, begin) for first, last in earlier)
    return Used(
        n_days=sum(max(span.days, 0) for span in taken),
        n_times=sum(begin <= first < end for first, _ in earlier),
    )


def broken(*, process: Process, term: Term, days: Days, earlier: Sequence[Days]) -> Broken | None:
    """Return the first rule that a term would break, None where it keeps them all.

    Months of one time are counted from its first day; months of a year as the first so many
    months of that year, so that six months are 181 days, or 182 in a leap year.

    Raises
    ------
    TermImpossible
        It ends before, or on the day on which, it begins.
    """
    first, last = days
    if last <= first:
        raise TermImpossible(f"{first.isoformat()} {last.isoformat()}")
    n_days = (last - first).days
    rules = {rule.code: rule for rule in process.rules}
    if term.more_than and n_days <= _days(rules[term.more_than], since=first):
        return Broken(rule=rules[term.more_than], found=n_days, unit="days")
    if term.at_least and n_days < _days(rules[term.at_least], since=first):
        return Broken(rule=rules[term.at_least], found=n_days, unit="days")
    if term.at_most and n_days > _days(rules[term.at_most], since=first):
        return Broken(rule=rules[term.at_most], found=n_days, unit="days")
    for year in range(first.year, last.year + 1):
        whole = used(earlier=[*earlier, days], year=year)
        if term.a_year_at_most:
            rule = rules[term.a_year_at_most]
            if whole.n_days > _days(rule, since=date(year, 1, 1)):
                return Broken(rule=rule, found=whole.n_days, unit="days")
        if term.times_a_year and year == first.year:
            rule = rules[term.times_a_year]
            if whole.n_times > float(rule.value):
                return Broken(rule=rule, found=whole.n_times, unit="times")
    return None


def _days(rule: Rule, *, since: date) -> float:
    if rule.unit == "months":
        return (spans.months_after(day=since, n_months=int(rule.value)) - since).days
    return float(rule.value)
