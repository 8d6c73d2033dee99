"""What may be refused to the holder of a link."""


class LinkUnknown(LookupError):
    """There is no such link, or it has ended; which of both is nobody's business."""


class TooOften(Exception):
    """The link was opened more often within a minute than policy allows."""


class AlreadyRated(Exception):
    """The order was rated; one customer's word counts once."""


class StarsImpossible(ValueError):
    """A rating lies outside what may be given."""


class VoiceUnknown(LookupError):
    """The customer of this order said nothing of this number."""


class RepliedAlready(Exception):
    """Somebody was quicker; a customer is answered once."""
