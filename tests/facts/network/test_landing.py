"""Units, lines, areas, staff and who answers for what."""

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.facts.intake import mapping_files, services
from lamplighter.facts.intake.models import QuarantinedRow
from lamplighter.facts.intake.services import Stores
from lamplighter.facts.network import services as network
from lamplighter.facts.network.landing import DOORWAYS, areas
from lamplighter.facts.network.models import Area, OrgUnit, Responsibility, Staff
from lamplighter.ledger.models import Event

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)
DOORS = {doorway.record.name: doorway for doorway in DOORWAYS}


@pytest.fixture
def take_in(tmp_path):
    archive = tmp_path / "archive"
    archive.mkdir()
    stores = Stores(archive_folder=archive, lake_folder=tmp_path / "lake", field_key=b"k" * 32)

    def taken(record: str, content: str):
        head = content.split("\n", 1)[0].split(",")
        text = (
            f'record = "{record}"\n[file]\nformat = "csv"\ntime_zone = "Asia/Shanghai"\n[columns]\n'
        )
        text += "".join(f'{name} = {{ from = "{name}" }}\n' for name in head)
        file = tmp_path / f"{record}.csv"
        file.write_text(content, encoding="utf-8")
        return services.receive(
            file=file,
            mapping=mapping_files.parse(
                text=text, name=record, records={n: d.record for n, d in DOORS.items()}
            ),
            doorways=DOORS,
            received_by="staff:1",
            now=MORNING,
            stores=stores,
        )

    return taken


@pytest.fixture
def station(take_in):
    take_in("org_unit", "code,kind,name,parent_code\nS,STATION,城关所,P\nP,PROVINCE,省,\n")
    take_in("feeder", "code,name,station_code\nF1,一线,S\nF2,二线,S\n")
    rows = "".join(f"A{n:02d},台区{n},S,F{1 + n % 2},URBAN\n" for n in range(20))
    take_in("area", f"code,name,station_code,feeder_code,setting\n{rows}")
    take_in("staff", "number,name,post,org_unit_code\nM1,甲,MANAGER,S\nM2,乙,MANAGER,S\n")


def reasons():
    rows = QuarantinedRow.objects.order_by("row_number", "id")
    return list(rows.values_list("row_number", "field", "reason"))


def test_unknown_parents_rings_and_moves_are_refused(take_in, station):
    report = take_in(
        "org_unit",
        "code,kind,name,parent_code\nX,CITY,x,Y\nY,CITY,y,X\nZ,CITY,z,nobody\n"
        "S,STATION,城关所,\nP,PROVINCE,某省,\nC,COUNTY,县,P\n",
    )

    assert (report.n_read, report.n_imported, report.n_quarantined) == (6, 2, 4)
    assert [reason for *_, reason in reasons()] == [
        "PARENT_RING",
        "PARENT_RING",
        "UNKNOWN_PARENT",
        "MOVED_UNIT",
    ]
    assert OrgUnit.objects.get(code="P").name == "某省"


