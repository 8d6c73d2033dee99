"""What may be refused to somebody who reports without an account."""


class SentTooOften(Exception):
    """More came from one address within the hour than policy allows."""


class LineFull(Exception):
    """More reports wait to be looked at than policy allows; the telephone still answers."""


class KindUnknown(ValueError):
    """Nothing of this kind is taken on the open line."""


class WordsMissing(ValueError):
    """Too little is said to act on it."""
