"""What may be refused around an escalated order."""


class EscalationUnknown(LookupError):
    """There is no such escalation of this order."""


class TakenAlready(Exception):
    """Somebody was quicker."""


class NotTaken(Exception):
    """Nobody has taken it in hand yet, so nothing can be settled."""


class SettledAlready(Exception):
    """It was settled before."""


class LadderImpossible(ValueError):
    """The policy asks for what cannot be found: a share before any warning, or levels that fall."""
