"""What may be refused around a service order."""


class NotAllowed(PermissionError):
    """The policy does not give this role this right, or the step is another person's."""


class OrderUnknown(LookupError):
    """There is no such order where the viewer may look."""


class OrderIsClosed(Exception):
    """The order is closed or cancelled; somebody was quicker."""


class OrderIsOpen(Exception):
    """The order is not finished, so there is nothing to confirm."""


class StepUnknown(LookupError):
    """The order has no such step."""


class StepNotOpen(Exception):
    """The step waits for others, was left out, or somebody has done it already."""


class NothingToReturnTo(Exception):
    """Nothing that was done leads to this step, or not the step that was named."""


class AnswerUnknown(ValueError):
    """The step ends by one of its answers, and this is none; or it decides nothing."""


class ReasonMissing(ValueError):
    """Whoever returns, cancels, chases or opens again says why."""


class ReasonTooLong(ValueError):
    """More is said than can be kept; nothing was kept, so that nothing is lost unseen."""

    def __init__(self, *, n: int, at_most: int) -> None:
        super().__init__(f"{n} characters, at most {at_most}")
        self.n, self.at_most = n, at_most


class WaitNotAllowed(ValueError):
    """The process does not let its clock stand for this reason at this step."""


class AlreadyWaiting(Exception):
    """The order waits already."""


class NotWaiting(Exception):
    """The order does not wait."""


class MomentGoesBack(ValueError):
    """Something that happened later is recorded already."""


class ChannelUnknown(ValueError):
    """There is no such channel."""


class PriorityUnknown(ValueError):
    """There is no such priority."""


class CaseMissing(ValueError):
    """A promise differs by something that is not known of this order."""


class PromiseUnknown(LookupError):
    """The order makes no such promise, or it has ended."""


class PromiseImpossible(ValueError):
    """No time, a moment before the request, or a calendar that there is not."""


class PlaceUnknown(LookupError):
    """There is no such account, area or unit where the viewer may look."""


class SamePerson(Exception):
    """Whoever had an earlier step is to be kept from this one, so that somebody else looks."""


class StaffUnknown(LookupError):
    """There is no such person on the staff, or they may not sign in any more."""


class KeyReused(ValueError):
    """The same request key was sent with another request."""


class IncidentUnknown(LookupError):
    """There is no such incident where the viewer may look, or it is over."""


class EndsWithItsOutage(Exception):
    """The incident began with an outage, which says when it ends."""


class FailureUnknown(ValueError):
    """There is no such failure, level or weight."""


class AbsenceImpossible(ValueError):
    """The absence ends before it begins."""


class ChangedMeanwhile(Exception):
    """The database holds a promise of its own that this would break; nothing was written."""
