"""Imports: counts that add up, what was held back, new files, for three roles only."""

import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from lamplighter.facts.intake.models import Delivery, QuarantinedRow
from lamplighter.facts.network.models import Feeder
from lamplighter.ledger.models import Event
from lamplighter.web.imports import running
from tests import factories as make
from tests.web.signing_in import client_of

MAPPING = """
record = "feeder"
zh = "线路"
en = "Feeders"
[file]
format = "csv"
[columns.code]
from = "线路编码"
[columns.name]
from = "线路名称"
[columns.station_code]
from = "供电所"
"""


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.DEMO_TODAY = make.TODAY
    settings.ARCHIVE_FOLDER = tmp_path / "archive"
    settings.LAKE_FOLDER = tmp_path / "lake"


def delivered(**changed) -> Delivery:
    values = {
        "file_name": "bills.csv",
        "sha256": "a" * 64,
        "size_bytes": 2048,
        "record": "feeder",
        "mapping_name": "feeders",
        "mapping_sha256": "b" * 64,
        "mapping_text": MAPPING,
        "state": "IMPORTED",
        "refusal": "",
        "received_at": make.MORNING,
        "received_by": "staff:M1",
        "org_path": "/IMP/",
        "n_read": 10,
        "n_imported": 7,
        "n_unchanged": 2,
        "n_quarantined": 1,
    }
    return Delivery.objects.create(**values | changed)


def held_back(delivery: Delivery, folder) -> None:
    QuarantinedRow.objects.create(
        delivery=delivery, row_number=4, field="name", value="", reason="MISSING", detail=""
    )
    place = folder / "quarantine" / f"{delivery.pk}.csv"
    place.parent.mkdir(parents=True)
    place.write_text("row,reason\n")


def person(post: str, *, language: str = "en"):
    staff = make.make_staff(station=make.make_station(code="IMP"), post=post)
    return client_of(staff, language=language)


