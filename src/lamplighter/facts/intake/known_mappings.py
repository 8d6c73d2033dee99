"""The mappings that deliveries came with: what a person may choose from for the next file."""

from dataclasses import dataclass

from lamplighter.facts.intake.queries import MAY_SEE, ImportsNotForYou, seen_by
from lamplighter.kernel.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMapping:
    """A mapping as it was last used; its newest delivery names it."""

    delivery_id: int
    name: str
    record: str
    text: str


def known_mappings(*, viewer: Viewer) -> list[KnownMapping]:
    """Return each mapping that was used, by name, in its newest form.

    Raises
    ------
    ImportsNotForYou
        The viewer's role does not see imports.
    """
    if viewer.role not in MAY_SEE:
        raise ImportsNotForYou(viewer.role.value)
    newest = seen_by(viewer=viewer).order_by("mapping_name", "-received_at", "-id")
    return [
        KnownMapping(
            delivery_id=delivery.pk,
            name=delivery.mapping_name,
            record=delivery.record,
            text=delivery.mapping_text,
        )
        for delivery in newest.distinct("mapping_name")
    ]
