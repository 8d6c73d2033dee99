"""What may be refused around a contest."""


class NotAllowed(PermissionError):
    """The policy does not give this role this right."""


class AboutUnknown(ValueError):
    """There is no such finding, wish, channel, outcome, verdict, value or fact."""


class NothingToContest(LookupError):
    """The newest night found nothing of this kind at this account."""


class AlreadyOpen(Exception):
    """This finding is being contested already."""


class WordsMissing(ValueError):
    """A contest needs the customer's words, a decision its reasons."""


class WordsTooLong(ValueError):
    """More is said than can be kept; nothing was kept, so that nothing is lost unseen."""


class ContestUnknown(LookupError):
    """There is no such contest where the viewer may look."""


class OwnContest(PermissionError):
    """Who recorded a contest does not decide it."""


class AlreadyDecided(Exception):
    """Another person has decided this contest."""


class OutcomeImpossible(ValueError):
    """The outcome does not fit what was asked, or the value does not fit the outcome."""


class MadeWorse(ValueError):
    """Whoever contests must not be worse off for it."""


class DayImpossible(ValueError):
    """The decision would end before it begins, or stand longer than the policy allows."""


class RulingUnknown(LookupError):
    """There is no such ruling where the viewer may look, or it has ended."""


class FactUnknown(LookupError):
    """There is no such fact waiting to be put right where the viewer may look."""


class NotApproved(PermissionError):
    """Nobody has approved the impact assessment in force, or it has to be made again."""


class VersionUnknown(LookupError):
    """This version of the impact assessment is not the one in force."""


class AlreadyApproved(Exception):
    """Another person has approved this version of the impact assessment."""


class NotProposed(LookupError):
    """Grade D is not proposed here, or no longer."""


class AlreadyReviewed(Exception):
    """Another person has decided about this proposal."""
