"""Every request sorted by its words, and the topics that rose in the last seven days."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection, transaction

from lamplighter.facts.customers import requests as customers
from lamplighter.facts.customers.requests import Asked
from lamplighter.facts.network import queries as network
from lamplighter.findings.demand import learnt, letters
from lamplighter.findings.demand.learnt import Known
from lamplighter.findings.demand.models import RequestFinding, RequestTopic
from lamplighter.insight.demand import sorting, topics
from lamplighter.insight.demand.sorting import Proposal
from lamplighter.kernel.spans import start_of_day
from lamplighter.ledger import services as ledger

REQUESTS_LOCK = 0x5251
ROWS_AT_ONCE = 2_000
MOST_TEXTS = 50_000  # of one station, the newest; more would not change what is named
EXAMPLES = 3
DAYS = 7
LONG_AGO = datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """What one run did."""

    n_sorted: int
    n_left_to_people: int
    n_topics: int
    version: str


def sort_requests(
    *, as_of: date, learnt_folder: Path, zone: ZoneInfo, actor: str, now: datetime
) -> Sorted:
    """Sort the requests that were not sorted yet by what is known, and look for topics.

    A request whose text was corrected is a new version and is sorted again; so is every request
    when examples or rules have changed. Two runs at once follow each other.

    Raises
    ------
    PolicyUnknown
        The rules begin later than the day.
    TypeWithoutExamples
        Examples and policy name different types.
    """
    known = learnt.known_on(day=as_of, folder=learnt_folder)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REQUESTS_LOCK])
        RequestFinding.objects.exclude(learnt_version=known.version).delete()
        RequestFinding.objects.filter(request__superseded_at__isnull=False).delete()
        done = set(RequestFinding.objects.values_list("pk", flat=True))
        unsorted = (
            asked
            for asked in customers.asked_since(moment=LONG_AGO)
            if asked.request_id not in done
        )
        n_sorted = n_left = 0
        for part in _parts(unsorted):
            rows = _rows(part, known=known, zone=zone)
            RequestFinding.objects.bulk_create(rows)
            n_sorted += len(rows)
            n_left += sum(not row.type for row in rows)
        n_topics = _look_for_topics(as_of=as_of, zone=zone)
        ledger.record(
            "demand.requests.sorted",
            subject=f"day:{as_of.isoformat()}",
            actor=actor,
            at=now,
            as_of=as_of.isoformat(),
            n_sorted=n_sorted,
            n_left_to_people=n_left,
            n_topics=n_topics,
            learnt_version=known.version,
        )
    return Sorted(
        n_sorted=n_sorted, n_left_to_people=n_left, n_topics=n_topics, version=known.version
    )


def _parts(every: Iterable[Asked]) -> Iterator[list[Asked]]:
    remaining = iter(every)
    while part := list(islice(remaining, ROWS_AT_ONCE)):
        yield part


def _rows(part: Sequence[Asked], *, known: Known, zone: ZoneInfo) -> list[RequestFinding]:
    found = sorting.sort(texts=[asked.content for asked in part], model=known.model, n_choices=1)
    return [
        _row(asked, proposal, version=known.version, zone=zone)
        for asked, proposal in zip(part, found, strict=True)
    ]


def _row(asked: Asked, found: Proposal, *, version: str, zone: ZoneInfo) -> RequestFinding:
    best = found.choices[0] if found.choices else None
    return RequestFinding(
        request_id=asked.request_id,
        area_id=asked.area_id,
        category=asked.category,
        requested_date=asked.requested_at.astimezone(zone).date(),
        type=found.type,
        group=found.group,
        likeliest_type=best.type if best else "",
        probability=best.probability if best else None,
        learnt_version=version,
    )


def _look_for_topics(*, as_of: date, zone: ZoneInfo) -> int:
    """Rebuild the topics of the seven days up to *as_of* against the weeks before."""
    _numbers, _emerging, policy = learnt.numbers_on(day=as_of)
    n_weeks = policy.integer("topics.weeks_looked_back") + 1
    first = as_of - timedelta(DAYS * n_weeks - 1)
    types = dict(
        RequestFinding.objects.filter(requested_date__range=(first, as_of)).values_list(
            "pk", "type"
        )
    )
    stations = network.station_of_areas()
    told: defaultdict[int, list[Asked]] = defaultdict(list)
    for asked in customers.asked_since(moment=start_of_day(day=first, zone=zone)):
        if asked.request_id in types and asked.area_id is not None:
            told[stations[asked.area_id]].append(asked)
    RequestTopic.objects.all().delete()
    rows = [
        row
        for station, asked in sorted(told.items())
        for row in _topics_of(
            station, asked[-MOST_TEXTS:], types=types, as_of=as_of, n_weeks=n_weeks, zone=zone
        )
    ]
    RequestTopic.objects.bulk_create(rows)
    return len(rows)


def _topics_of(
    station: int,
    told: Sequence[Asked],
    *,
    types: dict[int, str],
    as_of: date,
    n_weeks: int,
    zone: ZoneInfo,
) -> list[RequestTopic]:
    numbers, emerging, _policy = learnt.numbers_on(day=as_of)
    ages = np.array([(as_of - asked.requested_at.astimezone(zone).date()).days for asked in told])
    weeks = n_weeks - 1 - ages // DAYS
    # A station younger than the span is compared with the weeks it has.
    n_known = int(n_weeks - weeks.min())
    if n_known - 1 < emerging.weeks_at_least:
        return []
    found = topics.find(
        texts=[asked.content for asked in told],
        types=[types[asked.request_id] for asked in told],
        places=[str(asked.area_id) for asked in told],
        weeks=weeks - weeks.min(),
        n_weeks=n_known,
        letters=letters.letters(),
        longest=numbers.longest_characters,
        policy=emerging,
        n_examples=EXAMPLES,
    )
    return [
        RequestTopic(
            station_id=station,
            area_id=int(topic.place) if topic.place else None,
            kind=topic.kind,
            name=topic.name,
            also=list(topic.also),
            first_date=as_of - timedelta(DAYS - 1),
            n_requests=topic.count,
            rise_ratio=topic.count / topic.expected,
            chance_probability=topic.chance,
            example_ids=[told[n].request_id for n in topic.examples],
        )
        for topic in found.topics
    ]