class TestAreas:
    def test_get_shards_of_neighbours_that_stay(self, take_in, station):
        before = dict(Area.objects.values_list("code", "shard"))

        take_in(
            "area",
            "code,name,station_code,feeder_code,setting\nA00,新名,S,F1,RURAL\nB1,新,S,F1,URBAN\n",
        )

        after = dict(Area.objects.values_list("code", "shard"))
        assert {code: after[code] for code in before} == before
        assert sorted(before.values()) == [0] * 8 + [1] * 8 + [2] * 4
        assert after["B1"] == 2  # its feeder's shard is full: the next one of the station
        changed = Event.objects.filter(name="network.area.imported").order_by("-id")[0]
        assert changed.payload == {"n_new": 1, "changed": {"A00": ["name", "setting"]}}

    def test_hang_on_known_stations_and_feeders_only(self, take_in, station):
        take_in(
            "area",
            "code,name,station_code,feeder_code,setting\n"
            "N1,n,P,F1,URBAN\nN2,n,S,F9,URBAN\nN3,n,S,,URBAN\n",
        )

        assert reasons() == [
            (2, "station_code", "UNKNOWN_STATION"),
            (3, "feeder_code", "UNKNOWN_FEEDER"),
        ]
        assert Area.objects.get(code="N3").feeder is None

    @given(
        st.lists(st.tuples(st.sampled_from("FG"), st.integers(0, 40)), unique_by=lambda a: a[1]),
        st.integers(1, 5),
        st.randoms(),
    )
    def test_no_shard_is_too_large_and_order_does_not_matter(self, hung, most, chance):
        given_areas = [
            areas.Standing(code=str(code), station="S", feeder=feeder, shard=None)
            for feeder, code in hung
        ]
        shards = areas.shards_for(areas=given_areas, most=most)
        chance.shuffle(given_areas)

        assert areas.shards_for(areas=given_areas, most=most) == shards
        sizes = [list(shards.values()).count(shard) for shard in set(shards.values())]
        assert all(size <= most for size in sizes)
        assert len(sizes) == -(-len(hung) // most)


class TestResponsibilities:
    HEAD = "area_code,staff_number,first_day,last_day\n"

    def test_may_not_overlap_what_stands_or_the_same_file(self, take_in, station):
        take_in("responsibility", self.HEAD + "A00,M1,2025-01-01,2025-12-31\n")

        report = take_in(
            "responsibility",
            self.HEAD
            + "A00,M1,2025-01-01,2025-12-31\nA00,M2,2025-12-31,\nA00,M2,2026-01-01,\n"
            + "A00,M1,2027-01-01,\nA01,M1,2025-05-01,2025-04-01\nA99,M9,2025-01-01,\n",
        )

        assert (report.n_read, report.n_imported, report.n_unchanged) == (6, 1, 1)
        assert reasons() == [
            (3, "first_day", "OVERLAP"),
            (5, "first_day", "OVERLAP"),
            (6, "last_day", "ENDS_BEFORE_START"),
            (7, "area_code", "UNKNOWN_AREA"),
            (7, "staff_number", "UNKNOWN_STAFF"),
        ]
        assert "M1 2025-01-01 – 2025-12-31" in QuarantinedRow.objects.get(row_number=3).detail

    def hand_over(self, number, day):
        return network.hand_over(
            area_id=Area.objects.get(code="A00").pk,
            staff_id=Staff.objects.get(number=number).pk,
            from_day=day,
            actor="staff:1",
            now=MORNING,
        )

    def test_are_handed_over_without_a_gap(self, take_in, station):
        take_in("responsibility", self.HEAD + "A00,M1,2025-01-01,\n")

        self.hand_over("M2", date(2026, 12, 1))

        spans = Responsibility.objects.order_by("days").values_list("staff__number", "days")
        assert [(n, d.lower, d.upper) for n, d in spans] == [
            ("M1", date(2025, 1, 1), date(2026, 12, 1)),
            ("M2", date(2026, 12, 1), None),
        ]
        event = Event.objects.order_by("-id")[0]
        assert event.name == "network.responsibility.handed_over"
        with pytest.raises(network.AlreadyResponsible):
            self.hand_over("M2", date(2026, 12, 5))

    def test_are_not_handed_over_into_a_later_span(self, take_in, station):
        take_in("responsibility", self.HEAD + "A00,M1,2025-01-01,2025-12-31\nA00,M1,2026-06-01,\n")

        with pytest.raises(network.LaterSpanStands):
            self.hand_over("M2", date(2026, 1, 1))

        assert Responsibility.objects.count() == 2

    def test_stay_as_they_were_when_the_ledger_cannot_be_written(
        self, take_in, station, monkeypatch
    ):
        def full_disk(*_args, **_kwargs):
            raise DatabaseError

        take_in("responsibility", self.HEAD + "A00,M1,2025-01-01,\n")
        monkeypatch.setattr(network.ledger, "record", full_disk)

        with pytest.raises(DatabaseError):
            self.hand_over("M2", date(2026, 12, 1))

        assert Responsibility.objects.get().days.upper is None


def test_a_user_signs_in_as_one_person_only(station):
    user = get_user_model().objects.create_user("jia")
    first, second = Staff.objects.order_by("number")

    network.give_login(staff_id=first.pk, user_id=user.pk, actor="staff:1", now=MORNING)

    with pytest.raises(network.LoginTaken):
        network.give_login(staff_id=second.pk, user_id=user.pk, actor="staff:1", now=MORNING)
    assert Staff.objects.get(user=user) == first
