"""What may be refused of a form."""

from lamplighter.policy.processes.shapes import Field
from lamplighter.policy.processes.terms import Broken


class FileUnknown(ValueError):
    """The order has no such file."""

    def __init__(self, field: Field) -> None:
        super().__init__(field.code)
        self.field = field


class NothingToChase(LookupError):
    """The form names no open order where its writer may look."""


class TermRefused(ValueError):
    """The days asked for break a rule of the business, and the answer says that they keep it."""

    def __init__(self, broken: Broken) -> None:
        super().__init__(f"{broken.rule.code} {broken.found} {broken.unit}")
        self.broken = broken
