"""Ending what a decision set, and noting that a fact it named has been put right."""

from datetime import date, datetime

from django.db import transaction

from lamplighter.findings.contests import errors, rights
from lamplighter.findings.contests.models import Decision, Ruling
from lamplighter.kernel.viewer import Viewer
from lamplighter.ledger import services as ledger
from lamplighter.policy.loader import Policy


def end_ruling(
    *, viewer: Viewer, on: date, ruling_id: int, because: str, now: datetime, policy: Policy
) -> None:
    """End what a decision set, so that the nights' finding is shown again.

    Raises
    ------
    errors.NotAllowed, errors.WordsMissing
        See there.
    errors.RulingUnknown
        No such ruling where the viewer may look, or it has ended.
    """
    rights.check_role(viewer, policy, "decide_contest")
    because = rights.checked_reasons(because, policy)
    with transaction.atomic():
        standing = Ruling.objects.filter(
            pk=ruling_id,
            ended_at__isnull=True,
            account__in=rights.seen_accounts(viewer=viewer, on=on),
        )
        account = standing.values_list("account_id", "about").order_by("pk").first()
        if account is None or not standing.update(
            ended_at=now, ended_by=viewer.staff_id, ended_because=because
        ):
            raise errors.RulingUnknown(str(ruling_id))
        ledger.record(
            "contests.ruling.ended",
            subject=f"account:{account[0]}",
            actor=viewer.actor,
            at=now,
            ruling_id=ruling_id,
            about=account[1],
            policy=policy.version,
        )


def note_fact_corrected(
    *, viewer: Viewer, on: date, decision_id: int, now: datetime, policy: Policy
) -> None:
    """Record that the fact a decision named has been put right at its source.

    Raises
    ------
    errors.NotAllowed
        See there.
    errors.FactUnknown
        Nothing waits there, or not where the viewer may look.
    """
    rights.check_role(viewer, policy, "open_contest")
    with transaction.atomic():
        waiting = Decision.objects.filter(
            pk=decision_id,
            fact_corrected_at__isnull=True,
            contest__account__in=rights.seen_accounts(viewer=viewer, on=on),
        ).exclude(wrong_fact="")
        found = waiting.values_list("contest__account_id", "wrong_fact").order_by("pk").first()
        if found is None or not waiting.update(
            fact_corrected_at=now, fact_corrected_by=viewer.staff_id
        ):
            raise errors.FactUnknown(str(decision_id))
        ledger.record(
            "contests.fact.corrected",
            subject=f"account:{found[0]}",
            actor=viewer.actor,
            at=now,
            decision_id=decision_id,
            wrong_fact=found[1],
        )
