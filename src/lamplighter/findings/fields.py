"""A field of a table that keeps its content packed, and is read and set as plain values."""

from typing import TYPE_CHECKING, Any

from django.db import models

from lamplighter.findings import packing

if TYPE_CHECKING:  # only the stubs know that a field can be subscripted
    _BinaryField = models.BinaryField[Any, Any]
else:
    _BinaryField = models.BinaryField


class PackedField(_BinaryField):
    """Content in the form of one of ``packing.PACKINGS``; NULL where it says nothing."""

    def __init__(self, *, packed_as: str, **options: Any) -> None:
        self.packed_as = packed_as
        super().__init__(null=True, **{k: v for k, v in options.items() if k != "null"})

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        options.pop("null", None)
        return name, path, args, options | {"packed_as": self.packed_as}

    def from_db_value(self, packed: Any, _expression: Any, _connection: Any) -> Any:
        form = packing.PACKINGS[self.packed_as]
        return form.unpack(None if packed is None else bytes(packed))

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, bytes | memoryview):
            return bytes(value)
        return packing.PACKINGS[self.packed_as].pack(value)