@pytest.mark.django_db
class TestReading:
    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_lists_deliveries_with_counts_and_all_words(self, language):
        delivered()
        staff = make.make_staff(station=make.make_station(code="IMP"), post="STATION_HEAD")

        text = client_of(staff, language=language).get(reverse("imports:list")).content.decode()

        assert "bills.csv" in text
        assert "⚠" not in text

    def test_says_why_a_row_was_held_back(self, settings):
        delivery = delivered()
        held_back(delivery, settings.ARCHIVE_FOLDER)

        url = reverse("imports:delivery", args=[delivery.pk])
        text = person("SUPERVISOR").get(url).content.decode()

        assert "10 rows read = 7 imported + 2 unchanged + 1 held back." in text
        assert "required, but empty" in text
        assert reverse("imports:quarantine", args=[delivery.pk]) in text

    def test_sums_the_reasons_up_and_names_the_columns_of_the_file(self, settings):
        delivery = delivered(n_read=70, n_imported=7, n_unchanged=2, n_quarantined=61)
        for number in range(60):
            QuarantinedRow.objects.create(
                delivery=delivery, row_number=number, field="name", value="", reason="MISSING"
            )
        QuarantinedRow.objects.create(
            delivery=delivery, row_number=61, field="derived", value="x", reason="UNKNOWN_REFERENCE"
        )
        client = person("SUPERVISOR")
        url = reverse("imports:delivery", args=[delivery.pk])

        page = client.get(url).context["page"]
        few = client.get(url, {"reason": "UNKNOWN_REFERENCE"}).context["page"]

        assert [(why.columns, why.n) for why in page.whys] == [("线路名称", 60), ("", 1)]
        assert {row.field for row in page.held_back} == {"线路名称"}
        assert (page.pager.pages, few.pager.pages) == (3, 1)
        assert [(row.row_number, row.field) for row in few.held_back] == [(61, "")]
        assert client.get(url, {"reason": "NONE"}).status_code == 404

    def test_offers_mappings_by_their_titles(self):
        delivered()
        delivered(mapping_name="feeders-2", sha256="c" * 64)
        delivered(mapping_name="areas", mapping_text="[broken", sha256="d" * 64)

        page = person("SUPERVISOR").get(reverse("imports:list")).context["page"]

        assert page.form.fields["mapping"].choices[1:] == [
            ("feeders", "Feeders · feeders"),
            ("feeders-2", "Feeders · feeders-2"),
            ("areas", "areas"),
        ]

    def test_says_how_to_mend_a_refused_file(self):
        delivery = delivered(
            state="REFUSED",
            refusal="WRONG_ENCODING: byte 7",
            n_read=0,
            n_imported=0,
            n_unchanged=0,
            n_quarantined=0,
        )

        url = reverse("imports:delivery", args=[delivery.pk])
        text = person("BRANCH").get(url).content.decode()

        assert "gb18030" in text
        assert "byte 7" in text

    def test_tells_how_far_a_running_import_is(self, settings):
        delivery = delivered(state="RECEIVED", n_read=0, n_imported=0, n_unchanged=0)
        place = settings.ARCHIVE_FOLDER / "incoming" / f"{delivery.sha256}.progress"
        place.parent.mkdir(parents=True)
        place.write_text('{"share": 0.5, "n_rows": 1200}')

        url = reverse("imports:delivery", args=[delivery.pk])
        text = person("BRANCH").get(url, headers={"hx-request": "true"}).content.decode()

        assert "1,200 rows" in text
        assert "every 2s" in text

    def test_an_interrupted_import_says_so(self):
        delivery = delivered(state="RECEIVED", n_read=0, n_imported=0, n_unchanged=0)

        url = reverse("imports:delivery", args=[delivery.pk])

        assert "Interrupted" in person("BRANCH").get(url).content.decode()

    def test_handing_out_the_rows_is_recorded(self, settings):
        delivery = delivered()
        held_back(delivery, settings.ARCHIVE_FOLDER)

        answer = person("STATION_HEAD").get(reverse("imports:quarantine", args=[delivery.pk]))

        assert b"".join(answer.streaming_content).startswith(b"row,reason")
        assert Event.objects.get().name == "intake.quarantine.handed_out"

    @pytest.mark.parametrize("n", [1, 30])
    def test_the_list_needs_6_queries_however_long(self, django_assert_num_queries, n):
        for number in range(n):
            delivered(sha256=f"{number:064}")
        client = person("BRANCH")

        with django_assert_num_queries(2 + 4):
            client.get(reverse("imports:list"))

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_who_brought_a_file_is_said_in_words(self, language):
        branch = make.make_staff(station=make.make_station(code="IMP"), post="BRANCH")
        said = {
            f"staff:{branch.number}": branch.name,
            "staff:GONE-7": "GONE-7",
            "operator:wang": {"en": "operator wang", "zh-hans": "运维人员 wang"}[language],
            "demo": {"en": "the system", "zh-hans": "系统"}[language],
        }
        brought = {by: delivered(sha256=f"{n:064}", received_by=by) for n, by in enumerate(said)}
        client = client_of(branch, language=language)

        page = client.get(reverse("imports:list")).context["page"]

        assert {line.url: line.received_by for line in page.lines} == {
            reverse("imports:delivery", args=[brought[by].pk]): who for by, who in said.items()
        }
        for by, delivery in brought.items():
            one = client.get(reverse("imports:delivery", args=[delivery.pk])).context["page"]
            assert one.line.received_by == said[by]

    @pytest.mark.parametrize("post", ["MANAGER", "AGENT", "CREW"])
    def test_others_find_nothing_and_leave_nothing(self, settings, post):
        delivery = delivered()
        held_back(delivery, settings.ARCHIVE_FOLDER)
        client = person(post)
        file = SimpleUploadedFile("f.csv", b"x")

        answers = [
            client.get(reverse("imports:list")),
            client.get(reverse("imports:delivery", args=[delivery.pk])),
            client.get(reverse("imports:quarantine", args=[delivery.pk])),
            client.post(reverse("imports:upload"), {"file": file, "mapping": "feeders"}),
        ]

        assert [answer.status_code for answer in answers] == [404] * 4
        assert not Event.objects.exists()
        assert not (settings.ARCHIVE_FOLDER / "incoming").exists()


