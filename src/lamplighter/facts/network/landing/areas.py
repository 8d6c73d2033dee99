"""Taking station areas in, and giving each the shard of its neighbourhood.

A shard is a group of whole neighbouring areas whose readings lie together. Once given it stays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
from django.db import connection

from lamplighter.facts.intake import reasons
from lamplighter.facts.intake.records import Landed, LandingContext
from lamplighter.facts.network import records
from lamplighter.facts.network.landing import identities
from lamplighter.facts.network.landing.identities import IdentityTable, Reference
from lamplighter.policy import loader

WITHOUT_SHARD = 2_147_483_647  # until the areas of one delivery are all there
AREAS = IdentityTable(
    record=records.AREA,
    table="network_area",
    key="code",
    columns={
        "name": "s.name",
        "station_id": "station.id",
        "feeder_id": "feeder.id",
        "township": "coalesce(s.township, '')",
        "committee": "coalesce(s.committee, '')",
        "committee_kind": "coalesce(s.committee_kind, '')",
        "setting": "s.setting",
        "longitude_deg": "s.longitude",
        "latitude_deg": "s.latitude",
    },
    references=[
        identities.STATION,
        Reference(
            field="feeder_code",
            table="network_feeder",
            alias="feeder",
            reason=reasons.UNKNOWN_FEEDER,
        ),
    ],
    only_new={"shard": str(WITHOUT_SHARD)},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An area with where it hangs; *shard* is None while it has none."""

    code: str
    station: str
    feeder: str
    shard: int | None


def land_areas(*, rows: Iterator[pa.RecordBatch], context: LandingContext) -> Landed:
    """Take station areas in."""
    landed = identities.land(table=AREAS, rows=rows, context=context)
    policy = loader.load(name="intake", on=context.day)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.code, s.code, coalesce(f.code, ''), nullif(a.shard, %s) FROM network_area a"
            " JOIN network_orgunit s ON s.id = a.station_id"
            " LEFT JOIN network_feeder f ON f.id = a.feeder_id",
            [WITHOUT_SHARD],
        )
        areas = [
            Standing(code=code, station=station, feeder=feeder, shard=shard)
            for code, station, feeder, shard in cursor.fetchall()
        ]
        given = shards_for(areas=areas, most=policy.integer("areas_per_shard"))
        cursor.execute(
            "UPDATE network_area a SET shard = given.shard"
            " FROM unnest(%s::text[], %s::int[]) AS given (code, shard) WHERE a.code = given.code",
            [list(given), list(given.values())],
        )
    return landed


def shards_for(*, areas: Sequence[Standing], most: int) -> dict[str, int]:
    """Return a shard for each area that has none, by the area's code.

    Along each feeder areas fill the feeder's last shard first, then new ones of *most* areas. What
    is left at a feeder's end opens the next feeder's shard of the same station.

    >>> hanging = [Standing(code=c, station="S", feeder="F", shard=None) for c in "abc"]
    >>> shards_for(areas=hanging, most=2)
    {'a': 0, 'b': 0, 'c': 1}
    """
    size: dict[int, int] = {}
    last_of_feeder: dict[tuple[str, str], int] = {}
    open_of_station: dict[str, int] = {}
    for area in areas:
        if area.shard is not None:
            size[area.shard] = size.get(area.shard, 0) + 1
            place = (area.station, area.feeder)
            last_of_feeder[place] = max(area.shard, last_of_feeder.get(place, 0))
            open_of_station[area.station] = max(area.shard, open_of_station.get(area.station, 0))
    fresh = max(size, default=-1) + 1
    given: dict[str, int] = {}
    waiting = [area for area in areas if area.shard is None]
    for area in sorted(waiting, key=lambda a: (a.station, a.feeder == "", a.feeder, a.code)):
        shard = last_of_feeder.get((area.station, area.feeder))
        if shard is None or size[shard] >= most:
            shard = open_of_station.get(area.station)
        if shard is None or size[shard] >= most:
            shard, fresh = fresh, fresh + 1
        given[area.code] = shard
        size[shard] = size.get(shard, 0) + 1
        open_of_station[area.station] = last_of_feeder[area.station, area.feeder] = shard
    return given
