"""From what is known of a door to the remedies that fit it, each with its reason."""

from datetime import date, timedelta
from typing import Any

from lamplighter.action.worklist.doors import WELFARE_KINDS, Door, Proposal
from lamplighter.action.worklist.rules import Remedy, Rules


def fact_day(*, door: Door, rules: Rules, day: date, as_of: date) -> date:
    """Return the day of the newest thing that speaks for a contact.

    The day the oldest open amount became late, the day the window opened for an amount that is not
    late yet, or the day a habit changed.
    """
    days = [date.min]
    if door.finding.overdue_cny > 0:
        days.append(as_of - timedelta(door.finding.days_overdue))
    if counts_due(door=door, rules=rules, day=day):
        days.append(day.replace(day=rules.worth.window_first_day_of_month))
    if door.signal is not None and _speaks(door=door, rules=rules):
        days.append(door.signal.changed_date)
    return max(days)


def counts_due(*, door: Door, rules: Rules, day: date) -> bool:
    """Tell whether what is open but not late is a reason to call today (S4-03, S4-22)."""
    risk = door.finding.risk_probability
    is_open = door.finding.balance_due_cny > door.finding.overdue_cny
    is_likely = risk is not None and risk >= rules.worth.due_probability_least
    return is_open and is_likely and rules.in_window(day)


def causes_of(door: Door) -> dict[str, float]:
    """Return the probability of each cause; what is left over is unknown.

    A hold or a hardship that is on file is a fact, not a guess.
    """
    if "HOLD_DISPUTE" in door.people.flags:
        return {"DISPUTE": 1.0}
    if "HARDSHIP" in door.people.flags:
        return {"HARDSHIP": 1.0}
    known = {c: p for c, p in door.finding.cause_probabilities.items() if p > 0}
    if not known and door.finding.cause not in ("", "UNKNOWN"):
        known = {door.finding.cause: door.finding.cause_probability or 0.0}
    rest = 1.0 - sum(known.values())
    return {**known, "UNKNOWN": known.get("UNKNOWN", 0.0) + max(rest, 0.0)}


def leading_cause(door: Door) -> str:
    """Return the cause whose remedies are offered: what is on file, else what was found."""
    if "HOLD_DISPUTE" in door.people.flags:
        return "DISPUTE"
    if "HARDSHIP" in door.people.flags:
        return "HARDSHIP"
    return door.finding.cause or "UNKNOWN"


def proposals(*, door: Door, rules: Rules, day: date) -> list[Proposal]:
    """Return the remedies that could be used at this door today; none where nothing speaks for it.

    Protected customers are offered only what does not press (``for_protected``).
    """
    found = _for_signal(door=door, rules=rules)
    owes = door.finding.overdue_cny > 0 or counts_due(door=door, rules=rules, day=day)
    has_moved = door.last is not None and door.last.outcome == "MOVED_AWAY"
    if has_moved and owes and door.people.landlord is not None:
        parts = _parts(code="UNKNOWN", door=door, rules=rules)
        return [
            _proposal(door=door, rules=rules, code="LANDLORD_CALL", kind="ARREARS", parts=parts)
        ]
    if owes:
        cause = leading_cause(door)
        is_early = door.finding.overdue_cny <= 0 and cause == "UNKNOWN"
        parts = _parts(code="DUE_SOON" if is_early else cause, door=door, rules=rules)
        for code in rules.for_cause[cause]:
            if code == "MOVE_TO_MAIN_ACCOUNT" and not _has_debit(door=door, cause=cause):
                continue
            if not rules.remedies[code].in_window_only or rules.in_window(day):
                made = _proposal(door=door, rules=rules, code=code, kind="ARREARS", parts=parts)
                found.append(made)
    if door.is_due_for_round and not found:
        parts = [{"code": "ROUND", "numbers": {}}, *_also(door=door, rules=rules)]
        found.append(
            _proposal(door=door, rules=rules, code="ROUND_VISIT", kind="CARE", parts=parts)
        )
    if is_protected(door=door, rules=rules):
        found = [p for p in found if p.remedy in rules.for_protected]
    if "HOLD_DISPUTE" in door.people.flags:
        found = [p for p in found if p.remedy == "SETTLE_DISPUTE"]
    return found


def _has_debit(*, door: Door, cause: str) -> bool:
    """Tell whether there is a debit to move: one that failed, or one the cause was found from."""
    return cause == "UNFUNDED_DEBIT" or door.debits.n_failed > 0


def is_protected(*, door: Door, rules: Rules) -> bool:
    """Tell whether only gentle remedies are allowed."""
    return bool(door.people.flags & rules.protected_flags)


def is_repeat_complainer(*, door: Door, rules: Rules) -> bool:
    """Tell whether the account complained often enough to be handled with extra care (S0-09)."""
    return door.people.n_complaints >= rules.worth.repeat_complaints_least


def _speaks(*, door: Door, rules: Rules) -> bool:
    return bool(_for_signal(door=door, rules=rules))