def wait_for_imports() -> None:
    for thread in threading.enumerate():
        if thread.name == running.THREAD:
            thread.join(timeout=60)


@pytest.mark.django_db(transaction=True)
class TestUpload:
    def send(self, client, *, mapping: str = MAPPING, rows: str = ""):
        content = "线路编码,线路名称,供电所\n" + rows
        sent = {
            "file": SimpleUploadedFile("../../线路.csv", content.encode()),
            "mapping_file": SimpleUploadedFile("feeders.toml", mapping.encode()),
        }
        answer = client.post(reverse("imports:upload"), sent)
        wait_for_imports()
        return answer

    def test_takes_a_file_in_with_a_mapping_of_ones_own(self, settings):
        station = make.make_station(code="IMP")
        client = client_of(make.make_staff(station=station, post="STATION_HEAD"))

        answer = self.send(client, rows=f"F1,一线,{station.code}\nF2,二线,nowhere\n")

        delivery = Delivery.objects.get()
        assert answer.status_code == 302
        assert (delivery.file_name, delivery.state) == ("线路.csv", "IMPORTED")
        assert (delivery.n_read, delivery.n_imported, delivery.n_quarantined) == (2, 1, 1)
        assert Feeder.objects.get().name == "一线"
        assert not any((settings.ARCHIVE_FOLDER / "incoming").iterdir())

    def test_offers_a_mapping_again_once_it_was_used(self):
        station = make.make_station(code="IMP")
        client = client_of(make.make_staff(station=station, post="BRANCH"))
        self.send(client, rows=f"F1,一线,{station.code}\n")
        file = SimpleUploadedFile(
            "more.csv", f"线路编码,线路名称,供电所\nF3,三线,{station.code}\n".encode()
        )

        client.post(reverse("imports:upload"), {"file": file, "mapping": "feeders"})
        wait_for_imports()

        assert set(Feeder.objects.values_list("code", flat=True)) == {"F1", "F3"}

    @pytest.mark.parametrize(
        ("language", "said"),
        [
            ("en", "dragons&#x27; is no record; write one of"),
            ("zh", "第 1 行 record：没有 &#x27;dragons"),
        ],
    )
    def test_a_wrong_mapping_is_said_at_once_and_nothing_is_kept(self, settings, language, said):
        client = person("SUPERVISOR", language=language)

        answer = self.send(client, mapping='record = "dragons"')

        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert not Delivery.objects.exists()
        assert not (settings.ARCHIVE_FOLDER / "incoming").exists()

    def test_asks_for_exactly_one_mapping(self):
        client = person("SUPERVISOR")
        file = SimpleUploadedFile("f.csv", b"x")

        answer = client.post(reverse("imports:upload"), {"file": file})

        assert answer.status_code == 422
        assert not Delivery.objects.exists()


@pytest.mark.django_db
class TestAnotherDistrict:
    def test_sees_no_delivery_and_gets_no_file(self, settings):
        delivery = delivered()
        held_back(delivery, settings.ARCHIVE_FOLDER)
        stranger = client_of(make.make_staff(station=make.make_station(code="FAR"), post="BRANCH"))

        listed = stranger.get(reverse("imports:list"))
        page = stranger.get(reverse("imports:delivery", args=[delivery.pk]))
        file = stranger.get(reverse("imports:quarantine", args=[delivery.pk]))

        assert "bills.csv" not in listed.content.decode()
        assert (page.status_code, file.status_code) == (404, 404)
        assert not Event.objects.exists()
