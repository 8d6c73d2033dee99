"""Recording what is contested, and what a person decides; each leaves a row in the ledger."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from lamplighter.facts.customers import queries as customers
from lamplighter.findings.contests import errors, rights, rules
from lamplighter.findings.contests.models import (
    ABOUT,
    CHANNELS,
    OUTCOMES,
    WISHES,
    WRONG_FACTS,
    Contest,
    Decision,
    Ruling,
)
from lamplighter.findings.models import AccountFinding, Signal
from lamplighter.kernel.viewer import Viewer
from lamplighter.kernel.workdays import WorkCalendar
from lamplighter.ledger import services as ledger
from lamplighter.policy.loader import Policy

CHANGES_AT_MOST = 20


def open_contest(
    *,
    viewer: Viewer,
    on: date,
    account_number: str,
    about: str,
    wish: str,
    channel: str,
    is_by_other: bool,
    words: str,
    request_key: str,
    now: datetime,
    policy: Policy,
    calendar: WorkCalendar,
) -> int:
    """Record that a customer contests a finding, or refuses to be judged by a machine alone.

    The same form sent twice (the same *request_key*) opens one contest.

    Raises
    ------
    errors.NotAllowed, errors.AboutUnknown, errors.WordsMissing, errors.WordsTooLong,
    errors.NothingToContest
        See there.
    errors.AlreadyOpen
        This finding of the account is being contested already.
    customers.AccountUnknown
        No such account where the viewer may look.
    """
    rights.check_role(viewer, policy, "open_contest")
    if about not in ABOUT or wish not in WISHES or channel not in CHANNELS:
        raise errors.AboutUnknown(f"{about} {wish} {channel}")
    said = rights.kept_words(words)
    if not said:
        raise errors.WordsMissing(about)
    account_id = customers.account_id_of(viewer=viewer, on=on, account_number=account_number)
    earlier = _of_request(account_id, request_key)
    if earlier is not None:
        return earlier
    due, in_workdays = rules.due_day(
        opened=on, n_days=policy.integer("days_to_decide"), calendar=calendar
    )
    try:
        with transaction.atomic():
            night_id, machine = _machine(account_id=account_id, about=about)
            contest = Contest.objects.create(
                account_id=account_id,
                about=about,
                wish=wish,
                channel=channel,
                is_by_other=is_by_other,
                words=said,
                night_id=night_id,
                machine=machine,
                opened_at=now,
                opened_by_id=viewer.staff_id,
                due_date=due,
                is_due_in_workdays=in_workdays,
                policy_version=policy.version,
                request_key=request_key,
            )
            _tell(
                "opened",
                contest,
                viewer=viewer,
                now=now,
                policy=policy,
                due_date=due.isoformat(),
                wish=wish,
                channel=channel,
                is_by_other=is_by_other,
            )
    except IntegrityError as error:
        if ledger.violates(error, "contest_one_per_request"):
            return _of_request_surely(account_id, request_key)
        if ledger.violates(error, "contest_one_open_per_finding"):
            raise errors.AlreadyOpen(f"{account_number} {about}") from error
        raise
    return contest.pk


def decide(
    *,
    viewer: Viewer,
    on: date,
    contest_id: int,
    outcome: str,
    value: str,
    reasons: str,
    wrong_fact: str,
    valid_until_date: date | None,
    now: datetime,
    policy: Policy,
) -> int:
    """Decide a contest and return the decision's id; what it sets stands from now on.

    Of two who decide at once the first is kept. The same decision sent twice is one.

    Raises
    ------
    errors.NotAllowed, errors.ContestUnknown, errors.AlreadyDecided, errors.OwnContest
        See there.
    errors.WordsMissing
        The reasons are shorter than the policy asks.
    errors.OutcomeImpossible, errors.MadeWorse, errors.DayImpossible, errors.AboutUnknown
        The decision is none that may be taken.
    """
    rights.check_role(viewer, policy, "decide_contest")
    reasons = rights.checked_reasons(reasons, policy)
    with transaction.atomic():
        contest = _contest(viewer=viewer, on=on, contest_id=contest_id)
        if contest.opened_by_id == viewer.staff_id:
            raise errors.OwnContest(str(contest_id))
        _check_decision(contest=contest, outcome=outcome, value=value, wrong_fact=wrong_fact)
        until = _until(contest, outcome=outcome, asked=valid_until_date, on=on, policy=policy)
        open_still = Contest.objects.filter(pk=contest_id, decided_at__isnull=True)
        if not open_still.update(decided_at=now):
            said = (viewer.staff_id, outcome, value, reasons, wrong_fact)
            return _decided_before(contest_id, said=said)
        decision = Decision.objects.create(
            contest=contest,
            outcome=outcome,
            value=value,
            reasons=reasons,
            wrong_fact=wrong_fact,
            valid_until_date=until,
            decided_at=now,
            decided_by_id=viewer.staff_id,
            policy_version=policy.version,
        )
        _rule(contest=contest, decision=decision, on=on, now=now)
        _tell(
            "decided",
            contest,
            viewer=viewer,
            now=now,
            policy=policy,
            decision_id=decision.pk,
            outcome=outcome,
            value=value,
            wrong_fact=wrong_fact,
            valid_until=until.isoformat() if until else None,
        )
    return decision.pk


def _tell(
    what: str, contest: Contest, *, viewer: Viewer, now: datetime, policy: Policy, **payload: Any
) -> None:
    ledger.record(
        f"contests.contest.{what}",
        subject=f"account:{contest.account_id}",
        actor=viewer.actor,
        at=now,
        contest_id=contest.pk,
        about=contest.about,
        machine=contest.machine,
        policy=policy.version,
        **payload,
    )


def _check_decision(*, contest: Contest, outcome: str, value: str, wrong_fact: str) -> None:
    about = contest.about
    if outcome not in OUTCOMES or wrong_fact not in WRONG_FACTS:
        raise errors.AboutUnknown(f"{outcome} {wrong_fact}")
    if value and value not in rules.VALUES[about]:
        raise errors.AboutUnknown(f"{about} {value}")
    refuses = contest.wish == "NO_AUTOMATION"
    if refuses != (outcome == "AUTOMATION_REFUSED"):
        raise errors.OutcomeImpossible(f"{contest.wish} {outcome}")  # a refusal is a right
    if outcome == "UPHELD" and (value or wrong_fact):
        raise errors.OutcomeImpossible(f"{outcome} {value} {wrong_fact}")
    if outcome == "CORRECTED" and not (value or wrong_fact):
        raise errors.OutcomeImpossible(f"{outcome} without a value or a wrong fact")
    if refuses and about == "GRADE" and not value:
        raise errors.OutcomeImpossible("a grade needs a person's own judgement")
    if rules.is_graver(about=about, value=value, than=str(contest.machine.get("value", ""))):
        raise errors.MadeWorse(f"{about} {value}")


def _until(
    contest: Contest, *, outcome: str, asked: date | None, on: date, policy: Policy
) -> date | None:
    if outcome != "CORRECTED":
        return None
    latest = on + timedelta(policy.integer(f"stands_days.{contest.about}"))
    until = asked or latest
    if not on <= until <= latest:
        raise errors.DayImpossible(f"{until}: {on} to {latest}")
    return until


def _rule(*, contest: Contest, decision: Decision, on: date, now: datetime) -> None:
    refused = decision.outcome == "AUTOMATION_REFUSED"
    if not (refused or decision.value):
        return  # upheld, or a fact has to be put right first
    Ruling.objects.filter(
        account_id=contest.account_id, about=contest.about, ended_at__isnull=True
    ).update(ended_at=now)
    Ruling.objects.create(
        decision=decision,
        account_id=contest.account_id,
        about=contest.about,
        outcome=decision.outcome,
        value=decision.value,
        hides_until_date=None if refused or contest.about != "CHANGE" else on,
        recorded_at=now,
        valid_until_date=decision.valid_until_date,
    )


def _contest(*, viewer: Viewer, on: date, contest_id: int) -> Contest:
    seen = Contest.objects.filter(
        pk=contest_id, account__in=rights.seen_accounts(viewer=viewer, on=on)
    )
    contest = seen.order_by("pk").first()
    if contest is None:
        raise errors.ContestUnknown(str(contest_id))
    return contest


def _decided_before(contest_id: int, *, said: tuple[int, str, str, str, str]) -> int:
    standing = Decision.objects.get(contest_id=contest_id)
    kept = (
        *(standing.decided_by_id, standing.outcome, standing.value),
        *(standing.reasons, standing.wrong_fact),
    )
    if kept != said:
        raise errors.AlreadyDecided(str(contest_id))
    return standing.pk


def _of_request(account_id: int, request_key: str) -> int | None:
    if not request_key:
        return None
    found = Contest.objects.filter(account_id=account_id, request_key=request_key)
    return found.order_by("pk").values_list("pk", flat=True).first()


def _of_request_surely(account_id: int, request_key: str) -> int:
    return Contest.objects.get(account_id=account_id, request_key=request_key).pk


def _machine(*, account_id: int, about: str) -> tuple[int, dict[str, Any]]:
    """Return the night and what it found, as codes and numbers: this is what is contested."""
    found = AccountFinding.objects.filter(pk=account_id).order_by("pk").first()
    if found is None:
        raise errors.NothingToContest(about)
    said: dict[str, dict[str, Any]] = {
        "GRADE": {"value": found.grade, "rule": found.grade_rule},
        "RISK": {"value": found.risk_band, "probability": found.risk_probability},
        "CAUSE": {"value": found.cause, "probability": found.cause_probability},
        "VALUE": {"value": found.value_band},
        "CHANGE": {"value": "", "changes": _changes(account_id)} if about == "CHANGE" else {},
    }
    machine = said[about]
    if not (machine["value"] or machine.get("changes")):
        raise errors.NothingToContest(about)
    return found.night_id, machine


def _changes(account_id: int) -> list[dict[str, Any]]:
    signals = Signal.objects.filter(account_id=account_id).order_by("-changed_date", "id")
    return [
        {
            "kind": signal.kind or signal.list,
            "day": signal.changed_date.isoformat() if signal.changed_date else None,
            "kwh_per_day": round(signal.size_kwh_per_day, 2),
        }
        for signal in signals[:CHANGES_AT_MOST]
    ]
