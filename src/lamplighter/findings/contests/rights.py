"""Who may do what around a contest, and where."""

from datetime import date
from typing import Any

from lamplighter.facts.network import queries as network
from lamplighter.findings.contests import errors
from lamplighter.findings.contests.models import WORDS_AT_MOST
from lamplighter.findings.models import AccountFinding
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy.loader import Policy


def check_role(viewer: Viewer, policy: Policy, right: str) -> None:
    """Raise NotAllowed unless the policy gives the viewer's role this right."""
    if viewer.role not in policy.row(right).value:
        raise errors.NotAllowed(f"{viewer.role} {right} ({policy.version})")


def checked_reasons(reasons: str, policy: Policy) -> str:
    """Return the reasons as they are kept; raise where they say too little or too much."""
    said = kept_words(reasons)
    if len(said) < policy.integer("reasons_least"):
        raise errors.WordsMissing(f"{len(said)} characters")
    return said


def kept_words(words: str) -> str:
    """Return words as they are kept; raise WordsTooLong where that would lose some of them."""
    said = words.strip()
    if len(said) > WORDS_AT_MOST:
        raise errors.WordsTooLong(f"{len(said)} characters, at most {WORDS_AT_MOST}")
    return said


def seen_accounts(*, viewer: Viewer, on: date) -> Any:
    """Return the accounts with findings that a person may see, to filter other tables by."""
    areas = network.areas_seen_by(viewer=viewer, on=on)
    return AccountFinding.objects.filter(area__in=areas).values("account_id")
