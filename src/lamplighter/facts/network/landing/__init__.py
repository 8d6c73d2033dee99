"""Taking the network's records in."""

from lamplighter.facts.intake.records import Doorway
from lamplighter.facts.network import records
from lamplighter.facts.network.landing import areas, identities, spans, units

DOORWAYS: tuple[Doorway, ...] = (
    Doorway(record=records.ORG_UNIT, land=units.land_org_units),
    Doorway(record=records.FEEDER, land=identities.land_feeders),
    Doorway(record=records.AREA, land=areas.land_areas),
    Doorway(record=records.TRANSFORMER, land=identities.land_transformers),
    Doorway(record=records.STAFF, land=identities.land_staff),
    Doorway(record=records.RESPONSIBILITY, land=spans.land_responsibilities),
)
