"""Why a replay stopped, in words for whoever began it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SAID: dict[str, Promise] = {
    "ShardFailed": _("some of the accounts could not be decided"),
    "FileNotFoundError": _("a file that the night needs is no longer there"),
    "OperationalError": _("the database did not answer"),
    "MemoryError": _("the machine ran out of memory"),
    "OSError": _("the disk could not be written or read"),
}
OTHER = _("something the program did not expect")


def said(*, kind: str) -> str:
    """Return what stopped a replay, by the kind of its error."""
    return str(SAID.get(kind, OTHER))