def _for_signal(*, door: Door, rules: Rules) -> list[Proposal]:
    signal = door.signal
    if signal is None:
        return []
    numbers = {
        "changed_date": signal.changed_date.isoformat(),
        "size_kwh": f"{abs(signal.size_kwh_per_day):.1f}",
    }
    if signal.kind == "TURNOVER" and door.people.landlord is not None:
        code, remedy, kind = "TURNOVER", "LANDLORD_CALL", "LANDLORD"
    elif signal.kind in WELFARE_KINDS and is_protected(door=door, rules=rules):
        code, remedy, kind = "WELFARE", "CARE_VISIT", "CARE"
    elif signal.list == "JUMP" and signal.size_kwh_per_day > 0:
        code, remedy, kind = "JUMP", "CARE_VISIT", "CARE"
    else:
        return []
    parts = [{"code": code, "numbers": numbers}, *_also(door=door, rules=rules)]
    return [_proposal(door=door, rules=rules, code=remedy, kind=kind, parts=parts)]


def _parts(*, code: str, door: Door, rules: Rules) -> list[dict[str, Any]]:
    finding = door.finding
    if not door.debits.n_failed:  # no failed debit to tell of
        told = {"UNFUNDED_DEBIT": "DEBIT_UNSURE", "SHORT_BALANCE": "SHORT_WITHOUT_DEBIT"}
        code = told.get(code, code)
    failed = {a.remedy for a in door.attempts if a.outcome in ("REFUSED", "PROMISED")}
    numbers = {
        "due_cny": f"{max(finding.balance_due_cny, finding.overdue_cny):,.2f}",
        "days_overdue": finding.days_overdue,
        "months_reminded": finding.months_reminded,
        "risk_percent": round(100 * (finding.risk_probability or 0.0)),
        "n_debits_failed": door.debits.n_failed,
        "n_paid_after": door.debits.n_paid_after,
        "span_months": round(rules.worth.attempts_span_days / 30),
        "n_tried": len(failed),
    }
    parts: list[dict[str, Any]] = [{"code": code, "numbers": numbers}]
    signal = door.signal
    if signal is not None and signal.list == "JUMP" and signal.size_kwh_per_day > 0:
        size = f"{signal.size_kwh_per_day:.1f}"
        also = {"changed_date": signal.changed_date.isoformat(), "size_kwh": size}
        parts.append({"code": "ALSO_JUMP", "numbers": also})
    return parts + _also(door=door, rules=rules)


def _also(*, door: Door, rules: Rules) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    last = door.last
    if last is not None and last.outcome == "PROMISED" and last.promised_date is not None:
        numbers: dict[str, Any] = {"promised_date": last.promised_date.isoformat()}
        parts.append({"code": "ALSO_PROMISE_BROKEN", "numbers": numbers})
    if last is not None and door.n_not_reached:
        numbers = {"n_not_reached": door.n_not_reached, "tried_hour": last.hour}
        parts.append({"code": "ALSO_NOT_REACHED", "numbers": numbers})
    if is_repeat_complainer(door=door, rules=rules):
        numbers = {"n_complaints": door.people.n_complaints}
        parts.append({"code": "ALSO_REPEAT_COMPLAINTS", "numbers": numbers})
    if is_protected(door=door, rules=rules):
        parts.append({"code": "ALSO_GENTLE", "numbers": {}})
    return parts


def _proposal(
    *, door: Door, rules: Rules, code: str, kind: str, parts: list[dict[str, Any]]
) -> Proposal:
    remedy = rules.remedies[code]
    landlord = door.people.landlord if code == "LANDLORD_CALL" else None
    is_visit, minutes, also = _way(door=door, rules=rules, remedy=remedy)
    return Proposal(
        account_id=door.account_id,
        customer_id=landlord.customer_id if landlord else door.people.customer_id,
        contact_account_id=landlord.account_id if landlord else None,
        area_id=door.finding.area_id,
        remedy=code,
        is_visit=is_visit,
        minutes=minutes,
        kind=kind,
        parts=(*parts, *also),
    )


def _way(*, door: Door, rules: Rules, remedy: Remedy) -> tuple[bool, int, list[dict[str, Any]]]:
    """Return whether it is a visit, its minutes, and why a call became a visit."""
    if remedy.code == "LANDLORD_CALL":
        return remedy.is_visit, remedy.minutes, []
    also: list[dict[str, Any]] = []
    if door.wrong_number or not door.people.contact_roles:
        also.append({"code": "ALSO_FIND_NUMBER", "numbers": {}})
    if remedy.is_visit:
        return True, remedy.minutes, also
    knows_child = "CHILD_AWAY" in door.people.contact_roles
    if not also and remedy.code == "CONTACT_CHILD_AWAY" and not knows_child:
        also.append({"code": "ALSO_FIND_CHILD", "numbers": {}})
    if not also and door.n_not_reached < rules.worth.not_reached_before_visit:
        return False, remedy.minutes, []
    return True, remedy.minutes + rules.worth.visit_instead_of_call_minutes, also
